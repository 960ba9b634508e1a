"""Which theme the browser has: chosen, or by the background of the terminal and the number of its colours."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec.structs import replace
from textual.theme import Theme

from cachetui.tui import abilities
from cachetui.tui.remembered import Change, Remembered
from cachetui.tui.themes import DARK, LIGHT, TERMINAL_DARK, TERMINAL_LIGHT, theme_variables


class Colours:
    """Chooses a theme, and the variables of the style sheets for it.

    Args:
        wanted: the theme of the settings; empty: none.
        remembered: what was chosen before.
        remember: writes what the next start is to know.

    Attributes:
        is_light: whether the background of the terminal is light; None: not known.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        wanted: str,
        remembered: Remembered,
        remember: Callable[[Change], object],
    ) -> None:
        self._wanted = wanted or remembered.theme
        self._was_light = remembered.is_light
        self._remember = remember
        self._has_few = abilities.has_few_colours(environ)
        self.is_light = abilities.background_of(environ)

    def theme(self, available: Mapping[str, Theme]) -> str:
        """The theme that was chosen, if there is such a one and the terminal has its colours.

        Without any, the one for the background of the terminal, or of the one of the last start.
        """
        own = LIGHT if (self._was_light if self.is_light is None else self.is_light) else DARK
        wanted = self._wanted if self._wanted in available else own
        if self._has_few and not available[wanted].ansi:
            return TERMINAL_LIGHT if self.is_light else TERMINAL_DARK
        return wanted

    def learn(self, is_light: bool) -> bool:
        """Take what the terminal says of its background; False if it is known already."""
        if is_light == self.is_light:
            return False
        self.is_light = is_light
        if is_light != self._was_light:  # the next start need not wait for the answer
            self._remember(lambda remembered: replace(remembered, is_light=is_light))
        return True

    def variables(self, theme: Theme, generated: dict[str, str], system: str | None) -> dict[str, str]:
        """The variables of the style sheets: those that Textual makes of a theme, and those that it lacks.

        Args:
            system: how many colours are sent to the terminal, as Rich names it.
        """
        return {**generated, **theme_variables(theme, generated, self.is_light, system == "256")}
