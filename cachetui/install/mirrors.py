"""The mirrors that Spack needs for some builds: which, and the lines that make them known to it."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from cachetui import paths
from cachetui.catalog import MirrorInfo
from cachetui.install.builds import CachedBuild, lists_of_mirrors
from cachetui.install.here import is_public, public_mirror
from cachetui.install.shell import comment, yaml_scalar
from cachetui.install.target import TargetSpack
from cachetui.refresh import known_binary
from cachetui.spec import INSTALLED, Spec
from cachetui.spelling import is_shown
from cachetui.text import ELLIPSIS, redacted

if TYPE_CHECKING:
    from cachetui.spack import Mirror


_NO_MIRRORS = ("pages", "file", INSTALLED)
"""Layouts of what lists builds and is no mirror."""

_SPELLED = re.compile(r"/.*|\$.+|(?:file|https?|ftp|sftp|ssh|scp|s3|gs|oci(?:\+http)?)://.+")
"""Nothing else is a word that Spack takes for a mirror, or a variable in mirrors.yaml: `--option` is not."""

SECRET = "the URL of {} has a secret part that is not shown: add the mirror yourself"


class Signing(Enum):
    """Whether the binaries of a mirror are signed."""

    SIGNED = "signed"
    UNSIGNED = "unsigned"
    UNKNOWN = "unknown"


class UsedMirror(Struct, frozen=True):
    """A mirror that an install fetches from.

    Args:
        name: that Spack has or gets for it.
        configured: as Spack has it; None: it has to be added.
        obstacle: why this Spack cannot use it, with `{}` for its URL; empty if it can.
    """

    info: MirrorInfo
    name: str
    signing: Signing
    configured: Mirror | None = None
    obstacle: str = ""

    @property
    def url(self) -> str:
        """As Spack takes it; it replaces variables in a path, and not in a URL."""
        url = self.info.url
        return Path(url).as_uri() if url.startswith("/") and "$" in url else url

    @property
    def is_secret(self) -> bool:
        """Whether a part of the URL is left out, as it is secret, or stands in a variable."""
        return ELLIPSIS in self.info.url or self.info.url.startswith("$")


def used_mirrors(builds: Sequence[CachedBuild], spack: TargetSpack) -> list[UsedMirror]:
    """Choose mirrors that hold all binaries of the builds: few, configured ones before others."""
    wanted, counts = list[Sequence[MirrorInfo]](), Counter[MirrorInfo]()
    for mirrors, binaries in _candidates(builds):
        if mirrors:
            wanted.append(mirrors)
            counts.update(dict.fromkeys(mirrors, binaries))

    def cost(mirror: MirrorInfo) -> tuple[bool, bool, int, bool]:
        is_new = configured_as(mirror, spack) is None
        return bool(obstacle(mirror, spack)), is_new, -counts[mirror], bool(mirror.view)

    chosen: dict[MirrorInfo, None] = {}
    held = {mirror: build.spec for build in reversed(builds) for mirror in build.mirrors}
    for mirrors in wanted:
        best = min(mirrors, key=cost)
        # A mirror that is chosen already does as well, unless Spack cannot use it and another it can.
        if not any(mirror in chosen and cost(mirror)[0] <= cost(best)[0] for mirror in mirrors):
            chosen[best] = None
    taken = {mirror.name for mirror in spack.mirrors}
    return [_used(mirror, spack, taken, held.get(mirror)) for mirror in chosen]


def _candidates(builds: Sequence[CachedBuild]) -> Iterator[tuple[Sequence[MirrorInfo], int]]:
    """Mirrors that hold the same binaries, and how many those are."""
    for mirrors, binaries in Counter(lists_of_mirrors(builds)).items():
        yield [mirror for mirror in mirrors if is_mirror(mirror)], binaries
    for build in builds:
        tags = [place for place in build.spec.places if place.tag and not place.mirror]
        if build.spec.in_buildcache:
            yield [found for place in tags if (found := public_mirror(place))], 1


def is_mirror(info: MirrorInfo) -> bool:
    """Whether Spack can be pointed to it; the embedded sample is none."""
    sample = f"{paths.sample_dir()}/"
    return bool(info.url) and info.layout not in _NO_MIRRORS and not info.url.startswith(sample)


def _used(mirror: MirrorInfo, spack: TargetSpack, taken: set[str], held: Spec | None) -> UsedMirror:
    configured = configured_as(mirror, spack)
    name = configured.name if configured else _free_name(mirror.name, taken)
    taken.add(name)
    return UsedMirror(mirror, name, _signing(mirror, held), configured, obstacle(mirror, spack))


def configured_as(mirror: MirrorInfo, spack: TargetSpack) -> Mirror | None:
    """The mirror of Spack's configuration with the URL and view of this one."""
    wanted = (_same(mirror.url), mirror.view)
    return next(
        (each for each in spack.mirrors if each.binary and (_same(each.url), each.view) == wanted), None
    )


def _same(url: str) -> str:
    """A URL in one of its spellings."""
    return redacted(url).rstrip("/").removeprefix("file://")


def _free_name(name: str, taken: set[str]) -> str:
    """A name that all Spacks take, and that is free."""
    plain = re.sub(r"[^\w\-]+", "-", name, flags=re.ASCII).strip("-") or "mirror"
    number = 2
    free = plain
    while free in taken:
        free = f"{plain}-{number}"
        number += 1
    return free


