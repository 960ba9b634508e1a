"""What modules compile while they are imported: patterns, and the texts of generated functions.

A start compiles over a hundred regular expressions, and the texts of two hundred methods of dataclasses and
named tuples. What comes out depends on the text and on Python alone. So `re`, `dataclasses` and `collections`
are made to look it up first. What is not known yet is noted for the file of code, but only while a module is
imported: what is compiled later may contain what a user has typed.
"""

# Nothing may be imported here that imports what is hooked, as `collections.abc` would.
import _sre
import builtins
import marshal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, ModuleType
    from typing import Any

    Key = tuple[str | int, str]
    """`exec` or `eval` and a text, or flags and a pattern."""

    Pattern = tuple[int, bytes, int, dict[str, int], tuple[str | None, ...]]
    """What the engine takes: flags, code, number of groups, the numbers of named ones, the names of all."""

    Known = dict[Key, Pattern | bytes | None]
    """Patterns, marshalled code of texts, and None for patterns that are compiled each time."""

CODE_BYTES = 4
"""The size of a number in the code of a pattern, on all platforms of today."""

IMPORTING = "<frozen importlib"
"""Where the code of Python is that runs a module."""

PROGRAM = "cachetui.__main__"
"""The module that runs the program, which a site's own module may do while it is imported."""


class Compiled:
    """What was compiled in earlier processes, and what this one had to compile.

    Args:
        content: as `content` gives it; empty: nothing.

    Attributes:
        noted: what was compiled while modules were imported and was not known; the code of texts.
    """

    def __init__(self, content: bytes) -> None:
        self._known: Known = marshal.loads(content) if content else {}
        self._compiler: Any = None
        self._hooked: list[ModuleType] = []
        self.noted: dict[Key, CodeType | None] = {}

    def hook(self, module: "ModuleType", mode: str) -> None:
        """Let a module look up what it compiles, if it does not yet.

        Args:
            mode: the function that it compiles texts with, `exec` or `eval`; empty: it compiles patterns.
        """
        if module in self._hooked:
            return
        self._hooked.append(module)
        if not mode:
            self._hook_patterns(module)
        elif "annotations" not in vars(module):  # a `from __future__ import` would hold for its texts as well
            setattr(module, mode, self._runner(mode))

    def content(self) -> bytes:
        """What is known, and what was noted."""
        found = dict(self._known)
        for (how, text), code in list(self.noted.items()):
            if code is not None:
                found[how, text] = marshal.dumps(code)
            elif isinstance(how, int):
                found[how, text] = _taken_apart(self._compiler, how, text)
        return marshal.dumps(found)

    def _note(self, key: "Key", code: "CodeType | None" = None) -> None:
        frame = sys._getframe(2)
        while frame.f_back is not None:
            caller = frame.f_back
            if frame.f_globals.get("__name__") == PROGRAM:
                return
            if frame.f_code.co_name == "<module>" and caller.f_code.co_filename.startswith(IMPORTING):
                self.noted[key] = code
                return
            frame = caller

    def _runner(self, mode: str) -> "Callable[..., Any]":
        """`exec` or `eval` that looks up the code of a text."""
        run: Callable[..., Any] = getattr(builtins, mode)
        known = self._known

        def look_up(source: "Any", *scopes: "Any") -> "Any":
            if not scopes:
                caller = sys._getframe(1)
                scopes = (caller.f_globals, caller.f_locals)
            if type(source) is str:
                kept = known.get((mode, source))
                if isinstance(kept, bytes):
                    source = marshal.loads(kept)
                else:
                    text, source = source, compile(source, "<string>", mode, 0, True)
                    self._note((mode, text), source)
            return run(source, *scopes)

        return look_up

    def _hook_patterns(self, compiler: "Any") -> None:
        ordinary, known, self._compiler = compiler.compile, self._known, compiler

        def look_up(pattern: "Any", flags: "Any" = 0) -> "Any":
            # Others are taken apart already; an empty one is what `re` itself asks for. Few are bytes, and
            # as a key they would be compared with texts, which `python -bb` does not allow.
            if type(pattern) is not str or not pattern:
                return ordinary(pattern, flags)
            key = (int(flags), pattern)
            kept = known.get(key)
            if isinstance(kept, tuple):
                return _built(pattern, kept)
            built = ordinary(pattern, flags)
            if key not in known:  # one that is wrong, as some modules try out, is not noted
                self._note(key)
            return built

        vars(look_up)["__wrapped__"] = ordinary
        compiler.compile = look_up


def _built(pattern: str, kept: "Pattern") -> "Any":
    flags, code, *groups = kept
    return _sre.compile(pattern, flags, memoryview(code).cast("I").tolist(), *groups)


class _Engine:
    """The engine of `re`, but for noting what it is given."""

    def __init__(self) -> None:
        self.given: tuple[Any, ...] = ()

    def __getattr__(self, name: str) -> "Any":
        return getattr(_sre, name)

    def compile(self, *given: "Any") -> "Any":
        """Build a pattern."""
        self.given = given
        return _sre.compile(*given)


def _taken_apart(compiler: "Any", flags: int, pattern: str) -> "Pattern | None":
    """What the engine is given for a pattern; None if it is to be compiled each time."""
    from array import array
    from warnings import catch_warnings, simplefilter

    if flags & compiler.SRE_FLAG_DEBUG:  # it would be printed
        return None
    engine = _Engine()
    compiler._sre = engine
    try:
        with catch_warnings(record=True) as warned:
            simplefilter("always")
            ordinary = compiler.compile.__wrapped__(pattern, flags)
    finally:
        compiler._sre = _sre
    if warned:  # each import shall warn
        return None
    given, all_flags, code, groups, numbers, names = engine.given
    kept = (all_flags, array("I", code).tobytes(), groups, dict(numbers), tuple(names))
    is_same = given == pattern and _built(pattern, kept) == ordinary
    return kept if _sre.CODESIZE == CODE_BYTES and is_same else None
