"""Spec nodes of formats 1 to 6, the values in them, and spec files."""

from __future__ import annotations

import gzip
import json
import re
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import to_builtins

from cachetui.errors import SourceError
from cachetui.sources.specfile import (
    SpecNode,
    compiler_names,
    named_node,
    read_document,
    spec_from_node,
    variant_value,
)
from cachetui.spec import Dependency, Spec
from tests.conftest import shared_data, texts_of

HASH = "abcdefghijklmnopqrstuvwxyz234567"
OTHER = "z" * 32
THIRD = "y" * 32
SKYLAKE = {"name": "skylake", "vendor": "GenuineIntel", "features": ["adx"], "generation": 0,
           "parents": ["broadwell"]}  # fmt: skip


def spec(spec_format: int = 5, **fields: object) -> Spec:
    """The Spec of a small node with some fields."""
    encoded = msgspec.json.encode({"name": "zlib", "version": "1.3", "hash": HASH, **fields})
    return spec_from_node(msgspec.json.decode(encoded, type=SpecNode), HASH, spec_format=spec_format)


def parameters(**given: object) -> dict[str, Any]:
    return dict(spec(parameters=given).variants)


# The six formats


def test_format_1() -> None:
    node = {
        "version": "1.2.11",
        "arch": {"platform": "linux", "platform_os": "ubuntu18.04", "target": SKYLAKE},
        "compiler": {"name": "gcc", "version": "7.5.0"},
        "namespace": "builtin",
        "parameters": {"optimize": True, "cflags": ["-O3", "-g"], "ldlibs": []},
        "dependencies": {"cmake": {"hash": OTHER, "type": ["link", "build"]}, "perl": {"build_hash": THIRD}},
        "hash": HASH,
        "full_hash": THIRD,
        "build_hash": OTHER,
    }
    named = msgspec.json.decode(json.dumps({"zlib": node}), type=dict[str, SpecNode])
    assert spec_from_node(named_node(named), HASH, spec_format=1) == Spec(
        name="zlib",
        dag_hash=HASH,
        version="1.2.11",
        namespace="builtin",
        platform="linux",
        os="ubuntu18.04",
        target="skylake",
        target_parents=("broadwell",),
        compilers=("gcc@7.5.0",),
        variants=(("optimize", True),),
        flags=(("cflags", ("-O3", "-g")),),
        dependencies=(Dependency("cmake", OTHER, ("build", "link")), Dependency("perl", THIRD)),
        spec_format=1,
        legacy_hashes=(THIRD, OTHER),
    )


@pytest.mark.parametrize("named_by", ["hash", "full_hash", "build_hash"])
@pytest.mark.parametrize("spec_format", [2, 3])
def test_dependencies_of_formats_2_and_3(spec_format: int, named_by: str) -> None:
    edge = {"name": "cmake", named_by: OTHER, "type": ["build"]}
    found = spec(spec_format, compiler={"name": "gcc", "version": "9"}, dependencies=[edge])
    assert found.dependencies == (Dependency("cmake", OTHER, ("build",)),)
    assert (found.compilers, found.spec_format) == (("gcc@9",), spec_format)


def test_format_4() -> None:
    edge = {"name": "openmpi", "hash": OTHER, "parameters": {"deptypes": ["link"], "virtuals": ["mpi"]}}
    found = spec(4, compiler={"name": "oneapi", "version": "2024.2.1"}, dependencies=[edge])
    assert found.dependencies == (Dependency("openmpi", OTHER, ("link",), ("mpi",)),)
    assert (found.compilers, found.spec_format) == (("oneapi@2024.2.1",), 4)


def test_format_5_follows_compiler_edges_later() -> None:
    edge = {"name": "gcc", "hash": OTHER, "parameters": {"deptypes": ["build"], "virtuals": ["cxx", "c"]}}
    found = spec(5, dependencies=[edge], annotations={"original_specfile_version": 5})
    assert found.dependencies == (Dependency("gcc", OTHER, ("build",), ("c", "cxx")),)
    assert (found.compilers, found.spec_format) == (None, 5)


def test_format_5_without_compiler_edges_has_no_compiler() -> None:
    edge = {"name": "python", "hash": OTHER, "parameters": {"deptypes": ["run"], "virtuals": []}}
    assert spec(5, dependencies=[edge]).compilers == ()
    assert spec(5).compilers == ()


