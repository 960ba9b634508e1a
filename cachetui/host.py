"""The host that builds shall run on: this one, one of the configuration, or any architecture."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from cachetui.bounded import SETTINGS, read_file
from cachetui.errors import HostError
from cachetui.text import redacted

THIS_HOST = "this host"

USUAL_PREFIX = "/usr"
"""Where Spack records the libc of a distribution."""


class Host(Struct, frozen=True):
    """An architecture and its libc, as Spack describes them.

    Args:
        name: what it is called: `this host`, its name in the configuration, or its architecture.
        libc: `glibc` or `musl`; empty where there is none that Spack knows, as on macOS.
    """

    platform: str
    os: str
    target: str
    libc: str = ""
    libc_version: str = ""
    libc_path: str = USUAL_PREFIX
    name: str = THIS_HOST

    @property
    def arch(self) -> str:
        """`platform-os-target`."""
        return f"{self.platform}-{self.os}-{self.target}"

    @property
    def libc_text(self) -> str:
        """`glibc@2.34`, with its path if that is unusual; empty without a libc."""
        path = "" if self.libc_path == USUAL_PREFIX else f":{self.libc_path}"
        return f"{self.libc}@{self.libc_version}{path}" if self.libc else ""

    def targets(self) -> frozenset[str]:
        """The targets whose builds it runs: its own and archspec's ancestors of it."""
        # Late: reading the table of archspec takes as long as a query.
        import archspec.cpu

        known = archspec.cpu.TARGETS.get(self.target)
        return frozenset([self.target, *(each.name for each in known.ancestors)] if known else [self.target])


class NamedHost(Protocol):
    """A host of the configuration."""

    @property
    def arch(self) -> str:
        """`platform-os-target`."""

    @property
    def libc(self) -> str:
        """`glibc@2.34`; empty: by its os."""


_ARCH = re.compile(r"(?P<platform>\w+)-(?P<os>[\w.\-]+)-(?P<target>[\w.]+)")
_LIBC = re.compile(r"(?P<libc>[a-z][\w\-]*)@=?(?P<version>\d[\w.\-]*)(?::(?P<path>/.*))?")

_LIBC_OF_OS = {
    "glibc@2.17": ("centos7", "rhel7", "scientific7", "oracle7"),
    "glibc@2.26": ("amzn2",),
    "glibc@2.27": ("ubuntu18.04",),
    "glibc@2.28": ("centos8", "rhel8", "rocky8", "almalinux8", "oracle8", "debian10"),
    "glibc@2.31": ("ubuntu20.04", "debian11"),
    "glibc@2.34": ("centos9", "rhel9", "rocky9", "almalinux9", "oracle9", "amzn2023"),
    "glibc@2.35": ("ubuntu22.04",),
    "glibc@2.36": ("debian12",),
    "glibc@2.39": ("centos10", "rhel10", "rocky10", "almalinux10", "oracle10", "ubuntu24.04"),
    "glibc@2.41": ("debian13",),
}
"""The libc that each release of a distribution keeps."""

_LIBCS = {os_name: libc for libc, names in _LIBC_OF_OS.items() for os_name in names}

_MACOS = {11: "bigsur", 12: "monterey", 13: "ventura", 14: "sonoma", 15: "sequoia", 26: "tahoe"}
_OLD_MACOS = {13: "highsierra", 14: "mojave", 15: "catalina"}
_PLATFORMS = {"win32": "windows", "cygwin": "windows"}
_ALL_PLATFORMS = ("linux", "darwin", "windows", "freebsd", "cray")
_DISTRIBUTIONS = {"ol": "oracle"}
"""Names of the distro library, which Spack uses, for IDs of os-release."""

_SUGGESTED = 2
"""Names that are suggested for an unknown one."""

_OS_RELEASE = (Path("/etc/os-release"), Path("/usr/lib/os-release"))


def read_host(text: str = "", libc: str = "", hosts: Mapping[str, NamedHost] | None = None) -> Host:
    """Read a host and, if it is not the usual one, its libc. Raises HostError.

    Args:
        text: a name in `hosts`, `platform-os-target`, or a target; empty or `this host`: this one.
        libc: `NAME@VERSION[:PATH]`; empty: that of the host, or of its os.
    """
    hosts = hosts or {}
    host = _named(text.strip(), hosts)
    if libc:
        try:
            host = _with_libc(host, libc)
        except ValueError as error:
            raise HostError(f"--libc: {error}") from error
    elif host.platform == "linux" and not host.libc:
        raise HostError(_libc_unknown(host, hosts))
    return host


def _libc_unknown(host: Host, hosts: Mapping[str, NamedHost]) -> str:
    if host.name in hosts:
        return f"hosts.{host.name}: the libc of {redacted(host.os)} is unknown; add libc: glibc@VERSION"
    whose = redacted(host.arch) if host.name == host.arch else "this host"
    return f"the libc of {whose} is unknown; add it: --libc glibc@VERSION"


def parse_arch(text: str) -> tuple[str, str, str]:
    """(platform, os, target) of `platform-os-target`. Raises ValueError."""
    match = _ARCH.fullmatch(text)
    if match is None:
        raise ValueError(f"{redacted(text)!r} is not an architecture; write platform-os-target")
    return match["platform"], match["os"], match["target"]


def parse_libc(text: str) -> tuple[str, str, str]:
    """(name, version, path) of `NAME@VERSION[:PATH]`. Raises ValueError."""
    match = _LIBC.fullmatch(text)
    if match is None:
        raise ValueError(f"{redacted(text)!r} is not a libc; write glibc@2.34 or musl@1.2.5:/usr")
    return match["libc"], match["version"], match["path"] or USUAL_PREFIX


