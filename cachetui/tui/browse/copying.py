"""Copying builds: what is taken, in which form, and how it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from rich.cells import cell_len

from cachetui.catalog import Catalog
from cachetui.install import COPY_FORMS, CachedBuild, CopyForm, cached_builds
from cachetui.text import counted
from cachetui.tui.browse.following import FollowingScreen
from cachetui.tui.widgets.spec_table import SpecTable


class CopyingScreen(FollowingScreen):
    """Copies the builds that the table marks or highlights."""

    catalog: Catalog

    def tell(self, message: str, style: str = "accent") -> None:
        """Say something in the status line, until something else happens."""
        raise NotImplementedError

    def action_copy_hash(self) -> None:
        """Copy the hash under the cursor, or those of the marked builds."""
        table = self.query_one(SpecTable)
        if len(table.taken) > 1 and not table.marked:
            self.tell(
                f"{len(table.taken):,} builds look the same here: Enter unfolds them, Y copies them all"
            )
        else:
            self._copy(COPY_FORMS[0], self._taken())

    def action_copy_as(self) -> None:
        """Choose a form, then copy."""
        from cachetui.tui.dialogs.copy_menu import CopyMenu

        # Not the rows: a refresh behind the menu may give these to other builds.
        builds = self._taken()
        if builds:
            self.app.push_screen(CopyMenu(builds), lambda form: self._copy(form, builds))
        else:
            self.tell("no build to copy")

    def _taken(self) -> list[CachedBuild]:
        return cached_builds(self.catalog, self.query_one(SpecTable).taken)

    def _copy(self, form: CopyForm | None, builds: Sequence[CachedBuild]) -> None:
        if form is None:
            return
        if not builds:
            self.tell("no build to copy")
            return
        text = form.render(builds)
        label = f"{counted(len(builds), 'build')} as {form.name}"
        self.app.send_to_clipboard(text, partial(self._sent, text, label), self.tell)

    def _sent(self, text: str, label: str, way: str) -> None:
        """Show what was sent, in the status line or, where it is too long for that, in a box."""
        from cachetui.tui.dialogs.copied import CopiedScreen

        if "\n" not in text and cell_len(f"{text}  {way} ") < self.size.width:
            self.tell(f"{text}  {way}")
        else:
            self.app.push_screen(CopiedScreen(text, f"{label}: {way}"))
