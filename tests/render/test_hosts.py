"""The mark of a build that runs, or does not, on the host that is named beside it."""

from __future__ import annotations

import pytest

from cachetui.graph import Verdict
from cachetui.graph.reuse import Reason
from cachetui.host import Host
from cachetui.render import plain, runs_mark, verdict_line
from tests.conftest import CatalogOf, build

HOST = Host("linux", "debian12", "zen3", "glibc", "2.36")


@pytest.mark.parametrize(
    ("reason", "brief"),
    [
        ("needs zen4, this host is zen3", "needs zen4 (node openblas)"),
        ("needs glibc in /a, b, this host has it in /usr", "needs glibc in /a (node openblas)"),
        ("no libc recorded: Spack will not reuse it", "no libc recorded (node openblas)"),
        (
            "compiler-wrapper: Spack will not reuse it",
            "compiler-wrapper: Spack will not reuse it (node openblas)",
        ),
        ("built from a development tree", "built from a development tree (node openblas)"),
        ("gone, which it needs, is in no index", "gone, which it needs, is in no index (node openblas)"),
    ],
)
def test_reason_in_brief(catalog_of: CatalogOf, reason: str, brief: str) -> None:
    catalog = catalog_of([build(1, "app"), build(2, "openblas")])
    app, node = (next(iter(catalog.package_rows(name))) for name in ("app", "openblas"))
    found = Verdict(False, (Reason(node, "root", reason),))
    assert plain(runs_mark(found, catalog, app, HOST)) == f"○ {brief}"
    both = Verdict(False, (*found.found, Reason(app, "os", "needs rhel9, this host has sonoma")))
    assert plain(runs_mark(both, catalog, app, HOST)) == f"○ {brief} and 1 more"


def test_build_that_runs(catalog_of: CatalogOf) -> None:
    catalog, found = catalog_of([build(1)]), Verdict(True, ())
    assert plain(runs_mark(found, catalog, 0, HOST)) == "runs here ●"
    assert plain(verdict_line(found, catalog, 0, HOST)) == "● yes"
