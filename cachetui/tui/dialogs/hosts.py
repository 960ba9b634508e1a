"""The host that builds are to run on: this one, those of the configuration, those of the catalog."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from textual.widget import Widget

from cachetui.catalog import Catalog
from cachetui.config import Config
from cachetui.errors import HostError
from cachetui.graph import Release, architectures, release_name
from cachetui.host import THIS_HOST, Host, read_host
from cachetui.text import counted
from cachetui.tui.dialogs.dialog import Dialog
from cachetui.tui.dialogs.parts import HeadedLines, ReadingLines
from cachetui.tui.requests import HostChosen
from cachetui.tui.state import Context
from cachetui.tui.tasks import Done, Task, run_task
from cachetui.tui.widgets.line_list import LineList
from cachetui.tui.widgets.lines import Line, fit, width_of

_BY_RECORD = "no Spack here: each as its own Spack reuses it"


class Offered(Struct, frozen=True):
    """A host to choose.

    Args:
        name: empty for an architecture.
        host: None: it cannot be chosen.
        note: where it comes from, or why it cannot be chosen.
    """

    name: str
    host: Host | None
    note: str


class HostsScreen(Dialog):
    """Chooses the host; posts `HostChosen`."""

    heading = "Which builds run on"
    hints = "↑ ↓ moves   Enter chooses   Esc goes back"
    widest = 88

    def __init__(self, context: Context) -> None:
        self.headed = HeadedLines(id="lines")
        super().__init__(self.headed)
        self.details = ReadingLines(id="details")
        self.details.can_focus = False
        self.offered = list(_offered(context.view.catalog, context.config))
        self.chosen = _chosen(context)
        self._here = context.view.here
        self.rule = ""
        self._looking: Task[str] | None = None

    async def prepare(self) -> None:
        """Look whose rule it is."""
        here = [self._here]  # Textual's workers are reference cycles, which would keep it
        self._looking = run_task(self, "rule", lambda on_progress: _rule(here.pop().release))
        self.rule = await self._looking.soon() or ""

    def parts(self) -> Iterable[Widget]:
        """The list, and below it why the host under the cursor cannot be chosen."""
        return (self.text_lines, self.details)

    def show_heading(self, heading: str) -> None:
        """Say also whose rule it is, if there is room."""
        whole = f"{heading} ... ({self.rule})" if self.rule else ""
        super().show_heading(whole if whole and len(whole) <= self.room else f"{heading} ...")

    def lines(self) -> Sequence[Line]:
        """A host each, a mark at the one that is used."""
        self._divide_room()
        names = max(width_of(each.name) for each in self.offered)
        arches = max(width_of(each.host.arch) if each.host else 0 for each in self.offered)
        libcs = max(width_of(_libc(each.host)) for each in self.offered)
        self.headed.heading = fit(
            ((f"   {'host':{names}}  {'architecture':{arches}}  {'libc':{libcs}}", "muted"),), self.room
        )
        return [self._line(each, names, arches, libcs) for each in self.offered]

    def _line(self, each: Offered, names: int, arches: int, libcs: int) -> Line:
        if each.host is None:
            return fit(((f"   {each.name:{names}}  ", ""), (each.note, "warning")), self.room)
        is_chosen = each.host == self.chosen
        line: Line = (
            (" ● " if is_chosen else "   ", "accent"),
            (f"{each.name:{names}}  ", "strong" if is_chosen else ""),
            (f"{each.host.arch:{arches}}  ", "arch"),
            (f"{_libc(each.host):{libcs}}  ", ""),
            (each.note, "muted"),
        )
        return fit(line, self.room)

    def _reason_lines(self, each: Offered) -> list[Line]:
        if each.host is not None:
            return []
        line: Line = (("  ", ""), (f"{each.name}  ", "strong"))
        return [(), *self.wrapped(each.note, "warning", line)]

    def _divide_room(self) -> None:
        """Leave as many lines below the list as the longest reason takes."""
        reasons = max(len(self._reason_lines(each)) for each in self.offered)
        self.details.styles.height = min(reasons, self.rows // 2)
        self.details.display = bool(reasons)
        listed = len(self.offered) + 1
        self.text_lines.styles.height = min(listed, max(self.rows - min(reasons, self.rows // 2), 2))

    def on_headed_lines_moved(self) -> None:
        """Say whole why the host under the cursor cannot be chosen."""
        self.details.show(self._reason_lines(self.offered[self.text_lines.cursor]))

    def on_mount(self) -> None:
        """Begin at the host that is used."""
        # Later: Textual calls the handler of the base, which begins at the first line, after this one.
        self.call_after_refresh(self._go_to_chosen)

    def on_unmount(self) -> None:
        """Let go of the catalog: a closed screen is a reference cycle, which would keep it."""
        if self._looking is not None:
            self._looking.cancel()
        del self._here

    def on_done(self, event: Done) -> None:
        """Say whose rule it is, which took longer than a moment."""
        event.stop()
        if rule := event.take():
            self.rule = rule
            self.show_heading(self.heading)

    def _go_to_chosen(self) -> None:
        hosts = [each.host for each in self.offered]
        if self.chosen in hosts:
            self.text_lines.move_to(hosts.index(self.chosen))

    def on_line_list_accepted(self, event: LineList.Accepted) -> None:
        """Choose the host under the cursor; of one that cannot be chosen, the reason is shown."""
        event.stop()
        host = self.offered[self.text_lines.cursor].host
        if host is not None:
            self.dismiss()
            self.app.post_message(HostChosen(host))


def _rule(release: Release) -> str:
    return f"as {release_name(release)} reuses them" if release else _BY_RECORD


def _offered(catalog: Catalog, config: Config) -> Iterator[Offered]:
    for name in (THIS_HOST, *config.hosts):
        try:
            host = read_host(name, "", config.hosts)
        except HostError as error:
            yield Offered(name, None, str(error).removeprefix(f"hosts.{name}: "))
        else:
            yield Offered(name, host, "configuration" if name in config.hosts else "")
    for host, count in architectures(catalog):
        yield Offered("", host, counted(count, "build"))


def _chosen(context: Context) -> Host | None:
    try:
        return context.view.here.host
    except HostError:
        return None


def _libc(host: Host | None) -> str:
    return "" if host is None else host.libc_text.replace("@", " ").replace(":", " in ")
