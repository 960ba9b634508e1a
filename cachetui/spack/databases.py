"""The databases of what Spack has installed: the local one and those of upstreams, and the hashes in them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import msgspec
from msgspec import Raw, Struct

from cachetui.bounded import INDEX, read_file
from cachetui.errors import SourceError
from cachetui.install_tree import DATABASE, padded_roots
from cachetui.spack.machine import Stamp, stamp_of
from cachetui.spack.texts import plain_text
from cachetui.spack.values import SpackConfig
from cachetui.spec import is_dag_hash
from cachetui.text import reason_of

LOCAL = "local"
"""The name of the database of the Spack that is used; those of upstreams have the names of the upstreams."""

NEWEST = 9

_BOM = b"\xef\xbb\xbf"
_TRAILING = re.compile(r".*trailing characters \(byte (\d+)\)")


class Database(Struct, frozen=True):
    """The database of one install tree.

    Args:
        name: `local`, or that of the upstream.
        root: of the install tree, with its padding.
    """

    name: str
    root: str
    is_upstream: bool = False

    @property
    def file(self) -> str:
        """The path of its JSON."""
        return os.path.join(self.root, DATABASE)


class Installed(Struct, frozen=True, gc=False):
    """What a database says of an installed build.

    Args:
        explicit: a user asked for it; it is not only a dependency.
        time: of the installation, in seconds since 1970; 0: unknown.
        external: the prefix or module of an external, which Spack records as installed, though it did not
            build it.
    """

    explicit: bool = False
    time: float = 0.0
    external: str = ""


class InstalledHashes(Struct, frozen=True):
    """The hashes installed in some databases.

    Args:
        by_database: what is installed in each, by hash; databases that cannot be read are left out.
        notes: why, one line each.
    """

    by_database: Mapping[Database, Mapping[str, Installed]]
    notes: tuple[str, ...] = ()

    @property
    def all(self) -> frozenset[str]:
        """The hashes installed anywhere."""
        return frozenset().union(*self.by_database.values())

    def of(self, dag_hash: str) -> tuple[Database, Installed] | None:
        """The first database in which a hash is installed, and what it says; Spack asks its own first."""
        for database, found in self.by_database.items():
            if dag_hash in found:
                return database, found[dag_hash]
        return None


def find_databases(config: SpackConfig, config_of: Callable[[str], SpackConfig]) -> list[Database]:
    """Find the databases of a Spack and of its upstreams, in the order in which Spack asks them.

    The local ones may not exist yet; each is listed once, also where upstreams name each other.

    Args:
        config_of: reads the configuration of the upstream Spack with this root.
    """
    found: list[Database] = []
    seen: set[str] = set()
    for root in _local_roots(config):
        seen.add(os.path.realpath(root))
        found.append(Database(LOCAL, root))
    waiting = [config]
    for each in waiting:
        for upstream in each.upstreams:
            for root in _roots(upstream.root):
                if os.path.realpath(root) not in seen:
                    seen.add(os.path.realpath(root))
                    found.append(Database(_unused(upstream.name, root, found), root, is_upstream=True))
                    if (spack := spack_above(root)) and spack != config.root:
                        waiting.append(config_of(spack))
    return found


def _local_roots(config: SpackConfig) -> tuple[str, ...]:
    """The install tree of a Spack; where roots are padded, the unpadded one is none."""
    first, padded = config.install_trees[:1], config.install_trees[1:]
    return padded or first


def _roots(root: str) -> list[str]:
    """The roots of an upstream that have a database: the named one, else the padded ones below it."""
    if os.path.lexists(os.path.join(root, DATABASE)):
        return [root]
    return padded_roots(root) or [root]


def _unused(name: str, root: str, found: Iterable[Database]) -> str:
    """A name for a database that no other has: several upstreams may call theirs the same."""
    taken = any(database.name == name for database in found)
    return f"{name} ({plain_text(root)})" if taken else name


def spack_above(root: str) -> str:
    """The root of the Spack whose install tree this is; empty if it lies elsewhere."""
    for folder in Path(root).parents:
        if (folder / "lib" / "spack" / "spack").is_dir():
            return str(folder)
    return ""


def environment_of(spack: str, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables with which the configuration of another Spack is read: without what is the user's own."""
    own = ("SPACK_ENV", "SPACK_USER_CONFIG_PATH")
    rest = {name: value for name, value in environ.items() if name not in own}
    return {**rest, "SPACK_ROOT": spack, "SPACK_DISABLE_LOCAL_CONFIG": "1"}


def installed_hashes(databases: Iterable[Database]) -> InstalledHashes:
    """Read what is installed in some databases; one that cannot be read does not hide the others."""
    found: dict[Database, Mapping[str, Installed]] = {}
    notes: list[str] = []
    for database in databases:
        if not database.is_upstream and not os.path.lexists(database.file):
            continue  # nothing is installed yet
        try:
            content = _content(database)
        except SourceError as error:
            notes.append(f"{plain_text(database.name)}: {error}")
            continue
        found[database] = content.records
        notes += content.notes
    return InstalledHashes(found, tuple(notes))


