"""A spec as text, as Spack writes it, and as plain data."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cachetui.catalog import Catalog
from cachetui.spec import (
    Spec,
    is_dag_hash,
    json_data,
    quote_value,
    short_patches,
    sort_deptypes,
    variant_text,
)
from tests.conftest import DATA, build, dag_hash

RENDERS = json.loads((DATA / "oracle" / "renders.json").read_text())["specs"]
HASH = "abcdefghijklmnopqrstuvwxyz234567"


@pytest.mark.parametrize("render", RENDERS, ids=[render["hash"][:7] for render in RENDERS])
def test_text_as_spack_displays_it(render: dict[str, Any], real_catalog: Catalog) -> None:
    spec = real_catalog.spec(real_catalog.row_of(render["hash"]))
    (compiler,) = re.findall(r"%[a-z-]+@[0-9.]+[0-9]", render["display"])
    assert compiler == f"%{(spec.compilers or ())[0]}"
    assert spec.text() == render["display"].replace(compiler, "", 1) + " " + compiler


def test_order_of_the_text() -> None:
    spec = build(
        name="x",
        version="1",
        variants=(("b", False), ("c", "v"), ("d", True), ("q", "a b"), ("z", ("1", "2"))),
        flags=(("cflags", ("-O3", "-g")),),
        patches=("f" * 64, "0" * 64),
        compilers=("gcc@13", "llvm@17"),
    )
    assert spec.text() == (
        "x@1~b+d c=v patches=0000000,fffffff q='a b' z=1,2 cflags='-O3 -g' "
        "arch=linux-debian12-x86_64_v3 %gcc@13 %llvm@17"
    )


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, " arch=linux-debian12-x86_64_v3"),
        ({"platform": "", "os": "", "target": ""}, ""),
        ({"platform": "", "os": ""}, " arch=None-None-x86_64_v3"),
        ({"target": ""}, " arch=linux-debian12-None"),
    ],
)
def test_architecture(fields: dict[str, Any], text: str) -> None:
    assert build(**fields).architecture_text() == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("none", "none"),
        ("a,b/c_d.e-f", "a,b/c_d.e-f"),
        ("", "''"),
        ("a b", "'a b'"),
        ("ch3:sock", "'ch3:sock'"),
        ("c,c++", "'c,c++'"),
        ("-O3 %", "'-O3 %'"),
        ("[x]", "'[x]'"),
        ('say "x"', "'say \"x\"'"),
        ("it's", '"it\'s"'),
        ('it\'s "x" \\', '"it\'s \\"x\\" \\\\"'),
        ("é", "'é'"),
        ("a\\b", "'a\\b'"),
        ("ends with \\", '"ends with \\\\"'),
        ("a\n", "'a\n'"),
    ],
)
def test_quoting(value: str, text: str) -> None:
    assert quote_value(value) == text


@given(st.text(max_size=20))
def test_any_quoted_value_can_be_read_back(value: str) -> None:
    quoted = quote_value(value)
    if quoted[0] == "'":
        assert quoted[1:-1] == value
        assert "'" not in value
    elif quoted[0] == '"':
        assert re.sub(r"\\(.)", r"\1", quoted[1:-1], flags=re.DOTALL) == value
    else:
        assert re.fullmatch(r"[A-Za-z0-9,/_.\-]+", value)
        assert quoted == value


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [("x", True, "+x"), ("x", False, "~x"), ("x", "a", "x=a"), ("x", ("a", "b"), "x=a,b"), ("x", (), "x=''")],
)
def test_variants(name: str, value: bool | str | tuple[str, ...], text: str) -> None:
    assert variant_text(name, value) == text


def test_short_patches() -> None:
    assert short_patches(["b" * 64, "a" * 64, "c"]) == ("aaaaaaa", "bbbbbbb", "c")
    assert short_patches([]) == ()


def test_dependency_types_in_spacks_order() -> None:
    assert sort_deptypes(["test", "run", "nonsense", "build", "run"]) == ("build", "run", "test")
    assert sort_deptypes([]) == ()


@pytest.mark.parametrize(
    "text", ["", HASH[:31], HASH + "a", HASH.upper(), HASH[:31] + "1", HASH + "\n", " " * 32]
)
def test_not_a_hash(text: str) -> None:
    assert not is_dag_hash(text)
    assert is_dag_hash(HASH)


def test_listed() -> None:
    forms = [(True, "", True), (False, "", False), (False, "/usr", True), (True, "/usr", True)]
    for in_buildcache, external, listed in forms:
        assert build(in_buildcache=in_buildcache, external=external).listed is listed


def test_json_data() -> None:
    spec = build(needs=[("gmake", 2, "build")], variants=(("a", True), ("b", ("x", "y"))), spec_format=5)
    data = json.loads(msgspec.json.encode(json_data(spec)))
    assert data["hash"] == dag_hash(1)
    assert data["variants"] == {"a": True, "b": ["x", "y"]}
    assert data["dependencies"] == [
        {"name": "gmake", "hash": dag_hash(2), "deptypes": ["build"], "virtuals": []}
    ]
    assert data["places"] == [{"mirror": "here", "tag": "", "stack": "", "view": ""}]
    assert data["spec"] == spec.text()
    assert (data["external"], data["size"], data["spec_format"]) == (None, None, 5)
    assert list(json_data(spec, with_dependencies=False)) == [key for key in data if key != "dependencies"]


def test_json_data_of_a_minimal_spec() -> None:
    data = json.loads(msgspec.json.encode(json_data(Spec(name="x", dag_hash=HASH))))
    assert (data["compilers"], data["spec"], data["dependencies"]) == ([], "x", [])
