"""Whether builds run on a host: as text, as data, and as the mark beside a title."""

from __future__ import annotations

from collections.abc import Iterator

from cachetui.catalog import Catalog
from cachetui.graph import Release, Verdict, release_name, verdict
from cachetui.here import Here
from cachetui.host import THIS_HOST, Host
from cachetui.render.details import Fact
from cachetui.render.spans import Line

_LABEL = 14

RUNS_MARKS = {True: ("●", "good"), False: ("○", "bad"), None: ("?", "warning")}
"""Whether a build runs to its mark and the role of it."""


INSTALLED_MARK = "■"


def host_text(host: Host) -> str:
    """A host with all that counts: `gpu (linux-rhel9-zen4, glibc 2.34)`."""
    libc = host.libc_text.replace("@", " ").replace(":", " in ")
    if host.name == host.arch:
        return f"{host.arch} with {libc}" if libc else host.arch
    return f"{host.name} ({', '.join(filter(None, (host.arch, libc)))})"


def host_data(catalog: Catalog, row: int, host: Host, release: Release) -> dict[str, object]:
    """Whether a build runs on a host, and why not; `usable` is null if no source tells."""
    found = verdict(catalog, row, host, release)
    return {
        "name": host.name,
        "arch": host.arch,
        "libc": host.libc_text or None,
        "spack": None if release is None else release_name(release),
        "usable": found.usable,
        "reasons": found.reasons(catalog, row),
        "nodes": found.by_node(catalog),
    }


def host_lines(catalog: Catalog, row: int, host: Host, release: Release) -> Iterator[Line]:
    """Whether a build runs on a host, then a line for each reason."""
    found = verdict(catalog, row, host, release)
    mark, role = RUNS_MARKS[found.usable]
    word = {True: "yes", False: "no", None: "unknown"}[found.usable]
    yield (f"{'runs':{_LABEL}}", "muted"), (f"{mark} {word}", role), (f", on {host_text(host)}", "")
    for reason in found.reasons(catalog, row):
        yield (" " * _LABEL, ""), (reason, "")


def facts_here(found: Verdict, catalog: Catalog, row: int, here: Here) -> Iterator[Fact]:
    """Whether a build runs on the host, and where it is installed, for its details."""
    mark, role = RUNS_MARKS[found.usable]
    label = "runs here" if here.host.name == THIS_HOST else "runs"
    if found.usable:
        yield Fact(label, (((mark, role),), *_words("yes,", role), *_words(f"on {host_text(here.host)}")))
    for reason in found.reasons(catalog, row):
        yield Fact(label, (((mark, role),), *_words(reason)))
        label = ""
    if names := here.installed_in(row):
        text = " and ".join("by this Spack" if name == "local" else f"in upstream {name}" for name in names)
        yield Fact("installed", (((INSTALLED_MARK, "good"),), *_words(text)))


def _words(text: str, style: str = "") -> tuple[Line, ...]:
    return tuple(((word, style),) for word in text.split())


def runs_mark(found: Verdict, catalog: Catalog, row: int, host: Host) -> Line:
    """Whether a build runs, for the title of its details: `runs here ●`, `○ needs zen4 (node openblas)`."""
    mark, role = RUNS_MARKS[found.usable]
    if found.usable:
        return (runs_words(host), role), (f" {mark}", role)
    first, *others = found.reasons(catalog, row)
    more = f" and {len(others)} more" if others else ""
    return (f"{mark} ", role), (f"{_brief(first)}{more}", role)


def _brief(reason: str) -> str:
    """A reason without the host, which is named beside the results already: `needs zen4 (node openblas)`."""
    text, is_of_node, nodes = reason.rpartition(" (node")
    text = text or reason
    what = text.partition(", " if text.startswith("needs ") else ": ")[0]
    return f"{what if ' ' in what else text}{is_of_node}{nodes if is_of_node else ''}"


def verdict_line(found: Verdict, catalog: Catalog, row: int, host: Host) -> Line:
    """Whether a build runs, where the host is named beside it: `● yes`, `○ needs zen4 (node openblas)`."""
    if found.usable:
        mark, role = RUNS_MARKS[True]
        return ((f"{mark} yes", role),)
    return runs_mark(found, catalog, row, host)


def runs_words(host: Host) -> str:
    """`runs here`, or `runs on gpu` for another host."""
    return "runs here" if host.name == "this host" else f"runs on {host.name}"
