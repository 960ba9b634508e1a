"""The themes: each is tried when the cursor is on it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from cachetui.tui.dialogs.dialog import Dialog
from cachetui.tui.requests import RememberChoice
from cachetui.tui.state import Context
from cachetui.tui.themes import themes_offered
from cachetui.tui.widgets.line_list import LineList
from cachetui.tui.widgets.lines import Line
from cachetui.tui.widgets.text_lines import TextLines


class ThemeLines(TextLines):
    """The names of the themes; the one under the cursor is tried."""

    def move_to(self, index: int) -> None:
        """Try another theme."""
        super().move_to(index)
        screen = self.screen
        if isinstance(screen, ThemesScreen):
            screen.try_theme()


class ThemesScreen(Dialog):
    """Chooses the colours of the browser."""

    heading = "Themes"
    hints = "↑ ↓ tries   Enter keeps   Esc goes back"
    widest = 52

    def __init__(self, context: Context) -> None:
        super().__init__(ThemeLines(id="lines"))
        self.names: list[str] = []
        self.before = ""

    def lines(self) -> Sequence[Line]:
        """A theme each, a mark at the one that was used."""
        if not self.names:
            self.names, self.before = themes_offered(self.app.available_themes), self.app.theme
        return [((" ● " if name == self.before else "   ", "accent"), (name, "")) for name in self.names]

    def on_mount(self) -> None:
        """Begin at the theme that is used."""
        super().on_mount()
        self.text_lines.move_to(self.names.index(self.before))

    def try_theme(self) -> None:
        """Show the theme under the cursor."""
        self.app.theme = self.names[self.text_lines.cursor]

    def on_line_list_accepted(self, event: LineList.Accepted) -> None:
        """Keep the theme."""
        event.stop()
        name = self.app.theme
        self.app.post_message(RememberChoice(lambda remembered: replace(remembered, theme=name)))
        self.dismiss()

    def action_close(self) -> None:
        """Go back to the theme that was used."""
        self.app.theme = self.before
        super().action_close()
