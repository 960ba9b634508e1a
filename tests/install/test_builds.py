"""Builds as they are read for install lines: with their mirrors, and with what they need."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from cachetui.catalog import Catalog, MirrorInfo, mirrors_entry
from cachetui.catalog.compile import compile_catalog
from cachetui.graph import State
from cachetui.install import CachedBuild, CopyForm, Needed, TargetSpack, builds, cached_builds
from cachetui.install.target import NEWEST
from cachetui.spec import Place
from tests.conftest import CatalogOf, build, dag_hash

MIRRORS = (
    MirrorInfo("fast", "https://host/fast", "v3", "mine", signed=True),
    MirrorInfo("local", "/srv/mirror", "v2"),
    MirrorInfo("other", "oci://host/other", "oci"),
)


def test_builds_come_with_their_mirrors(tmp_path: Path) -> None:
    specs = [
        build(1, "a", places=(Place("local"), Place("fast", view="mine"))),
        build(2, "b", places=(Place("fast"), Place(tag="develop"))),
        build(3, "c", places=(Place("other", "develop", "e4s"),)),
    ]
    compile_catalog(specs, tmp_path / "c.sqlite", mirrors_entry(MIRRORS))
    with closing(Catalog(tmp_path / "c.sqlite")) as catalog:
        found = cached_builds(catalog, [2, 0, 1])
    assert [each.spec.name for each in found] == ["c", "a", "b"]
    assert [each.mirrors for each in found] == [MIRRORS[2:], MIRRORS[:2], ()]


def test_catalog_of_specs_alone_has_no_mirrors(catalog_of: CatalogOf) -> None:
    (found,) = cached_builds(catalog_of([build(1, spec_format=4)]), [0])
    assert found == CachedBuild(build(1, spec_format=4), (), ())


def test_pages_do_not_say_what_builds_need(catalog_of: CatalogOf) -> None:
    (found,) = cached_builds(catalog_of([build(1)]), [0])
    assert found.needs is None


def test_each_build_comes_with_what_no_build_before_it_needs(tmp_path: Path) -> None:
    places = (Place("local"),)
    specs = [
        build(1, "a", needs=[("c", 3, "link"), ("e", 5, "build")], places=places),
        build(2, "b", needs=[("c", 3, "run"), ("gone", 9, "link")], places=places),
        build(3, "c", needs=[("d", 4, "link")], places=places),
        build(4, "d", external="/usr", in_buildcache=False, places=places),
        build(5, "e", places=places),
    ]
    compile_catalog(specs, tmp_path / "c.sqlite", mirrors_entry(MIRRORS))
    with closing(Catalog(tmp_path / "c.sqlite")) as catalog:
        first, second = cached_builds(catalog, [0, 1])
        (alone,) = cached_builds(catalog, [1])
        (plain,) = cached_builds(catalog, [1], needs=False)
    local = MIRRORS[1:2]
    c = Needed("c", dag_hash(3), State.CACHED, local)
    d = Needed("d", dag_hash(4), State.EXTERNAL, local)
    gone = Needed("gone", dag_hash(9), State.MISSING)
    assert first.needs == (c, d)
    assert second.needs == (gone,)
    assert set(alone.needs or ()) == {c, d, gone}
    assert plain.needs is None


def test_so_many_builds_are_not_walked_to_the_end(
    catalog_of: CatalogOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builds, "MOST_NEEDED", 2)
    found = cached_builds(catalog_of([build(n, spec_format=4) for n in range(1, 6)]), range(5))
    assert [each.needs for each in found] == [(), (), (), None, None]


def test_a_copy_form_can_name_the_mirrors() -> None:
    """A new form is one function and one entry of the table."""

    def names(builds: Sequence[CachedBuild], spack: TargetSpack = NEWEST) -> str:
        return "\n".join(dict.fromkeys(mirror.name for each in builds for mirror in each.mirrors))

    form = CopyForm("mirror", "m", names)
    text = form.render([CachedBuild(build(1), MIRRORS[:2]), CachedBuild(build(2), MIRRORS[1:2])])
    assert text.splitlines() == ["fast", "local"]
