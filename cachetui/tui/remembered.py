"""What the browser remembers from one start to the next, in a file of the state folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec import DecodeError, Struct, ValidationError, convert, field, json, to_builtins
from msgspec.structs import replace

from cachetui import paths
from cachetui.catalog import Catalog
from cachetui.files import open_own, replace_file

MOST_BYTES = 1 << 20
"""A longer file was not written by the browser."""

PAGES, INDEX, MIXED = "pages", "index", "mixed"
"""The kinds of catalogs; see `kind_of`."""

Columns = tuple[str, ...]
"""The headings of the columns of the table, in their order."""


class Remembered(Struct, frozen=True, omit_defaults=True):
    """What a person chose; each has a default that lets the browser decide.

    Args:
        columns: the chosen columns of the table, by the kind of the catalog.
        facets: the facets that are opened; None: never chosen.
        theme: the theme that was chosen in the browser; empty: none.
        is_light: whether the terminal of the last start had a light background; None: it did not say.
    """

    columns: Mapping[str, Columns] = field(default_factory=dict)
    facets: tuple[str, ...] | None = None
    theme: str = ""
    is_light: bool | None = None

    def with_columns(self, kind: str, columns: Sequence[str] | None) -> Remembered:
        """Choose the columns for a kind of catalogs; None: let the browser decide."""
        others = {name: chosen for name, chosen in self.columns.items() if name != kind}
        return replace(self, columns=others if columns is None else {**others, kind: tuple(columns)})


Change = Callable[[Remembered], Remembered]
"""Makes what is to be remembered of what was."""


def kind_of(catalog: Catalog) -> str:
    """Whether a catalog has pages, indexes or both: pages have stacks, and indexes have dependencies.

    A kind says which columns can have something in them. It does not name mirrors: a choice is to hold for
    the next mirror, too. Raises CatalogError.
    """
    layouts = {mirror.layout == PAGES for mirror in catalog.mirrors}
    return MIXED if len(layouts) > 1 else PAGES if True in layouts else INDEX


def remembered_file() -> Path:
    """The file in which all of it is kept."""
    return paths.state_dir() / "browser.json"


def load_remembered() -> Remembered:
    """What was remembered; of what is missing or damaged, the defaults."""
    return _valid(_read())


def remember(change: Change) -> bool:
    """Change what is in the file, where another browser may have written meanwhile; False if it cannot be.

    Keys of other versions of the browser stay in the file.
    """
    content = _read()
    others = {name: value for name, value in content.items() if name not in Remembered.__struct_fields__}
    changed = to_builtins(change(_valid(content)))
    try:
        replace_file(remembered_file(), json.format(json.encode({**others, **changed})))
    except OSError:  # a full disk, a home that cannot be written to
        return False
    return True


def _read() -> dict[str, Any]:
    file = remembered_file()
    try:
        content = json.decode(_content(file))
    except (OSError, DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _content(file: Path) -> bytes:
    with open_own(file) as stream:
        content = stream.read(MOST_BYTES + 1)
    return b"{}" if len(content) > MOST_BYTES else content


def _valid(content: Mapping[str, Any]) -> Remembered:
    """Each entry by itself, so that a damaged one costs no other."""
    found = Remembered()
    for name in Remembered.__struct_fields__:
        with suppress(ValidationError):
            given = convert({name: content[name]} if name in content else {}, Remembered)
            found = replace(found, **{name: getattr(given, name)})
    return found
