"""What the browser looks at: an opened catalog and the engine that answers over it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from cachetui.catalog import Catalog
from cachetui.refresh import Opened
from cachetui.search import Engine


class View(Struct, frozen=True, eq=False):
    """Replaced as a whole: a catalog is never shown with the engine of another one."""

    opened: Opened
    engine: Engine

    @classmethod
    def of(cls, opened: Opened, aliases: Mapping[str, str]) -> View:
        """The view of an opened catalog.

        Args:
            aliases: the user's names for packages.
        """
        return cls(opened, Engine(opened.catalog, aliases))

    @property
    def catalog(self) -> Catalog:
        """The catalog that is open."""
        return self.opened.catalog

    def is_up_to_date(self, opened: Opened) -> bool:
        """Whether a catalog that was opened later holds the same builds."""
        mine, later = self.catalog, opened.catalog
        return mine.path == later.path and mine.meta.get("fingerprint") == later.meta.get("fingerprint")