def test_annotation_overrides_the_file() -> None:
    edge = {"name": "gcc-runtime", "hash": OTHER, "parameters": {"deptypes": ["link"], "virtuals": ["libc"]}}
    annotations = {"original_specfile_version": 4, "compiler": "gcc@=12.2.0"}
    found = spec(5, dependencies=[edge], annotations=annotations)
    assert (found.compilers, found.spec_format) == (("gcc@12.2.0",), 4)


@pytest.mark.parametrize("version", [None, True, 0, -1, 100, 10**30, "4", 4.5, [4]])
def test_invalid_annotation_is_ignored(version: object) -> None:
    assert spec(5, annotations={"original_specfile_version": version}).spec_format == 5


def test_format_6() -> None:
    found = spec(6, provided_virtuals=["zlib-api", "libgfortran@5"], package_hash="abc====")
    assert found.provided_virtuals == ("zlib-api", "libgfortran@5")
    assert (found.package_hash, found.spec_format) == ("abc====", 6)


# Parts of a node


@pytest.mark.parametrize(
    ("arch", "expected"),
    [
        (None, ("", "", "", ())),
        ({}, ("", "", "", ())),
        ({"platform": None, "platform_os": None, "target": None}, ("", "", "", ())),
        ({"platform": "linux"}, ("linux", "", "", ())),
        ({"platform": "linux", "target": "zen4"}, ("linux", "", "zen4", ())),
        ({"target": {"vendor": "AMD", "parents": ["zen3"]}}, ("", "", "", ("zen3",))),
        ({"target": {"name": None}}, ("", "", "", ())),
        ({"target": {"name": "zen4", "parents": "zen3"}}, ("", "", "zen4", ("zen3",))),
        ({"target": ["zen4"]}, ("", "", "", ())),
        ("linux-ubuntu22.04-zen4", ("linux", "ubuntu22.04", "zen4", ())),
        ([], ("", "", "", ())),
        (5, ("", "", "", ())),
    ],
)
def test_architecture(arch: object, expected: tuple[object, ...]) -> None:
    found = spec(arch=arch)
    assert (found.platform, found.os, found.target, found.target_parents) == expected


@pytest.mark.parametrize(
    ("compiler", "expected"),
    [
        (None, ()),
        ("none", ()),
        ("", ()),
        ("gcc@11.4.0", ("gcc@11.4.0",)),
        ("gcc@=11.4.0", ("gcc@11.4.0",)),
        ({"name": "gcc", "version": "12.2.0"}, ("gcc@12.2.0",)),
        ({"name": "gcc", "version": 12}, ("gcc@12",)),
        ({"name": "gcc", "version": None}, ("gcc",)),
        ({"name": "gcc", "version": ["12.2", "13"]}, ("gcc@12.2",)),
        ({"name": "gcc", "versions": ["=12.2"]}, ("gcc@12.2",)),
        ({"name": "gcc", "versions": []}, ("gcc",)),
        ({"name": None, "version": "12"}, ()),
        ({}, ()),
        (["gcc"], ()),
        (5, ()),
    ],
)
def test_compiler(compiler: object, expected: tuple[str, ...]) -> None:
    assert spec(4, compiler=compiler).compilers == expected


def test_compiler_names() -> None:
    assert compiler_names(" gcc@=11.4.0 ") == ("gcc@11.4.0",)
    assert compiler_names("none") == compiler_names("  ") == ()


@pytest.mark.parametrize(
    ("external", "expected"),
    [
        (None, ""),
        (False, ""),
        ({}, ""),
        ({"path": "/usr", "module": None}, "/usr"),
        ({"path": None, "module": ["gcc/12", "x"]}, "gcc/12,x"),
        ({"path": "", "module": "gcc"}, "gcc"),
        ({"path": None, "module": False}, "external"),
        (True, "external"),
    ],
)
def test_external(external: object, expected: str) -> None:
    assert spec(external=external).external == expected


@pytest.mark.parametrize(
    ("version", "expected"),
    [("1.10", "1.10"), (1, "1"), (1.5, "1.5"), ("", ""), ("git.a/b=1.2", "git.a/b=1.2")],
)
def test_version(version: object, expected: str) -> None:
    assert spec(version=version).version == expected


