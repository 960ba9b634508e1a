"""Pages of each year, and each form of each field."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cachetui.sources.pages.tree import find_pages
from cachetui.spec import Place, Spec
from tests.builders.pages import HASH, page, record, write
from tests.sources.pages.page_files import OTHER, only, read

# Forms of pages


def test_middle_form(tmp_path: Path) -> None:
    details = record(
        architecture="linux-ubuntu20.04-x86_64",
        compiler="gcc@9.4.0",
        variants=["+shared", "-pic", "build_type=Release"],
        size=123456,
        tarball="https://example.org/zlib.spack",
    )
    head = "title: zlib\ncategories: [package, develop]\nmeta: {versions: ['1.2']}\nspec_names: [a, b, c]"
    assert only(tmp_path, page(details, head=head)) == Spec(
        name="zlib",
        dag_hash=HASH,
        version="1.2",
        platform="linux",
        os="ubuntu20.04",
        target="x86_64",
        compilers=("gcc@9.4.0",),
        variants=(("build_type", "Release"), ("pic", False), ("shared", True)),
        places=(Place("", "develop", "e4s"),),
        size=123456,
    )


def test_later_form(tmp_path: Path) -> None:
    details = record(
        compiler="gcc@=11.4.0",
        os="ubuntu22.04",
        platform="linux",
        target="x86_64_v3",
        variants=[
            "~cuda",
            "languages=c,fortran,c++",
            f"patches={OTHER},{HASH}",
            'cflags="-O2 -g"',
            "ldlibs=",
        ],
        stacks=["e4s", "root", "e4s"],
        size="-",
    )
    spec = only(tmp_path, page(details))
    assert spec.compilers == ("gcc@11.4.0",)
    assert spec.variants == (("cuda", False), ("languages", ("c", "c++", "fortran")))
    assert spec.patches == (OTHER, HASH)
    assert spec.flags == (("cflags", ("-O2", "-g")),)
    assert spec.places == (Place("", "develop", "e4s"), Place("", "develop", "root"))
    assert (spec.platform, spec.os, spec.target, spec.size) == ("linux", "ubuntu22.04", "x86_64_v3", 0)


def test_details_in_yaml(tmp_path: Path) -> None:
    text = f"""---
title: no
categories:
- package
- 1.10
meta:
  versions: [2025-03-30]
spec_details:
- hash: {HASH}
  versions: [1.10]
  os: null
  compiler: ~
  variants: [+on, off=0123]
  size: 12
