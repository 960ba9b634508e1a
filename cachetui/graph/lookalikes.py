"""What sets look-alikes apart, briefly: their root causes, as Spack writes specs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from cachetui.catalog import Catalog
from cachetui.spec import SHORT_HASH
from cachetui.version import version_key

if TYPE_CHECKING:
    from cachetui.graph.summary import Reason

COMPARED = 200
"""The number of look-alikes that are compared; these stand for the others."""

_NAMED = 4
"""Values, or packages, that are named of several."""

_PLAIN = ("package hash", "patches")
"""What has values that say nothing to a reader."""


_SAME_DEPENDENCIES = "nothing that an index lists: their dependencies are the same builds"


class Difference(Struct, frozen=True):
    """One thing in which look-alikes differ.

    Args:
        texts: one for each different value; a single one where values say nothing.
        builds: the number of different values.
        having: the number of look-alikes that have a value.
        compared: the number of look-alikes.
    """

    texts: tuple[str, ...]
    builds: int
    having: int
    compared: int

    def __str__(self) -> str:
        more = len(self.texts) - _NAMED
        named = self.texts if more <= 1 else (*self.texts[:_NAMED], f"{more} more")
        text = " or ".join(named)
        if self.builds > len(self.texts):
            text += f" ({self.builds} builds)"
        return f"{text} (in {self.having} of {self.compared})" if self.having < self.compared else text


def dependencies_known(catalog: Catalog, rows: Sequence[int]) -> bool:
    """Whether any of the builds comes from a source that lists dependencies."""
    return any(catalog.edges(row) for row in rows[:COMPARED])


def differences(catalog: Catalog, rows: Sequence[int]) -> list[Difference]:
    """What builds differ in, what explains most first."""
    compared = rows[:COMPARED]
    if len(compared) < 2:
        return []
    found = list(dict.fromkeys(map(_difference, _reasons(catalog, compared))))
    # A dependency that some builds do not have may be another version where they have it.
    return [each for each in found if not any(_is_part(each, other) for other in found)]


def _is_part(one: Difference, other: Difference) -> bool:
    return one != other and set(one.texts) <= set(other.texts) and one.having <= other.having


def distinguished(catalog: Catalog, rows: Sequence[int]) -> dict[int, str]:
    """Map each row to what sets it apart from the others, as Spack writes specs."""
    compared = rows[:COMPARED]
    reasons = _reasons(catalog, compared) if len(compared) > 1 else []
    texts = dict(zip(compared, _joined(reasons, len(compared)), strict=True))
    return {**texts, **_by_hash(catalog, texts)}


class _Told(Struct):
    """A reason, and the highest packages of those that differ."""

    reason: Reason
    highest: list[str]


def _reasons(catalog: Catalog, rows: Sequence[int]) -> list[_Told]:
    # Late: a start compares nothing.
    from cachetui.graph.causes import root_causes
    from cachetui.graph.summary import summary

    causes = root_causes(catalog, rows)
    above: dict[str, set[str]] = {}
    for cause in causes:
        above.setdefault(cause.name, set()).update(cause.above)
    told = [_Told(each, _highest(each, above)) for each in summary(causes)]
    return _brief(told, len(rows))


def _highest(reason: Reason, above: Mapping[str, set[str]]) -> list[str]:
    """The packages that no other of the reason depends on; the others are below these."""
    names = set(reason.names)
    return [name for name in reason.names if not above.get(name, set()) & names] or list(reason.names)


def _brief(told: list[_Told], builds: int) -> list[_Told]:
    """Put variants to the version of their package; leave them out where versions set all builds apart."""
    variants = {
        (each.reason.names, each.reason.below): each for each in told if each.reason.what == "variants"
    }
    without, merged = [], []
    for each in told:
        key = each.reason.names, each.reason.below
        if each.reason.what == "version" and key in variants:
            values = map(_version_and_variants, each.reason.values, variants[key].reason.values)
            merged.append(_Told(replace(each.reason, values=tuple(values)), each.highest))
            without.append(each)
        elif each.reason.what != "variants" or not any(
            one.reason.what == "version" and (one.reason.names, one.reason.below) == key for one in told
        ):
            merged.append(each)
            without.append(each)
    is_enough = len(set(_joined(without, builds))) == len(set(_joined(merged, builds)))
    return without if is_enough else merged


def _version_and_variants(version: str | None, variants: str | None) -> str | None:
    if not version or not variants:
        return version
    return f"{version}{'' if variants[0] in '+~' else ' '}{variants}"


def _joined(told: Sequence[_Told], builds: int) -> list[str]:
    """What sets each build apart, as one text."""
    parts = [_row_texts(each) for each in told]
    return [" ".join(dict.fromkeys(filter(None, (part[i] for part in parts)))) for i in range(builds)]


def _difference(told: _Told) -> Difference:
    reason = told.reason
    given = {value for value in reason.values if value}
    having = sum(1 for value in reason.values if value)
    if reason.what in _PLAIN:
        count = len(reason.values)
        return Difference((_plain_text(told),), 1, count, count)
    if reason.is_unlisted:
        text = _SAME_DEPENDENCIES if reason.is_root else f"^{reason.names[0]}"
        builds = 1 if reason.is_root else len(given)
        return Difference((text,), builds, having, len(reason.values))
    texts = sorted((_text(told, value) for value in given), key=lambda text: (version_key(text), text))
    return Difference(tuple(texts), len(texts), having, len(reason.values))


def _row_texts(told: _Told) -> list[str]:
    """What sets each build apart in one thing; empty for those that do not have it."""
    return [_text(told, value) if value else "" for value in told.reason.values]


def _text(told: _Told, value: str) -> str:
    """One value of a reason in spec syntax, and where it is."""
    reason = told.reason
    name = "" if reason.is_root else f"^{reason.names[0]}"
    below = f" below {reason.below}" if reason.below else ""
    what = reason.what
    if what in ("compiler", "platform", "os", "target", "namespace"):
        sign = "%" if what == "compiler" else f"{what}="
        return f"{sign}{value}{_place(told)}{below}"
    if what == "version":
        return f"{name}@{value}{below}"
    if what == "variants":
        return f"{name}{'' if value[0] in '+~' else ' '}{value}{below}"
    if reason.is_unlisted:
        return "" if reason.is_root else f"{name}{value.partition(' ')[0]}{below}"
    if what.startswith("^"):
        text = f"^{value}" if "@" in value or value == what[1:] else f"{what} ({value})"
        return f"{', ^'.join(text.split(', '))}{below}"
    if what == "package hash":
        return f"recipe {value[:SHORT_HASH]}{_place(told)}"
    return f"{name} {what}={value}{below}".lstrip()


def _place(told: _Told) -> str:
    """Where something differs: in one dependency, or from some of them on down."""
    if told.highest == list(told.reason.names) == [told.reason.names[0]]:
        return "" if told.reason.is_root else f" in {told.reason.names[0]}"
    if told.reason.is_root:
        return ""
    more = len(told.highest) - _NAMED
    return f" below {', '.join(told.highest[:_NAMED])}{f' and {more} more' if more > 0 else ''}"


def _plain_text(told: _Told) -> str:
    names = told.reason.names
    what = "patches" if told.reason.what == "patches" else "recipe" if len(names) == 1 else "recipes"
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{what} of {', '.join(names[:_NAMED])}{more}"


def _by_hash(catalog: Catalog, texts: Mapping[int, str]) -> dict[int, str]:
    """Add the hashes of direct dependencies where they alone tell builds apart."""
    alike: dict[str, list[int]] = {}
    for row, text in texts.items():
        alike.setdefault(text, []).append(row)
    found: dict[int, str] = {}
    for text, rows in alike.items():
        hashes = _hashes(catalog, rows) if len(rows) > 1 else {}
        found.update((row, " ".join(filter(None, (text, each)))) for row, each in hashes.items())
    return found


def _hashes(catalog: Catalog, rows: Sequence[int]) -> dict[int, str]:
    """The hashes of one dependency, if it is another build in each row; else of all in which rows differ."""
    needs: dict[int, dict[str, set[str]]] = {row: {} for row in rows}
    for row in rows:
        for edge in catalog.edges(row):
            needs[row].setdefault(edge.dependency.name, set()).add(edge.dependency.dag_hash)
    texts = {
        name: [
            " ".join(f"^{name}/{each[:SHORT_HASH]}" for each in sorted(needs[row].get(name, ())))
            for row in rows
        ]
        for name in sorted({name for some in needs.values() for name in some})
    }
    differing = [some for some in texts.values() if len(set(some)) > 1]
    telling = next((some for some in differing if len(set(some)) == len(rows)), None)
    parts = differing if telling is None else [telling]
    return {row: " ".join(filter(None, (part[i] for part in parts))) for i, row in enumerate(rows)}
