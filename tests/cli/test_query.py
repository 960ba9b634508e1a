"""Queries on the command line: `-q` of list, packages and pick, and what is said about them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from cachetui.tui import StartOptions, start, terminal
from tests.conftest import MIRROR_023, MIRROR_12, Call

pytestmark = pytest.mark.usefixtures("own_folder")

OLD, NEW = str(MIRROR_023), str(MIRROR_12)


def count(call: Call, query: str, *locations: str) -> int:
    """How many builds satisfy a query."""
    return int(call("list", "-q", query, "--count", *locations).out)


def test_spec_selects_builds(call: Call) -> None:
    done = call("list", "-q", "hdf5 +mpi ^zlib-ng", "--format", "specs", OLD)
    assert (done.code, done.err) == (0, "")
    assert done.lines and all(line.startswith("hdf5@") and "+mpi" in line for line in done.lines)
    assert len(done.lines) == count(call, "hdf5 +mpi ^zlib-ng", OLD) < count(call, "hdf5", OLD)


def test_verbose_prints_how_a_spec_was_read(call: Call) -> None:
    old = call("list", "-v", "-q", "hdf5 %gcc@13 +mpi", "--count", OLD)
    builds = f"{count(call, '', OLD):,} builds"
    assert old.err == f"cachetui: Spack 0.23 ({builds}): package = hdf5 and +mpi and %gcc@13\n"
    new = call("list", "-v", "-q", "hdf5 %gcc@13 +mpi", "--count", NEW)
    assert "Spack 1.x" in new.err and "hdf5 and %gcc@13 (+mpi of gcc)" in new.err
    assert call("list", "-q", "hdf5 %gcc@13 +mpi", "--count", OLD).err == ""


def test_records_whose_spack_refuses_the_spec_are_noted(call: Call) -> None:
    query = "hdf5 %gcc %mpi"
    both = call("list", "-q", query, "--count", OLD, NEW)
    assert (both.code, int(both.out)) == (0, count(call, query, NEW))
    assert "Spack 0.23 (385 builds): refused: a spec has one compiler in Spack 0.23" in both.err
    assert "Spack 1.x (191 builds): package = hdf5 and %gcc and %mpi" in both.err
    refused = call("list", "-q", query, OLD)
    assert (refused.code, refused.out) == (2, "")
    assert "(Spack 1.x reads this, but Spack 0.23 wrote these records)" in refused.err
    assert refused.err.splitlines()[1:] == [f"  {query}", "            ^^^^"]


def test_ambiguous_spec_is_noted(call: Call) -> None:
    assert call("list", "-q", "hdf5 +mpi %gcc", "--count", OLD, NEW).err == ""
    message = call("list", "-q", "hdf5 %gcc +mpi", "--count", OLD, NEW).err.splitlines()
    assert len(message) == 2 and "+mpi and %gcc" in "".join(message) and "(+mpi of gcc)" in "".join(message)


def test_ignored_parts_of_a_spec_are_noted(call: Call) -> None:
    done = call("list", "-q", "hdf5 ^mpi@3+cuda", "--count", OLD)
    assert int(done.out) == count(call, "hdf5 ^mpi", OLD)
    assert "mpi is a virtual: attributes are ignored" in done.err


def test_two_queries_are_refused(call: Call) -> None:
    done = call("list", "-q", "hdf5", "-q", "+mpi", OLD)
    assert (done.code, done.out) == (2, "")
    assert "is given twice; write one spec" in done.err


def test_long_query_is_shown_around_the_error(call: Call) -> None:
    done = call("list", "-q", "".join(f"+v{n}" for n in range(100)) + " &" + "+x" * 50, OLD)
    message, shown, underline = done.err.splitlines()
    assert max(map(len, (message, shown, underline))) < 200
    assert shown[underline.index("^")] == "&"


def test_carets_under_wide_characters(call: Call) -> None:
    _, shown, underline = call("list", "-q", "hdf5 漢 &", OLD).err.splitlines()
    assert (shown, underline) == ("  hdf5 漢 &", "       ^^ ^")


def test_unknown_target(call: Call) -> None:
    done = call("list", "-q", "hdf5 target=zen3:nosuch", OLD)
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines() == [
        "cachetui: nosuch is not a target that archspec knows",
        "  hdf5 target=zen3:nosuch",
        f"  {' ' * 17}{'^' * 6}",
    ]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("hdf5@99 +mpi", "no build has @99"),
        ("+nosuch", "no build has +nosuch"),
        ("zlib-ng ^zlib-ng", "no build satisfies all of this spec"),
        ("hdf", "no build of a package named hdf; there is hdf5"),
        ("hdf@99", "no build of a package named hdf; there is hdf5"),
    ],
)
def test_nothing_found(call: Call, query: str, message: str) -> None:
    assert call("list", "-q", query, OLD) == (1, "", f"cachetui: {message}\n")


def test_packages_of_matching_builds(call: Call) -> None:
    names = call("packages", "-q", "^mpi", "--format", "names", OLD).lines
    assert names == sorted(names) and "hdf5" in names and "zlib-ng" not in names
    assert call("packages", "-q", "^mpi", "-s", "hdf", "--format", "names", OLD).lines[0] == "hdf5"


def test_only_match_is_picked_without_the_browser(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "refusal", lambda: "no terminal")
    (dag_hash,) = call("list", "-q", "hdf5", "--limit", "1", "--format", "hashes", OLD).lines
    for form, text in (
        ("hash", dag_hash),
        ("/hash", f"/{dag_hash}"),
        ("name/hash", f"hdf5/{dag_hash}"),
    ):
        assert call("pick", "-q", f"/{dag_hash}", "-1", "--print", form, OLD) == (0, f"{text}\n", "")
    # The mirror is not configured in Spack: it is added first.
    lines = call("pick", "-q", f"/{dag_hash}", "-1", "--print", "install", OLD).lines
    assert lines[0].startswith("spack mirror add ")
    assert lines[-1] == f"spack install --cache-only /{dag_hash}"
    assert call("pick", "-q", "hdf5", "-1", OLD) == (2, "", "cachetui: no terminal\n")
    assert call("pick", "-q", f"/{dag_hash}", OLD) == (2, "", "cachetui: no terminal\n")


def test_pick_passes_its_query_to_the_browser(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[StartOptions] = []

    def run_app(locations: object, config: object, options: StartOptions, mouse: bool) -> SimpleNamespace:
        given.append(options)
        return SimpleNamespace(return_code=0, picked=[])

    monkeypatch.setattr(terminal, "refusal", lambda: None)
    monkeypatch.setattr(start, "run_app", run_app)
    assert call("pick", "-q", "hdf5", "--multi", OLD) == (130, "", "")
    assert given == [StartOptions("hdf5", picks=True, multi=True, policy=given[0].policy)]
    assert call("pick", "-q", "hdf5 &", OLD).code == 2
    assert len(given) == 1


def test_exit_code_of_pick_after_a_source_failed(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "refusal", lambda: "no terminal")
    (dag_hash,) = call("list", "-q", "hdf5", "--limit", "1", "--format", "hashes", OLD).lines
    done = call("pick", "-q", f"/{dag_hash}", "-1", OLD, "no/such/mirror")
    assert (done.code, done.out) == (3, f"{dag_hash}\n")
    assert call("pick", "-q", "hdf5@99", "-1", OLD, "no/such/mirror").code == 3


@pytest.mark.parametrize("command", ["list", "packages", "coverage"])
def test_a_host_alone_filters_nothing_and_that_is_said(call: Call, command: str) -> None:
    said = "--host alone filters nothing"
    assert said in call(command, "sample", "--host", "zen3").err
    assert said not in call(command, "sample", "--host", "zen3", "--runs-here").err
    assert said not in call(command, "sample", "--host", "zen3", "--where", "runs!=yes").err
    assert said not in call(command, "sample").err
    assert said not in call("coverage", "sample", "--host", "zen3", "--by", "runs").err
