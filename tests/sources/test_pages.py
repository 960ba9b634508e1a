"""Pages of cache.spack.io: real ones against a naive reading, every form by hand, and hostile input."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cachetui.errors import CachetuiError, SourceError
from cachetui.sources import front_matter
from cachetui.sources.base import BATCH_SIZE, Batch, Problem
from cachetui.sources.front_matter import MAX_YAML_BYTES, read_front_matter, read_yaml
from cachetui.sources.page import MAX_FILE_BYTES
from cachetui.sources.pages import PageTree, find_pages
from cachetui.spec import Place, Spec

DATA = Path(__file__).parent.parent / "data" / "pages"
REAL = {"py-werkzeug": 37, "py-wheel": 43, "py-filelock": 124, "py-build": 24}
HASH = "abcdefghijklmnopqrstuvwxyz234567"
OTHER = "z" * 32


def read(path: Path) -> tuple[list[Spec], list[Problem]]:
    problems: list[Problem] = []
    batches = list(PageTree(path, find_pages(path)).batches(problems.append))
    return [spec for batch in batches for spec in batch.specs], problems


def page(*records: object, head: str = 'title: "zlib"\ncategories: [package, develop]') -> str:
    return f"---\n{head}\nspec_details: {json.dumps(records)}\n---"


def record(**changes: object) -> dict[str, object]:
    return {"hash": HASH, "versions": ["1.2"], "stacks": ["e4s"], **changes}


def write(root: Path, text: str | bytes, place: str = "_cache/develop/zlib/specs.md") -> Path:
    file = root / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def no_problem(problem: Problem) -> None:
    pytest.fail(str(problem))


def only(root: Path, text: str | bytes) -> Spec:
    """The one spec of a page that has no problems."""
    specs, problems = read(write(root, text))
    assert problems == []
    assert len(specs) == 1
    return specs[0]


# Real pages


def naive_spec(name: str, tag: str, told: dict[str, object]) -> Spec:
    """A record of the newest form; knows no more than these four pages have."""
    variants: list[tuple[str, bool | str]] = []
    for text in told["variants"]:  # type: ignore[attr-defined]
        variants.append(tuple(text.split("=")) if "=" in text else (text[1:], text[0] == "+"))
    compiler = str(told["compiler"]).replace("@=", "@")
    return Spec(
        name=name,
        dag_hash=str(told["hash"]),
        version="".join(told["versions"]),  # type: ignore[arg-type]
        platform=str(told["platform"]),
        os=str(told["os"]),
        target=str(told["target"]),
        compilers=() if compiler == "none" else (compiler,),
        variants=tuple(sorted(variants)),
        in_buildcache=True,
        spec_format=0,
        places=tuple(Place("", tag, stack) for stack in told["stacks"]),  # type: ignore[attr-defined]
        size=0,
    )


def naive(file: Path) -> list[Spec]:
    (line,) = (line for line in file.read_text().split("\n") if line.startswith("spec_details: "))
    told = json.loads(line.removeprefix("spec_details: "))
    return [naive_spec(file.parent.name, file.parent.parent.name, item) for item in told]


def test_real_pages() -> None:
    files = sorted(DATA.rglob("specs.md"))
    assert [file.parent.name for file in files] == ["py-build", "py-filelock", "py-werkzeug", "py-wheel"]
    for file in files:
        specs, problems = read(file)
        assert problems == []
        assert len(specs) == REAL[file.parent.name]
        assert specs == naive(file)
    specs, _ = read(DATA)
    assert specs == [spec for file in files for spec in naive(file)]


def test_equal_parts_are_shared() -> None:
    specs, _ = read(DATA / "_cache" / "develop" / "py-filelock")
    assert len({id(spec.variants) for spec in specs}) == len({spec.variants for spec in specs}) == 1
    assert len({id(spec.places) for spec in specs}) == len({spec.places for spec in specs})


# Locations


def test_locations() -> None:
    cache = DATA / "_cache"
    everything = sorted(DATA.rglob("specs.md"))
    assert find_pages(DATA) == find_pages(cache) == [cache / file.relative_to(cache) for file in everything]
    assert find_pages(cache / "develop") == everything[:3]
    assert find_pages(cache / "develop" / "py-build") == everything[:1]
    assert find_pages(everything[0]) == everything[:1]


def test_names() -> None:
    cache = DATA / "_cache"
    names = {
        DATA: "develop + develop-2025-03-30",
        cache: "develop + develop-2025-03-30",
        cache / "develop": "develop",
        cache / "develop" / "py-build": "develop",
        cache / "develop" / "py-build" / "specs.md": "develop",
    }
    assert {path: PageTree(path, find_pages(path)).name for path in names} == names


def test_names_without_tags(tmp_path: Path) -> None:
    site = tmp_path / "my-site"
    file = write(site, page(record()), "_cache/zlib/specs.md")
    for path, name in {
        site: "my-site",
        site / "_cache": "my-site",
        file.parent: "zlib",
        file: "zlib",
    }.items():
        assert PageTree(path, find_pages(path)).name == name


def test_a_working_directory_as_location(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(DATA / "_cache", tmp_path / "_cache")
    monkeypatch.chdir(tmp_path / "_cache")
    assert len(find_pages(Path())) == 4
    assert PageTree(Path(), find_pages(Path())).name == "develop + develop-2025-03-30"
    monkeypatch.chdir(tmp_path / "_cache" / "develop")
    assert PageTree(Path(), find_pages(Path())).name == "develop"
    monkeypatch.chdir(tmp_path / "_cache" / "develop" / "py-build")
    specs, _ = read(Path("specs.md"))
    assert len(specs) == 24


def test_no_pages(tmp_path: Path) -> None:
    write(tmp_path, "# Read me\n", "README.md")
    write(tmp_path, "---\n---", "docs/index.md")
    write(tmp_path, "not a page", "docs/text/index.md")
    write(tmp_path, page(record()), "_cache2/develop/zlib/specs.md")
    for place in (".", "nothing", "README.md", "docs/text", "README.md/below", "_cache2"):
        assert find_pages(tmp_path / place) == []
    (tmp_path / "_cache" / "develop" / "specs.md").mkdir(parents=True)
    assert find_pages(tmp_path) == []


def test_a_page_under_another_name(tmp_path: Path) -> None:
    file = write(tmp_path, page(record()), "saved.md")
    specs, _ = read(file)
    assert specs[0].places == (Place(tag="develop", stack="e4s"),)
    assert find_pages(write(tmp_path, b"\xef\xbb\xbf---\n", "bom.md")) != []


def test_hidden_folders_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, page(record()), "_cache/.git/zlib/specs.md")
    assert find_pages(tmp_path) == []


def test_newer_page_of_a_folder_goes_first(tmp_path: Path) -> None:
    write(tmp_path, page(record()), "_cache/zlib/index.md")
    newer = write(tmp_path, page(record()), "_cache/zlib/specs.md")
    assert find_pages(tmp_path) == [newer]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_unreadable_folder_of_a_tag(tmp_path: Path) -> None:
    write(tmp_path, page(record()))
    closed = tmp_path / "_cache" / "closed"
    closed.mkdir(mode=0)
    try:
        specs, problems = read(tmp_path)
    finally:
        closed.chmod(0o700)
    assert len(specs) == 1
    assert [problem.reason for problem in problems] == ["Permission denied"]


# Streaming


def test_batches_tell_the_bytes(tmp_path: Path) -> None:
    records = [
        record(hash=f"{number:032}".translate(str.maketrans("0189", "abcd"))) for number in range(2500)
    ]
    sizes = [
        write(tmp_path, page(*records), f"_cache/develop/p{n}/specs.md").stat().st_size for n in range(2)
    ]
    batches = list(PageTree(tmp_path, find_pages(tmp_path)).batches(no_problem))
    assert [len(batch.specs) for batch in batches] == [BATCH_SIZE] * 5 + [0]
    assert [batch.done for batch in batches] == [0, 0, *[sizes[0]] * 3, sum(sizes)]
    assert {batch.total for batch in batches} == {sum(sizes)}


def test_batches_are_streamed(tmp_path: Path) -> None:
    records = [record()] * (BATCH_SIZE + 1)
    for number in range(3):
        write(tmp_path, page(*records), f"_cache/develop/p{number}/specs.md")
    batches = PageTree(tmp_path, find_pages(tmp_path)).batches(no_problem)
    assert len(next(batches).specs) == BATCH_SIZE
    (tmp_path / "_cache" / "develop" / "p2" / "specs.md").write_text(page(*records[:5]))
    assert sum(len(batch.specs) for batch in batches) == BATCH_SIZE + 2 + 5


def test_fingerprint(tmp_path: Path) -> None:
    def fingerprint() -> str:
        return PageTree(tmp_path, find_pages(tmp_path)).fingerprint()

    file = write(tmp_path, page(record()))
    first = fingerprint()
    assert fingerprint() == first
    assert PageTree(file, [file]).fingerprint()
    write(tmp_path, "{}", "_cache/develop/zlib/spec-0.json")
    second = fingerprint()
    os.utime(file, ns=(1, 1))
    assert len({first, second, fingerprint()}) == 3


# Forms of pages


def test_middle_form(tmp_path: Path) -> None:
    details = record(
        architecture="linux-ubuntu20.04-x86_64",
        compiler="gcc@9.4.0",
        variants=["+shared", "-pic", "build_type=Release"],
        size=123456,
        tarball="https://example.org/zlib.spack",
    )
    head = "title: zlib\ncategories: [package, develop]\nmeta: {versions: ['1.2']}\nspec_names: [a, b, c]"
    assert only(tmp_path, page(details, head=head)) == Spec(
        name="zlib",
        dag_hash=HASH,
        version="1.2",
        platform="linux",
        os="ubuntu20.04",
        target="x86_64",
        compilers=("gcc@9.4.0",),
        variants=(("build_type", "Release"), ("pic", False), ("shared", True)),
        places=(Place("", "develop", "e4s"),),
        size=123456,
    )


def test_later_form(tmp_path: Path) -> None:
    details = record(
        compiler="gcc@=11.4.0",
        os="ubuntu22.04",
        platform="linux",
        target="x86_64_v3",
        variants=[
            "~cuda",
            "languages=c,fortran,c++",
            f"patches={OTHER},{HASH}",
            'cflags="-O2 -g"',
            "ldlibs=",
        ],
        stacks=["e4s", "root", "e4s"],
        size="-",
    )
    spec = only(tmp_path, page(details))
    assert spec.compilers == ("gcc@11.4.0",)
    assert spec.variants == (("cuda", False), ("languages", ("c", "c++", "fortran")))
    assert spec.patches == (OTHER, HASH)
    assert spec.flags == (("cflags", ("-O2", "-g")),)
    assert spec.places == (Place("", "develop", "e4s"), Place("", "develop", "root"))
    assert (spec.platform, spec.os, spec.target, spec.size) == ("linux", "ubuntu22.04", "x86_64_v3", 0)


def test_details_in_yaml(tmp_path: Path) -> None:
    text = f"""---
