"""What mirrors say of the binaries of single builds: asked when they are looked at, and kept."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, lru_cache, partial
from pathlib import Path
from zlib import crc32

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from cachetui import paths
from cachetui.catalog import MirrorInfo
from cachetui.errors import SourceError
from cachetui.fetch import Address, Session
from cachetui.files import read_own, replace_file
from cachetui.refresh.at_once import Question, ask_at_once
from cachetui.refresh.found import find_sources
from cachetui.refresh.policy import Policy
from cachetui.refresh.updating import access_of, network_of
from cachetui.sources import Binary, local_binary, remote_binary
from cachetui.spack import SpackConfig, read_config
from cachetui.spec import Spec
from cachetui.text import redacted

MOST_KEPT = 10_000
"""Builds of a mirror; those that were asked for first are forgotten."""

KEPT_SECONDS = 30 * 86400.0
"""How long an answer is good for: a binary does not change, but it may be signed or pushed again."""

ABSENT_SECONDS = 3600.0
"""How long it is good for if it says that there is no binary."""

ANSWER_SECONDS = 10.0
"""Seconds that a mirror may take."""

OFFLINE = "not asked: offline"
NOT_WAITED = "not asked: mirrors are not waited for"


class Kept(Struct, frozen=True):
    """An answer, and when it came, in seconds since 1970."""

    binary: Binary
    asked: float

    @property
    def is_good(self) -> bool:
        """Whether it need not be asked for again."""
        limit = ABSENT_SECONDS if self.binary.note else KEPT_SECONDS
        return 0 <= time.time() - self.asked < limit


def known_binary(mirror: MirrorInfo, spec: Spec) -> Binary | None:
    """What the files of a mirror here, or a kept answer, say of a build; None: the mirror has to be asked."""
    if _is_here(mirror):
        return _here(mirror, spec)
    kept = _kept(mirror).get(spec.dag_hash)
    return kept.binary if kept is not None and kept.is_good else None


def _is_here(mirror: MirrorInfo) -> bool:
    return mirror.url.startswith("/")


def _here(mirror: MirrorInfo, spec: Spec) -> Binary:
    if mirror.layout not in ("v2", "v3"):
        return Binary(note="its source is not a mirror, but a file or pages")
    try:
        return local_binary(mirror.url, mirror.layout, spec)
    except SourceError as error:
        return Binary(note=error.reason)


# kept answers


def _file(mirror: MirrorInfo) -> Path:
    # A checksum, as a URL is not a safe file name; the views of a mirror share its binaries.
    key = f"{mirror.url}\0{mirror.layout}".encode(errors="replace")
    return paths.cache_dir() / "binaries" / f"{crc32(key):08x}{crc32(key[::-1]):08x}.json"


def _kept(mirror: MirrorInfo) -> Mapping[str, Kept]:
    file = _file(mirror)
    with suppress(OSError, ValueError, RecursionError):
        return _decoded(file, file.stat().st_mtime_ns)
    return {}


@lru_cache(maxsize=8)
def _decoded(file: Path, written: int) -> Mapping[str, Kept]:
    return msgspec.json.decode(read_own(file), type=dict[str, Kept])


def _keep(mirror: MirrorInfo, answers: Mapping[str, Binary]) -> None:
    """Keep answers; where nothing can be written, they are asked for again."""
    kept = dict(_kept(mirror))
    for dag_hash, binary in answers.items():
        kept.pop(dag_hash, None)
        kept[dag_hash] = Kept(binary, time.time())
    recent = dict(list(kept.items())[-MOST_KEPT:])
    with suppress(OSError):
        replace_file(_file(mirror), msgspec.json.encode(recent))


# asking


class BinaryFinder:
    """Finds what the mirrors of some locations say of builds.

    Args:
        policy: its `wait` is the limit for all mirrors together.
        tick: called regularly during a wait; may raise to stop.
    """

    def __init__(self, locations: Sequence[str], policy: Policy, tick: Callable[[], None]) -> None:
        self._locations = locations
        self._policy = policy
        self._tick = tick

    def find(self, spec: Spec, mirrors: Sequence[MirrorInfo]) -> list[tuple[MirrorInfo, Binary]]:
        """Find a build in its mirrors; those behind a network are asked unless an answer is kept."""
        known = {mirror: known_binary(mirror, spec) for mirror in mirrors}
        unknown = [mirror for mirror, binary in known.items() if binary is None]
        if self._policy.offline:
            known.update(dict.fromkeys(unknown, Binary(note=OFFLINE)))
        elif unknown:
            known.update(self._ask(spec, unknown))
        return [(mirror, binary) for mirror, binary in known.items() if binary is not None]

    def _ask(self, spec: Spec, mirrors: Sequence[MirrorInfo]) -> Mapping[MirrorInfo, Binary]:
        """Ask mirrors at the same time, for as long as the policy waits for mirrors."""
        if self._policy.wait == 0:
            return dict.fromkeys(mirrors, Binary(note=NOT_WAITED))
        addresses = self._addresses()
        known = [mirror for mirror in mirrors if _key(mirror) in addresses]
        network = replace(network_of(self._spack), read_timeout=ANSWER_SECONDS, tries=2)
        found = ask_at_once(
            [Question(m.name, partial(_asked, addresses[_key(m)], m, spec)) for m in known],
            replace(network, connect_timeout=ANSWER_SECONDS),
            self._tick,
            self._policy.wait,
        )
        answers = dict.fromkeys(mirrors, Binary(note="its mirror is not among the locations"))
        for mirror, answer in zip(known, found, strict=True):
            if answer.content is not None:
                _keep(mirror, {spec.dag_hash: answer.content})
            answers[mirror] = answer.content or Binary(note=answer.reason)
        return answers

    @cached_property
    def _spack(self) -> SpackConfig:
        return read_config(os.environ)

    def _addresses(self) -> Mapping[tuple[str, str], Address]:
        """The addresses of the mirrors at the locations, with their credentials; the first of each."""
        addresses: dict[tuple[str, str], Address] = {}
        for location, source in find_sources(self._locations, self._policy).remote:
            access = access_of(source.address, location.configured, self._spack)
            key = source.name, redacted(source.address.url)
            addresses.setdefault(key, replace(source.address, access=access))
        return addresses


def _key(mirror: MirrorInfo) -> tuple[str, str]:
    return mirror.name, mirror.url


def _asked(address: Address, mirror: MirrorInfo, spec: Spec, session: Session) -> Binary:
    with session.connect(address, fail_fast=True) as transport:
        return remote_binary(transport, address.url, mirror.layout, spec)
