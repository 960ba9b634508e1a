"""What the lines of a list mean in a catalog: hashes, specs, and what Spack prints of either."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct
from pyroaring import BitMap

from cachetui.errors import HashError, QuerySyntaxError
from cachetui.query import cleaned
from cachetui.search import Engine, Selection, check_query, split_words
from cachetui.sources import WantedLine
from cachetui.spec import is_dag_hash
from cachetui.text import clean

_HEADING = re.compile(
    r"-- .* -+$|==> |-+$|(?:Input spec|Concretized|Normalized)\b(?!@)|\.+$|#", re.IGNORECASE
)
_HASH = re.compile(r"(?P<name>[A-Za-z0-9_][\w.\-]*)?(?:@\S+)?/(?P<hash>[a-z2-7]{1,32})$", re.ASCII)
_BARE_HASH = re.compile(r"[a-z2-7]{5,32}")


class Asked(Struct, frozen=True):
    """What a line asks for.

    Args:
        name: the package, if the line names one.
        dag_hash: empty for a spec that no build satisfies.
        row: None if no source lists it.
        spec: the spec as a query; empty for a hash.
    """

    text: str
    name: str
    dag_hash: str
    row: int | None
    spec: str = ""


def asked_by(engine: Engine, lines: Iterable[WantedLine], preferred: BitMap) -> Iterator[Asked]:
    """Explain lines; headings that Spack prints are left out.

    Args:
        preferred: of the builds that satisfy a spec, one of these is taken if there is one.

    Raises:
        QuerySyntaxError: a line is neither a hash nor a spec; says which.
        HashError: a hash is ambiguous.
    """
    for line in lines:
        if _HEADING.match(line.text):
            continue
        try:
            yield _asked(engine, line.text, preferred)
        except QuerySyntaxError as error:
            raise QuerySyntaxError(f"{line.place}: {error}", error.text, *error.spans) from error
        except HashError as error:
            raise HashError(f"{line.place}: {error}") from error


def _asked(engine: Engine, text: str, preferred: BitMap) -> Asked:
    pasted = cleaned(text)
    if pasted.dag_hash:
        return _of_hash(engine, text, pasted.name, pasted.dag_hash)
    if found := _HASH.match(pasted.text.strip()):
        return _of_hash(engine, text, (found["name"] or "").rpartition(".")[2], found["hash"])
    bare = pasted.text.strip()
    if is_dag_hash(bare) or (_BARE_HASH.fullmatch(bare) and _is_no_package(engine, bare)):
        return _of_hash(engine, text, "", bare)
    return _of_spec(engine, text, bare.removeprefix("^"), preferred)


def _is_no_package(engine: Engine, text: str) -> bool:
    """Whether a word is no package, but begins a hash: `openmpi` could be either."""
    catalog = engine.catalog
    return catalog.package_number(text) is None and bool(catalog.rows_with_prefix(text))


def _of_hash(engine: Engine, text: str, name: str, dag_hash: str) -> Asked:
    catalog = engine.catalog
    packages = catalog.column("package")
    rows = [row for row in catalog.rows_with_prefix(dag_hash) if name in ("", packages[row])]
    if len(rows) > 1:
        raise HashError(f"{clean(text)[:80]!r} is ambiguous: {len(rows):,} builds; write more of the hash")
    if not rows:
        return Asked(clean(text), clean(name), dag_hash, None)
    return Asked(clean(text), packages[rows[0]], catalog.dag_hash(rows[0]), rows[0])


def _of_spec(engine: Engine, text: str, spec: str, preferred: BitMap) -> Asked:
    """The build that satisfies a spec: a preferred one, else one with a binary, of the newest version."""
    check_query(spec)
    name = split_words(spec).words.rpartition(".")[2]
    if not name:
        raise QuerySyntaxError("neither a hash nor a spec: it names no package", spec)
    rows = engine.select(Selection(spec, exact=True)).rows
    for some in (rows & preferred, rows & engine.catalog.in_buildcache, rows):
        if some:
            row = some.min()
            package = engine.catalog.column("package")[row]
            return Asked(clean(text), package, engine.catalog.dag_hash(row), row, clean(spec))
    return Asked(clean(text), clean(name), "", None, clean(spec))