- {{hash: {OTHER}, versions: 2025-03-30, stacks: [1e3, 12:30], compiler: none}}
---
"""
    specs, problems = read(write(tmp_path, text))
    assert problems == []
    assert [(spec.name, spec.version) for spec in specs] == [("no", "1.10"), ("no", "2025-03-30")]
    assert (specs[0].os, specs[0].compilers, specs[0].size) == ("", (), 12)
    assert specs[0].variants == (("off", "0123"), ("on", True))
    assert specs[0].places == (Place(tag="1.10"),)
    assert specs[1].places == (Place(tag="1.10", stack="1e3"), Place(tag="1.10", stack="12:30"))


SPEC_FILE = {
    "spec": {
        "_meta": {"version": 2},
        "nodes": [
            {
                "name": "adiak",
                "version": "0.2.1",
                "arch": {"platform": "linux", "platform_os": "rhel7", "target": "power9le"},
                "compiler": {"name": "gcc", "version": "8.3.1"},
                "namespace": "builtin",
                "parameters": {"shared": True, "build_type": "Debug", "cflags": []},
                "dependencies": [{"name": "spectrum-mpi", "hash": OTHER, "type": ["build", "link"]}],
                "hash": HASH,
            },
            {"name": "spectrum-mpi", "version": "10.3.1", "hash": OTHER},
        ],
    }
}


@pytest.mark.parametrize(
    ("name", "listing"),
    [
        ("index.md", ' - "adiak@0.2.1%gcc@8.3.1 arch=linux-rhel7-power9le": spec-0.json'),
        ("specs.md", " - spec-0.json\nspec_names:\n - 'adiak@0.2.1%gcc@8.3.1'"),
    ],
)
def test_forms_of_2021(tmp_path: Path, name: str, listing: str) -> None:
    text = f'---\ntitle: "adiak"\nlayout: cache\ncategory: package\nspec_files: \n{listing}\n\n---'
    file = write(tmp_path, text, f"_cache/adiak/{name}")
    write(tmp_path, json.dumps(SPEC_FILE), "_cache/adiak/spec-0.json")
    assert find_pages(tmp_path) == [file]
    (spec,), problems = read(tmp_path)
    assert problems == []
    assert (spec.name, spec.dag_hash, spec.version, spec.target) == ("adiak", HASH, "0.2.1", "power9le")
    assert spec.compilers == ("gcc@8.3.1",)
    assert spec.variants == (("build_type", "Debug"), ("shared", True))
    assert [edge.dag_hash for edge in spec.dependencies] == [OTHER]
    assert spec.places == (Place(),)


def test_bad_spec_files(tmp_path: Path) -> None:
    items = ["spec-0.json", "gone.json", "../spec-1.json", "/etc/passwd", "..", "a\\b", [], {}, "bad.json"]
    items += ["deep.json", {"zlib": "spec-0.json"}]
    write(tmp_path, json.dumps(SPEC_FILE), "_cache/adiak/spec-0.json")
    write(tmp_path, json.dumps(SPEC_FILE), "_cache/spec-1.json")
    write(tmp_path, "{", "_cache/adiak/bad.json")
    write(tmp_path, '{"spec": {"a":' + "[" * 100_000, "_cache/adiak/deep.json")
    file = write(tmp_path, f"---\nspec_files: {json.dumps(items)}\n---", "_cache/adiak/specs.md")
    specs, problems = read(file)
    assert [spec.dag_hash for spec in specs] == [HASH, HASH]
    assert [problem.place for problem in problems] == [f"{file}: record {n}" for n in range(2, 11)]
    reasons = [problem.reason for problem in problems]
    assert reasons[0] == "gone.json is missing"
    assert all(reason.endswith("is not the name of a file beside the page") for reason in reasons[1:5])
    assert reasons[5:7] == ["the record names no file"] * 2
    assert reasons[7].startswith("bad.json: ")
    assert reasons[8].startswith("deep.json: ")


# Fields


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ("none", ()),
        (None, ()),
        ("", ()),
        ([], ()),
        ("gcc@=11.4.0", ("gcc@11.4.0",)),
        ("gcc@11.4.0, clang@=14", ("gcc@11.4.0", "clang@14")),
        (["gcc@=11.4.0", "none", "gcc@11.4.0", "clang@14"], ("gcc@11.4.0", "clang@14")),
    ],
)
def test_compilers(tmp_path: Path, given_: object, expected: tuple[str, ...]) -> None:
    assert only(tmp_path, page(record(compiler=given_))).compilers == expected


@pytest.mark.parametrize(
    ("given_", "expected"),
    [("-", 0), (12, 12), ("34", 34), (-1, 0), (1.5, 0), (None, 0), ("²", 0), ("9" * 40, 0), (10**30, 0)],
)
def test_size(tmp_path: Path, given_: object, expected: int) -> None:
    assert only(tmp_path, page(record(size=given_))).size == expected


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ("1.10", "1.10"),
        (["1.9", "1.10", "1.2"], "1.10"),
        (["develop", "9"], "develop"),
        (7, "7"),
        ([1.5], "1.5"),
    ],
)
def test_versions(tmp_path: Path, given_: object, expected: str) -> None:
    assert only(tmp_path, page(record(versions=given_))).version == expected


def test_numeric_versions_keep_their_digits(tmp_path: Path) -> None:
    text = f'---\ntitle: zlib\nspec_details: [{{"hash": "{HASH}", "versions": [1.10]}}]\n---'
    assert only(tmp_path, text).version == "1.10"


@pytest.mark.parametrize("stacks", [None, [], "null", [None]])
def test_no_stacks(tmp_path: Path, stacks: object) -> None:
    assert only(tmp_path, page(record(stacks=stacks))).places == (Place(tag="develop"),)
    bare = {key: value for key, value in record().items() if key != "stacks"}
    assert only(tmp_path, page(bare)).places == (Place(tag="develop"),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("++x", (("x", True),)),
        ("x=True", (("x", True),)),
        ("x=false", (("x", False),)),
        ("x=", (("x", ""),)),
        ("x:=b,a", (("x", ("a", "b")),)),
        ("x==y", (("x", "y"),)),
        ("+no", (("no", True),)),
        ("x='a b'", (("x", "a b"),)),
    ],
)
def test_variants(tmp_path: Path, text: str, expected: object) -> None:
    assert only(tmp_path, page(record(variants=[text]))).variants == expected


def test_variants_in_one_string(tmp_path: Path) -> None:
    spec = only(tmp_path, page(record(variants="+b ~a x=1,2 y=\x1b")))
    assert spec.variants == (("a", False), ("b", True), ("x", ("1", "2")), ("y", "\ufffd"))


@pytest.mark.parametrize("architecture", ["x86_64", "linux-x86_64", "", None])
def test_short_architecture(tmp_path: Path, architecture: object) -> None:
    spec = only(tmp_path, page(record(architecture=architecture)))
    assert (spec.platform, spec.os, spec.target) == ("", "", "")


@pytest.mark.parametrize(
    "title", ["1.10", "2025-03-30", "1e3", "0123", "12:30", "no", "on", "null", "~x", "3proxy"]
)
def test_titles_are_text(tmp_path: Path, title: str) -> None:
    head = f"title: {title}\ncategories: [package, {title}]"
    spec = only(tmp_path, page(record(), head=head))
    assert (spec.name, spec.places[0].tag) == (title, title)


def test_names_from_folders(tmp_path: Path) -> None:
    spec = only(tmp_path, page(record(), head="layout: cache"))
    assert (spec.name, spec.places[0].tag) == ("zlib", "develop")
    spec = only(tmp_path, page(record(), head="title: [x]\ncategories: package"))
    assert (spec.name, spec.places[0].tag) == ("zlib", "develop")


def test_title_overrides_the_folder(tmp_path: Path) -> None:
    spec = only(tmp_path, page(record(), head="title: other\ncategories: [package, v2025.07.0]"))
    assert (spec.name, spec.places[0].tag) == ("other", "v2025.07.0")


def test_control_characters_are_replaced(tmp_path: Path) -> None:
    details = record(
        os="a\x1b[31m", variants=["x=\u202e"], stacks=["\x07"], versions=["1\x9b"], compiler="gcc\x00"
    )
    spec = only(tmp_path, page(details, head='title: "z\\x1b"'))
    shown = [
        spec.name,
        spec.version,
        spec.os,
        spec.places[0].stack,
        *(spec.compilers or ()),
        str(spec.variants),
    ]
    assert all("\ufffd" in text and text.isprintable() for text in shown)


def test_number_of_specs_may_differ(tmp_path: Path) -> None:
    only(tmp_path, page(record(), head='title: zlib\nmeta: {"num_specs": 99}'))
