"""The file of the program's own code is written: when, where, and that it holds what is installed."""

from __future__ import annotations

import marshal
import os
import subprocess
import time
from pathlib import Path
from zipfile import ZipFile

import pytest

from cachetui.code_cache import HEAD_SIZE, VERIFY_SECONDS
from cachetui.code_writing import SETTLING_SECONDS, SKEW_SECONDS
from tests.builders.homes import write_text
from tests.builders.installation import NONE_YET, Installation, is_used
from tests.terminal.harness import Terminal

DAY = 86400.0
EDIT = "\nimport sys; print('edited', file=sys.stderr)\n"


@pytest.fixture
def used(used_installation: Installation) -> Installation:
    return used_installation


@pytest.fixture
def own(own_installation: Installation) -> Installation:
    return own_installation


def stamps(file: Path) -> list[str]:
    """The folders whose times a file names."""
    content = file.read_bytes()
    size = int.from_bytes(content[16:24], "little")
    return [folder for folder, _ in marshal.loads(content[HEAD_SIZE : HEAD_SIZE + size])[1]]


def python(installed: Installation, program: str, **variables: str) -> str:
    """The output of a program that has no error."""
    done = installed.run([str(installed.python), "-c", program], **variables)
    assert (done.code, done.err) == (0, "")
    return done.out


# When and where


