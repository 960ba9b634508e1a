"""A configuration of Spack that cannot be read: never a wrong answer with exit code 0."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.builders.homes import World
from tests.builders.mirrors import mirror
from tests.conftest import Call

BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))

NOT_SPACKS = ":1: not a mirrors.yaml of Spack: it has no 'mirrors' at the top level"

BROKEN: dict[str, tuple[bytes, str]] = {
    "a tab": (b"mirrors:\n  a: /x\n\tb: /x\n", ":3: not YAML"),
    "a tag of Python": (b"mirrors:\n  a: !!python/name:os.abort ''\n", ":2: a tag that is not plain YAML"),
    "not UTF-8": (b"mirrors:\n  a: \xff\n", ":2: not UTF-8"),
    "aliases of aliases": (BOMB.encode(), ": too many values"),
    "a list": (b"- a: /x\n", NOT_SPACKS),
    "a key that is misspelled": (b"Mirrors: {a: /x}\n", NOT_SPACKS),
    "a list of mirrors": (b"mirrors:\n- a: /x\n", ":1: 'mirrors' is not a mapping"),
    "a mirror that is a list": (b"mirrors:\n  a: [1]\n", ":2: mirror 'a' is neither a URL nor a mapping"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "reason"), BROKEN.values(), ids=BROKEN.keys())
@pytest.mark.parametrize("command", ["list", "packages", "refresh", "mirrors", "coverage"])
def test_no_sample_stands_in_for_what_cannot_be_read(
    world: World, call: Call, content: bytes, reason: str, command: str
) -> None:
    file = world.mirrors()
    file.write_bytes(content)
    done = call(command)
    assert (done.code, done.out) == (3, "")
    line = done.err.splitlines()[0]
    assert line.startswith(f"cachetui: {file}:") and line.endswith(reason)
    assert "sample data" not in done.err
    assert call("list", "sample", "--count").code == 0, "a location that is named needs no configuration"


def test_no_sample_stands_in_for_mirrors_whose_urls_are_none(world: World, call: Call) -> None:
    world.mirrors("a: 'http://'", "b: 'http://[x'")
    for command in ("list", "packages", "refresh"):
        done = call(command)
        assert (done.code, done.out) == (3, "")
        assert done.err == "cachetui: http://: the URL has no host\ncachetui: http://[x: not a URL\n"


def _fifo(file: Path) -> None:
    os.mkfifo(file)


def _huge(file: Path) -> None:
    with file.open("wb") as opened:
        opened.truncate(1 << 30)


@pytest.mark.parametrize("make", [Path.mkdir, _fifo, _huge], ids=["a folder", "a pipe", "huge"])
def test_what_is_no_file_of_configuration(world: World, call: Call, make: Callable[[Path], None]) -> None:
    file = world.mirrors()
    file.unlink()
    make(file)
    done = call("list", "--count")
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith(f"cachetui: {file}: ")


def test_mirrors_of_other_files_are_used_and_the_code_says_that_some_may_be_missing(
    world: World, call: Call
) -> None:
    here = mirror(world.folder / "x", 1, 2)
    file = world.mirrors(f"here: {here}", "broken: [1]")
    done = call("list", "--count")
    assert (done.code, done.out) == (3, "2\n")
    assert done.err == f"cachetui: {file}:3: mirror 'broken' is neither a URL nor a mapping\n"
    assert call("list", "--count", here).code == 0


def test_name_that_may_be_configured_where_it_cannot_be_read(world: World, call: Call) -> None:
    file = world.mirrors()
    file.write_text("mirrors: [\n")
    done = call("list", "--count", "ours")
    assert (done.code, done.out) == (3, "")
    assert str(file) in done.err


def test_installed_with_a_configuration_that_cannot_be_read(world: World, call: Call) -> None:
    world.mirrors().with_name("config.yaml").write_text("config: [\n")
    done = call("list", "sample", "--count", "--installed")
    assert (done.code, done.out) == (3, "")
    assert "config.yaml:2: not YAML" in done.err
