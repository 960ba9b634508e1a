"""Why nothing was found, in words."""

from __future__ import annotations

from cachetui.search import Engine, Result

SUGGESTIONS = 3


def why_none(result: Result) -> str:
    """Say why no build matches a selection: there are none at all, or what none of them has."""
    if not result.total:
        return "there are no builds here"
    if result.unmet:
        return f"no build has {', '.join(result.unmet)}"
    selection = result.selection
    if not selection.exact:  # fuzzy names too
        return "no build matches"
    if not selection.choices:
        return "no build satisfies all of this spec"
    return f"no build {'satisfies the spec and ' if selection.text else ''}matches all filters"


def search_found_nothing(result: Result) -> str:
    """Say why no build matches what was typed; the notes of its plain words have been said."""
    if result.total and not result.packages and result.words and not result.unmet:
        such = " with such builds" if result.readings[0].demands else ""
        return f"no package{such} is called anything like {result.words}"
    return why_none(result)


def nothing_found(engine: Engine, result: Result) -> str:
    """Say why no build matches an exact selection; of an unknown package, name similar ones."""
    return (_unknown_package(engine, result.words) if result.total else "") or why_none(result)


def _unknown_package(engine: Engine, name: str) -> str:
    """Name similar packages; empty if there is a package or virtual of that name."""
    if not name or engine.catalog.package_rows(name) or engine.evaluator.providers.is_known(name):
        return ""
    alike = ", ".join(package.name for package in engine.rank(name)[:SUGGESTIONS])
    return f"no build of a package named {name}{f'; there is {alike}' if alike else ''}"


def no_package_found(engine: Engine, result: Result, search: str) -> str:
    """Say why no package matches a search text among the builds of a selection."""
    if not result.rows:
        return nothing_found(engine, result)
    such = " with such builds" if result.selection.text else ""
    return f"no package{such} has a name like {search}"
