"""Convert records of an index, `{hash: {"spec": {...}, "in_buildcache": true}}`, to Specs.

Those of an installed database have `"installed": true` in its place, which counts as a binary.

All records of a part are decoded in one call, which is much faster than one call each. A single malformed
record makes that call fail; then they are decoded one by one, so that only the malformed ones are lost.
"""

from __future__ import annotations

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from cachetui.sources.base import NotDivisible, Problem, Report
from cachetui.sources.specfile import SpecNode, named_node, spec_from_node
from cachetui.spec import HOLE, Place, Spec
from cachetui.text import clean

_NONE = Raw(b"null")

_SPEC_FORMATS = {5: 1, 6: 3, 7: 4, 8: 5, 9: 6}


class IndexRecord(Struct, gc=False):
    """A record whose node is decoded but not yet a Spec."""

    spec: SpecNode | None = None
    in_buildcache: bool | None = None
    installed: bool | None = None

    def is_here(self, is_installed: bool) -> bool:
        """Whether it is a build, not only the record of one that others depend on.

        Args:
            is_installed: the record is one of an installed database, where it has to say so.
        """
        if is_installed:
            return self.installed is True
        return self.in_buildcache is not False and (self.in_buildcache or self.installed is not False)


class _NamedIndexRecord(Struct):
    """A record of database version 5: the node is the value of its name."""

    spec: dict[str, SpecNode]


class _NodeHasNoName(Exception):
    """The node has neither name nor version: decode the record again, as one of database version 5."""


class RecordReader:
    """Reads the records of one index.

    Args:
        label: the name of the index in messages.
        version: of the database.
        place: of the builds.
    """

    def __init__(self, label: str, version: int, place: Place) -> None:
        self._label = label
        self._format = _SPEC_FORMATS.get(version, 1 if version < 5 else 6)
        self._places = (place,)
        self._hole_places = (replace(place, kind=HOLE),)
        self._is_installed = place.is_installed

    def read_all(self, text: bytes, report: Report) -> list[Spec]:
        """Read a JSON object of records; those that cannot be read go to `report`.

        Raises:
            NotDivisible: the text is not an object of records.
        """
        try:
            records = msgspec.json.decode(text, type=dict[str, IndexRecord])
        except (ValueError, RecursionError):
            return self._read_each(text, report)
        problems: list[Problem] = []
        specs: list[Spec] = []
        try:
            for dag_hash, record in records.items():
                try:
                    specs.append(self._spec(dag_hash, record))
                except (ValueError, RecursionError) as error:
                    problems.append(self._problem(dag_hash, error))
        except _NodeHasNoName:
            return self._read_each(text, report)
        for problem in problems:
            report(problem)
        return specs

    def _read_each(self, text: bytes, report: Report) -> list[Spec]:
        try:
            records = raw_records(text)
        except (ValueError, RecursionError) as error:
            raise NotDivisible(str(error)) from error
        return [spec for dag_hash, raw in records.items() if (spec := self.read_one(dag_hash, raw, report))]

    def read_one(self, dag_hash: str, raw: Raw, report: Report) -> Spec | None:
        """Read one record, with U+FFFD for invalid UTF-8; None if it cannot be read and was reported."""
        try:
            try:
                return self._decoded(dag_hash, raw)
            except UnicodeDecodeError:
                return self._decoded(dag_hash, _repaired(raw))
        except (ValueError, RecursionError) as error:  # errors of decoding are ValueErrors too
            report(self._problem(dag_hash, error))
            return None

    def _decoded(self, dag_hash: str, raw: bytes | Raw) -> Spec:
        record = msgspec.json.decode(raw, type=IndexRecord)
        try:
            return self._spec(dag_hash, record)
        except _NodeHasNoName:
            record.spec = named_node(msgspec.json.decode(raw, type=_NamedIndexRecord).spec)
            return self._spec(dag_hash, record)

    def _spec(self, dag_hash: str, record: IndexRecord) -> Spec:
        node = record.spec
        if node is None:
            raise ValueError("the record has no `spec`")
        if node.name is None and node.version is None:
            raise _NodeHasNoName
        is_here = record.is_here(self._is_installed)
        places: tuple[Place, ...] = self._places
        if self._is_installed and not is_here:
            # Spack lists externals, but none that was uninstalled; it is in no place.
            node.external, places = _NONE, ()
        spec = spec_from_node(node, dag_hash, spec_format=self._format, in_buildcache=is_here, places=places)
        return spec if spec.listed or not places else replace(spec, places=self._hole_places)

    def _problem(self, dag_hash: str, error: Exception) -> Problem:
        return Problem(f"{self._label}: record {clean(dag_hash)[:40]}", clean(str(error)))


def raw_records(text: bytes | Raw) -> dict[str, Raw]:
    """Decode an object of records, which stay raw JSON. Raises ValueError, RecursionError."""
    try:
        return msgspec.json.decode(text, type=dict[str, Raw])
    except UnicodeDecodeError:
        return msgspec.json.decode(_repaired(text), type=dict[str, Raw])


def _repaired(raw: bytes | Raw) -> bytes:
    return bytes(raw).decode(errors="replace").encode()
