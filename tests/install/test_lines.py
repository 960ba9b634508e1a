"""Install lines by layout, signing, view and release of Spack: each is one that a real Spack took.

What real Spacks did is noted with the data of this project. From v3 by path, http and view, from v2, and
from OCI over https `spack install --cache-only /HASH` installs. An unsigned mirror has to be added with
--unsigned, OCI in 0.23 too; a signed one needs the keys. From oci+http none installs. Two builds of a
package, or builds whose closures conflict, need unify:false.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Sequence

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cachetui.catalog import MirrorInfo
from cachetui.graph import State
from cachetui.install import COPY_FORMS, NEWEST, RELEASES, CachedBuild, Needed, TargetSpack, install_line
from cachetui.spack import Mirror
from cachetui.spec import Place
from tests.conftest import build, dag_hash
from tests.tools import need

HASH = f"/{dag_hash(1)}"
INSTALL = f"spack install --cache-only {HASH}"
UNCHECKED = f"spack install --cache-only --no-check-signature {HASH}"
KEYS = "spack buildcache keys --install --trust"
ENVIRONMENT = next(form for form in COPY_FORMS if form.name == "spack.yaml entry")

SPACK_12, SPACK_10, SPACK_023, SPACK_021 = (TargetSpack(release) for release in RELEASES)
SPACK_019 = TargetSpack((0, 19))

V2 = MirrorInfo("site", "https://host/site", "v2")
V3 = MirrorInfo("site", "https://host/site", "v3")
PATH = MirrorInfo("site", "/srv/site cache", "v3")
VIEW = MirrorInfo("site", "https://host/site", "v3", "my-view")
OCI = MirrorInfo("site", "oci://ghcr.io/org/site", "oci")
OCI_HTTP = MirrorInfo("site", "oci+http://host:5000/site", "oci")


def lines(mirror: MirrorInfo, spack: TargetSpack = NEWEST, spec_format: int = 4) -> list[str]:
    """The lines for one build in one mirror."""
    made = CachedBuild(build(1, "hdf5", spec_format=spec_format), (mirror,), ())
    return install_line([made], spack).splitlines()


def commands(text: Sequence[str]) -> list[str]:
    """The lines that a shell runs."""
    return [line for line in text if not line.startswith("#")]


def unsigned(mirror: MirrorInfo) -> MirrorInfo:
    return replace(mirror, signed=False)


def signed(mirror: MirrorInfo) -> MirrorInfo:
    return replace(mirror, signed=True)


ADD = "spack mirror add site https://host/site"
ADD_UNSIGNED = "spack mirror add --unsigned site https://host/site"
ADD_PATH = "spack mirror add --unsigned site '/srv/site cache'"
ADD_OCI = "spack mirror add site oci://ghcr.io/org/site"
ADD_OCI_UNSIGNED = "spack mirror add --unsigned site oci://ghcr.io/org/site"


@pytest.mark.parametrize(
    ("mirror", "spack", "expected"),
    [
        (unsigned(V3), SPACK_12, [ADD_UNSIGNED, INSTALL]),
        (unsigned(V3), SPACK_10, [ADD_UNSIGNED, INSTALL]),
        (unsigned(V3), SPACK_023, []),
        (signed(V3), SPACK_12, [ADD, KEYS, INSTALL]),
        (unsigned(PATH), SPACK_12, [ADD_PATH, INSTALL]),
        (unsigned(V2), SPACK_12, [ADD_UNSIGNED, INSTALL]),
        (unsigned(V2), SPACK_023, [ADD_UNSIGNED, INSTALL]),
        (unsigned(V2), SPACK_021, [ADD, UNCHECKED]),
        (unsigned(V2), SPACK_019, [ADD, f"spack buildcache install -o -u {HASH}"]),
        (signed(V2), SPACK_12, [ADD, KEYS, INSTALL]),
        (signed(V2), SPACK_023, [ADD, KEYS, INSTALL]),
        (signed(V2), SPACK_021, [ADD, KEYS, INSTALL]),
        (signed(V2), SPACK_019, [ADD, KEYS, f"spack buildcache install -o {HASH}"]),
        (V2, SPACK_023, [ADD, KEYS, INSTALL]),
        (OCI, SPACK_12, [ADD_OCI, INSTALL]),
        (OCI, SPACK_10, [ADD_OCI, INSTALL]),
        (OCI, SPACK_023, [ADD_OCI_UNSIGNED, INSTALL]),
        (OCI, SPACK_021, [ADD_OCI, UNCHECKED]),
        (OCI, SPACK_019, []),
        (OCI_HTTP, SPACK_12, []),
        (OCI_HTTP, SPACK_023, []),
        (signed(VIEW), SPACK_12, [KEYS, INSTALL]),
        (unsigned(VIEW), SPACK_12, [INSTALL]),
        (unsigned(VIEW), SPACK_10, []),
    ],
)
def test_lines_of_a_mirror_that_spack_does_not_have(
    mirror: MirrorInfo, spack: TargetSpack, expected: list[str]
) -> None:
    assert commands(lines(mirror, spack)) == expected


@pytest.mark.parametrize(
    ("mirror", "spack", "said"),
    [
        (unsigned(V3), SPACK_023, "# https://host/site has layout v3, which Spack 0.23 does not read"),
        (OCI, SPACK_019, "# oci://ghcr.io/org/site is a registry, which Spack 0.19 does not read"),
        (OCI_HTTP, SPACK_12, "# oci+http://host:5000/site is readable by cachetui and not by Spack"),
        (unsigned(VIEW), SPACK_10, "# https://host/site lists it in a view, and Spack 1.0 has no views"),
    ],
)
def test_what_a_spack_cannot_use_is_said(mirror: MirrorInfo, spack: TargetSpack, said: str) -> None:
    first, *_, last = lines(mirror, spack)
    assert first.startswith(said)
    assert last == f"# no mirror that Spack can use: hdf5{HASH}"


@pytest.mark.parametrize(("spec_format", "release"), [(5, (0, 23)), (6, (1, 2))])
def test_records_that_are_too_new(spec_format: int, release: tuple[int, int]) -> None:
    (line,) = lines(unsigned(V2), TargetSpack(release), spec_format)
    assert line.startswith(
        f"# its record has format {spec_format}, which Spack {release[0]}.{release[1]} does"
    )
    assert commands(lines(unsigned(V2), TargetSpack((1, 3)), spec_format)) == [ADD_UNSIGNED, INSTALL]


UNKNOWN = "# signed or unsigned is unknown: if Spack finds no binary, add site with"


@pytest.mark.parametrize(
    ("mirror", "spack", "said"),
    [
        (V3, SPACK_12, [f"{UNKNOWN} --unsigned"]),
        (V2, SPACK_023, [f"{UNKNOWN} --unsigned"]),
        (VIEW, SPACK_12, [f"{UNKNOWN} signed: false"]),
        (V2, SPACK_021, []),
        (signed(V3), SPACK_12, []),
        (unsigned(V3), SPACK_12, []),
        (OCI, SPACK_12, []),
        (OCI, SPACK_023, []),
    ],
)
def test_what_to_try_where_signing_is_unknown(
    mirror: MirrorInfo, spack: TargetSpack, said: list[str]
) -> None:
    assert [line for line in lines(mirror, spack) if line.startswith("# signed or")] == said
    text = ENVIRONMENT.render([CachedBuild(build(1), (mirror,), ())], spack)
    in_yaml = [line.replace("--unsigned", "signed: false") for line in said]
    assert [line for line in text.splitlines() if line.startswith("# signed or")] == in_yaml


@pytest.mark.parametrize("layout", [V2, V3, VIEW, PATH, OCI, OCI_HTTP])
@pytest.mark.parametrize("signing", [None, True, False])
@pytest.mark.parametrize("release", [(0, 19), (0, 21), (0, 22), (0, 23), (1, 0), (1, 1), (1, 2), (1, 3)])
@pytest.mark.parametrize("number", [1, 2])
def test_lines_of_each_layout_signing_and_release_agree(
    layout: MirrorInfo, signing: bool | None, release: tuple[int, int], number: int
) -> None:
    """What no Spack took is never said: an option that it lacks, or an install from what it cannot read."""
    mirror, spack = replace(layout, signed=signing), TargetSpack(release)
    builds = [CachedBuild(build(n, "hdf5", spec_format=4), (mirror,), ()) for n in range(1, number + 1)]
    ran = [shlex.split(line) for line in commands(install_line(builds, spack).splitlines())]
    adds = [words for words in ran if words[:3] == ["spack", "mirror", "add"]]
    installs = [words for words in ran if builds[0].spec.dag_hash in words[-number]]
    is_registry = layout in (OCI, OCI_HTTP)
    reads = layout.layout == "v2" or release >= ((0, 21) if is_registry else (1, 0))
    works = reads and layout != OCI_HTTP and (not layout.view or release >= (1, 2))
    assert len(installs) == works
    assert len(adds) == (works and not layout.view)
    for words in adds:
        lies_unsigned = release < (1, 0) if is_registry else signing is False
        assert ("--unsigned" in words) == (lies_unsigned and release >= (0, 22))
        assert words[-2:] == ["site", layout.url]
    for words in installs:
        assert ("concretizer:unify:false" in words) == (number == 2 and release >= (0, 20))
        assert [word for word in words if word.startswith("/")] == [
            f"/{each.spec.dag_hash}" for each in builds
        ]
    keys = any(words[:3] == ["spack", "buildcache", "keys"] for words in ran)
    assert keys == (works and not is_registry and signing is not False)


def test_public_mirrors_are_signed() -> None:
    url = "https://binaries.spack.io/develop"
    text = lines(MirrorInfo("develop", url, "v3"))
    assert text == [f"spack mirror add develop {url}", KEYS, INSTALL]


def test_a_view_is_given_as_an_entry() -> None:
    text = lines(unsigned(VIEW))
    start = text.index("# mirrors:")
    entry = "\n".join(line.removeprefix("# ") for line in text[start:-1])
    mirror = {"url": "https://host/site", "view": "my-view", "signed": False}
    assert yaml.safe_load(entry) == {"mirrors": {"site": mirror}}


# mirrors that Spack has


def has(url: str, release: tuple[int, int] = (1, 2), **more: object) -> TargetSpack:
    """A Spack with one mirror."""
    return TargetSpack(release, (Mirror("mine", url, **more),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("mirror", "spack", "expected"),
    [
        (unsigned(V3), has("https://host/site/", signed=False), [INSTALL]),
        (unsigned(V3), has("https://host/site"), [UNCHECKED]),
        (signed(V3), has("https://host/site"), [KEYS, INSTALL]),
        (signed(V3), has("https://host/site", signed=False), [INSTALL]),
        (V3, has("https://host/site"), [INSTALL]),
        (unsigned(V3), has("https://host/site", signed=False, binary=False), [ADD_UNSIGNED, INSTALL]),
        (unsigned(V3), has("https://host/other", signed=False), [ADD_UNSIGNED, INSTALL]),
        (unsigned(PATH), has("file:///srv/site cache", signed=False), [INSTALL]),
        (unsigned(VIEW), has("https://host/site", view="my-view", signed=False), [INSTALL]),
        (unsigned(VIEW), has("https://host/site", view="other", signed=False), [INSTALL]),
        (OCI, has("oci://ghcr.io/org/site"), [INSTALL]),
        (OCI, has("oci://ghcr.io/org/site", (0, 23)), [UNCHECKED]),
        (OCI, has("oci://ghcr.io/org/site", (0, 23), signed=False), [INSTALL]),
    ],
)
def test_mirrors_that_spack_has_are_not_added(
    mirror: MirrorInfo, spack: TargetSpack, expected: list[str]
) -> None:
    text = lines(mirror, spack)
    assert commands(text) == expected
    is_there = bool(spack.mirrors[0].view in ("", mirror.view) and "other" not in spack.mirrors[0].url)
    assert ("# mirrors:" in text) == (bool(mirror.view) and not is_there)


def test_a_name_that_is_taken_is_not_used_again() -> None:
    spack = TargetSpack(mirrors=(Mirror("site", "https://else/where"), Mirror("site-2", "/srv/x")))
    assert lines(signed(V3), spack)[0] == "spack mirror add site-3 https://host/site"


def test_a_name_is_one_that_all_spacks_take() -> None:
    mirror = MirrorInfo("v0.22.1/e4s", "https://host/site", "v2", signed=True)
    assert lines(mirror)[0] == "spack mirror add v0-22-1-e4s https://host/site"


def test_few_mirrors_are_chosen() -> None:
    a, b, c = (MirrorInfo(name, f"https://host/{name}", "v3", signed=True) for name in "abc")
    builds = [
        CachedBuild(build(1, "x"), (a, b), (Needed("z", dag_hash(3), State.CACHED, (b, c)),)),
        CachedBuild(build(2, "y"), (b,), ()),
    ]
    assert commands(install_line(builds).splitlines())[:-2] == ["spack mirror add b https://host/b"]
    configured = TargetSpack(mirrors=(Mirror("a", "https://host/a"),))
    assert (
        commands(install_line(builds[:1], configured).splitlines())[0] == "spack mirror add b https://host/b"
    )


def test_mirrors_of_what_a_build_needs_are_added() -> None:
    other = MirrorInfo("deps", "/srv/deps", "v3", signed=True)
    external = MirrorInfo("externals", "/srv/externals", "v3", signed=True)
    needs = (
        Needed("zlib", dag_hash(2), State.CACHED, (other,)),
        Needed("glibc", dag_hash(3), State.EXTERNAL, (external,)),
    )
    text = install_line([CachedBuild(build(1, "hdf5"), (signed(V3),), needs)]).splitlines()
    assert text == [ADD, "spack mirror add deps /srv/deps", KEYS, INSTALL]


def test_a_mirror_that_spack_reads_goes_before_one_that_it_does_not() -> None:
    made = CachedBuild(build(1), (OCI_HTTP, signed(V3)), ())
    assert install_line([made]).splitlines() == [ADD, KEYS, INSTALL]
    made = CachedBuild(build(1), (signed(V3), signed(replace(V2, name="old", url="/srv/old"))), ())
    assert install_line([made], SPACK_023).splitlines()[0] == "spack mirror add old /srv/old"


def test_a_mirror_without_a_view_goes_before_the_view() -> None:
    made = CachedBuild(build(1), (signed(VIEW), signed(V3)), ())
    assert install_line([made]).splitlines() == [ADD, KEYS, INSTALL]


def test_pages_name_their_mirror_by_tag_and_stack() -> None:
    pages = MirrorInfo("develop", "/srv/pages", "pages")
    made = build(1, places=(Place(tag="develop", stack="e4s"),))
    text = install_line([CachedBuild(made, (pages,), None)]).splitlines()
    assert text == ["spack mirror add develop-e4s https://binaries.spack.io/develop/e4s", KEYS, INSTALL]


def test_an_index_file_is_no_mirror() -> None:
    text = lines(MirrorInfo("index.json", "/srv/index.json", "file"))
    assert text == ["# listed by /srv/index.json: which mirror it is the index of is not known", INSTALL]


def test_a_path_in_which_spack_would_replace_variables_is_a_url() -> None:
    (first, *_) = lines(MirrorInfo("m", "/srv/$user/m", "v3", signed=True))
    assert first == "spack mirror add m file:///srv/%24user/m"


def test_a_secret_url_is_not_completed() -> None:
    text = lines(MirrorInfo("m", "https://host/m?\u2026", "v3", signed=True))
    assert commands(text) == [KEYS, INSTALL]
    assert "secret" in text[0]


# several builds


def several(*builds: tuple[int, str, tuple[Needed, ...] | None]) -> list[str]:
    """The lines for builds that are in no known mirror."""
    made = [CachedBuild(build(number, name), (), needs) for number, name, needs in builds]
    return install_line(made).splitlines()


def on(name: str, number: int, state: State = State.CACHED) -> Needed:
    return Needed(name, dag_hash(number), state)


TOGETHER = f"spack install --cache-only /{dag_hash(1)} /{dag_hash(2)}"
APART = f"spack -c concretizer:unify:false install --cache-only /{dag_hash(1)} /{dag_hash(2)}"


@pytest.mark.parametrize(
    ("builds", "expected"),
    [
        ([(1, "hdf5", ()), (2, "zlib", ())], TOGETHER),
        ([(1, "hdf5", ()), (2, "hdf5", ())], APART),
        ([(1, "hdf5", (on("zlib", 2),)), (2, "zlib", ())], TOGETHER),
        ([(1, "hdf5", (on("zlib", 3),)), (2, "zlib", ())], APART),
        ([(1, "hdf5", (on("mpich", 4),)), (2, "petsc", (on("mpich", 5),))], APART),
        ([(1, "a", (on("glibc", 4, State.EXTERNAL),)), (2, "b", (on("glibc", 5, State.EXTERNAL),))], APART),
        ([(1, "hdf5", None), (2, "zlib", ())], APART),
    ],
)
def test_closures_that_conflict_are_concretized_apart(
    builds: list[tuple[int, str, tuple[Needed, ...] | None]], expected: str
) -> None:
    assert several(*builds) == [expected]


@pytest.mark.parametrize(("names", "conflicts"), [(("a", "b"), False), (("a", "a"), True)])
def test_an_environment_of_several_builds(names: tuple[str, str], conflicts: bool) -> None:
    render = ENVIRONMENT.render
    made = [CachedBuild(build(n, name), (unsigned(VIEW),), ()) for n, name in enumerate(names, 1)]
    found = yaml.safe_load(render(made))["spack"]
    assert found["specs"] == [f"{name}/{dag_hash(n)}" for n, name in enumerate(names, 1)]
    mirror = {"url": "https://host/site", "view": "my-view", "signed": False}
    assert found["mirrors"] == {"site": mirror}
    assert (found.get("concretizer"), found.get("view")) == (
        ({"unify": False}, False) if conflicts else (None, None)
    )
    assert "what was needed to build these" in render(made)


@pytest.mark.parametrize(("mirror", "entry"), [(signed(V3), V3.url), (OCI, OCI.url)])
def test_mirrors_of_an_environment_are_short_where_a_url_is_enough(mirror: MirrorInfo, entry: str) -> None:
    render = ENVIRONMENT.render
    text = render([CachedBuild(build(1), (mirror,), ())])
    assert yaml.safe_load(text)["spack"]["mirrors"] == {"site": entry}
    assert (f"# before: {KEYS}" in text) == (mirror.signed is True)


def test_what_is_lacking_is_named() -> None:
    needs = (
        on("zlib", 3, State.HOLE),
        on("hwloc", 4, State.MISSING),
        on("xz", 5),
        Needed("x", "", State.MISSING),
    )
    text = several((1, "hdf5", needs))
    zlib, hwloc = f"zlib/{dag_hash(3)[:7]}", f"hwloc/{dag_hash(4)[:7]}"
    assert text[0].startswith(f"# incomplete: no mirror here has a binary of {zlib}, and --cache-only does")
    assert text[1].startswith(f"# incomplete: no index here lists {hwloc} x, and Spack 1.2 installs without")
    assert text[2:] == [INSTALL]


def test_a_few_of_many_are_named() -> None:
    (first, _) = several((1, "hdf5", tuple(on(f"n{n}", n, State.HOLE) for n in range(10))))
    assert " and 6 more, and --cache-only" in first


# in a shell


QUOTED = r"""'[^']*'|"'\""""
"""What a shell takes as it is."""

TEXT = st.text(min_size=1, max_size=12).filter(str.isprintable)


@given(
    name=TEXT,
    url=st.one_of(TEXT.map("/{}".format), TEXT.map("https://host/{}".format)),
    view=st.one_of(st.just(""), TEXT),
    layout=st.sampled_from(["v2", "v3", "oci", "file"]),
    signed=st.sampled_from([None, True, False]),
    release=st.sampled_from([*RELEASES, (0, 19)]),
)
def test_any_mirror_in_a_shell_that_knows_no_comments(
    name: str, url: str, view: str, layout: str, signed: bool | None, release: tuple[int, int]
) -> None:
    """An interactive zsh runs `#` with what follows: nothing of it may be more than words."""
    mirror = MirrorInfo(name, url, layout, view, signed)
    needs = (Needed(name, dag_hash(2), State.HOLE), Needed(url, dag_hash(3), State.MISSING))
    text = install_line([CachedBuild(build(1, name), (mirror,), needs)], TargetSpack(release))
    for line in text.splitlines():
        bare = re.sub(QUOTED, "", line)
        assert not set(bare) & set("();<>|&`$!*?[]{}~^\"'\\"), line


@pytest.mark.parametrize("mirror", [unsigned(V3), signed(VIEW), OCI, OCI_HTTP, PATH, V2])
@pytest.mark.parametrize("spack", [SPACK_12, SPACK_023, SPACK_021])
def test_a_shell_reads_the_lines(mirror: MirrorInfo, spack: TargetSpack) -> None:
    need("bash")
    text = "\n".join(lines(mirror, spack))
    assert subprocess.run(["bash", "-n"], input=text, text=True, capture_output=True).stderr == ""
    function = "spack() { printf '%s\\0' spack \"$@\" $'\\n'; }"
    echoed = subprocess.run(["bash", "-c", f"{function}; {text}"], text=True, capture_output=True)
    ran = [line.split("\0")[:-1] for line in echoed.stdout.split("\n\0")[:-1]]
    assert ran == [shlex.split(line) for line in commands(text.splitlines())]
