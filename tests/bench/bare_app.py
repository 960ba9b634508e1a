"""The smallest Textual app, to measure others against."""

from textual.app import App, ComposeResult
from textual.widgets import Static


class Bare(App[None]):
    """Says hello."""

    def compose(self) -> ComposeResult:
        """One widget."""
        yield Static("Hello")


if __name__ == "__main__":
    Bare().run()
