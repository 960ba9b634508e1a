"""What modules compile comes out the same when it is looked up, and nothing else is kept."""

from __future__ import annotations

import collections
import dataclasses
import importlib
import marshal
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cachetui.code_cache import COMPILING
from cachetui.code_compiled import Compiled
from tests.builders.installation import Installation

SHOW_NOTED = """
from cachetui import code_cache
code_cache.enable()
import sys
from cachetui.cli import run
code = run(["list", "--count", "-q", "hdf5"])
print("noted", code, list(code_cache.state.compiled.noted), file=sys.stderr)
"""


def compiling() -> list[ModuleType]:
    """The modules of this Python that are hooked."""
    return [sys.modules[name] for name in COMPILING if name in sys.modules]


@pytest.fixture
def hooked() -> Iterator[Callable[[bytes], Compiled]]:
    """Hooks with some content; all is as before in the end."""
    kept = [(module, dict(vars(module))) for module in compiling()]

    def hook(content: bytes) -> Compiled:
        restore()
        compiled = Compiled(content)
        for module in compiling():
            compiled.hook(module, COMPILING[module.__name__])
        return compiled

    def restore() -> None:
        re.purge()
        for module, before in kept:
            for name in ("compile", "exec", "eval"):
                if name in before:
                    setattr(module, name, before[name])
                elif name in vars(module):
                    delattr(module, name)

    yield hook
    restore()


@pytest.fixture
def imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Imports a text as a module."""
    monkeypatch.syspath_prepend(str(tmp_path))
    numbers = iter(range(1000))

    def import_text(text: str) -> ModuleType:
        name = f"compiles_{next(numbers)}"
        (tmp_path / f"{name}.py").write_text(text)
        importlib.invalidate_caches()
        try:
            return importlib.import_module(name)
        finally:
            sys.modules.pop(name, None)

    return import_text


Imported = Callable[[str], ModuleType]
Hooked = Callable[[bytes], Compiled]

PATTERNS = (
    r"a(?P<name>b+)(c)?|(?:d{2,3})",
    r"(?ix) É [^\W\d]+ # a comment",
    r"(?<=x)[\u4e00-\u9fff]+\b(?!\s)",
    "[ -~\xa1-\u02ff\U00010000-\U0010ffff]*",
    "(a)(?P<two>b)(?P=two)(?(1)c|d)",
)


@pytest.mark.parametrize("pattern", PATTERNS, ids=repr)
@pytest.mark.parametrize("flags", [re.NOFLAG if hasattr(re, "NOFLAG") else 0, re.IGNORECASE, re.M | re.S])
def test_a_pattern_that_is_looked_up_is_the_same(
    pattern: str, flags: int, hooked: Hooked, imported: Imported
) -> None:
    text = f"import re\nfound = re.compile({pattern!r}, {int(flags)})\n"
    first = hooked(b"")
    compiled = imported(text).found
    assert (int(flags), pattern) in first.noted

    second = hooked(first.content())
    looked_up = imported(text).found
    assert second.noted == {}, "it was not compiled"
    assert looked_up is not compiled and looked_up == compiled
    assert (looked_up.flags, looked_up.groups, dict(looked_up.groupindex)) == (
        compiled.flags,
        compiled.groups,
        dict(compiled.groupindex),
    )
    assert marshal.loads(second.content()) == marshal.loads(first.content()), "nothing of it is lost"


@given(st.lists(st.sampled_from(["a", "B", "é", "\n", "1", "[", "]", "m", "\x1b"]), max_size=8).map("".join))
def test_a_pattern_that_is_looked_up_matches_the_same(text: str) -> None:
    pattern = r"(?m)^(?P<letter>[a-bé])|\x1b\[(\d)m|[^\W_]$"
    for compiled, looked_up in _both(pattern):
        assert [m.span() for m in compiled.finditer(text)] == [m.span() for m in looked_up.finditer(text)]


def _both(pattern: str) -> Iterator[tuple[re.Pattern[str], re.Pattern[str]]]:
    from cachetui.code_compiled import _built, _taken_apart

    (compiler,) = (module for module in compiling() if not COMPILING[module.__name__])
    ordinary = compiler.compile
    vars(ordinary)["__wrapped__"] = ordinary
    try:
        for flags in (0, re.IGNORECASE.value, re.ASCII.value):
            kept = _taken_apart(compiler, flags, pattern)
            assert kept is not None
            yield re.compile(pattern, flags), _built(pattern, kept)
    finally:
        del vars(ordinary)["__wrapped__"]


def test_a_pattern_that_is_printed_is_compiled_each_time(
    hooked: Hooked, imported: Imported, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "import re; found = re.compile('a', re.DEBUG)"
    first = hooked(b"")
    imported(text)
    assert len(first.noted) == 1
    assert capsys.readouterr().out
    content = first.content()
    assert not capsys.readouterr().out, "it is not shown once more"
    second = hooked(content)
    imported(text)
    assert capsys.readouterr().out
    assert second.noted == {}, "the file is not written again because of it"


def test_patterns_of_bytes_are_compiled_each_time(hooked: Hooked, imported: Imported) -> None:
    text = r"import re; found = re.compile(rb'(?L)\w'), re.compile('a'), re.compile(b'a')"
    first = hooked(b"")
    imported(text)
    assert list(first.noted) == [(0, "a")]
    second = hooked(first.content())
    assert [each.pattern for each in imported(text).found] == [rb"(?L)\w", "a", b"a"]
    assert second.noted == {}


def test_what_is_compiled_later_is_not_kept(hooked: Hooked, imported: Imported) -> None:
    compiled = hooked(b"")
    module = imported("import re\n\ndef find(word):\n    return re.compile(f'.*{word}')\n")
    module.find("typed")
    collections.namedtuple("Typed", "secret")
    dataclasses.make_dataclass("Typed", ["secret"])
    assert compiled.noted == {}
    module = imported("import re\n\ndef find(word):\n    return re.compile(f'.*{word}')\n\nfind('constant')")
    assert [pattern for _, pattern in compiled.noted] == [".*constant"]


def test_what_a_program_compiles_that_an_import_runs_is_not_kept(hooked: Hooked, imported: Imported) -> None:
    compiled = hooked(b"")
    imported(
        "import re\n"
        "program = {'__name__': 'cachetui.__main__', 're': re}\n"
        "exec('def main(words): return re.compile(words)', program)\n"
        "program['main']('typed')\n"
    )
    assert compiled.noted == {}


def test_a_pattern_that_is_wrong_is_not_kept(hooked: Hooked, imported: Imported) -> None:
    compiled = hooked(b"")
    module = imported(
        "import re\ntry:\n    re.compile('(?P<a')\nexcept re.error as error:\n    found = error\n"
    )
    assert "missing >" in str(module.found)
    assert compiled.noted == {}
    assert marshal.loads(compiled.content()) == {}


def test_a_pattern_that_warns_does_so_at_each_import(hooked: Hooked, imported: Imported) -> None:
    text = "import re; found = re.compile('[[a]')"
    first = hooked(b"")
    with pytest.warns(FutureWarning, match="nested set"):
        imported(text)
    second = hooked(first.content())
    with pytest.warns(FutureWarning, match="nested set"):
        imported(text)
    assert second.noted == {}, "the file is not written again because of it"


CLASSES = """
from collections import namedtuple
from dataclasses import dataclass, field

