"""What a person has chosen, as a value: the one thing that flows back from the screen."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Choice:
    """A facet value that builds must have, or (excluded) must not have."""

    facet: str
    value: str
    excluded: bool = False

    def __str__(self) -> str:
        return f"{'not ' if self.excluded else ''}{self.facet} {self.value}"


@dataclass(frozen=True, slots=True)
class Selection:
    """Everything that decides which builds are shown, and in which order.

    Args:
        text: the query as typed.
        package: the package whose builds are shown; empty for those of all packages that match; None for the
            best match where a name is typed, else all.
        choices: in the order in which they were made.
        exact: the name in `text` is a whole package name, not fuzzy text.
        sort: a column to sort by; empty for the catalog's own order.
        descending: sort from the highest value.
    """

    text: str = ""
    package: str | None = ""
    choices: tuple[Choice, ...] = ()
    exact: bool = False
    sort: str = ""
    descending: bool = False

    def with_text(self, text: str) -> Selection:
        """The same choices under another query; the best match is shown."""
        return replace(self, text=text, package=None)

    def with_package(self, package: str | None) -> Selection:
        """The builds of another package."""
        return replace(self, package=package)

    def sorted_by(self, column: str) -> Selection:
        """Sorted by a column; the second time from the other end, the third time not at all."""
        if self.sort != column:
            return replace(self, sort=column, descending=False)
        if not self.descending:
            return replace(self, descending=True)
        return replace(self, sort="", descending=False)

    def toggling(self, facet: str, value: str, excluded: bool = False) -> Selection:
        """With a value chosen (or excluded), or without it if it was."""
        choice = Choice(facet, value, excluded)
        rest = tuple(c for c in self.choices if (c.facet, c.value) != (facet, value))
        return replace(self, choices=rest if choice in self.choices else (*rest, choice))

    def without_choices(self, facet: str | None = None) -> Selection:
        """Without the choices of one facet, or of all."""
        return replace(self, choices=tuple(c for c in self.choices if facet is not None and c.facet != facet))

    def choice(self, facet: str, value: str) -> Choice | None:
        """The choice made about a facet value, if any."""
        return next((c for c in self.choices if (c.facet, c.value) == (facet, value)), None)