def test_many_first_starts_at_once_leave_one_good_file(new_user: Installation) -> None:
    new_user.home.mkdir()
    environ = new_user.environ()
    started = [
        subprocess.Popen(
            [new_user.command, "code-cache"],
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(20)
    ]
    answers = [process.communicate()[0] for process in started]
    assert {process.returncode for process in started} == {0}
    assert set(answers) - {NONE_YET} <= {answer for answer in answers if is_used(answer, new_user.file())}
    assert is_used(new_user.state(), new_user.file())
    assert os.listdir(new_user.folder) == [new_user.file().name]


def test_the_browser_writes_it_in_the_background(new_user: Installation) -> None:
    new_user("code-cache")
    before = new_user.file().stat().st_size
    environ = {**new_user.environ(), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
    with Terminal([str(new_user.command), "sample"], environ) as terminal:
        terminal.wait_for("hdf5")
        terminal.wait_for(lambda: new_user.file().stat().st_size > 2 * before)
        terminal.send("\x03\x03")
    index = new_user.loaders("code-cache", "--nonsense")
    assert index["cachetui"] == "SourceFileLoader"
    assert is_used(new_user.state(), new_user.file())


@pytest.mark.parametrize("folder", ["/proc/no-such-folder", "/dev/null"])
def test_where_no_folder_can_be_made_the_answers_are_the_same(new_user: Installation, folder: str) -> None:
    done = new_user("list", "--help", XDG_CACHE_HOME=folder)
    assert done == new_user("list", "--help", CACHETUI_NO_CODE_CACHE="1")
    assert new_user("code-cache", XDG_CACHE_HOME=folder).out.startswith("not used: ")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_told(new_user: Installation) -> None:
    (new_user.home / "cache").mkdir(parents=True, mode=0o500)
    assert new_user("code-cache").out == f"not used: {new_user.home / 'cache'}: it cannot be written\n"


def test_a_full_disk_leaves_nothing_behind(new_user: Installation) -> None:
    limited = ["sh", "-c", 'ulimit -f 100; exec "$@"', "sh", str(new_user.command), "code-cache"]
    done = new_user.run(limited)
    assert (done.code, done.out, done.err) == (0, NONE_YET, "")
    assert new_user.files() == []
    new_user("code-cache")
    before = new_user.file().read_bytes()
    limited[-1] = "paths"
    assert new_user.run(limited) == new_user("paths", CACHETUI_NO_CODE_CACHE="1")
    assert new_user.file().read_bytes() == before, "what was there stays"


def test_what_killed_writers_have_left_is_removed(new_user: Installation) -> None:
    new_user("code-cache")
    file = new_user.file()
    left, fresh = (file.with_name(f".{file.name}.{number}") for number in ("0011", "2233"))
    left.write_text("")
    os.utime(left, (1e9, 1e9))
    fresh.write_text("")
    file.unlink()
    new_user("code-cache")
    assert sorted(os.listdir(new_user.folder)) == [fresh.name, file.name]


def test_a_file_that_is_used_is_not_swept(used: Installation) -> None:
    used.forget_verification(29 * DAY)
    assert is_used(used.state(), used.file())
    age = time.time() - used.file().stat().st_mtime
    assert age < DAY


def test_a_clock_of_the_file_server_that_is_ahead_does_not_matter(used: Installation) -> None:
    used.forget_verification(-10 * VERIFY_SECONDS)
    used.state()
    assert used.file().stat().st_mtime < time.time() + VERIFY_SECONDS


def test_removing_the_file_writes_no_other(used: Installation) -> None:
    file = used.file()
    done = used("code-cache", "--remove")
    assert (done.code, done.out, done.err) == (0, "", f"cachetui: removed {file}\n")
    assert used.files() == []


def test_two_actions_exclude_each_other(used: Installation) -> None:
    assert used("code-cache", "--remove", "--write").code == 2


# An installation that changes


@pytest.mark.parametrize(
    ("seconds", "is_written"),
    [(0, False), (-SKEW_SECONDS / 2, False), (SETTLING_SECONDS + 100, True), (-2 * SKEW_SECONDS, True)],
)
def test_a_file_is_written_once_the_installation_is_over(
    own: Installation, seconds: float, is_written: bool
) -> None:
    own.settle(seconds)
    expected = NONE_YET if is_written else "not used: the installation has just changed; try again\n"
    assert own.state() == expected
    assert bool(own.files()) is is_written


RENEW = """
import os, sys
from cachetui import code_cache
code_cache.enable()
import cachetui.cli.commands
from cachetui import code_writing
code_cache.state.missed.append("something_else")  # so that the file is written again
path, rest = sys.argv[1], int(sys.argv[2])
def edit():
    {edit}
def pause():
    global rest
    rest -= 1
    if rest == 0:
        edit()
code_writing.keep(True, pause)
assert rest <= 0
"""


def renew(installed: Installation, edit: str, path: Path, calls: int) -> None:
    """Write the file again; a file is edited at one of the pauses."""
    program = RENEW.format(edit=edit)
    done = installed.run([str(installed.python), "-c", program, str(path), str(calls)])
    assert (done.code, done.out) == (0, ""), done


def test_a_file_that_is_edited_while_others_are_looked_at_is_noticed(own: Installation) -> None:
    own("paths")
    count = int(own.state().split()[1])
    renew(own, f"open(path, 'a').write({EDIT!r})", own.package / "text.py", count)
    own.forget_verification()
    own("paths")
    assert own("paths").err == "edited\n"


UPGRADE = """
    found, text = os.stat(path), open(path).read()
    open(path, "w").write(text.replace("'before'", "'behind'"))
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
    os.remove(sys.modules["cachetui.text"].__cached__)
    os.utime(code_cache.SITE_FOLDER, (1e9, 1e9))
"""


def test_an_upgrade_whose_files_have_the_same_times_and_sizes_is_noticed(own: Installation) -> None:
    path = own.package / "text.py"
    with path.open("a") as stream:
        stream.write(EDIT.replace("edited", "before"))
    own.settle(1000)
    assert own("paths").err == "before\n"
    assert own("paths").err == "before\n"
    renew(own, UPGRADE, path, 1)
    assert own("paths").err == "behind\n"


# Where modules are searched


def test_a_module_that_was_absent_is_found_where_too_many_folders_are_searched(
    own: Installation, tmp_path: Path
) -> None:
    late = [tmp_path / f"late{number}" / "site-packages" for number in range(2)]
    for folder in late:
        folder.mkdir(parents=True)
    own.search(*late)
    program = """
from cachetui import code_cache
code_cache.enable()
import cachetui.cli
try:
    import some_extra
except ImportError:
    print("absent")
else:
    print("found")
from cachetui.code_writing import keep
keep(True)
"""
    assert python(own, program) == "absent\n"
    assert is_used(own.state(), own.file())
    assert stamps(own.file()) == [str(own.site)]
    write_text(late[1] / "some_extra.py", "")
    assert python(own, program) == "found\n"


def test_an_archive_that_is_searched_before_is_watched(new_user: Installation, tmp_path: Path) -> None:
    archive = tmp_path / "more.zip"
    with ZipFile(archive, "w") as written:
        written.writestr("another.py", "")
    os.utime(archive, (1e9, 1e9))
    new_user("code-cache", PYTHONPATH=str(archive))
    assert new_user("code-cache", PYTHONPATH=str(archive)).out.startswith("used: ")
    with ZipFile(archive, "w") as written:
        written.writestr("click.py", "raise SystemExit('shadowed')")
    os.utime(archive, (1.1e9, 1.1e9))
    assert new_user("code-cache", PYTHONPATH=str(archive)).err == "shadowed\n"


@pytest.mark.parametrize("value", [":{}", "{}:", "{}::{}", "here"])
def test_a_search_in_the_working_directory_has_no_file(new_user: Installation, value: str) -> None:
    """Each directory would have another one."""
    done = new_user("code-cache", PYTHONPATH=value.format(new_user.home, new_user.home))
    assert done.out == "not used: PYTHONPATH names the working directory\n"
    assert new_user.files() == []


def test_more_folders_than_are_watched_are_told(new_user: Installation, tmp_path: Path) -> None:
    path = os.pathsep.join(str(tmp_path / name) for name in ("one", "two"))
    expected = "not used: modules are searched in 3 folders, more than 2\n"
    assert new_user("code-cache", PYTHONPATH=path).out == expected
    assert new_user.files() == []


def test_nothing_comes_from_the_working_directory(new_user: Installation, tmp_path: Path) -> None:
    write_text(new_user.home / "click.py", "raise SystemExit('shadowed')")
    module = [str(new_user.python), "-m", "cachetui", "code-cache"]
    assert new_user.run(module).out == NONE_YET
    assert is_used(new_user.run(module).out, new_user.file())
    assert is_used(new_user.state(), new_user.file()), "the command has the same file"
    assert stamps(new_user.file()) == [str(new_user.site)]


def test_the_folder_of_packages_may_be_the_working_directory(new_user: Installation) -> None:
    """Where it is searched for no other reason, everything still comes from there."""
    done = new_user.run_in(new_user.site, [str(new_user.python), "-S", "-m", "cachetui", "code-cache"])
    assert (done.code, done.out, done.err) == (0, NONE_YET, "")


def test_a_command_behind_links_searches_for_nothing_beside_itself(own: Installation, tmp_path: Path) -> None:
    (tmp_path / "linked").symlink_to(tmp_path)
    linked = Installation(tmp_path / "linked" / own.prefix.name, own.home)
    linked.write_command()
    assert linked("code-cache").out == NONE_YET
    assert [os.path.basename(folder) for folder in stamps(linked.file())] == ["site-packages"]
