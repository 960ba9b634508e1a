"""The selections that Esc steps back through."""

from __future__ import annotations

from cachetui.search import Selection


class SelectionHistory:
    """Past selections, newest last; what is typed in one go is one step."""

    def __init__(self) -> None:
        self._steps: list[Selection] = []
        self._is_typing = False

    def chose(self, before: Selection) -> None:
        """Remember what was selected before a choice."""
        self._steps.append(before)
        self._is_typing = False

    def typed(self, before: Selection) -> None:
        """Remember what was selected before the first of several typed characters."""
        if not self._is_typing:
            self._is_typing = True
            self._steps.append(before)

    def end_typing(self) -> None:
        """What is typed from now on is another step."""
        self._is_typing = False

    def back(self, shown: Selection) -> Selection | None:
        """Take back the last step that shows something else; None if there is none.

        Args:
            shown: what is selected now, with the package that it led to.
        """
        while self._steps:
            step = self._steps.pop()
            if step.with_package(step.package or "") != shown:
                self._is_typing = False
                return step
        return None

    def clear(self) -> None:
        """Forget all steps."""
        self._steps.clear()
        self._is_typing = False