def _signing(mirror: MirrorInfo, held: Spec | None) -> Signing:
    """Whether binaries of a mirror are signed: as one that it holds is, else as its configuration says."""
    if mirror.layout == "oci" or mirror.url.startswith(("oci://", "oci+http://")):
        return Signing.UNSIGNED
    binary = known_binary(mirror, held) if held else None
    if binary and binary.signature != Signing.UNKNOWN.value:
        return Signing(binary.signature)
    if mirror.signed is False:
        return Signing.UNSIGNED
    return Signing.SIGNED if mirror.signed or is_public(mirror.url) else Signing.UNKNOWN


def obstacle(mirror: MirrorInfo, spack: TargetSpack) -> str:
    """Why a Spack cannot use a mirror, with `{}` for its URL; empty if it can."""
    if not _SPELLED.fullmatch(mirror.url) or not is_shown(mirror.url + mirror.view):
        return "{} is not a URL or path that may be given to Spack"
    if mirror.url.startswith("oci+http://"):
        return "{} is readable by cachetui and not by Spack: it installs nothing from oci+http"
    if mirror.layout == "oci" and not spack.reads_registries:
        return f"{{}} is a registry, which {spack.name} does not read: 0.21 and later do"
    if mirror.layout == "v3" and not spack.reads_v3:
        return f"{{}} has layout v3, which {spack.name} does not read: 1.0 and later do"
    if mirror.view and not spack.has_views:
        return f"{{}} lists it in a view, and {spack.name} has no views: 1.2 and later do"
    return ""


# lines


def setup_lines(mirrors: Sequence[UsedMirror], spack: TargetSpack) -> Iterator[str]:
    """The lines that make mirrors known to Spack, and what they sign with trusted."""
    for mirror in mirrors:
        yield from _added(mirror, spack)
    if keys := keys_line(mirrors):
        yield keys


def keys_line(mirrors: Iterable[UsedMirror]) -> str:
    """The line that trusts the keys of mirrors; empty if none has any that Spack may lack."""
    return "spack buildcache keys --install --trust" if any(map(_may_lack_keys, mirrors)) else ""


def _may_lack_keys(mirror: UsedMirror) -> bool:
    """Of a mirror that is configured, keys may lack only if it is known to be signed."""
    if mirror.obstacle or mirror.signing is Signing.UNSIGNED:
        return False
    if mirror.configured is None:
        return True
    return mirror.signing is Signing.SIGNED and mirror.configured.signed is not False


def _added(mirror: UsedMirror, spack: TargetSpack) -> Iterator[str]:
    if mirror.obstacle:
        yield comment(mirror.obstacle, mirror.url)
        return
    if mirror.configured is not None:
        return
    if mirror.is_secret:
        yield comment(SECRET, mirror.name)
        yield comment("spack mirror add {} {}", mirror.name, mirror.url)
    elif mirror.info.view:
        yield comment("spack mirror add takes no view, so this goes into mirrors.yaml:")
        yield comment("mirrors:")
        yield from (f"#   {line}" for line in yaml_entry(mirror, spack))
    else:
        unsigned = ["--unsigned"] if says_unsigned(mirror, spack) else []
        yield shlex.join(["spack", "mirror", "add", *unsigned, mirror.name, mirror.url])
    yield from signing_hint(mirror, spack, in_yaml=bool(mirror.info.view))


def signing_hint(mirror: UsedMirror, spack: TargetSpack, in_yaml: bool) -> Iterator[str]:
    """A comment on what to try where it is not known whether a mirror is signed.

    Args:
        in_yaml: the mirror is added as an entry of a file, not by a command.
    """
    if mirror.signing is Signing.UNKNOWN and spack.has_unsigned:
        how = "with signed: false" if in_yaml else "with --unsigned"
        yield comment(f"signed or unsigned is unknown: if Spack finds no binary, add {{}} {how}", mirror.name)


def says_unsigned(mirror: UsedMirror, spack: TargetSpack) -> bool:
    """Whether Spack has to be told that a mirror is unsigned, and can be."""
    if mirror.signing is not Signing.UNSIGNED or not spack.has_unsigned:
        return False
    return mirror.info.layout != "oci" or spack.verifies_registries


def skips_signatures(mirror: UsedMirror, spack: TargetSpack) -> bool:
    """Whether an install must be told to skip signatures, as the configuration does not say it."""
    if mirror.signing is not Signing.UNSIGNED or mirror.obstacle:
        return False
    if mirror.info.layout == "oci" and not spack.verifies_registries:
        return False
    if mirror.configured is not None:
        return mirror.configured.signed is not False
    return not spack.has_unsigned


def yaml_entry(mirror: UsedMirror, spack: TargetSpack) -> Iterator[str]:
    """The entry of a mirror in `mirrors.yaml`."""
    name = yaml_scalar(mirror.name)
    attributes = [("view", yaml_scalar(mirror.info.view))] if mirror.info.view else []
    if says_unsigned(mirror, spack):
        attributes.append(("signed", "false"))
    if not attributes:
        yield f"{name}: {yaml_scalar(mirror.url)}"
        return
    yield f"{name}:"
    yield from (f"  {key}: {value}" for key, value in [("url", yaml_scalar(mirror.url)), *attributes])
