"""Opening locations: how far each mirror is, what is read and compiled, and ways not to wait for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct
from msgspec.structs import replace
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message

from cachetui.errors import CachetuiError
from cachetui.refresh import MirrorProgress, OnProgress, Opened, Policy, Progress, open_catalog
from cachetui.sources import SAMPLE
from cachetui.text import clean
from cachetui.tui.screens.quiet import QuietScreen
from cachetui.tui.tasks import Progressed, run_detached, run_task
from cachetui.tui.widgets.lines import Line, fit, sized
from cachetui.tui.widgets.text_lines import Bar

if TYPE_CHECKING:
    from cachetui.refresh import Asking
    from cachetui.tui.first_catalog import FirstCatalog

BAR = 24
"""Leaves room for the numbers at 80 columns."""

WAIT = 1.0
"""Seconds that mirrors are waited for once there is something to show; what comes later is added to it."""

LINES_AROUND = 9
"""Lines of the screen that are not free for mirrors."""

NAME = 24
"""Cells for the name of a mirror."""

_STYLES = {"asking": "muted", "downloading": "", "done": "good", "failed": "bad"}


class OpenedLocations(Struct, frozen=True):
    """A catalog that was opened, its locations, and what asks the mirrors that are not in it yet."""

    opened: Opened
    locations: Sequence[str]
    asking: Asking

    def close(self) -> None:
        """Let go of the catalog, and of the mirrors."""
        self.opened.catalog.close()
        self.asking.stop()


class LoadingScreen(QuietScreen[None]):
    """Reads the locations in a task named `open`, whose outcome goes up to the app.

    Args:
        is_first: there is nothing to go back to.
        first: the catalog on disk, which has not come yet.

    Attributes:
        failure: why the locations cannot be read, where the user is to choose what to open instead.
    """

    class Stopped(Message):
        """The user does not want to wait any longer.

        Args:
            failure: there was nothing to wait for.
        """

        def __init__(self, failure: CachetuiError | None) -> None:
            super().__init__()
            self.failure = failure

    class PublicWanted(Message):
        """The user wants to choose a public build cache."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "go_on", "go on", show=False),
        Binding("q,ctrl+c,ctrl+q", "stop", "stop", show=False),
        Binding("s", "sample", "sample", show=False),
        Binding("w,enter", "wait", "wait", show=False),
        Binding("p", "public", "public build caches", show=False),
        Binding("r", "again", "try again", show=False),
    ]
    urgent_first = frozenset({"q"})

    def __init__(
        self,
        locations: Sequence[str],
        policy: Policy,
        is_first: bool = True,
        first: FirstCatalog | None = None,
    ) -> None:
        super().__init__()
        self._first = first
        self.locations = locations
        self.policy = replace(policy, wait=WAIT)
        self.is_first = is_first
        self.is_offering = False
        self.failure: CachetuiError | None = None
        self.source = Bar(id="source")
        self.progress = Bar(id="progress")
        self.mirrors = Bar(id="mirrors")
        self.hints = Bar(id="loading-hints")

    @property
    def urgent_keys(self) -> frozenset[str]:  # type: ignore[override]
        """Keys that are handled at once: others are meant for what is opened, unless a question is shown."""
        always = frozenset({"escape", "ctrl+c", "ctrl+q"})
        if self.failure is not None:
            return always | {"q", "s", "p", "r"}
        return always | {"q", "s", "w", "enter"} if self.is_offering else always

    def compose(self) -> ComposeResult:
        """What is read, a bar, the mirrors, the keys."""
        yield self.source
        yield self.progress
        yield self.mirrors
        yield self.hints

    def on_mount(self) -> None:
        """Begin."""
        self._begin()

    def _begin(self) -> None:
        # Imported late: most starts open a compiled catalog.
        from cachetui.refresh import Asking

        self.failure = None
        self.source.show(((" reading the build cache", "strong"),))
        self.progress.show(())
        self.progress.display = True
        self._show_mirrors(())
        self._show_hints()
        asking, locations = Asking(), self.locations
        first, self._first = self._first, None

        def opened(on_progress: OnProgress) -> OpenedLocations:
            found = first.wait(on_progress) if first is not None else None
            if found is None:
                found = open_catalog(locations, on_progress, self.policy, asking=asking)
            return OpenedLocations(found, locations, asking)

        self.asking = asking
        self.opening = run_task(self, "open", opened, discard=OpenedLocations.close)

    def ready(self) -> None:
        """Take no keys but those that stop: what else is typed is meant for what is opened."""

    def action_go_on(self) -> None:
        """Go on with what is there; if nothing is, go back, or let the user choose."""
        if self.failure is not None:
            return
        if self.is_offering:
            self.action_wait()
        elif self.asking.has_something and not self.asking.is_hurried:
            self.asking.hurry()
            self.hints.show(((" opening what is there", "muted"),))
        elif self.is_first:
            self.is_offering = True
            self._show_hints()
        else:
            self.action_stop()

    def action_wait(self) -> None:
        """Take the question away."""
        self.is_offering = False
        self._show_hints()

    def action_sample(self) -> None:
        """Open the sample in place of the locations."""
        self._give_up()
        self.is_offering = False
        self.locations = (SAMPLE,)
        self._begin()

    def action_public(self) -> None:
        """Choose one of the public build caches in place of the locations."""
        if self.failure is not None:
            self.post_message(self.PublicWanted())

    def action_again(self) -> None:
        """Read the locations once more."""
        if self.failure is not None:
            self._begin()

    def show_failure(self, error: CachetuiError) -> None:
        """Say why the locations cannot be read, and offer something else."""
        self.failure = error
        self.asking.stop()
        self.is_offering = False
        self.source.show(((" no build cache can be opened", "strong"),))
        self.progress.display = False
        self._show_mirrors(self._failure_lines())
        self._show_hints()

    def _failure_lines(self) -> Sequence[Line]:
        """The reasons, each over as many lines as it takes, a blank one before and behind."""
        import textwrap  # most starts show no failure

        if self.failure is None:
            return ()
        width, height = self.app.size
        parts: list[str] = []
        for error in (self.failure, *self.failure.others):
            parts += textwrap.wrap(
                clean(str(error)), max(width - 8, 20), subsequent_indent="   ", break_on_hyphens=False
            )
        return [(), *(((f" {part}", "bad"),) for part in parts[: max(height - LINES_AROUND, 1)]), ()]

    def on_resize(self) -> None:
        """Wrap the reason again."""
        if self.failure is not None:
            self._show_mirrors(self._failure_lines())

    def action_stop(self) -> None:
        """Stop reading, and go back or quit."""
        self._give_up()
        self.post_message(self.Stopped(self.failure))

    def _give_up(self) -> None:
        self.opening.cancel()
        self.asking.stop()
        run_detached(self.asking.close)  # if this is the end, it waits for what is saved

    def on_unmount(self) -> None:
        """Let go of the mirrors, unless the app goes on with them."""
        if not self.opening.is_finished:
            self._give_up()

    def on_progressed(self, event: Progressed) -> None:
        """Show how far it is."""
        event.stop()
        if event.task is not self.opening or self.failure is not None:
            return
        progress = event.progress
        filled = round(progress.share * BAR)
        self.source.show(((f" {progress.activity}", "strong"),))
        self.progress.show(
            (
                (" " + "█" * filled, "accent"),
                ("░" * (BAR - filled), "muted"),
                (f" {progress.share:4.0%}  {progress.numbers}", ""),
            )
        )
        if len(progress.mirrors) > 1:
            self._show_mirrors(_mirror_lines(progress, self.app.size.height - LINES_AROUND))

    def _show_mirrors(self, lines: Sequence[Line]) -> None:
        if len(lines) != len(self.mirrors.contents):
            self.mirrors.styles.height = len(lines)
        self.mirrors.show_all(lines)

    def _show_hints(self) -> None:
        keys = [("Esc", "goes on with what is there"), ("q", "quits")]
        if self.failure is not None:
            keys = [
                ("r", "tries again"),
                ("p", "lists the public caches"),
                ("s", "opens the sample"),
                ("q", "quits"),
            ]
        elif self.is_offering:
            keys = [("Esc", "waits"), ("s", "opens the sample"), ("q", "quits")]
        elif not self.is_first:
            keys = [("Esc", "goes on with what is there, or back")]
        line: Line = ((" nothing can be shown yet:  ", "warning"),) if self.is_offering else ((" ", ""),)
        for key, word in keys:
            line += ((key, "accent"), (f" {word}   ", "muted"))
        self.hints.show(line)


def _mirror_lines(progress: Progress, room: int) -> Sequence[Line]:
    """A line for each mirror, a blank one before and behind; those that have not answered have priority."""
    mirrors = progress.mirrors
    most = max(room, 1)
    if len(mirrors) > most:
        shown = sorted(mirrors, key=lambda mirror: not mirror.is_open)[: most - 1]
        mirrors = tuple(mirror for mirror in mirrors if mirror in shown)
    width = min(max(len(mirror.name) for mirror in mirrors), NAME)
    lines = [_mirror_line(mirror, width) for mirror in mirrors]
    if more := len(progress.mirrors) - len(mirrors):
        lines.append(((f"   and {more} more", "muted"),))
    return [(), *lines, ()]


def _mirror_line(mirror: MirrorProgress, width: int) -> Line:
    style = "warning" if mirror.text.startswith("no answer") else _STYLES[mirror.state]
    (name, _), *_ = fit(((mirror.name, ""),), width)
    return ((f"   {sized(name, width)}  ", "strong"), (mirror.text, style))