def test_version_list() -> None:
    assert spec(version=None, versions=["1.2", "1.3"]).version == "1.2"
    with pytest.raises(ValueError, match="no version"):
        spec(version=None, versions=[None])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        ("True", True),
        ("false", False),
        ("none", "none"),
        ("yes", "yes"),
        (17, "17"),
        (1.5, "1.5"),
        (["b", "a"], ("a", "b")),
        (["one"], ("one",)),
        ([], ()),
        ([1, None, ["x"], {}, "a"], ("1", "a")),
        ("", ""),
        (None, None),
        ({}, None),
    ],
)
def test_variant_value(value: object, expected: object) -> None:
    found = variant_value(value)
    assert (found, type(found)) == (expected, type(expected))


def test_names_of_variants() -> None:
    names = ("yes", "no", "on", "null", "i18n", "+i18n", "X", "CVODE", "build-type", "a.b", "mpi_c")
    assert parameters(**dict.fromkeys(names, True)) == dict.fromkeys(names, True)
    assert [name for name, _ in spec(parameters=dict.fromkeys(names, True)).variants] == sorted(names)


def test_parameters_without_a_value_or_name_are_left_out() -> None:
    assert parameters(a=None, b={}, c="kept", **{"": True}) == {"c": "kept"}
    nothings: tuple[object, ...] = (None, [], "x", 5)
    for nothing in nothings:
        assert spec(parameters=nothing).variants == ()


def test_names_that_differ_in_control_characters_only() -> None:
    assert parameters(**{"a\x00": True, "a\x01": "last"}) == {"a\ufffd": "last"}


def test_patches_and_flags() -> None:
    sums = ["b" * 64, "a" * 64]
    found = spec(parameters={"patches": sums, "fflags": ["-g"], "cflags": "-O3", "ldlibs": [], "x": True})
    assert found.patches == tuple(sums)
    assert found.flags == (("cflags", ("-O3",)), ("fflags", ("-g",)))
    assert found.variants == (("x", True),)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a b", "a b"),
        ("it's", "it's"),
        ('"[bold]%s"', '"[bold]%s"'),
        ("one\ntwo", "one\ufffdtwo"),
        ("\x1b[31mred\x07", "\ufffd[31mred\ufffd"),
        ("\u202eevil\u2066", "\ufffdevil\ufffd"),
        ("\x9b1m\x7f\u200b", "\ufffd1m\ufffd\ufffd"),
        ("\ue000\uffff", "\ufffd\ufffd"),
        ("ünïcode 字", "ünïcode 字"),
    ],
)
def test_control_characters_are_replaced(value: str, expected: str) -> None:
    edge = {"name": value, "hash": OTHER, "parameters": {"deptypes": ["run"], "virtuals": [value]}}
    found = spec(
        name=value,
        version=value,
        namespace=value,
        arch={"platform": value, "platform_os": value, "target": {"name": value, "parents": [value]}},
        compiler=value,
        parameters={value: value, "m": [value], "cflags": [value], "patches": [value]},
        dependencies=[edge],
        package_hash=value,
        provided_virtuals=[value],
        external={"path": value},
    )
    texts = [text for text in texts_of(to_builtins(found)) if not text.isascii() or text == expected]
    assert set(texts) == {expected}
    assert len(texts) == 18


# Edges


def test_incomplete_edges() -> None:
    edges = [
        {"name": "a", "parameters": {"deptypes": ["run"]}},
        {"name": "b", "hash": OTHER},
        {"name": "c", "hash": "SHORT", "parameters": None},
        {"name": "d", "hash": OTHER, "parameters": {"deptypes": ["nonsense", "test"], "virtuals": None}},
        {"hash": OTHER},
        {"name": "f", "hash": OTHER, "parameters": {"deptypes": "link"}, "type": ["build"]},
    ]
    assert spec(dependencies=edges).dependencies == (
        Dependency("a", "", ("run",)),
        Dependency("b", OTHER),
        Dependency("c", ""),
        Dependency("d", OTHER, ("test",)),
        Dependency("f", OTHER, ("link",)),
    )