Pair = namedtuple("Pair", "left right", defaults=[2])

@dataclass(order=True)
class Build:
    name: str
    tags: list[str] = field(default_factory=list)

    def __post_init__(self):
        if not self.name:
            raise ValueError("no name")
"""


def test_classes_that_are_looked_up_are_the_same(hooked: Hooked, imported: Imported) -> None:
    first = hooked(b"")
    compiled = imported(CLASSES)
    assert {how for how, _ in first.noted} == {"exec", "eval"}
    second = hooked(first.content())
    looked_up = imported(CLASSES)
    assert second.noted == {}
    for module in (compiled, looked_up):
        assert module.Pair(1) == (1, 2) and module.Pair._fields == ("left", "right")
        assert module.Build("a") < module.Build("b") and repr(module.Build("a")) == "Build(name='a', tags=[])"
        assert module.Build("a").tags is not module.Build("a").tags
    assert _frames(compiled) == _frames(looked_up)


def _frames(module: ModuleType) -> list[tuple[str, int | None, str]]:
    with pytest.raises(ValueError, match="no name") as failed:
        module.Build("")
    frames = traceback.extract_tb(failed.value.__traceback__)
    return [(frame.name, frame.lineno, Path(frame.filename).suffix) for frame in frames]


def test_scopes_are_those_of_the_caller(hooked: Hooked) -> None:
    hooked(b"")
    run: Any = vars(dataclasses)["exec"]
    scope: dict[str, Any] = {"x": 1}
    run("y = x + 1", scope)
    assert scope["y"] == 2
    run(compile("z = y + 1", "", "exec"), scope, scope)
    assert scope["z"] == 3
    local = 4
    evaluate: Any = vars(collections)["eval"]
    assert evaluate("local") == local
    with pytest.raises(SyntaxError):
        run("this is no text", scope)


def test_a_start_compiles_nothing_that_the_file_has(own_installation: Installation) -> None:
    own = own_installation
    own("list", "--count", "-q", "hdf5")
    done = own.run([str(own.python), "-c", SHOW_NOTED])
    assert done.err.splitlines()[-1] == "noted 0 []"
    before = own.file().stat().st_mtime_ns
    own("list", "--count", "-q", "hdf5")
    assert own.file().stat().st_mtime_ns == before, "there was nothing to add"