def _named(text: str, hosts: Mapping[str, NamedHost]) -> Host:
    if text in hosts:
        named = hosts[text]
        try:
            host = replace(_of_arch(named.arch), name=text)
            return _with_libc(host, named.libc) if named.libc else host
        except (ValueError, HostError) as error:
            raise HostError(f"hosts.{text}: {error}") from error
    if text in ("", THIS_HOST):
        return detect_host()
    if _is_target(text):
        return replace(detect_host(), target=text, name=text)
    try:
        return _of_arch(text)
    except ValueError as error:
        raise HostError(_unknown_host(text, hosts)) from error


def _of_arch(text: str) -> Host:
    platform, os_name, target = parse_arch(text)
    if platform not in _ALL_PLATFORMS:
        raise ValueError(f"{redacted(platform)!r} is not one of the platforms {', '.join(_ALL_PLATFORMS)}")
    _check_target(target)
    host = Host(platform, os_name, target, name=text)
    known = _LIBCS.get(os_name, "") if platform == "linux" else ""
    return _with_libc(host, known) if known else host


def _with_libc(host: Host, text: str) -> Host:
    name, version, path = parse_libc(text)
    return replace(host, libc=name, libc_version=version, libc_path=path)


def _unknown_host(text: str, hosts: Iterable[str]) -> str:
    import archspec.cpu

    names = f" ({', '.join(sorted(hosts))})" if hosts else ""
    what = f"{redacted(text)!r} is not a configured host{names}, a target, or platform-os-target"
    return f"{what}{_suggested(text, (*archspec.cpu.TARGETS, *hosts))}"


def _is_target(text: str) -> bool:
    import archspec.cpu

    return text in archspec.cpu.TARGETS


def _check_target(target: str) -> None:
    import archspec.cpu

    if not _is_target(target):
        suggested = _suggested(target, archspec.cpu.TARGETS)
        raise HostError(f"{redacted(target)!r} is not a target that archspec knows{suggested}")


def _suggested(text: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(text, known, _SUGGESTED)
    return f"; did you mean: {' or '.join(close)}" if close else ""


# this host


def detect_host() -> Host:
    """Describe this machine as Spack does."""
    import archspec.cpu

    platform = _PLATFORMS.get(sys.platform, re.sub(r"\d+$", "", sys.platform))
    libc = _detect_libc() if platform == "linux" else ("", "", USUAL_PREFIX)
    return Host(platform, _detect_os(platform, libc[1]), archspec.cpu.host().name, *libc)


def _detect_os(platform: str, libc_version: str) -> str:
    import platform as python

    if platform == "linux":
        return linux_name(_os_release(), libc_version)
    if platform == "darwin":
        return macos_name(python.mac_ver()[0])
    return f"{platform}{python.version()}" if platform == "windows" else f"{platform}{python.release()}"


def _os_release() -> str:
    for file in _OS_RELEASE:
        try:
            return read_file(file, SETTINGS).decode(errors="replace")
        except OSError:
            continue
    return ""


def linux_name(os_release: str, libc_version: str) -> str:
    """Name a distribution as Spack does: `ubuntu22.04`, `rhel8`, `opensuse_leap15`.

    Args:
        os_release: the text of /etc/os-release.
        libc_version: the name of openSUSE Tumbleweed contains it.
    """
    lines = (line.partition("=") for line in os_release.splitlines() if not line.lstrip().startswith("#"))
    values = {key.strip(): value.strip().strip("\"'") for key, _, value in lines}
    distribution = values.get("ID", "").lower().replace(" ", "_") or "unknown"
    distribution = _DISTRIBUTIONS.get(distribution, distribution)
    parts = re.split(r"[^\w-]", values.get("VERSION_ID", ""))
    if distribution == "opensuse-tumbleweed":
        return f"opensusetumbleweed{libc_version}"
    version = ".".join(parts[:2]) if "ubuntu" in distribution else parts[0]
    return f"{distribution}{version}".replace("-", "_")


def macos_name(version: str) -> str:
    """The name that Spack gives to a version of macOS: `sequoia`."""
    major, minor = (*map(int, re.findall(r"\d+", version)[:2]), 0, 0)[:2]
    return (_OLD_MACOS.get(minor) if major == 10 else _MACOS.get(major)) or f"macos{version}"


def _detect_libc() -> tuple[str, str, str]:
    """(name, version, path) of the libc that runs this program; empty if it is neither glibc nor musl."""
    loader = _loader()
    try:
        name, _, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").partition(" ")
    except (ValueError, OSError):  # as with musl
        name = version = ""
    if name == "glibc" and version:
        return name, version, _prefix(loader)
    version = _musl_version(loader)
    return ("musl", version, _prefix(loader)) if version else ("", "", USUAL_PREFIX)


def _loader() -> str:
    """The path of the dynamic loader of this process; empty if unknown."""
    try:
        maps = Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    match = re.search(r"(/\S*/ld-(?:linux|musl)?\S*\.so\S*)$", maps, re.MULTILINE)
    return match[1] if match else ""


def _prefix(loader: str) -> str:
    """The prefix that Spack records for a libc, by the place of its loader."""
    folder = os.path.dirname(loader)
    if not folder or folder.split("/")[1] in ("lib", "lib32", "lib64", "usr"):
        return USUAL_PREFIX
    return os.path.dirname(folder)


def _musl_version(loader: str) -> str:
    """Ask the loader of musl, which alone knows: it prints its version when it is run without a program."""
    if "musl" not in loader:
        return ""
    import subprocess

    try:
        done = subprocess.run([loader], capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ""
    match = re.search(r"^Version (\d[\w.]*)", done.stderr, re.MULTILINE)
    return match[1] if match else ""
