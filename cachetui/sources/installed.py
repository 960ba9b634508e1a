"""The packages that Spack has installed in a tree: its database has the records of an index."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Raw, Struct

from cachetui.sources.base import Report
from cachetui.sources.index import open_records
from cachetui.spec import Place, Spec
from cachetui.text import clean

DATABASE = ".spack-db/index.json"


class _InstallRecord(Struct):
    installed: bool = True
    """Missing in the records of old versions; False for one that is uninstalled but still depended on."""


def installed_specs(root: Path, report: Report) -> Iterator[Spec]:
    """Yield the specs installed below `root`; records that cannot be read go to `report`.

    Raises:
        SourceError: there is no database that can be read.
    """
    file = root / DATABASE
    reader, records, _ = open_records(file, Place(), clean(str(file)), report)
    for dag_hash, raw in records.items():
        if _is_installed(raw) and (spec := reader.read_one(dag_hash, raw, report)):
            yield spec


def _is_installed(raw: Raw) -> bool:
    with suppress(ValueError, RecursionError):
        return msgspec.json.decode(raw, type=_InstallRecord).installed
    return True  # reading the spec says what is wrong with the record
