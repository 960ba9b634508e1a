"""Records of an index, `{hash: {"spec": {...}, "in_buildcache": true}}`, to Specs."""

from __future__ import annotations

import msgspec
from msgspec import Raw, Struct

from cachetui.sources.base import NotDivisible, Problem, Report
from cachetui.sources.specfile import Node, named_node, spec_from_node
from cachetui.spec import Place, Spec
from cachetui.text import clean

_SPEC_FORMATS = {5: 1, 6: 3, 7: 4, 8: 5, 9: 6}


class Record(Struct, gc=False):
    """One of them, before its node is read."""

    spec: Node | None = None
    in_buildcache: bool | None = None


class _NamedRecord(Struct):
    """A record of database version 5: the node stands under its name."""

    spec: dict[str, Node]
    in_buildcache: bool | None = None


class _Unread(Exception):
    """A record that has to be decoded by itself."""


class RecordReader:
    """Reads the records of one index.

    Args:
        label: what the index is called, for problems.
        version: of the database.
        place: of the builds.
    """

    def __init__(self, label: str, version: int, place: Place) -> None:
        self._label = label
        self._format = _SPEC_FORMATS.get(version, 1 if version < 5 else 6)
        self._places = (place,)

    def together(self, text: bytes, report: Report) -> list[Spec]:
        """The specs of an object of records, decoded in one go; those that cannot be read go to `report`.

        Raises:
            NotDivisible: it is no object of records.
        """
        try:
            records = msgspec.json.decode(text, type=dict[str, Record])
        except (ValueError, RecursionError):
            return self._one_by_one(text, report)
        problems: list[Problem] = []
        specs: list[Spec] = []
        try:
            for dag_hash, record in records.items():
                try:
                    specs.append(self._spec(dag_hash, record))
                except (ValueError, RecursionError) as error:
                    problems.append(self._problem(dag_hash, error))
        except _Unread:
            return self._one_by_one(text, report)
        for problem in problems:
            report(problem)
        return specs

    def _one_by_one(self, text: bytes, report: Report) -> list[Spec]:
        try:
            records = raw_records(text)
        except (ValueError, RecursionError) as error:
            raise NotDivisible(str(error)) from error
        return [spec for dag_hash, raw in records.items() if (spec := self.alone(dag_hash, raw, report))]

    def alone(self, dag_hash: str, raw: Raw, report: Report) -> Spec | None:
        """One record as a Spec; bytes that are not UTF-8 become U+FFFD. None: told to `report`."""
        try:
            try:
                return self._decoded(dag_hash, raw)
            except UnicodeDecodeError:
                return self._decoded(dag_hash, _repaired(raw))
        except (ValueError, RecursionError) as error:  # errors of decoding are ValueErrors too
            report(self._problem(dag_hash, error))
            return None

    def _decoded(self, dag_hash: str, raw: bytes | Raw) -> Spec:
        record = msgspec.json.decode(raw, type=Record)
        try:
            return self._spec(dag_hash, record)
        except _Unread:
            record.spec = named_node(msgspec.json.decode(raw, type=_NamedRecord).spec)
            return self._spec(dag_hash, record)

    def _spec(self, dag_hash: str, record: Record) -> Spec:
        node = record.spec
        if node is None:
            raise ValueError("the record has no `spec`")
        if node.name is None and node.version is None:
            raise _Unread
        return spec_from_node(
            node,
            dag_hash,
            spec_format=self._format,
            in_buildcache=record.in_buildcache is not False,
            places=self._places,
        )

    def _problem(self, dag_hash: str, error: Exception) -> Problem:
        return Problem(f"{self._label}: record {clean(dag_hash)[:40]}", clean(str(error)))


def raw_records(text: bytes | Raw) -> dict[str, Raw]:
    """The records of an object as raw text. Raises ValueError, RecursionError."""
    try:
        return msgspec.json.decode(text, type=dict[str, Raw])
    except UnicodeDecodeError:
        return msgspec.json.decode(_repaired(text), type=dict[str, Raw])


def _repaired(raw: bytes | Raw) -> bytes:
    return bytes(raw).decode(errors="replace").encode()