# One database


class _External(Struct, gc=False):
    path: str | None = None
    module: str | list[str] | bool | None = None

    @property
    def text(self) -> str:
        modules = self.module if isinstance(self.module, list) else [self.module]
        return self.path or next((name for name in modules if isinstance(name, str)), "")


class _Node(Struct, gc=False):
    external: _External | None = None


class _Record(Struct, gc=False):
    installed: bool = False
    """As in Spack: one that does not say so is not."""
    explicit: bool = False
    installation_time: float | None = None
    spec: _Node | None = None

    def external(self) -> _External | None:
        return self.spec.external if self.spec else None


class _NamedRecord(Struct, gc=False):
    """A record of database version 5: the node is the value of its name."""

    installed: bool = False
    explicit: bool = False
    installation_time: float | None = None
    spec: dict[str, _Node] | None = None

    def external(self) -> _External | None:
        return next((node.external for node in (self.spec or {}).values()), None)


class _InstalledOnly(Struct, gc=False):
    """The little that must be readable in a record."""

    installed: bool = False


_AnyRecord = _Record | _NamedRecord | _InstalledOnly


class _Installs(Struct):
    version: str | float = 0
    installs: Raw = Raw(b"{}")


class _Index(Struct):
    database: _Installs


class _Content(Struct, frozen=True):
    records: dict[str, Installed]
    notes: tuple[str, ...] = ()


_contents: dict[str, tuple[Stamp, _Content]] = {}
"""What was read of each file, as of the stamp it had then."""


def _content(database: Database) -> _Content:
    """Read a database, or take what was read of it if it has not changed since. Raises SourceError."""
    file = database.file
    stamp = stamp_of(file)
    known = _contents.get(file)
    if known is not None and known[0] == stamp:
        return known[1]
    content = _read(file)
    if stamp is not None:
        _contents[file] = stamp, content
    return content


def _read(file: str) -> _Content:
    shown = plain_text(file)
    try:
        text = read_file(file, INDEX)
    except OSError as error:
        raise SourceError(shown, error.strerror or "cannot be read") from error
    try:
        database = _decoded(text.removeprefix(_BOM)).database
    except (ValueError, RecursionError) as error:
        raise SourceError(shown, f"not a database of Spack ({reason_of(error)})") from error
    version = _version(database.version)
    notes = [f"{shown}: database version {version} is newer than {NEWEST}"] if version > NEWEST else []
    kind: type[_AnyRecord] = _Record if version > 5 else _NamedRecord
    try:
        records: dict[str, _AnyRecord] = msgspec.json.decode(database.installs, type=dict[str, kind])  # type: ignore[valid-type]
    except (ValueError, RecursionError):
        records = dict(_one_by_one(database.installs, kind, shown, notes))
    found = {key: _said(each) for key, each in records.items() if each.installed and is_dag_hash(key)}
    return _Content(found, tuple(notes))


def _decoded(text: bytes) -> _Index:
    """Decode all but the records; text after the end is ignored, as Spack does. Raises ValueError."""
    try:
        return msgspec.json.decode(text, type=_Index)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError as error:
        trailing = _TRAILING.match(str(error))
        if trailing is None:
            raise
        return msgspec.json.decode(text[: int(trailing[1]) - 1], type=_Index)


def _one_by_one(
    installs: Raw, kind: type[_AnyRecord], shown: str, notes: list[str]
) -> Iterator[tuple[str, _AnyRecord]]:
    """Decode each record alone, so that a damaged one hides no other. Raises SourceError."""
    try:
        raw_records = msgspec.json.decode(installs, type=dict[str, Raw])
    except (ValueError, RecursionError) as error:
        raise SourceError(shown, f"not a database of Spack ({reason_of(error)})") from error
    damaged = 0
    for dag_hash, raw in raw_records.items():
        for each in (kind, _InstalledOnly):
            try:
                yield dag_hash, msgspec.json.decode(raw, type=each)
                break
            except (ValueError, RecursionError):
                continue
        else:
            damaged += 1
    if damaged:
        notes.append(f"{shown}: {damaged:,} damaged {'record' if damaged == 1 else 'records'} left out")


def _said(record: _AnyRecord) -> Installed:
    if isinstance(record, _InstalledOnly):
        return Installed()
    external = record.external()
    return Installed(
        record.explicit, record.installation_time or 0.0, plain_text(external.text) if external else ""
    )


def _version(version: str | float) -> int:
    try:
        return int(float(version))
    except (ValueError, OverflowError):
        return 0 if str(version).startswith("0.") else NEWEST
