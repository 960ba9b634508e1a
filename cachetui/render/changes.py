"""What changed between two sets of builds as lines of text: the formats of `cachetui diff --tags`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from cachetui.graph import Builds, Changes, Kind, PackageChange, VersionChange
from cachetui.render.layout import indented_json
from cachetui.render.spans import Line, Lines, Span
from cachetui.text import counted

if TYPE_CHECKING:
    from pyroaring import BitMap

KIND_ROLES = {Kind.CAME: "good", Kind.CHANGED: "warning", Kind.WENT: "bad"}
"""What happened to a package as a role; a word beside it says the same."""

SAME_VERSIONS = "same versions"


def changes_summary(changes: Changes) -> str:
    """How many packages and builds came, went and changed."""
    of_kind = dict.fromkeys(Kind, 0)
    for package in changes.packages:
        of_kind[package.kind] += 1
    came, changed, went = (f"{of_kind[kind]:,} {kind.value}" for kind in Kind)
    builds = f"+{len(changes.came):,} -{len(changes.went):,}, {changes.kept:,} in both"
    return f"packages: {came}, {changed}, {went}; builds: {builds}"


def builds_text(package: PackageChange) -> str:
    """How many builds of a package came and went."""
    if package.kind is not Kind.CHANGED:
        return counted(package.came or package.went, "build")
    signs = [f"{sign}{number:,}" for sign, number in (("+", package.came), ("-", package.went)) if number]
    kept = f", {counted(package.kept, 'build')} in both" if package.kept else ""
    return " ".join(signs) + kept


def versions_line(kind: Kind, versions: VersionChange, most: int = 0) -> Line:
    """The versions that came and went.

    Args:
        most: of each side, at most so many; 0: all.
    """
    if kind is Kind.CHANGED and not versions.came and not versions.went:
        return ((SAME_VERSIONS, "muted"),)
    signs = ("+", "-") if kind is Kind.CHANGED else ("", "")
    came, went = (
        [f"{sign}{version}" for version in some]
        for sign, some in zip(signs, (versions.came, versions.went), strict=True)
    )
    parts: list[Span] = [(_listed(came, most), "version"), (_listed(went, most), "muted")]
    shown = [part for part in parts if part[0]]
    return shown[0], *(span for part in shown[1:] for span in ((" ", ""), part))


def _listed(texts: Sequence[str], most: int) -> str:
    if most and len(texts) > most:
        return f"{' '.join(texts[:most])} and {len(texts) - most} more"
    return " ".join(texts)


def _text(changes: Changes) -> Iterator[Line]:
    yield ((f"{changes.before.label} -> {changes.after.label}", "strong"),)
    yield ((changes_summary(changes), "muted"),)
    packages = changes.packages
    counts = list(map(builds_text, packages))
    name_width = max([len(package.name) for package in packages], default=0)
    width = max(map(len, counts), default=0)
    for package, builds in zip(packages, counts, strict=True):
        kind = package.kind
        yield (
            (f"{kind.value:{_KIND_WIDTH}}", KIND_ROLES[kind]),
            (f"{package.name:{name_width}}  ", ""),
            (f"{builds:{width}}  ", "muted"),
            *versions_line(kind, changes.versions(package.name)),
        )


_KIND_WIDTH = max(len(kind.value) for kind in Kind) + 2


def _json(changes: Changes) -> Iterator[str]:
    """Both sides, and the packages of which builds came or went."""
    yield indented_json(
        {
            "before": {"name": changes.before.label, "builds": len(changes.before.rows)},
            "after": {"name": changes.after.label, "builds": len(changes.after.rows)},
            "builds": {"came": len(changes.came), "went": len(changes.went), "kept": changes.kept},
            "packages": [_package_data(changes, package) for package in changes.packages],
        }
    )


def _package_data(changes: Changes, package: PackageChange) -> dict[str, Any]:
    came, went = changes.rows_of(package.name)
    versions = changes.versions(package.name)
    return {
        "name": package.name,
        "change": package.kind.value,
        "versions": {"came": versions.came, "went": versions.went},
        "builds": {"came": package.came, "went": package.went, "kept": package.kept},
        "came": list(_builds_data(changes.after, came)),
        "went": list(_builds_data(changes.before, went)),
    }


def _builds_data(side: Builds, rows: BitMap) -> Iterator[dict[str, str | None]]:
    for row in rows:
        spec = side.catalog.spec(row)
        yield {"hash": spec.dag_hash, "spec": None if spec.misspelled else spec.text()}


CHANGES_FORMATS: dict[str, Callable[[Changes], Lines]] = {"text": _text, "json": _json}
"""Format name to the function that gives the lines of what changed."""
