"""Convert records of an index, `{hash: {"spec": {...}, "in_buildcache": true}}`, to Specs.

Those of an installed database have `"installed": true` in its place, which counts as a binary.

All records of a part are decoded in one call, which is much faster than one call each. A single malformed
record makes that call fail; then they are decoded one by one, so that only the malformed ones are lost.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from cachetui.sources.base import FAULTS, NotDivisible, Problem, Report, skipped
from cachetui.sources.index.members import BrokenError, Members, repaired
from cachetui.sources.specfile import SpecNode, check_dag_hash, named_node, spec_from_node
from cachetui.spec import HOLE, Place, Spec

_NONE = Raw(b"null")

MOST_VALUES = 500_000
"""Values in one record: as objects, these take up to 150 MB. A build with 50,000 dependencies has 300,000."""

MOST_BYTES = 16 << 20
"""Bytes of one record; a build with 50,000 dependencies has 6 MB."""

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

    def read_all(self, text: memoryview, report: Report) -> list[Spec]:
        """Read a JSON object of records; those that cannot be read go to `report`.

        Raises:
            NotDivisible: the text is not an object of records.
        """
        try:
            records = msgspec.json.decode(text, type=dict[str, IndexRecord])
        except (ValueError, RecursionError):
            return list(self.read_each(text, report))
        problems: list[Problem] = []
        specs: list[Spec] = []
        try:
            for dag_hash, record in records.items():
                try:
                    specs.append(self._spec(dag_hash, record))
                except FAULTS as error:
                    problems.append(skipped(self._label, dag_hash, error))
        except _NodeHasNoName:
            return list(self.read_each(text, report))
        for problem in problems:
            report(problem)
        return specs

    def read_each(self, text: memoryview, report: Report) -> Iterator[Spec]:
        """Read a JSON object of records one by one.

        Raises:
            NotDivisible: the text is not a run of records.
        """
        try:
            text = text[1:-1]
            records = located(Members(text, is_run=True), text, self._label, report)
        except BrokenError as error:
            raise NotDivisible(str(error)) from error
        for dag_hash, raw in records:
            if spec := self.read_one(dag_hash, raw, report):
                yield spec

    def read_one(self, dag_hash: str, raw: memoryview, report: Report) -> Spec | None:
        """Read one record, repaired if need be; None if it cannot be read and was reported."""
        try:
            _check_values(raw)
            try:
                return self._decoded(dag_hash, raw)
            except msgspec.ValidationError:
                raise
            except (ValueError, RecursionError):
                return self._decoded(dag_hash, repaired(raw))
        except FAULTS as error:
            report(skipped(self._label, dag_hash, error))
            return None

    def _decoded(self, dag_hash: str, raw: bytes | memoryview) -> Spec:
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
        return spec if is_here or spec.external or not places else replace(spec, places=self._hole_places)


def located(
    members: Members, text: memoryview, label: str, report: Report
) -> Iterator[tuple[str, memoryview]]:
    """The records of an object by their hashes; of two with one hash, the last. Raises BrokenError.

    What has no hash goes to `report`. Only numbers are kept of each record.
    """
    numbers: dict[str, int] = {}
    starts, ends = array("Q"), array("Q")
    for member in members:
        key = member.key
        try:
            check_dag_hash(key)
        except ValueError as error:
            report(skipped(label, key, error))
            continue
        number = numbers.setdefault(key, len(starts))
        if number == len(starts):
            starts.append(member.start)
            ends.append(member.end)
        else:
            starts[number], ends[number] = member.start, member.end
    return ((key, text[starts[number] : ends[number]]) for key, number in numbers.items())


def _check_values(raw: memoryview) -> None:
    """Raise ValueError for a record that is so long, or of so many values, that it would fill the memory."""
    if len(raw) > MOST_BYTES:
        raise ValueError(f"it is longer than {MOST_BYTES >> 20} MB")
    if len(raw) > 2 * MOST_VALUES and bytes(raw).count(b",") > MOST_VALUES:
        raise ValueError(f"it has more than {MOST_VALUES:,} values")
