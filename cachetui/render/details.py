"""What is known of a build, as styled facts in sections: the detail panel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from pyroaring import BitMap

from cachetui.catalog import Catalog, Edge
from cachetui.graph import Closure, Node, OnFound, State, no_matter, runtime_closure, state_of
from cachetui.install import COPY_FORMS, cached_builds, install_command
from cachetui.render.downloads import binary_line, closure_text, size_text
from cachetui.render.installed import absent_text, installation_texts, is_all_installed
from cachetui.render.spans import Line, Span, plain
from cachetui.spec import INSTALLED, SHORT_HASH, Dependency, Spec, VariantValue, flags_text, variant_text
from cachetui.text import counted

if TYPE_CHECKING:
    from cachetui.install import Download, TargetSpack

DEPTYPES_WIDTH = 15
"""Characters of the usual deptypes."""

LISTED_HASHES = 200
"""Hashes of look-alikes that are listed; the table has them all."""


LACKING = 4
"""Nodes without a binary that are named."""

_WARNINGS = {
    State.HOLE: "no mirror here has a binary of these, and --cache-only does not build them:",
    State.MISSING: "no index here has these, and Spack 1.2 installs without them:",
}


class Fact(Struct, frozen=True):
    """A labelled fact; a line may be broken between words, and nowhere else.

    Args:
        label: empty where it continues the fact before; without words, a blank line.
        name: stands in place of the label: a dependency.
        words: words of one span or several, which a blank separates.
        row: the build that the fact leads to, if any.
    """

    label: str = ""
    words: tuple[Line, ...] = ()
    row: int | None = None
    name: Line = ()


BLANK = Fact()


def _words(text: str, style: str = "") -> tuple[Line, ...]:
    return tuple(((word, style),) for word in text.split())


def _word(text: str, style: str) -> tuple[Line]:
    return (((text, style),),)


# one build


def spec_facts(catalog: Catalog, row: int, closure: Closure | None) -> Iterator[Fact]:
    """The build itself, each fact once.

    Args:
        closure: its link and run closure; None: that is left out.
    """
    spec = catalog.spec(row)
    yield Fact("hash", _word(spec.dag_hash, "hash"))
    yield from _state(catalog, spec)
    yield from _architecture(spec)
    yield from parameters(spec)
    if spec.provided_virtuals:
        yield Fact("provides", _words(", ".join(spec.provided_virtuals)))
    yield BLANK
    yield dependency_summary(catalog, row, spec)
    if closure is not None:
        yield from closure_facts(catalog, row, closure)
    yield BLANK
    yield Fact("install", _words(_install(catalog, spec)))
    yield Fact("from", tuple(_origin(spec)))


def _install(catalog: Catalog, spec: Spec) -> str:
    if not spec.in_buildcache:
        return absent_text(catalog)
    return f"not offered: {not_spelled(spec)}" if spec.misspelled else install_command(spec)


def not_spelled(spec: Spec) -> str:
    """What is wrong with a spec that Spack cannot have written."""
    return f"its {spec.misspelled} is not spelled as Spack allows"


def _state(catalog: Catalog, spec: Spec) -> Iterator[Fact]:
    if spec.external:
        yield Fact("external", _words(spec.external, "warning"))
    elif not spec.in_buildcache:
        yield Fact("binary", _words(absent_text(catalog), "warning"))
    if spec.size:
        yield Fact("size", _words(size_text(spec.size)))


def _architecture(spec: Spec) -> Iterator[Fact]:
    if spec.compilers:
        yield Fact("compiler", tuple(((name, "compiler"),) for name in spec.compilers))
    platform = "-".join(filter(None, (spec.platform, spec.os, spec.target)))
    if platform:
        yield Fact("arch", _word(platform, "arch"))


def parameters(spec: Spec) -> Iterator[Fact]:
    """Variants that are on, those that are off, and values; flags and patches."""
    on = [name for name, value in spec.variants if value is True]
    off = [name for name, value in spec.variants if value is False]
    values: list[tuple[str, VariantValue]] = [(n, v) for n, v in spec.variants if not isinstance(v, bool)]
    if on:
        yield Fact("on", tuple(((f"+{name}", "variant"),) for name in on))
    if off:
        yield Fact("off", tuple(((f"~{name}", "variant"),) for name in off))
    if values:
        yield Fact("values", tuple(((variant_text(name, value), "variant"),) for name, value in values))
    if spec.flags:
        yield Fact("flags", tuple(((flags_text(name, words), "variant"),) for name, words in spec.flags))
    if spec.patches:
        yield Fact("patches", tuple(((patch[:SHORT_HASH], "hash"),) for patch in spec.patches))


def dependency_summary(catalog: Catalog, row: int, spec: Spec) -> Fact:
    """The direct dependencies in short, those needed at run time first."""
    edges = catalog.edges(row)
    if not edges:
        return Fact("depends on", _words(_no_dependencies(spec), "muted"))
    ordered = sorted(edges, key=lambda edge: not _is_runtime(edge.dependency))
    return Fact("depends on", tuple(_named(catalog, edge) for edge in ordered))


def closure_facts(catalog: Catalog, row: int, closure: Closure) -> Iterator[Fact]:
    """Whether an install that does not build finds all it needs, and what it does not find."""
    spec = catalog.spec(row)
    if spec.external or not (spec.spec_format or spec.dependencies):
        return  # unknown, which the dependencies say
    lacking = closure.lacking
    if not lacking:
        externals = f", {len(closure.external)} external" if closure.external else ""
        text = f"{counted(len(closure.nodes), 'build')} by link and run{externals}"
        yield Fact("closure", (*_words("complete,", "good"), *_words(text, "muted")))
        return
    no_binary = "is not installed" if is_all_installed(catalog) else "has no binary"
    words = [*_words("incomplete:", "bad")]
    for node in lacking[:LACKING]:
        reason = no_binary if node.state is State.HOLE else "is not in the index"
        comma = "" if node is lacking[-1] else ","
        name = (("this build", ""),) if node.row == row else _lacking_name(node)
        words += (name, *_words(f"{reason}{comma}", "warning"))
    if len(lacking) > LACKING:
        words += _words(f"{len(lacking) - LACKING} more", "warning")
    yield Fact("closure", tuple(words))


def _lacking_name(node: Node) -> Line:
    dag_hash = f"/{node.dag_hash[:SHORT_HASH]}" if node.dag_hash else ""
    return ((node.name, ""), (dag_hash, "hash"))


def _warning(catalog: Catalog, row: int, on_found: OnFound) -> Iterator[Fact]:
    """What Spack does with the install lines of an incomplete build."""
    if is_all_installed(catalog):
        return  # there are none
    lacking = runtime_closure(catalog, row, on_found=on_found).lacking
    for state, text in _WARNINGS.items():
        nodes = [node for node in lacking if node.state is state]
        if nodes:
            more = _words(f"and {len(nodes) - LACKING} more") if len(nodes) > LACKING else ()
            names = tuple(_lacking_name(node) for node in nodes[:LACKING])
            yield Fact("incomplete", (*_words(text, "warning"), *names, *more))
    if lacking:
        yield BLANK


def _named(catalog: Catalog, edge: Edge) -> Line:
    """A dependency by name and version; muted if it was needed to build alone."""
    version = f"@{catalog.column('version')[edge.row]}" if edge.row is not None else ""
    is_runtime = _is_runtime(edge.dependency)
    return (
        (edge.dependency.name, "" if is_runtime else "muted"),
        (version, "version" if is_runtime else "muted"),
    )


def _is_runtime(dependency: Dependency) -> bool:
    return bool({"link", "run"} & set(dependency.deptypes))


def _no_dependencies(spec: Spec) -> str:
    # Pages have no spec format, and list no dependencies.
    if spec.external:
        return "nothing that is known: it is external"
    return "nothing" if spec.spec_format else "unknown: pages do not list them"


def _origin(spec: Spec) -> Iterator[Line]:
    """The mirrors, stacks, tags and views, and the install trees, separated by commas."""
    groups = list(_origins(spec))
    for place, (label, names) in enumerate(groups):
        more = f" +{len(names) - 3}" if len(names) > 3 else ""
        comma = "," if place < len(groups) - 1 else ""
        yield from _words(label, "muted")
        yield from _words(f"{', '.join(names[:3])}{more}{comma}")


def _origins(spec: Spec) -> Iterator[tuple[str, Sequence[str]]]:
    """(label, names) of the places of a build."""
    mirrors = [place for place in spec.places if place.has_binary]
    for part in ("mirror", "tag", "stack", "view"):
        if names := sorted({getattr(place, part) for place in mirrors} - {""}):
            yield "" if part == "mirror" else counted(len(names), part).partition(" ")[2], names
    if without := sorted({place.mirror for place in spec.places if place.is_hole} - {""}):
        yield "without a binary in", without
    if spec.installed_in:
        yield "installed in", spec.installed_in


# the other sections


def dependencies(catalog: Catalog, row: int) -> Iterator[Fact]:
    """A line for each direct dependency; it leads to its build."""
    edges = catalog.edges(row)
    for edge in edges:
        state = state_of(catalog, edge.row)
        lacking = _words("no binary", "warning") if state is State.HOLE else ()
        yield Fact("", (*edge_words(edge), *lacking), edge.row, _named(catalog, edge))
    if not edges:
        yield Fact("", _words(_no_dependencies(catalog.spec(row)), "muted"))


def edge_words(edge: Edge) -> tuple[Line, ...]:
    """A dependency without its name and version: hash, deptypes, virtuals."""
    dependency = edge.dependency
    words: list[Line] = []
    if dependency.dag_hash:
        words += _word(f"/{dependency.dag_hash[:SHORT_HASH]} ", "hash")
    words += _word(f"{' '.join(dependency.deptypes):{DEPTYPES_WIDTH}}", "muted")
    if dependency.virtuals:
        words += [*_words("as", "muted"), *_words(", ".join(dependency.virtuals))]
    if edge.row is None:
        words += _words("not in any open mirror", "warning")
    return tuple(words)


def dependents(catalog: Catalog, row: int, most: int) -> Iterator[Fact]:
    """A line for each build that depends on it directly."""
    rows = list(catalog.dag.dependents(BitMap([row])))
    names, versions = catalog.column("package"), catalog.column("version")
    for each in rows[:most]:
        name = ((names[each], ""), (f"@{versions[each]}", "version"))
        yield Fact("", _word(f"/{catalog.dag_hash(each)[:SHORT_HASH]}", "hash"), each, name)
    if len(rows) > most:
        yield Fact("", _words(f"and {len(rows) - most:,} more builds", "muted"))
    if not rows:
        yield Fact("", _words("no build here depends on it", "muted"))


def places(catalog: Catalog, row: int, download: Download | None = None) -> Iterator[Fact]:
    """Where the build was found, and what identifies its record.

    Args:
        download: what its mirrors say of its binary; None: they are being asked.
    """
    spec = catalog.spec(row)
    for position, text in enumerate(installation_texts(catalog, spec)):
        yield Fact("" if position else "installed", _words(f"in {text}"))
    yield from _mirrors(catalog, spec, download)
    if download is not None and download.closure:
        yield Fact("download", _words(closure_text(download)))
    for part in ("tag", "stack"):
        names = sorted({getattr(place, part) for place in spec.places} - {""})
        if names:
            yield Fact(counted(len(names), part).partition(" ")[2], _words(", ".join(names)))
    if spec.namespace:
        yield Fact("namespace", _words(spec.namespace))
    if spec.package_hash:
        yield Fact("recipe", _word(spec.package_hash, "hash"))
    if spec.spec_format:
        yield Fact("spec format", _words(str(spec.spec_format)))


def _mirrors(catalog: Catalog, spec: Spec, download: Download | None) -> Iterator[Fact]:
    """The mirrors and install trees of a build."""
    said = {} if download is None else {(info.name, info.view): each for info, each in download.binaries}
    by_name = {(mirror.name, mirror.view): mirror for mirror in catalog.mirrors}
    seen = dict.fromkeys((place.mirror, place.view) for place in spec.places if place.mirror)
    holes = {(place.mirror, place.view) for place in spec.places if place.is_hole}
    for name, view in seen:
        info = by_name.get((name, view))
        url = _words(info.url) if info is not None and info.url else ()
        if info is not None and info.layout == INSTALLED:
            yield Fact("install tree", (*_words(name, "strong"), *url))
            continue
        layout = _words(f"layout {info.layout}", "muted") if info is not None and info.layout else ()
        yield Fact("mirror", (*_words(name, "strong"), *url, *layout))
        if view:
            yield Fact("view", _words(view))
        if (name, view) in holes:
            yield Fact("binary", _words("none in this mirror", "warning"))
        elif spec.in_buildcache and info is not None:
            binary = said.get((name, view))
            line = (("asking the mirror", "muted"),) if download is None else binary_line(binary)
            yield Fact("binary", tuple(((word, style),) for text, style in line for word in text.split()))


def install_texts(
    catalog: Catalog, row: int, spack: TargetSpack, on_found: OnFound = no_matter
) -> Iterator[Fact]:
    """The texts that can be copied, by the name of their form.

    Args:
        spack: the Spack that installs the build.
    """
    from cachetui.install import INCOMPLETE

    yield from _warning(catalog, row, on_found)
    builds = cached_builds(catalog, [row])
    if builds[0].spec.misspelled:
        yield Fact("", _words(f"{not_spelled(builds[0].spec)}: only its hash is offered", "warning"))
    for number, form in enumerate(COPY_FORMS):
        on_found(number)
        if form.name == "JSON" or form.refused(builds):
            continue
        lines = [line for line in form.render(builds, spack).splitlines() if not line.startswith(INCOMPLETE)]
        for position, line in enumerate(lines):
            indented = len(line) - len(line.lstrip())
            first, *others = line.split() or [""]
            label = "" if position else form.name.removeprefix("spack ")
            yield Fact(label, (*_word(line[:indented] + first, ""), *_words(" ".join(others))))


# look-alikes


def lookalike_facts(catalog: Catalog, rows: Sequence[int], differ: Sequence[str]) -> Iterator[Fact]:
    """What look-alikes share, and what sets them apart.

    Args:
        differ: the root causes, as `differ_in` finds them; for which much is read.
    """
    spec = catalog.spec(rows[0])
    for position, text in enumerate(differ):
        yield Fact("" if position else "differ in", _words(text))
    yield BLANK
    yield from _state(catalog, spec)
    yield from _architecture(spec)
    yield from parameters(spec)
    yield Fact("from", tuple(_origin(spec)))
    yield BLANK
    for position, row in enumerate(rows[:LISTED_HASHES]):
        yield Fact("" if position else "hashes", _word(catalog.dag_hash(row), "hash"), row)
    if len(rows) > LISTED_HASHES:
        yield Fact("", _words(f"{len(rows) - LISTED_HASHES:,} more; Enter in the table lists all", "muted"))


def broken(
    facts: Iterable[Fact], label: int, width: int, cells: Callable[[str], int] = len
) -> Iterator[tuple[Line, int | None]]:
    """Facts as (line, build that it leads to), broken between words.

    Args:
        label: cells for the labels.
        cells: the cells that a text takes.
    """
    room = max(width - label - 2, 12)
    for fact in facts:
        name = fact.name or ((fact.label, "muted"),)
        taken = cells(plain(name))
        lines = list(broken_words(fact.words, room, max(taken - label, 0), cells)) or [()]
        for position, words in enumerate(lines):
            if not fact.words and not taken:
                yield (), None
            elif position == 0:
                yield ((" ", ""), *name, (" " * (max(label - taken, 0) + 1), ""), *words), fact.row
            else:
                yield ((" " * (label + 2), ""), *words), fact.row


def broken_words(words: Sequence[Line], room: int, used: int, cells: Callable[[str], int]) -> Iterator[Line]:
    """Words as lines.

    Args:
        used: cells of the first line that a long label takes.
    """
    line: list[Span] = []
    for word in words:
        if used and used + bool(line) + cells(plain(word)) > room:
            yield tuple(line)
            line, used = [], 0
        if line:
            line.append((" ", ""))
            used += 1
        for text, style in word:
            # A word that is longer than a line has to be cut somewhere.
            while used + cells(text) > room:
                head = _head(text, room - used, cells)
                line.append((text[:head], style))
                yield tuple(line)
                text, line, used = text[head:], [], 0
            line.append((text, style))
            used += cells(text)
    if line:
        yield tuple(line)


def _head(text: str, room: int, cells: Callable[[str], int]) -> int:
    """How many characters of a text there is room for; variants stay whole, if possible."""
    end = max(min(len(text), room), 0)
    while end and cells(text[:end]) > room:
        end -= 1
    last = max(text.rfind(sign, 1, end) for sign in "+~/,") if end else 0
    return last if last > end // 2 else end
