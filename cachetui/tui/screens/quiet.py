"""A screen that draws nothing of its own: its widgets say what has changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.geometry import Region
from textual.screen import Screen

from cachetui.tui.widgets.line_list import STYLES

if TYPE_CHECKING:
    from typing_extensions import Self

T = TypeVar("T")


class QuietScreen(Screen[T]):
    """Textual repaints a whole screen when the focus moves; here that is left to the two lists concerned."""

    COMPONENT_CLASSES: ClassVar[set[str]] = STYLES
    AUTO_FOCUS = ""

    _covered = False

    _held = False

    def on_screen_suspend(self) -> None:
        """Another screen is drawn over this one."""
        self._covered = True

    def on_screen_resume(self) -> None:
        """Draw what was covered; the first time, the layout draws all."""
        if self._covered:
            self._covered = False
            self.refresh(self.app.size.region)

    def paint(self) -> None:
        """Draw what has changed now; Textual itself waits for the next frame of a clock."""
        self._on_timer_update()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Draw nothing meanwhile: half of what a key changes is not drawn apart from the rest."""
        self._held = True
        try:
            yield
        finally:
            self._held = False

    def _on_timer_update(self) -> None:
        if not self._held:
            super()._on_timer_update()

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """Another layout draws what it moves; nothing else is a reason to draw all of the screen."""
        if regions or layout or recompose:
            return super().refresh(*regions, repaint=bool(regions), layout=layout, recompose=recompose)
        return self
