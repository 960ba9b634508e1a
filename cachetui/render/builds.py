"""One build in full: as text, as JSON, and as facts for a panel."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from cachetui.catalog import Catalog
from cachetui.render.downloads import download_data, download_lines
from cachetui.render.installed import absent_text, installation_texts, installations
from cachetui.render.layout import indented_json
from cachetui.render.spans import Line, Lines, Span, plain
from cachetui.render.specs import spec_line
from cachetui.render.walks import Walks, tree_data, walk_data, walk_lines
from cachetui.spec import SHORT_HASH, Dependency, Spec, json_data

_LABEL = 14
"""Characters for the names of facts."""

_FACT_ROLES = {
    "hash": "hash",
    "version": "version",
    "architecture": "arch",
    "compiler": "compiler",
    "variants": "variant",
    "binary": "warning",
    "not offered": "warning",
}
"""Facts whose values are parts of a spec, or a warning."""

_PLACE_PARTS = ("tag", "stack", "mirror", "view")


def _json(catalog: Catalog, row: int, walks: Walks) -> Iterator[str]:
    """A build as a JSON object; if its tree alone is asked for, the builds of the tree as a list."""
    if walks.tree and not (walks.used_by or walks.closure or walks.host or walks.download):
        yield indented_json(tree_data(catalog, row, walks))
        return
    spec = catalog.spec(row)
    data = {**json_data(spec), **walk_data(catalog, row, walks)}
    if spec.installed_in:
        data["installations"] = msgspec.to_builtins(list(installations(catalog, spec)))
    if walks.tree:
        data["tree"] = tree_data(catalog, row, walks)
    if walks.download:
        data.update(download_data(walks.download))
    yield indented_json(data)


def _text(catalog: Catalog, row: int, walks: Walks) -> Iterator[Line]:
    """A name and a value on each line, then the dependencies, or their tree and other walks."""
    spec = catalog.spec(row)
    for name, value in describe(catalog, spec):
        facts = spec_line(spec) if name == "spec" else ((value, _FACT_ROLES.get(name, "")),)
        yield (_label(name), *facts)
    if walks.download:
        yield from ((_label(label), *line) for label, line in download_lines(walks.download))
    if not walks.tree:
        for position, edge in enumerate(catalog.edges(row)):
            label = "" if position else "dependencies"
            yield (_label(label), *edge_line(catalog, edge.row, edge.dependency))
    yield from walk_lines(catalog, row, walks)


def _label(name: str) -> Span:
    return f"{name:{_LABEL}}", "muted"


SHOW_FORMATS: dict[str, Callable[[Catalog, int, Walks], Lines]] = {"text": _text, "json": _json}
"""Format name to the function that gives the lines of a build, and of the walks that are asked for."""


def describe(catalog: Catalog, spec: Spec) -> Iterator[tuple[str, str]]:
    """(name, value) of what is known of a build; what is not known is left out."""
    mirrors = [place for place in spec.places if place.has_binary]
    holes = sorted({place.mirror for place in spec.places if place.is_hole} - {""})
    facts = (
        ("spec", spec.text()),
        ("not offered", f"its {spec.misspelled} is not spelled as Spack allows" if spec.misspelled else ""),
        ("hash", spec.dag_hash),
        ("package", f"{spec.namespace}.{spec.name}" if spec.namespace else spec.name),
        ("version", spec.version),
        ("architecture", "-".join(filter(None, (spec.platform, spec.os, spec.target)))),
        ("compiler", ", ".join(spec.compilers or ()) or "none"),
        ("variants", spec.parameters_text().strip()),
        ("patches", ", ".join(spec.patches)),
        ("provides", ", ".join(spec.provided_virtuals)),
        ("external", spec.external),
        ("binary", "" if spec.listed else absent_text(catalog)),
        *(("installed", f"in {text}") for text in installation_texts(catalog, spec)),
        ("size", f"{spec.size:,} bytes" if spec.size else ""),
        *(
            (f"{part}s", ", ".join(sorted({getattr(p, part) for p in mirrors} - {""})))
            for part in _PLACE_PARTS
        ),
        ("no binary in", ", ".join(holes)),
        ("spec format", str(spec.spec_format or "")),
        ("package hash", spec.package_hash),
    )
    return ((name, value) for name, value in facts if value)


def edge_text(catalog: Catalog, row: int | None, dependency: Dependency) -> str:
    """A direct dependency as text."""
    return plain(edge_line(catalog, row, dependency))


def edge_line(catalog: Catalog, row: int | None, dependency: Dependency) -> Line:
    """A direct dependency: name@version/hash, its deptypes, the virtuals it provides."""
    version = f"@{catalog.column('version')[row]}" if row is not None else ""
    dag_hash = f"/{dependency.dag_hash[:SHORT_HASH]}" if dependency.dag_hash else ""
    virtuals = f" as {','.join(dependency.virtuals)}" if dependency.virtuals else ""
    absent = "" if row is not None else " (in no source)"
    return (
        (dependency.name, ""),
        (version, "version"),
        (dag_hash, "hash"),
        (f"  {' '.join(dependency.deptypes)}{virtuals}", "muted"),
        (absent, "warning"),
    )
