"""The program's own code from one file: real installations and processes, and what is not believed."""

from __future__ import annotations

import marshal
import os
import random
import re
import shutil
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import platformdirs
import pytest

from cachetui import code_cache
from cachetui.code_cache import (
    COMPILED,
    FORMAT,
    HEAD_SIZE,
    CodeFile,
    KnowingFinder,
    NotUsed,
    State,
    checksum,
    opened,
)
from tests.builders.installation import NONE_YET, Installation, is_used

NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


@pytest.fixture
def used(used_installation: Installation) -> Installation:
    return used_installation


@pytest.fixture
def own(own_installation: Installation) -> Installation:
    return own_installation


@pytest.fixture
def in_place(used: Installation, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of code, for this process as for one of the installation."""
    state = State()
    size = int.from_bytes(used.file().read_bytes()[16:24], "little")
    state.identity = marshal.loads(used.file().read_bytes()[HEAD_SIZE : HEAD_SIZE + size])[0]
    monkeypatch.setattr(code_cache, "state", state)
    return used.file()


# What is used, and that it makes no difference


def test_the_first_start_writes_the_file_and_the_second_reads_it(own: Installation) -> None:
    assert own.state() == NONE_YET
    file = own.file()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert is_used(own.state(), file)
    for folder in ("cli", "render", "search"):
        (own.package / folder).rename(own.package / f"{folder}.away")
    assert is_used(own.state(), file), "nothing is read where the modules come from"
    assert own("code-cache", CACHETUI_NO_CODE_CACHE="1").code == 70


def test_what_later_commands_import_is_added(own: Installation) -> None:
    own.state()
    before = own.file().stat().st_size
    assert own("list", "--count").out == "793\n"
    assert own.file().stat().st_size > before * 1.5
    loaders = own.loaders("list", "--count")
    assert loaders["cachetui.search.engine"] == loaders["cachetui.catalog.reader"] == "CodeLoader"
    assert loaders["click"] == "CodeLoader", "the packages it needs"
    assert loaders["typing"] == "CodeLoader", "the standard library"
    assert loaders["msgspec._core"] == "ExtensionFileLoader"
    ordinary = [name for name, loader in loaders.items() if loader == "SourceFileLoader"]
    ours = {name for name in ordinary if name.startswith("cachetui")}
    assert ours == {"cachetui", "cachetui.code_cache", "cachetui.__main__"}


@pytest.mark.parametrize(
    "arguments",
    [
        ("list", "hdf5", "--format", "json"),
        ("list", "hdf5 +nonsense ^^"),
        ("show", "hdf5"),
        ("coverage", "compiler"),
        ("doctor", "--nonsense"),
        ("paths",),
        ("--help",),
    ],
    ids=" ".join,
)
def test_answers_are_the_same_with_it_and_without(used: Installation, arguments: tuple[str, ...]) -> None:
    used("list", "--count")  # so that the sample is compiled
    assert used(*arguments) == used(*arguments, CACHETUI_NO_CODE_CACHE="1")


def test_tracebacks_sources_resources_and_versions_are_as_before(used: Installation) -> None:
    program = """
import sys
from cachetui import code_cache
if sys.argv[1:]:
    code_cache.enable()
    assert code_cache.state.file is not None
import importlib.metadata, importlib.resources, inspect, pkgutil, traceback
import cachetui.text, cachetui.cli, click, typing
loaders = {type(each.__spec__.loader).__name__ for each in (cachetui.text, cachetui.cli, click, typing)}
assert loaders == {"CodeLoader" if sys.argv[1:] else "SourceFileLoader"}, loaders
for each in (cachetui.text, cachetui.cli, click, typing):
    print(each.__name__, each.__file__, each.__cached__, each.__package__, getattr(each, "__path__", None))
    print(each.__spec__.name, each.__spec__.origin, each.__spec__.has_location, each.__spec__.parent)
    print(inspect.getsource(each)[:200])
print(inspect.getsource(cachetui.text.clean), inspect.getsourcefile(click.Command))
print(importlib.metadata.version("cachetui"), importlib.metadata.version("click"))
print(sorted(each.name for each in importlib.resources.files("cachetui").joinpath("styles").iterdir()))
print(len(importlib.resources.files("cachetui").joinpath("public.json").read_bytes()))
print(len(pkgutil.get_data("cachetui.cli", "__init__.py")))
print([each.name for each in pkgutil.walk_packages(cachetui.cli.__path__, "cachetui.cli.")])
try:
    cachetui.text.clean(None)
except Exception:
    traceback.print_exc(file=sys.stdout)
"""
    with_it, without = (used.run([str(used.python), "-c", program, *words]) for words in (("used",), ()))
    assert (without.code, without.err) == (0, "")
    assert with_it == without
    assert "def clean(" in with_it.out and 'text.py", line' in with_it.out


def test_a_package_from_elsewhere_does_not_get_modules_of_the_file(
    used: Installation, tmp_path: Path
) -> None:
    """A submodule belongs to the package that was imported, and not to one of the same name."""
    package = tmp_path / "other" / "click"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "core.py").write_text("where = 'other'")
    program = f"""
from cachetui import code_cache
code_cache.enable()
assert "click.core" in code_cache.state.file.modules
import importlib.util, sys
spec = importlib.util.spec_from_file_location("click", {str(package / "__init__.py")!r})
sys.modules["click"] = importlib.util.module_from_spec(spec)
import click.core
print(click.core.where)
"""
    done = used.run([str(used.python), "-c", program])
    assert (done.out, done.err) == ("other\n", "")


def test_a_finder_that_stood_before_those_of_python_goes_on_standing_there(used: Installation) -> None:
    """As one that a `sitecustomize` or an installed package adds."""
    program = """
import sys
class Finder:
    asked = []
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        cls.asked.append(name)
first = [Finder] if "first" in sys.argv else []
last = [] if first else [Finder]
sys.meta_path[:] = [*first, *sys.meta_path, *last]
from cachetui import code_cache
code_cache.enable()
import cachetui.cli.commands
print(code_cache.state.file is not None, "click" in Finder.asked)
"""
    for where, is_asked in (("first", True), ("last", False)):
        done = used.run([str(used.python), "-c", program, where])
        assert (done.out, done.err) == (f"True {is_asked}\n", "")


# What turns it off


def test_a_checkout_has_none(tmp_path: Path) -> None:
    home = Installation(tmp_path, tmp_path / "home")
    command = [sys.executable, "-m", "cachetui", "code-cache"]
    done = home.run(command, PYTHONPATH=str(Path(code_cache.SITE_FOLDER)))
    assert done.out == "not used: a checkout or an editable installation has none\n"
    assert home.files() == []
    assert home.run([*command, "--write"], PYTHONPATH=code_cache.SITE_FOLDER).code == 3


def test_a_variable_turns_it_off(used: Installation) -> None:
    file = used.file()
    written = file.stat().st_mtime_ns
    assert used.state(CACHETUI_NO_CODE_CACHE="1") == "not used: CACHETUI_NO_CODE_CACHE is set\n"
    assert "CodeLoader" not in used.loaders("paths", CACHETUI_NO_CODE_CACHE="1").values()
    assert file.stat().st_mtime_ns == written
    file.unlink()
    assert used("paths", CACHETUI_NO_CODE_CACHE="1").code == 0
    assert used.files() == []
    assert is_used(used.state(), used.file()) is False


def test_a_setting_turns_it_off_and_on_again(own: Installation) -> None:
    own.set("code_cache: false\n")
    assert own("list", "--count").out == "793\n"
    assert own.file().stat().st_size < 100
    assert own.state() == "not used: it is turned off in the settings\n"
    assert own.file().stat().st_size < 100
    own.set("code_cache: true\n")
    own("list", "--count")
    assert is_used(own.state(), own.file())


# Never stale


def test_another_interpreter_or_environment_has_another_file(own: Installation, tmp_path: Path) -> None:
    own.state()
    first = own.file()
    optimized = own.run([str(own.python), "-O", str(own.command), "code-cache"])
    assert optimized.out == NONE_YET
    assert len(own.files()) == 2
    moved = Installation(tmp_path / "moved", own.home)
    own.prefix.rename(moved.prefix)
    moved.write_command()
    assert moved.state() == NONE_YET
    assert len(moved.files()) == 3
    assert first in moved.files()
    assert moved.state().startswith("used: ")


def test_a_dependency_that_is_upgraded_is_used_at_once(own: Installation) -> None:
    import click

    package = own.site / "click"
    package.unlink()
    shutil.copytree(Path(click.__file__).parent, package)
    metadata = own.site / "click-1.dist-info"
    metadata.mkdir()
    own.settle(1000)
    own.state()
    assert is_used(own.state(), own.file())
    metadata.rename(own.site / "click-2.dist-info")
    with (package / "__init__.py").open("a") as stream:
        stream.write("\nimport sys; print('upgraded', file=sys.stderr)\n")
    own.settle(500)
    assert own("code-cache").err == "upgraded\n"
    assert own("code-cache").out.startswith("used: ")
    assert own("code-cache").err == "upgraded\n"


def test_while_an_installation_changes_no_file_is_written(own: Installation) -> None:
    own.settle(0)
    assert own("code-cache").code == 0
    assert own.files() == []


def test_a_file_that_is_edited_in_place_is_used_after_the_next_start(own: Installation) -> None:
    own("paths")
    with (own.package / "text.py").open("a") as stream:
        stream.write("\nimport sys; print('edited', file=sys.stderr)\n")
    assert own("paths").err == "", "it is looked for once a minute"
    own.forget_verification()
    assert own("paths").err == ""
    assert own("paths").err == "edited\n"
    assert own.loaders("paths")["cachetui.text"] == "CodeLoader"


def test_a_module_that_appears_in_a_folder_searched_before_is_used_at_once(
    own: Installation, tmp_path: Path
) -> None:
    folder = tmp_path / "python path"
    folder.mkdir()
    os.utime(folder, (1e9, 1e9))
    variables = {"PYTHONPATH": str(folder)}
    own("code-cache")
    assert own("code-cache", **variables).out == NONE_YET, "another search path has another file"
    assert own("code-cache", **variables).out.startswith("used: ") is (own.files()[1:] != [])
    (folder / "click.py").write_text("raise SystemExit('shadowed')\n")
    assert own("code-cache", **variables).err == "shadowed\n"
    assert own("code-cache").err == ""
    (folder / "click.py").unlink()
    assert own("code-cache", **variables).err == ""


# Never trusted blindly: each of these is an ordinary start, and told


def give_away(file: Path) -> None:
    os.chown(file, NOBODY, NOBODY)


def give_folder_away(file: Path) -> None:
    os.chown(file.parent, NOBODY, NOBODY)


def open_to_group(file: Path) -> None:
    file.chmod(0o620)


def open_to_all(file: Path) -> None:
    file.chmod(0o602)


def open_folder_to_group(file: Path) -> None:
    file.parent.chmod(0o720)


def open_folder_to_all(file: Path) -> None:
    file.parent.chmod(0o1702)


def link(file: Path) -> None:
    elsewhere = file.rename(file.parent.parent / "elsewhere")
    file.symlink_to(elsewhere)


def link_folder(file: Path) -> None:
    elsewhere = file.parent.rename(file.parent.parent / "elsewhere")
    file.parent.symlink_to(elsewhere)


def pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def make_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def make_file_of_folder(file: Path) -> None:
    file.unlink()
    file.parent.rmdir()
    file.parent.write_text("")


def cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size - 1)


def cut_to_nothing(file: Path) -> None:
    os.truncate(file, 0)


def extend(file: Path) -> None:
    with file.open("ab") as stream:
        stream.write(b"x")


def overwrite_index(file: Path) -> None:
    with file.open("r+b") as stream:
        stream.seek(HEAD_SIZE + 100)
        stream.write(b"\0\1\2")


def overwrite_head(file: Path) -> None:
    with file.open("r+b") as stream:
        stream.write(b"#!/bin/sh")


def lie_about_sizes(file: Path) -> None:
    """The sizes add up, but the index is said to be shorter."""
    content = bytearray(file.read_bytes())
    index, code = (int.from_bytes(content[at : at + 8], "little") for at in (16, 24))
    content[16:24], content[24:32] = ((index - 8).to_bytes(8, "little"), (code + 8).to_bytes(8, "little"))
    file.write_bytes(content)


def claim_huge_index(file: Path) -> None:
    """All of a file with a hole of a terabyte is said to be index."""
    size = 1 << 40
    head = FORMAT + size.to_bytes(8, "little") + bytes(8) + bytes(8)
    file.write_bytes(head)
    os.truncate(file, HEAD_SIZE + size)


def forge_index(file: Path) -> None:
    """The checksum is right, but it is not an index."""
    index = marshal.dumps(("nothing", 1))
    sizes = len(index).to_bytes(8, "little") + bytes(8)
    file.write_bytes(FORMAT + sizes + checksum(index) + index)


def forge_marshalled(file: Path) -> None:
    index = b"not marshalled"
    sizes = len(index).to_bytes(8, "little") + bytes(8)
    file.write_bytes(FORMAT + sizes + checksum(index) + index)


MENDED = [link, pipe, cut, cut_to_nothing, extend, overwrite_index, overwrite_head, lie_about_sizes]
MENDED += [claim_huge_index, forge_index, forge_marshalled, open_to_group, open_to_all]
LASTING = [open_folder_to_group, open_folder_to_all, link_folder, make_folder, make_file_of_folder]

GIVEN = [give_away, give_folder_away]

Harm = Callable[[Path], None]


def told(installed: Installation) -> str:
    """What doctor says of the code cache."""
    lines = installed("doctor").out.splitlines()
    at = lines.index("code cache") + 1
    return "\n".join(lines[at : at + 2])


@pytest.mark.parametrize("harm", [*MENDED, *LASTING, *(pytest.param(each, marks=as_root) for each in GIVEN)])
def test_what_is_odd_is_not_believed(in_place: Path, harm: Harm) -> None:
    harm(in_place)
    with pytest.raises((NotUsed, OSError)):
        opened(str(in_place), is_site=False)


@pytest.mark.parametrize("harm", [link, pipe, forge_index, cut, pytest.param(give_away, marks=as_root)])
def test_an_odd_file_is_not_used_and_the_next_start_has_a_good_one(used: Installation, harm: Harm) -> None:
    file = used.file()
    harm(file)
    done = used("code-cache")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"not used: {file}: ")
    assert stat.S_ISREG(os.lstat(file).st_mode)
    assert is_used(used.state(), file)


@pytest.mark.parametrize("harm", LASTING)
def test_an_odd_folder_is_not_used_and_left_alone(used: Installation, harm: Harm) -> None:
    file = used.file()
    harm(file)
    before = sorted((path, os.lstat(path).st_mtime_ns) for path in (used.home / "cache").rglob("*"))
    done = used("code-cache")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"not used: {file}: ")
    assert sorted((path, os.lstat(path).st_mtime_ns) for path in (used.home / "cache").rglob("*")) == before


def test_doctor_tells_what_is_odd(used: Installation) -> None:
    used.folder.chmod(0o770)
    assert re.match(r"  warning not used: .*: other users may write to its folder\n", told(used))
    used.folder.chmod(0o700)
    damage_module(used.file(), "cachetui.cli.commands")
    assert re.match(r"  warning .*: damaged \(cachetui\.cli\.commands\)\n", told(used))
    assert re.match(r"  ok      \d+ modules from ", told(used))


def damage_module(file: Path, name: str) -> None:
    """Change a byte in the middle of the code of a module."""
    content = bytearray(file.read_bytes())
    size = int.from_bytes(content[16:24], "little")
    index = marshal.loads(content[HEAD_SIZE : HEAD_SIZE + size])[2]
    _, _, offset, length, *_ = index[name]
    content[HEAD_SIZE + size + offset + length // 2] ^= 0x41
    file.write_bytes(content)


def test_a_damaged_module_comes_from_its_own_file(used: Installation) -> None:
    plain = used("paths", CACHETUI_NO_CODE_CACHE="1")
    damage_module(used.file(), "cachetui.cli.commands")
    damaged = used.file().read_bytes()
    assert used("paths") == plain
    assert used.file().read_bytes() != damaged, "it is written again"
    assert used.loaders("paths")["cachetui.cli.commands"] == "CodeLoader"


def contents(file: CodeFile) -> dict[str, bytes | None]:
    found: dict[str, bytes | None] = {name: file.content(name) for name in file.modules}
    found[COMPILED] = file.compiled() or None
    os.close(file._handle)
    return found


def test_no_changed_byte_gives_other_code(in_place: Path) -> None:
    good = contents(opened(str(in_place), is_site=False))
    content = in_place.read_bytes()
    choice = random.Random(16)
    refused = damaged = 0
    places = [*range(HEAD_SIZE), *(choice.randrange(len(content)) for _ in range(200))]
    places += [choice.randrange(HEAD_SIZE, HEAD_SIZE + 40_000) for _ in range(20)]
    for place in places:
        with in_place.open("r+b") as stream:
            stream.seek(place)
            stream.write(bytes([content[place] ^ choice.randrange(1, 256)]))
        try:
            found = contents(opened(str(in_place), is_site=False))
        except NotUsed:
            refused += 1
        else:
            odd = {name: code for name, code in found.items() if code != good[name]}
            assert list(odd.values()) == [None], place
            damaged += 1
        with in_place.open("r+b") as stream:
            stream.seek(place)
            stream.write(content[place : place + 1])
    assert refused >= HEAD_SIZE and damaged > 100
    assert contents(opened(str(in_place), is_site=False)) == good


def test_no_cut_file_is_believed(in_place: Path) -> None:
    size = in_place.stat().st_size
    choice = random.Random(17)
    for length in sorted({*range(HEAD_SIZE + 2), *(choice.randrange(size) for _ in range(50))}, reverse=True):
        os.truncate(in_place, length)
        with pytest.raises(NotUsed, match="damaged"):
            opened(str(in_place), is_site=False)


def test_code_that_is_cut_off_while_it_is_used_comes_from_elsewhere(in_place: Path) -> None:
    file = opened(str(in_place), is_site=False)
    os.truncate(in_place, HEAD_SIZE)
    extensions = {name for name, module in file.modules.items() if module[0] == code_cache.EXTENSION}
    assert {code for name, code in contents(file).items() if name not in extensions} == {None}


def test_five_file_operations_decide(in_place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counting(name: str, ask: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *arguments: asked.append(name) or ask(*arguments)  # type: ignore[func-returns-value]

    for name in ("open", "stat", "lstat", "fstat", "readlink", "listdir", "scandir", "access", "getcwd"):
        monkeypatch.setattr(os, name, counting(name, getattr(os, name)))
    file = opened(str(in_place), is_site=False)
    monkeypatch.undo()
    assert asked == ["open", "fstat", "lstat", *["stat"] * len(file.stamps)]
    assert len(file.stamps) <= code_cache.MOST_STAMPS
    os.close(file._handle)


# Modules that are not installed


def test_a_module_that_is_absent_is_found_once_the_search_path_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KnowingFinder, "absent", frozenset({"was_absent"}))
    monkeypatch.setattr(KnowingFinder, "path", list(sys.path))
    (tmp_path / "was_absent.py").write_text("")
    assert KnowingFinder.find_spec("was_absent") is None
    assert KnowingFinder.find_spec("tests") is not None
    monkeypatch.syspath_prepend(str(tmp_path))
    found = KnowingFinder.find_spec("was_absent")
    assert found is not None and found.origin == str(tmp_path / "was_absent.py")


# For all users


def test_the_file_for_all_users_is_read_by_those_without_a_cache_folder(
    own: Installation, tmp_path: Path
) -> None:
    done = own("code-cache", "--write", "--site")
    assert done.code == 0 and done.err.startswith("cachetui: written: ")
    (file,) = own.package.glob("*.code")
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert own.files() == []
    user = Installation(own.prefix, tmp_path / "user")
    assert is_used(user("code-cache").out, file)
    assert user.loaders("paths")["click"] == "CodeLoader"
    assert not (user.home / "cache").exists(), "the user writes nothing"
    assert user.run([str(user.command), "paths"], XDG_CACHE_HOME="/dev/null").code == 0
    assert is_used(user("code-cache", XDG_CACHE_HOME="/dev/null").out, file)
    own.settle(500)
    stale = user("code-cache")
    assert stale.out == f"not used: {file}: the installation has changed\n"
    assert is_used(user.state(), user.file())
    assert own("code-cache", "--remove", "--site").err == f"cachetui: removed {file}\n"
    assert list(own.package.glob("*.code")) == []


def test_a_setting_turns_off_the_file_for_all_users_too(own: Installation, tmp_path: Path) -> None:
    own.write_for_all()
    user = Installation(own.prefix, tmp_path / "user")
    user.set("code_cache: false\n")
    user("list", "--count")
    assert user.state() == "not used: it is turned off in the settings\n"


@as_root
def test_the_file_for_all_users_belongs_to_whom_the_package_belongs(own: Installation) -> None:
    file = own.write_for_all()
    give_away(file)
    assert own("code-cache").out == f"not used: {file}: it belongs to another user\n"
    give_folder_away(file)
    shutil.rmtree(own.folder, ignore_errors=True)
    assert is_used(own("code-cache").out, file)


def test_a_package_that_others_may_write_has_no_file_for_all_users(own: Installation) -> None:
    own.package.chmod(0o775)
    done = own("code-cache", "--write", "--site")
    assert (done.code, done.out) == (3, "")
    assert done.err.endswith(": other users may write to its folder\n")
    assert list(own.package.glob("*.code")) == []


# The user's folders


@pytest.mark.parametrize("kind", ["cache", "config", "state"])
@pytest.mark.parametrize("value", [None, "", "  ", "/an/absolute/folder", "/with/a/slash/"])
def test_folders_are_those_of_platformdirs(
    kind: str, value: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    if value is None:
        monkeypatch.delenv(f"XDG_{kind.upper()}_HOME")
    else:
        monkeypatch.setenv(f"XDG_{kind.upper()}_HOME", value)
    assert code_cache.user_folder(kind) == getattr(platformdirs, f"user_{kind}_dir")("cachetui")


@pytest.mark.parametrize("value", ["relative", ".", "~/mine"])
def test_a_relative_folder_is_none(value: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The XDG rules say so; a tilde that no shell has expanded is meant."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", value)
    expected = tmp_path / ("mine" if value.startswith("~") else ".cache") / "cachetui"
    assert code_cache.user_folder("cache") == str(expected)
