"""The forms in which builds are copied: safe in a shell, and read back unchanged."""

from __future__ import annotations

import json
import shlex

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cachetui.install import COPY_FORMS, CachedBuild
from cachetui.spec import Spec, json_data
from tests.conftest import build, dag_hash

FORMS = {form.name: form.render for form in COPY_FORMS}
TWO = [build(1, "hdf5"), build(2, "7zip")]

PRINTABLE = st.text(min_size=1, max_size=12).filter(str.isprintable)
"""Names as hostile as a source lets through."""


def copied(name: str, *specs: Spec) -> str:
    """The text of some builds in a form."""
    return FORMS[name]([CachedBuild(spec, needs=()) for spec in specs])


def test_one_build() -> None:
    spec = build(1, "hdf5")
    hash1 = dag_hash(1)
    assert copied("hash", spec) == hash1
    assert copied("/hash", spec) == f"/{hash1}"
    assert copied("name/hash", spec) == f"hdf5/{hash1}"
    assert copied("spec", spec) == spec.text()
    assert copied("spack install line", spec) == f"spack install --cache-only /{hash1}"
    assert copied("spack.yaml entry", spec).splitlines()[1:] == ["spack:", "  specs:", f"  - hdf5/{hash1}"]


@pytest.mark.parametrize("name", ["hash", "/hash", "name/hash", "spec"])
def test_a_line_for_each_build(name: str) -> None:
    assert copied(name, *TWO) == "\n".join(copied(name, spec) for spec in TWO)


def test_several_builds_in_one_command() -> None:
    assert copied("spack install line", *TWO) == f"spack install --cache-only /{dag_hash(1)} /{dag_hash(2)}"


def test_build_without_a_binary_becomes_a_comment() -> None:
    external = build(3, "glibc", in_buildcache=False, external="/usr")
    cached = f"spack install --cache-only /{dag_hash(1)} /{dag_hash(2)}"
    comment = f"# not in the build cache: /{dag_hash(3)}"
    assert copied("spack install line", TWO[0], external, TWO[1]) == f"{cached}\n{comment}"
    assert copied("spack install line", external) == comment
    assert copied("spack install line", external, build(4, in_buildcache=False)) == (
        f"{comment}\n# not in the build cache: /{dag_hash(4)}"
    )


def test_keys_and_names_are_unique() -> None:
    assert len({form.key for form in COPY_FORMS}) == len(FORMS) == len(COPY_FORMS)


@given(st.lists(st.tuples(st.integers(0, 1000), st.booleans()), min_size=1, max_size=5))
def test_install_line_in_a_shell(given: list[tuple[int, bool]]) -> None:
    specs = [build(number, in_buildcache=cached) for number, cached in given]
    words = shlex.split(copied("spack install line", *specs), comments=True)
    cached = [f"/{dag_hash(number)}" for number, cached in given if cached]
    apart = ["-c", "concretizer:unify:false"] if len(set(cached)) > 1 else []
    assert words == (["spack", *apart, "install", "--cache-only", *cached] if cached else [])


IDENTIFIERS = st.from_regex(r"[a-zA-Z_0-9][a-zA-Z_0-9\-]{0,11}", fullmatch=True)


@given(IDENTIFIERS)
def test_any_name_in_a_shell(name: str) -> None:
    assert shlex.split(copied("name/hash", build(1, name))) == [f"{name}/{dag_hash(1)}"]


@given(st.lists(IDENTIFIERS, min_size=1, max_size=3))
def test_any_name_in_yaml(names: list[str]) -> None:
    specs = [build(number, name) for number, name in enumerate(names)]
    expected = [f"{spec.name}/{spec.dag_hash}" for spec in specs]
    assert yaml.safe_load(copied("spack.yaml entry", *specs))["spack"]["specs"] == expected


@pytest.mark.parametrize("name", ["yes", "null", "7zip", "1e5", "py-a", "0x10", "_", "1_000"])
def test_names_that_yaml_could_misread(name: str) -> None:
    loaded = yaml.safe_load(copied("spack.yaml entry", build(1, name)))
    assert loaded == {"spack": {"specs": [f"{name}/{dag_hash(1)}"]}}


def plain(spec: Spec) -> object:
    return json.loads(json.dumps(json_data(spec)))


def test_json_of_one_and_of_several() -> None:
    assert json.loads(copied("JSON", TWO[0])) == plain(TWO[0])
    assert json.loads(copied("JSON", *TWO)) == [plain(spec) for spec in TWO]


@given(PRINTABLE, PRINTABLE)
def test_any_value_in_json(name: str, value: str) -> None:
    spec = build(1, name, variants=(("v", value),), flags=(("cflags", (value,)),))
    assert json.loads(copied("JSON", spec)) == plain(spec)
