"""Part 2: file operations that fail, at every call of a refresh: once, or from then on.

Afterwards the old catalog or the new one answers, the next refresh finds all, and nothing is left over.
"""

from __future__ import annotations

import errno
import gc
import sqlite3
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

from cachetui.errors import CachetuiError
from cachetui.files import ABANDONED_SECONDS
from tests.builders.mirrors import index, v3
from tests.servers.faults import Server, faulty
from tests.stress.failing import FailingFiles
from tests.stress.homes import aged, answer, cached_answer, copied, kinds_of_files, living_in
from tests.stress.outcome import Outcome, Run, tell

ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES, errno.ESTALE, errno.EINTR)

LASTING = (errno.ENOSPC, errno.ESTALE, errno.EIO)
"""What goes on once it has begun: a full disk, a server that is gone."""

OLD, NEW, NEWEST = index(1, 2, 3), index(2, 3, 4, 5), index(2, 3, 4, 5, 6)


@dataclass
class World:
    """A server whose index changes, and the home of somebody who has compiled the old one.

    Args:
        home: where each attempt begins anew.
        prepared: the home with the old catalog, or without any.
        kinds, later: the files after a refresh without failures, and after the next one.
    """

    server: Server
    location: str
    home: Path
    prepared: Path
    has_old: bool
    old: frozenset[str] = frozenset()
    new: frozenset[str] = frozenset()
    kinds: list[str] = field(default_factory=list)
    later: list[str] = field(default_factory=list)

    def publish(self, content: bytes) -> None:
        """Replace the index on the server."""
        self.server.table.clear()
        self.server.table.update(v3("/m", content))

    def begin(self) -> None:
        """Begin anew: the index has changed since the catalog was compiled."""
        copied(self.prepared, self.home)
        self.publish(NEW)


@contextmanager
def world(folder: Path, has_old: bool) -> Iterator[World]:
    """A world, and what a refresh without failures leaves in it."""
    home, prepared = folder / "home", folder / "prepared"
    with faulty({}) as server, living_in(home), no_certificates():
        made = World(server, f"{server.url}/m", home, prepared, has_old)
        made.publish(OLD)
        if has_old:
            made.old = answer(made.location)
        copied(home, prepared)
        made.begin()
        made.new = answer(made.location)
        made.kinds = kinds_of_files(home)
        made.publish(NEWEST)
        answer(made.location)
        made.later = kinds_of_files(home)
        assert len(made.new) == 4, "the world is not as it was thought"
        yield made


@contextmanager
def no_certificates() -> Iterator[None]:
    """Load no certificates: at each refresh, that takes longer than all the rest."""
    none = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with (
        mock.patch.object(ssl, "create_default_context", return_value=none),
        mock.patch.object(ssl.SSLContext, "load_verify_locations"),
    ):
        yield


def measure(run: Run) -> list[Outcome]:
    """Let each call fail."""
    outcomes = []
    gc.freeze()  # the program collects after each compile: this process is older than one of its own
    for has_old in (True, False):
        with world(run.place(f"files-{has_old}"), has_old) as made:
            for number in ERRORS if has_old else LASTING:
                tell(f"files: {errno.errorcode[number]}, {'with' if has_old else 'without'} an old catalog")
                outcomes.append(every_call(made, number, step=run.rounds or 1))
    return outcomes


def every_call(made: World, number: int, step: int, first: int = 1) -> Outcome:
    """Refresh with a failure at each call, or at every so many."""
    first_time = "a refresh" if made.has_old else "a first compile"
    outcome = Outcome(f"{errno.errorcode[number]} at every file operation of {first_time}")
    for lasting in (False, True) if number in LASTING else (False,):
        at = first
        while attempt(made, FailingFiles(made.home, number, at, lasting), outcome):
            at += step
        outcome.note = f"{at - step:,} operations" if step == 1 else ""
    return outcome


def attempt(made: World, files: FailingFiles, outcome: Outcome) -> bool:
    """Refresh with one failure, and look at what is there afterwards; False if there was no such call."""
    made.begin()
    place = f"call {files.at}{' and after' if files.lasting else ''}"
    try:
        with files.installed():
            found = answer(made.location)
        if found not in (made.old, made.new) or not found:
            fail(outcome, "wrong", f"{place}: {len(found)} builds were answered")
    except (CachetuiError, sqlite3.OperationalError) as error:
        if not isinstance(error, CachetuiError):
            fail(outcome, "crashed", f"{place}: {error!r}")
    except Exception as error:  # noqa: BLE001 - whatever it is, it is no error of the program
        fail(outcome, "crashed", f"{place}: {error!r}")
    if files.calls < files.at:
        return False
    outcome.times += 1
    look_after(made, outcome, place)
    return True


def look_after(made: World, outcome: Outcome, place: str) -> None:
    """What a start shows at once, what the next refresh finds, and which files are there in the end."""
    shown = cached_answer(made.location)
    if shown is None:
        if made.has_old:
            fail(outcome, "lost", f"{place}: no catalog is left")
    elif shown not in (made.old, made.new):
        fail(outcome, "wrong", f"{place}: {len(shown)} builds are shown at the next start")
    try:
        if answer(made.location) != made.new:
            fail(outcome, "wrong", f"{place}: the next refresh does not find the new builds")
    except CachetuiError as error:
        fail(outcome, "wrong", f"{place}: the next refresh: {error}")
    if kinds_of_files(made.home) != made.kinds:
        aged(made.home, 2 * ABANDONED_SECONDS)
        made.publish(NEWEST)
        answer(made.location)
        if left := sorted(set(kinds_of_files(made.home)) - set(made.later)):
            fail(outcome, "lost", f"{place}: left over: {', '.join(left)}")


def fail(outcome: Outcome, column: str, reason: str) -> None:
    """Count a failure."""
    setattr(outcome, column, getattr(outcome, column) + 1)
    outcome.failures.append(reason)
