"""Checks of the compiled catalogs: each is read whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cachetui import paths
from cachetui.catalog import Catalog, verify
from cachetui.doctor.finding import Finding, Subject, ok, wrong
from cachetui.errors import CatalogError, OtherSchemaError
from cachetui.files import is_own
from cachetui.text import clean


def check_catalogs(subject: Subject) -> Iterator[Finding]:
    """Read each catalog in the cache folder, and the one of the settings."""
    files = sorted(paths.catalog_dir().glob("*.sqlite"))
    named = [Path(subject.policy.catalog).expanduser()] if subject.policy.catalog else []
    for file in (*named, *files):
        shown = clean(str(file))
        if file in files and not is_own(file):
            yield wrong(f"{shown}: not a file of yours alone", f"rm {shown}")
            continue
        if file not in named and _is_of_another_version(file):
            yield ok(f"{shown}: of another version of cachetui; compiled again when it is wanted")
            continue
        problems = verify(file)
        for problem in problems:
            remedy = "compile it again with cachetui refresh --output" if file in named else f"rm {shown}"
            yield wrong(f"{shown}: {clean(problem).removeprefix(f'{shown}: ')}", remedy)
        if not problems:
            yield ok(f"{shown}: whole")
    if not files and not named:
        yield ok("none is compiled yet")


def _is_of_another_version(file: Path) -> bool:
    try:
        Catalog(file).close()
    except OtherSchemaError:
        return True
    except CatalogError:
        return False
    return False