title: no
categories:
- package
- 1.10
meta:
  versions: [2025-03-30]
spec_details:
- hash: {HASH}
  versions: [1.10]
  os: null
  compiler: ~
  variants: [+on, off=0123]
  size: 12
- {{hash: {OTHER}, versions: 2025-03-30, stacks: [1e3, 12:30], compiler: none}}
---
"""
    specs, problems = read(write(tmp_path, text))
    assert problems == []
    assert [(spec.name, spec.version) for spec in specs] == [("no", "1.10"), ("no", "2025-03-30")]
    assert (specs[0].os, specs[0].compilers, specs[0].size) == ("", (), 12)
    assert specs[0].variants == (("off", "0123"), ("on", True))
    assert specs[0].places == (Place(tag="1.10"),)
    assert specs[1].places == (Place(tag="1.10", stack="1e3"), Place(tag="1.10", stack="12:30"))


SPEC_FILE = {
    "spec": {
        "_meta": {"version": 2},
        "nodes": [
            {
                "name": "adiak",
                "version": "0.2.1",
                "arch": {"platform": "linux", "platform_os": "rhel7", "target": "power9le"},
                "compiler": {"name": "gcc", "version": "8.3.1"},
                "namespace": "builtin",
                "parameters": {"shared": True, "build_type": "Debug", "cflags": []},
                "dependencies": [{"name": "spectrum-mpi", "hash": OTHER, "type": ["build", "link"]}],
                "hash": HASH,
            },
            {"name": "spectrum-mpi", "version": "10.3.1", "hash": OTHER},
        ],
    }
}


@pytest.mark.parametrize(
    ("name", "listing"),
    [
        ("index.md", ' - "adiak@0.2.1%gcc@8.3.1 arch=linux-rhel7-power9le": spec-0.json'),
        ("specs.md", " - spec-0.json\nspec_names:\n - 'adiak@0.2.1%gcc@8.3.1'"),
    ],
)
def test_forms_of_2021(tmp_path: Path, name: str, listing: str) -> None:
    text = f'---\ntitle: "adiak"\nlayout: cache\ncategory: package\nspec_files: \n{listing}\n\n---'
    file = write(tmp_path, text, f"_cache/adiak/{name}")
    write(tmp_path, json.dumps(SPEC_FILE), "_cache/adiak/spec-0.json")
    assert find_pages(tmp_path) == [file]
    (spec,), problems = read(tmp_path)
    assert problems == []
    assert (spec.name, spec.dag_hash, spec.version, spec.target) == ("adiak", HASH, "0.2.1", "power9le")
    assert spec.compilers == ("gcc@8.3.1",)
    assert spec.variants == (("build_type", "Debug"), ("shared", True))
    assert [edge.dag_hash for edge in spec.dependencies] == [OTHER]
    assert spec.places == (Place(),)


def test_bad_spec_files(tmp_path: Path) -> None:
    items = ["spec-0.json", "gone.json", "../spec-1.json", "/etc/passwd", "..", "a\\b", [], {}, "bad.json"]
    items += ["deep.json", {"zlib": "spec-0.json"}]
    write(tmp_path, json.dumps(SPEC_FILE), "_cache/adiak/spec-0.json")
    write(tmp_path, json.dumps(SPEC_FILE), "_cache/spec-1.json")
    write(tmp_path, "{", "_cache/adiak/bad.json")
    write(tmp_path, '{"spec": {"a":' + "[" * 100_000, "_cache/adiak/deep.json")
    file = write(tmp_path, f"---\nspec_files: {json.dumps(items)}\n---", "_cache/adiak/specs.md")
    specs, problems = read(file)
    assert [spec.dag_hash for spec in specs] == [HASH, HASH]
    assert [problem.place for problem in problems] == [f"{file}: record {n}" for n in range(2, 11)]
    reasons = [problem.reason for problem in problems]
    assert reasons[0] == "gone.json is missing"
    assert all(reason.endswith("is not the name of a file beside the page") for reason in reasons[1:5])
    assert reasons[5:7] == ["it names no file"] * 2
    assert reasons[7].startswith("bad.json: ")
    assert reasons[8].startswith("deep.json: ")


# Fields


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ("none", ()),
        (None, ()),
        ("", ()),
        ([], ()),
        ("gcc@=11.4.0", ("gcc@11.4.0",)),
        ("gcc@11.4.0, clang@=14", ("gcc@11.4.0", "clang@14")),
        (["gcc@=11.4.0", "none", "gcc@11.4.0", "clang@14"], ("gcc@11.4.0", "clang@14")),
    ],
)
def test_compilers(tmp_path: Path, given_: object, expected: tuple[str, ...]) -> None:
    assert only(tmp_path, page(record(compiler=given_))).compilers == expected


@pytest.mark.parametrize(
    ("given_", "expected"),
    [("-", 0), (12, 12), ("34", 34), (-1, 0), (1.5, 0), (None, 0), ("²", 0), ("9" * 40, 0), (10**30, 0)],
)
def test_size(tmp_path: Path, given_: object, expected: int) -> None:
    assert only(tmp_path, page(record(size=given_))).size == expected


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ("1.10", "1.10"),
        (["1.9", "1.10", "1.2"], "1.10"),
        (["develop", "9"], "develop"),
        (7, "7"),
        ([1.5], "1.5"),
    ],
)
def test_versions(tmp_path: Path, given_: object, expected: str) -> None:
    assert only(tmp_path, page(record(versions=given_))).version == expected


def test_versions_that_are_numbers_keep_their_digits(tmp_path: Path) -> None:
    text = f'---\ntitle: zlib\nspec_details: [{{"hash": "{HASH}", "versions": [1.10]}}]\n---'
    assert only(tmp_path, text).version == "1.10"


@pytest.mark.parametrize("stacks", [None, [], "null", [None]])
def test_stacks_missing(tmp_path: Path, stacks: object) -> None:
    assert only(tmp_path, page(record(stacks=stacks))).places == (Place(tag="develop"),)
    bare = {key: value for key, value in record().items() if key != "stacks"}
    assert only(tmp_path, page(bare)).places == (Place(tag="develop"),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("++x", (("x", True),)),
        ("x=True", (("x", True),)),
        ("x=false", (("x", False),)),
        ("x=", (("x", ""),)),
        ("x:=b,a", (("x", ("a", "b")),)),
        ("x==y", (("x", "y"),)),
        ("+no", (("no", True),)),
        ("x='a b'", (("x", "a b"),)),
    ],
)
def test_variants(tmp_path: Path, text: str, expected: object) -> None:
    assert only(tmp_path, page(record(variants=[text]))).variants == expected


def test_variants_in_one_text(tmp_path: Path) -> None:
    spec = only(tmp_path, page(record(variants="+b ~a x=1,2 y=\x1b")))
    assert spec.variants == (("a", False), ("b", True), ("x", ("1", "2")), ("y", "\ufffd"))


@pytest.mark.parametrize("architecture", ["x86_64", "linux-x86_64", "", None])
def test_architecture_of_fewer_parts(tmp_path: Path, architecture: object) -> None:
    spec = only(tmp_path, page(record(architecture=architecture)))
    assert (spec.platform, spec.os, spec.target) == ("", "", "")


@pytest.mark.parametrize(
    "title", ["1.10", "2025-03-30", "1e3", "0123", "12:30", "no", "on", "null", "~x", "3proxy"]
)
def test_titles_stay_text(tmp_path: Path, title: str) -> None:
    head = f"title: {title}\ncategories: [package, {title}]"
    spec = only(tmp_path, page(record(), head=head))
    assert (spec.name, spec.places[0].tag) == (title, title)


def test_folder_names_stand_in(tmp_path: Path) -> None:
    spec = only(tmp_path, page(record(), head="layout: cache"))
    assert (spec.name, spec.places[0].tag) == ("zlib", "develop")
    spec = only(tmp_path, page(record(), head="title: [x]\ncategories: package"))
    assert (spec.name, spec.places[0].tag) == ("zlib", "develop")


def test_title_goes_before_the_folder(tmp_path: Path) -> None:
    spec = only(tmp_path, page(record(), head="title: other\ncategories: [package, v2025.07.0]"))
    assert (spec.name, spec.places[0].tag) == ("other", "v2025.07.0")


def test_control_characters_are_replaced(tmp_path: Path) -> None:
    details = record(
        os="a\x1b[31m", variants=["x=\u202e"], stacks=["\x07"], versions=["1\x9b"], compiler="gcc\x00"
    )
    spec = only(tmp_path, page(details, head='title: "z\\x1b"'))
    shown = [
        spec.name,
        spec.version,
        spec.os,
        spec.places[0].stack,
        *(spec.compilers or ()),
        str(spec.variants),
    ]
    assert all("\ufffd" in text and text.isprintable() for text in shown)


def test_number_of_specs_may_differ(tmp_path: Path) -> None:
    only(tmp_path, page(record(), head='title: zlib\nmeta: {"num_specs": 99}'))


# Bad records


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (record(hash=None), "the record has no hash"),
        ({"versions": ["1"]}, "the record has no hash"),
        (record(hash="abc"), "the hash 'abc' is not 32 characters of a-z2-7"),
        (record(hash=HASH.upper()), f"the hash '{HASH.upper()}' is not"),
        (record(hash=HASH + "\n"), "is not 32 characters"),
        (record(hash="\x1b" * 99), "the hash '" + "\ufffd" * 40 + "' is not"),
        (record(hash=7), "the hash '7' is not"),
        (record(hash=["x"]), "Expected `int | str | null`, got `array`"),
        (record(versions=[]), "the record has no version"),
        (record(versions=None), "the record has no version"),
        (record(versions={"a": 1}), "got `object`"),
        (record(variants=["shared"]), "the variant 'shared' is not understood"),
        (record(variants=["+"]), "the variant '+' is not understood"),
        (record(variants=["+x=y"]), "the variant '+x=y' is not understood"),
        (record(os=True), "got `bool`"),
        ("text", "Expected `object`, got `str`"),
        (None, "Expected `object`, got `null`"),
        ([], "Expected `object`, got `array`"),
    ],
)
def test_a_bad_record_is_skipped(tmp_path: Path, bad: object, reason: str) -> None:
    file = write(tmp_path, page(record(), bad, record(hash=OTHER)))
    specs, (problem,) = read(file)
    assert [spec.dag_hash for spec in specs] == [HASH, OTHER]
    assert problem.place == f"{file}: record 2"
    assert reason in problem.reason
    assert problem.reason.isprintable()


# Bad pages

BAD_PAGES = {
    "empty": (b"", "does not begin with ---"),
    "no front matter": (b"# Title\n", "does not begin with ---"),
    "unclosed": (page(record())[:-3].encode(), "not closed by ---"),
    "only an opening": (b"---", "not closed by ---"),
    "nothing in it": (b"---\n---\n", "no records"),
    "no records": (b"---\ntitle: x\nspec_details: []\n---", "no records"),
    "null records": (b"---\ntitle: x\nspec_details: null\n---", "no records"),
    "no value": (b"---\ntitle: x\nspec_details:\nspec_files:\n---", "no records"),
    "a sequence": (b"---\n- a\n---", "not a mapping"),
    "a scalar": (b"---\ntext\n---", "not a mapping"),
    "records as a mapping": (b'---\nspec_details: {"a": 1}\n---', "spec_details is not a list"),
    "records as text": (b"---\nspec_details: text\n---", "spec_details is not a list"),
    "duplicate key": (b"---\ntitle: a\ntitle: b\n---", "line 3: duplicate key 'title'"),
    "duplicate records": (
        b"---\nspec_details: []\nspec_details: []\n---",
        "line 3: duplicate key 'spec_details'",
    ),
    "duplicate forms": (b"---\nspec_details: []\nspec_details:\n- a\n---", "duplicate key 'spec_details'"),
    "alias": (b"---\na: &x [1]\nb: [*x, *x]\n---", "line 2: anchors and aliases are not read"),
    "tag": (b"---\na: !!python/object/apply:os.system [x]\n---", "line 2: the tag "),
    "tab": (b"---\na:\n\tb: 1\n---", "line 3: found character"),
    "unclosed quote": (b'---\na: "b\n---', "unexpected end of stream"),
    "escape": (b'---\na: "\\UFFFFFFFF"\n---', ""),
    "key that is no text": (b"---\n? [a]\n: b\n---", "line 2: a key that is not text"),
    "deep": (b"---\na: " + b"[" * 100_000 + b"\n---", "line 2: nested deeper"),
    "deep records": (b"---\nspec_details: " + b"[" * 100_000 + b"\n---", "line 2: nested deeper"),
    "control character": (b"---\na: \x00\x1b\n---", "not allowed"),
    "two documents": (b"---\na: 1\n...\nb: 1\n---", "line 4: "),
    "utf-16": ("\ufeff---\ntitle: x\n---".encode("utf-16-le"), "does not begin with ---"),
    "too much yaml": (b"---\n" + b"# comment\n" * (MAX_YAML_BYTES // 10 + 1) + b"---", "one-line JSON"),
    "cut json": (page(*[record()] * 60_000)[:-9].encode() + b"\n---", "one-line JSON"),
}


@pytest.mark.parametrize("loader", [front_matter._LOADER, yaml.SafeLoader], ids=["usual", "python"])
@pytest.mark.parametrize("case", BAD_PAGES)
def test_a_bad_page(
    tmp_path: Path, case: str, loader: type[yaml.SafeLoader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front_matter, "_LOADER", loader)
    text, reason = BAD_PAGES[case]
    bad = write(tmp_path, text)
    with pytest.raises(SourceError) as raised:
        read(bad)
    if loader is not yaml.SafeLoader or case in ("alias", "tag", "deep", "duplicate key"):
        assert reason in raised.value.reason
    assert raised.value.place == str(bad)
    assert str(raised.value).isprintable()

    write(tmp_path, page(record()), "_cache/develop/zz/specs.md")
    specs, problems = read(tmp_path)
    assert len(specs) == 1
    assert problems[-1] == Problem(str(bad), raised.value.reason)


def test_every_page_is_bad(tmp_path: Path) -> None:
    for number in range(3):
        write(tmp_path, "---", f"_cache/develop/p{number}/specs.md")
    problems: list[Problem] = []
    with pytest.raises(SourceError, match="none of its 3 pages can be read; the first: its front matter"):
        list(PageTree(tmp_path, find_pages(tmp_path)).batches(problems.append))
    assert len(problems) == 3


def test_no_page_at_all(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="it has no pages"):
        list(PageTree(tmp_path, []).batches(no_problem))


def test_vanished_page(tmp_path: Path) -> None:
    gone = write(tmp_path, page(record()))
    write(tmp_path, page(record()), "_cache/develop/zz/specs.md")
    tree = PageTree(tmp_path, find_pages(tmp_path))
    gone.unlink()
    problems: list[Problem] = []
    batches: list[Batch] = list(tree.batches(problems.append))
    assert sum(len(batch.specs) for batch in batches) == 1
    assert problems == [Problem(str(gone), "No such file or directory")]
    assert tree.fingerprint()


def test_too_large(tmp_path: Path) -> None:
    file = write(tmp_path, "---\n")
    os.truncate(file, MAX_FILE_BYTES + 1)
    with pytest.raises(SourceError, match="larger than"):
        read(file)


@pytest.mark.parametrize(
    "change", [(b"\n", b"\r\n"), (b"---\n", b"\xef\xbb\xbf---\n"), (b"\n---", b"\n--- \nbody")]
)
def test_odd_line_ends(tmp_path: Path, change: tuple[bytes, bytes]) -> None:
    real = DATA / "_cache" / "develop" / "py-build" / "specs.md"
    text = real.read_bytes()
    text = text.replace(*change, 1) if change[0] == b"---\n" else text.replace(*change)
    specs, problems = read(write(tmp_path, text))
    assert problems == []
    assert specs == naive(real)


def test_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    file = write(tmp_path, page(record(os="OS")).encode().replace(b"OS", b"o\xff"))
    (spec,), (problem,) = read(file)
    assert spec.os == "o\ufffd"
    assert problem.place == str(file)
    assert "is not UTF-8" in problem.reason


def test_a_very_long_line(tmp_path: Path) -> None:
    records = [record()] * 60_000
    specs, problems = read(write(tmp_path, page(*records)))
    assert (len(specs), problems) == (60_000, [])


@pytest.mark.parametrize("loader", [front_matter._LOADER, yaml.SafeLoader], ids=["usual", "python"])
def test_yaml_scalars_are_text(loader: type[yaml.SafeLoader], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front_matter, "_LOADER", loader)
    text = "a: 1.10\nb: [2025-03-30, 1e3, 0123]\n'c': {no: on, null: 12:30}\nd:\n<<: x\n"
    assert read_yaml(text) == {
        "a": "1.10",
        "b": ["2025-03-30", "1e3", "0123"],
        "c": {"no": "on", "null": "12:30"},
        "d": "",
        "<<": "x",
    }
    assert read_yaml("") is None


# Mutations of real pages

PAGES = [file.read_bytes() for file in sorted(DATA.rglob("specs.md"))]
SNIPPETS = [
    b"---\n",
    b"\n",
    b"\t",
    b'"',
    b"[",
    b"{",
    b"&a ",
    b"*a",
    b"!!set ",
    b"\xff",
    b"\0",
    b": ",
    b"null",
]
EDIT = st.tuples(
    st.integers(0, 13_000), st.integers(0, 40), st.one_of(st.sampled_from(SNIPPETS), st.binary(max_size=6))
)


@settings(max_examples=300, deadline=None, database=None)
@given(st.sampled_from(PAGES), st.lists(EDIT, max_size=4), st.integers(0, 13_000))
def test_mutated_pages_raise_nothing_else(text: bytes, edits: list[tuple[int, int, bytes]], end: int) -> None:
    for start, length, snippet in edits:
        text = text[:start] + snippet + text[start + length :]
    with tempfile.TemporaryDirectory() as folder:
        for cut in (text, text[:end] + b"\n---"):
            file = write(Path(folder), cut)
            try:
                specs, problems = read(file)
            except CachetuiError as error:
                assert str(error).isprintable()
                continue
            assert all(isinstance(spec, Spec) for spec in specs)
            assert all(str(problem).isprintable() for problem in problems)


@settings(max_examples=200, deadline=None, database=None)
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=9), st.lists, max_leaves=6))
def test_any_json_as_records(value: object) -> None:
    fields = ("versions", "variants", "stacks", "compiler", "size", "os", "architecture", "hash")
    records = [value, *[record(**{name: value}) for name in fields]]
    matter = read_front_matter(page(*records).encode(), "page")
    assert matter.records is not None
    assert len(matter.records) == len(records)
