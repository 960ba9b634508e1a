"""The table of checks: each is one function, and what goes wrong in one is a finding of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

from cachetui.doctor.catalogs import check_catalogs
from cachetui.doctor.configuration import check_settings, check_spack
from cachetui.doctor.finding import Finding, Subject, wrong
from cachetui.doctor.folders import check_folders, check_leftovers
from cachetui.doctor.mirrors import check_mirrors
from cachetui.doctor.surroundings import check_code_cache, check_host, check_terminal, check_versions
from cachetui.errors import UNFORESEEN, CachetuiError
from cachetui.text import redacted_text

Check = Callable[[Subject], Iterator[Finding]]

CHECKS: tuple[tuple[str, Check], ...] = (
    ("settings", check_settings),
    ("Spack's configuration", check_spack),
    ("mirrors", check_mirrors),
    ("catalogs", check_catalogs),
    ("folders", check_folders),
    ("leftovers", check_leftovers),
    ("code cache", check_code_cache),
    ("terminal", check_terminal),
    ("host", check_host),
    ("versions", check_versions),
)
"""What each check is about, in the order of the report."""


def examine(subject: Subject) -> Iterator[tuple[str, Finding]]:
    """Run all checks, and yield what each is about with its findings."""
    for about, check in CHECKS:
        try:
            for finding in check(subject):
                yield about, finding
        except (CachetuiError, OSError, sqlite3.Error, *UNFORESEEN) as error:
            text = redacted_text(str(error)) or type(error).__name__
            yield about, wrong(f"cannot be checked: {text}", "mend this first, and run doctor again")
