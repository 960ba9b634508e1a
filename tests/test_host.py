"""Hosts: how they are written, what this one is, and how Spack names operating systems."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from cachetui import host as module
from cachetui.config import HostSettings
from cachetui.errors import HostError
from cachetui.host import (
    THIS_HOST,
    Host,
    detect_host,
    linux_name,
    macos_name,
    parse_arch,
    parse_libc,
    read_host,
)

GPU = HostSettings("linux-rhel9-zen4", "glibc@2.34")


def test_named_host() -> None:
    host = read_host("gpu", hosts={"gpu": GPU})
    assert host == Host("linux", "rhel9", "zen4", "glibc", "2.34", "/usr", "gpu")
    assert (host.arch, host.libc_text) == ("linux-rhel9-zen4", "glibc@2.34")


def test_architecture() -> None:
    host = read_host("linux-opensuse_leap15-zen3", "glibc@2.31:/nix/store/g-2.31")
    assert (host.os, host.libc_version, host.libc_path) == ("opensuse_leap15", "2.31", "/nix/store/g-2.31")
    assert host.libc_text == "glibc@2.31:/nix/store/g-2.31"
    assert host.name == host.arch == "linux-opensuse_leap15-zen3"


def test_libc_of_a_distribution() -> None:
    assert read_host("linux-rhel9-zen3").libc_text == "glibc@2.34"
    assert read_host("linux-rhel9-zen3", "musl@1.2.5").libc_text == "musl@1.2.5"
    assert read_host("darwin-sequoia-m1").libc_text == ""


def test_target_alone_is_of_this_host() -> None:
    here = module.detect_host()
    host = read_host("zen3")
    assert (host.platform, host.os, host.libc_text) == (here.platform, here.os, here.libc_text)
    assert (host.target, host.name) == ("zen3", "zen3")
    assert read_host() == read_host(THIS_HOST) == here


def test_targets_that_a_host_runs() -> None:
    assert {"zen3", "zen2", "zen", "x86_64_v3", "x86_64"} <= Host("linux", "x", "zen3").targets()
    assert not {"zen4", "x86_64_v4", "skylake", "aarch64"} & Host("linux", "x", "zen3").targets()


@pytest.mark.parametrize(
    ("text", "libc", "reason"),
    [
        (
            "gpuu",
            "",
            "'gpuu' is not a configured host (gpu), a target, or platform-os-target; did you mean: gpu",
        ),
        (
            "zen33",
            "",
            "'zen33' is not a configured host (gpu), a target, or platform-os-target; "
            "did you mean: zen3 or zen",
        ),
        ("linux-rhel9-zen33", "", "'zen33' is not a target that archspec knows; did you mean: zen3 or zen"),
        ("cpu-", "", "'cpu-' is not a configured host (gpu), a target, or platform-os-target"),
        (
            "gpu-node-zen3",
            "",
            "'gpu-node-zen3' is not a configured host (gpu), a target, or platform-os-target",
        ),
        ("linux-mine1-zen3", "", "the libc of linux-mine1-zen3 is unknown; add it: --libc glibc@VERSION"),
        ("gpu", "2.34", "--libc: '2.34' is not a libc; write glibc@2.34 or musl@1.2.5:/usr"),
        (
            "gpu",
            "glibc@2.34:usr",
            "--libc: 'glibc@2.34:usr' is not a libc; write glibc@2.34 or musl@1.2.5:/usr",
        ),
        ("odd", "", "hosts.odd: 'zen3' is not an architecture; write platform-os-target"),
        ("far", "", "hosts.far: 'q' is not a target that archspec knows"),
        ("own", "", "hosts.own: the libc of mine1 is unknown; add libc: glibc@VERSION"),
        ("bad", "", "hosts.bad: 'glibc' is not a libc; write glibc@2.34 or musl@1.2.5:/usr"),
    ],
)
def test_wrong_hosts(text: str, libc: str, reason: str) -> None:
    wrong = {
        "odd": HostSettings("zen3"),
        "far": HostSettings("linux-rhel9-q"),
        "own": HostSettings("linux-mine1-zen3"),
        "bad": HostSettings("linux-rhel9-zen3", "glibc"),
    }
    hosts = wrong if text in wrong else {"gpu": GPU}
    with pytest.raises(HostError) as caught:
        read_host(text, libc, hosts)
    assert str(caught.value) == reason


def test_parts() -> None:
    assert parse_arch("linux-opensuse-leap15-x86_64_v3") == ("linux", "opensuse-leap15", "x86_64_v3")
    assert parse_libc("glibc@2.34") == ("glibc", "2.34", "/usr")
    assert parse_libc("musl@1.2.5:/opt/a b") == ("musl", "1.2.5", "/opt/a b")


@pytest.mark.parametrize(
    ("os_release", "name"),
    [
        ('ID=ubuntu\nVERSION_ID="22.04"', "ubuntu22.04"),
        ('NAME="Rocky"\nID="rocky"\nVERSION_ID="9.4"\n', "rocky9"),
        ("ID='rhel'\nVERSION_ID=8.10", "rhel8"),
        ('ID="amzn"\nVERSION_ID="2023"', "amzn2023"),
        ('ID="opensuse-leap"\nVERSION_ID="15.6"', "opensuse_leap15"),
        ('ID="opensuse-tumbleweed"\nVERSION_ID="20250101"', "opensusetumbleweed2.40"),
        ('ID="ol"\nVERSION_ID="8.9"', "oracle8"),
        ("# ID=no\nID=arch\n", "arch"),
        ("", "unknown"),
    ],
)
def test_names_of_distributions(os_release: str, name: str) -> None:
    assert linux_name(os_release, "2.40") == name


@pytest.mark.parametrize(
    ("version", "name"),
    [
        ("15.1", "sequoia"),
        ("11", "bigsur"),
        ("10.15.7", "catalina"),
        ("26.0", "tahoe"),
        ("99.1", "macos99.1"),
    ],
)
def test_names_of_macos(version: str, name: str) -> None:
    assert macos_name(version) == name


@pytest.mark.skipif(sys.platform != "linux", reason="reads what Linux says of a process")
def test_this_host() -> None:
    host = detect_host()
    assert (host.platform, host.name) == ("linux", THIS_HOST)
    assert host.libc in ("glibc", "musl")
    assert host.libc_path.startswith("/")
    assert host.target in host.targets()


def test_this_host_without_a_known_libc(monkeypatch: pytest.MonkeyPatch) -> None:
    nameless = Host("linux", "mine1", "zen3")
    monkeypatch.setattr(module, "detect_host", lambda: nameless)
    with pytest.raises(HostError, match="the libc of this host is unknown; add it: --libc glibc@VERSION"):
        read_host()
    assert read_host("", "glibc@2.31").libc_text == "glibc@2.31"


def test_processor_that_archspec_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "detect_host", lambda: Host("linux", "debian13", "loong64", "glibc", "2.41"))
    assert read_host().targets() == {"loong64"}


def test_glibc_in_a_prefix_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "confstr", lambda name: "glibc 2.39")
    monkeypatch.setattr(module, "_loader", lambda: "/nix/store/g-2.39/lib/ld-linux-x86-64.so.2")
    assert module._detect_libc() == ("glibc", "2.39", "/nix/store/g-2.39")


def test_musl(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    loader = tmp_path / "ld-musl-x86_64.so.1"
    loader.write_text("#!/bin/sh\nprintf 'musl libc (x86_64)\\nVersion 1.2.5\\nUsage: x\\n' >&2; exit 1\n")
    loader.chmod(0o755)

    def unknown(name: str) -> str:
        raise ValueError("unrecognized configuration name")

    monkeypatch.setattr(os, "confstr", unknown)
    monkeypatch.setattr(module, "_loader", lambda: str(loader))
    assert module._detect_libc()[:2] == ("musl", "1.2.5")
    monkeypatch.setattr(module, "_loader", lambda: "")
    assert module._detect_libc() == ("", "", "/usr")
