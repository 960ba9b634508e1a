"""What any screen may ask of the app, as messages: they bubble up to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from textual.message import Message

from cachetui.host import Host
from cachetui.install import CachedBuild, CopyForm, TargetSpack
from cachetui.search import Selection
from cachetui.tui.remembered import Remembered


class CopyBuilds(Message):
    """Send builds to the clipboard.

    Args:
        form: how to write them; None: let the user choose.
        spack: the Spack that installs them; None: that of this machine.
    """

    def __init__(
        self,
        builds: Sequence[CachedBuild],
        form: CopyForm | None = None,
        spack: TargetSpack | None = None,
    ) -> None:
        super().__init__()
        self.builds = builds
        self.form = form
        self.spack = spack


class CopyText(Message):
    """Send a text to the clipboard.

    Args:
        note: what to say besides.
    """

    def __init__(self, text: str, note: str = "") -> None:
        super().__init__()
        self.text = text
        self.note = note


class Rejudge(Message):
    """Show what this machine says about the builds now: it is not what an earlier start has computed."""


class MarkBuilds(Message):
    """Mark builds, or deselect them if all of them are marked."""

    def __init__(self, hashes: Iterable[str]) -> None:
        super().__init__()
        self.hashes = tuple(hashes)


class ColumnsChosen(Message):
    """Show these columns in the table, and remember them for the kind of the catalog.

    Args:
        columns: their headings in order; None: let the browser decide.
    """

    def __init__(self, columns: Sequence[str] | None) -> None:
        super().__init__()
        self.columns = columns


class HostChosen(Message):
    """Say which builds run on another host."""

    def __init__(self, host: Host) -> None:
        super().__init__()
        self.host = host


class RememberChoice(Message):
    """Remember something for the next start.

    Args:
        change: makes what is to be remembered of what was.
    """

    def __init__(self, change: Callable[[Remembered], Remembered]) -> None:
        super().__init__()
        self.change = change


class RunCommand(Message):
    """Run a command of the main screen.

    Args:
        action: as a binding runs it.
        pane: the pane that it is a command of; empty: of the screen.
    """

    def __init__(self, action: str, pane: str = "") -> None:
        super().__init__()
        self.action = action
        self.pane = pane


class GoToBuild(Message):
    """Show a build in the table of the main screen, the cursor on it."""

    def __init__(self, dag_hash: str) -> None:
        super().__init__()
        self.dag_hash = dag_hash


class ShowSelection(Message):
    """Select other builds on the main screen, where Esc goes back to what was selected before."""

    def __init__(self, selection: Selection) -> None:
        super().__init__()
        self.selection = selection


class CheckFile(Message):
    """Check what a file asks for against the open build caches."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path


class OpenLocations(Message):
    """Open locations in place of those that are open."""

    def __init__(self, locations: Sequence[str]) -> None:
        super().__init__()
        self.locations = locations


class TakeQuery(Message):
    """Write a part of a query behind what is typed, or a package name in place of it, and go on typing."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    @property
    def is_name(self) -> bool:
        """Whether it is the name of a package."""
        return self.text[:1].isalnum() and "=" not in self.text


class StopRefresh(Message):
    """Stop looking for updates."""


class PickBuilds(Message):
    """End the browser with these builds."""

    def __init__(self, builds: Sequence[CachedBuild]) -> None:
        super().__init__()
        self.builds = builds