def test_repeated_names_and_self_reference() -> None:
    edges = [{"name": "zlib", "hash": HASH}, {"name": "gcc", "hash": OTHER}, {"name": "gcc", "hash": THIRD}]
    found = [(edge.name, edge.dag_hash) for edge in spec(dependencies=edges).dependencies]
    assert found == [("zlib", HASH), ("gcc", OTHER), ("gcc", THIRD)]


@pytest.mark.parametrize("cut", ["}},{", "}}]", "[{", '}},{"name":"zlib'])
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_texts_that_look_like_the_end_of_an_edge(cut: str, separators: tuple[str, str]) -> None:
    edges = [
        {"name": f"a{cut}", "hash": OTHER, "parameters": {"deptypes": ["run"], "virtuals": [cut]}},
        {"name": "b", "hash": THIRD, "parameters": {"deptypes": ["link"], "virtuals": []}},
    ]
    text = json.dumps({"name": "zlib", "version": "1", "dependencies": edges}, separators=separators)
    found = spec_from_node(msgspec.json.decode(text, type=SpecNode), HASH, spec_format=5)
    assert found.dependencies == (
        Dependency(f"a{cut}", OTHER, ("run",), (cut,)),
        Dependency("b", THIRD, ("link",)),
    )


@pytest.mark.parametrize(
    ("dependencies", "place"),
    [
        (5, ""),
        ([{"name": "a", "parameters": {}}, {"name": 5, "parameters": {}}], "[1]"),
        ([{"name": "a"}, None], "[1]"),
        ({"a": {}, "b": 5}, ".b"),
    ],
)
def test_a_bad_edge_is_named(dependencies: object, place: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"at `$.spec.dependencies{place}`")):
        spec(dependencies=dependencies)


def test_repeated_parts_are_shared() -> None:
    one, two = spec(parameters={"a": True, "b": ["x"]}), spec(parameters={"a": True, "b": ["x"]})
    assert one.variants is two.variants


# Spec files


def test_documents() -> None:
    node = {"name": "zlib", "version": "1.3", "hash": HASH}
    expected = spec(5)
    for version in (2, 3, 4, 5, 6):
        document = {"spec": {"_meta": {"version": version}, "nodes": [node, {"name": "gcc"}]}}
        assert read_document(json.dumps(document).encode()) == msgspec.structs.replace(
            expected, spec_format=version
        )
    oldest = {"spec": [{"zlib": {"version": "1.3", "hash": HASH}}, {"gcc": {}}]}
    assert read_document(json.dumps(oldest).encode()) == msgspec.structs.replace(expected, spec_format=1)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "truncated"),
        (b"null", "got `null`"),
        (b"{}", "missing required field `spec`"),
        (b'{"spec": []}', "lists no spec"),
        (b'{"spec": {"nodes": []}}', "lists no spec"),
        (b'{"spec": {"nodes": [{"name": "zlib"}]}}', "hash"),
        (b'{"spec": [{"a": {}, "b": {}}]}', "no name"),
        (b"\xff", "malformed"),
        (b'{"spec": ' + b"[" * 100_000, "nested too deep"),
        (b"-----BEGIN PGP SIGNED MESSAGE-----", "malformed"),
    ],
)
def test_malformed_document(text: bytes, reason: str) -> None:
    with pytest.raises(SourceError, match=reason) as caught:
        read_document(text)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("name", ["v013", "v017", "v020"])
def test_documents_of_old_formats(name: str) -> None:
    data = gzip.decompress((shared_data("fetched/specfiles") / f"hdf5.{name}.json.gz").read_bytes())
    written = json.loads(data)["spec"]
    root = written[0]["hdf5"] if isinstance(written, list) else written["nodes"][0]
    found = read_document(data)
    assert (found.name, found.dag_hash, found.version) == ("hdf5", root["hash"], root["version"])
    assert found.spec_format == (1 if isinstance(written, list) else written["_meta"]["version"])
    assert found.compilers == ("{name}@{version}".format_map(root["compiler"]),)
    assert {"zlib", "openmpi"} & {edge.name for edge in found.dependencies}
    assert all(edge.dag_hash and edge.deptypes for edge in found.dependencies)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_document(data: bytes) -> None:
    with pytest.raises(SourceError):
        read_document(data)
