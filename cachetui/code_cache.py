"""The code of an installation in one file: a start reads one file instead of searching for four hundred.

On a parallel file system each open and stat costs up to a millisecond, and an ordinary start needs thousands.
So the modules that a program has imported are written into one file (by `code_writing`), and a finder that
stands first among Python's own takes them from there. Each module is decoded when it is imported; it keeps
its name, its path and its loader's abilities, so that tracebacks, `inspect` and resources work as before.
What the file does not have is imported as usual, and so is everything when something about the file is odd.

A file belongs to one installation: its name and head carry the version of Python, its prefix, the platform
and the folders that are searched, and its head also carries the times of the folders that packages are
installed into, which every installation changes. A file that was edited in place is noticed later, by
`code_writing.keep`. Checkouts and editable installations are not cached.

A user's file lies in the cache folder, that of a site in the folder of the package; the user's comes first.
Neither the file nor its folder may be written by others. The length is checked, a checksum of the head, and
one of each module that is read. Five file operations at most decide whether a file is used.

This module is imported before all others and imports nothing that would have to be searched for.
"""

# `from __future__ import annotations` would be such a file.
import _imp
import marshal
import os
import stat
import sys
import time
from _frozen_importlib import BuiltinImporter, FrozenImporter
from _frozen_importlib_external import (
    MAGIC_NUMBER,
    ExtensionFileLoader,
    PathFinder,
    SourceFileLoader,
    spec_from_file_location,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType

    from cachetui.code_compiled import Compiled

    Module = tuple[int, str, int, int, bytes, int, int]
    """Kind, path, offset and length and checksum of its code, time and size of the file at the path."""

    Part = tuple[int, int, bytes]
    """Offset, length and checksum of a part of the file."""

    Stamp = tuple[str, int]
    """A folder and the second in which it last changed; ABSENT if it does not exist."""

FORMAT = b"cachetui code 2\n"
OFF = b"cachetui code off\n"
"""The content of a user's file that turns the cache off, that of a site as well."""

HEAD_SIZE = len(FORMAT) + 8 + 8 + 8
"""Bytes of format, length of the index, length of the code, checksum of the index."""

SWITCH = "CACHETUI_NO_CODE_CACHE"
SITE_NAMES = ("site-packages", "dist-packages")
"""What folders are called that packages are installed into."""

VERIFY_SECONDS = 60.0
"""Seconds between two looks at whether files were edited in place."""

LARGEST = 64_000_000
"""Bytes of a file, more than all that a program of this size can import."""

MOST_STAMPS = 2
ABSENT = -1

COMPILED = "what modules compile"
"""A part of the file; no module is called that."""

MODULE, PACKAGE, EXTENSION = 0, 1, 2
"""The kinds of modules."""

COMPILING = {"dataclasses": "exec", "collections": "eval", "re._compiler": "", "sre_compile": ""}
"""The modules that compile for others: texts, by what function, or patterns; Python 3.10 has the last."""

NOTED_FIRST = ("collections", "re", "dataclasses")
"""What is imported before all else where there is no file: the later compile by the earlier."""

PACKAGE_FOLDER = os.path.dirname(__file__)
SITE_FOLDER = os.path.dirname(PACKAGE_FOLDER)
STANDARD_LIBRARY = os.path.dirname(os.__file__)

_DEFAULT_FOLDERS = {"cache": "~/.cache", "config": "~/.config", "state": "~/.local/state"}

STALE = "the installation has changed"
DAMAGED = "it is damaged"


class NotUsed(Exception):
    """A file that is not used, and why not."""


class CodeFile:
    """A file of code that is used.

    Attributes:
        path: where it lies.
        stamps: the folders that packages were installed into.
        modules: by name.
        absent: the names of modules that are not installed.
        others: the names of these, and of modules that Python brings itself.
        verified: when it was last compared with what is installed, in seconds since the epoch.
        damaged: the names of modules that could not be read.
    """

    def __init__(
        self,
        path: str,
        handle: int,
        begin: int,
        compiled: "Part",
        stamps: "Sequence[Stamp]",
        modules: "Mapping[str, Module]",
        absent: frozenset[str],
        others: frozenset[str],
        verified: float,
    ) -> None:
        self.path = path
        self.stamps = stamps
        self.modules = modules
        self.absent = absent
        self.others = others
        self.verified = verified
        self.damaged: set[str] = set()
        self._handle = handle
        self._begin = begin
        self._compiled = compiled

    def content(self, name: str) -> bytes | None:
        """The marshalled code of a module; None if it is damaged."""
        return self._part(name, self.modules[name][2:5])

    def compiled(self) -> bytes:
        """What modules compile, for `Compiled`; empty if it is damaged."""
        return self._part(COMPILED, self._compiled) or b""

    def _part(self, name: str, place: "Part") -> bytes | None:
        offset, length, total = place
        try:
            content = os.pread(self._handle, length, self._begin + offset)
        except OSError:  # the file was removed on another machine
            content = b""
        if checksum(content) != total:
            self.damaged.add(name)
            return None
        return content

    def find_spec(
        self, name: str, path: "Sequence[str] | None" = None, target: "ModuleType | None" = None
    ) -> "ModuleSpec | None":
        """Find a module as Python's own finders do."""
        found = self.modules.get(name)
        if found is None:
            state.missed.append(name)
            return None
        kind, origin = found[:2]
        folder = os.path.dirname(origin)
        if path is not None and (os.path.dirname(folder) if kind == PACKAGE else folder) not in path:
            return None  # the package above comes from elsewhere
        if kind == EXTENSION:
            return spec_from_file_location(name, origin, loader=ExtensionFileLoader(name, origin))
        loader = CodeLoader(name, origin, self)
        folders = [folder] if kind == PACKAGE else None
        return spec_from_file_location(name, origin, loader=loader, submodule_search_locations=folders)


class CodeLoader(SourceFileLoader):
    """Python's loader, but for where the code comes from."""

    def __init__(self, name: str, path: str, file: CodeFile) -> None:
        super().__init__(name, path)
        self._file = file

    def get_code(self, fullname: str) -> "CodeType | None":
        """The code of the module, from its own file if the cached one is damaged."""
        content = self._file.content(fullname)
        return super().get_code(fullname) if content is None else marshal.loads(content)

    def exec_module(self, module: "ModuleType") -> None:
        """Run the module, and let it look up what it compiles for others."""
        super().exec_module(module)
        if module.__name__ in COMPILING:
            _hook(module)


class KnowingFinder(PathFinder):
    """Python's finder of files, but it does not search for what was not installed.

    Attributes:
        absent: the names of such modules.
        path: where they were searched.
    """

    absent: frozenset[str] = frozenset()
    path: "Sequence[str]" = ()

    @classmethod
    def find_spec(
        cls, fullname: str, path: "Sequence[str] | None" = None, target: "ModuleType | None" = None
    ) -> "ModuleSpec | None":
        """Find a module as Python's own finder does."""
        if path is None and fullname in cls.absent and sys.path == cls.path:
            return None
        return super().find_spec(fullname, path, target)


class Recorder:
    """Notes what is imported, where there is no file yet."""

    @staticmethod
    def find_spec(
        name: str, path: "Sequence[str] | None" = None, target: "ModuleType | None" = None
    ) -> "ModuleSpec | None":
        """Find nothing."""
        state.missed.append(name)
        return None


class State:
    """What became of the cache in this process.

    Attributes:
        file: the one that is used.
        reason: why none is; empty if there is none yet.
        is_possible: this installation can have one.
        is_wanted: no setting that was read turns it off.
        identity: what this process needs a file for.
        early: the modules that were imported before it was looked for.
        missed: the names that were asked for and are not in the file.
        compiled: what modules compile; None before one does.
    """

    def __init__(self) -> None:
        self.file: CodeFile | None = None
        self.reason = "it was not asked for"
        self.is_possible = False
        self.is_wanted = True
        self.identity = ""
        self.early: frozenset[str] = frozenset()
        self.missed: list[str] = []
        self.compiled: Compiled | None = None


state = State()


def main() -> None:
    """Run the command `cachetui`, whose `__main__` comes from the file as well."""
    enable()
    from importlib import import_module

    import_module("cachetui.__main__").main()


def enable() -> None:
    """Take modules from a file from now on, if there is one for this installation."""
    if state.early:
        return  # by the command, before `__main__`
    state.early = frozenset(sys.modules)
    if os.path.basename(SITE_FOLDER) not in SITE_NAMES:
        state.reason = "a checkout or an editable installation has none"
        return
    _forget_start_folder()
    state.identity = _identity()
    if os.environ.get(SWITCH):
        state.reason = f"{SWITCH} is set"
        return
    if _is_searching_here():
        state.reason = "PYTHONPATH names the working directory"
        return
    state.is_possible = True
    try:
        state.file = _found()
        state.reason = ""
    except NotUsed as odd:
        state.reason = str(odd)
    if state.file is None:
        sys.meta_path.insert(0, Recorder)
        for name in NOTED_FIRST:
            __import__(name)
            _hook_loaded()
        return
    KnowingFinder.absent, KnowingFinder.path = state.file.absent, list(sys.path)
    finders = [KnowingFinder if finder is PathFinder else finder for finder in sys.meta_path]
    place = _place_among(finders)
    sys.meta_path[:] = [*finders[:place], state.file, *finders[place:]]
    _hook_loaded()


def _place_among(finders: "Sequence[object]") -> int:
    """The first place behind what others, such as a `sitecustomize`, let look before Python's own finders."""
    if KnowingFinder not in finders:
        return len(finders)
    own, end = (BuiltinImporter, FrozenImporter), finders.index(KnowingFinder)
    return max((at + 1 for at in range(end) if finders[at] not in own), default=0)


def _hook_loaded() -> None:
    for name in COMPILING:
        if name in sys.modules:
            _hook(sys.modules[name])


def _hook(module: "ModuleType") -> None:
    """Let a module that compiles for others look up first."""
    from cachetui.code_compiled import Compiled

    if state.compiled is None:
        state.compiled = Compiled(state.file.compiled() if state.file is not None else b"")
    state.compiled.hook(module, COMPILING[module.__name__])


def is_due() -> bool:
    """Whether `code_writing.keep` may have something to do: for a user's file, not for that of a site."""
    file = state.file
    if not state.is_possible or file is None or not state.is_wanted:
        return state.is_possible
    is_complete = not file.damaged and file.others.issuperset(state.missed) and not has_noted()
    return file.path != site_file() and not (is_complete and is_verified(file))


def has_noted() -> bool:
    """Whether modules have compiled what is not in the file."""
    return state.compiled is not None and bool(state.compiled.noted)


def is_verified(file: CodeFile) -> bool:
    """Whether a file was compared with what is installed not long ago."""
    return -VERIFY_SECONDS < time.time() - file.verified < VERIFY_SECONDS


def _forget_start_folder() -> None:
    """Let modules not come from the working directory (`python -m`) or from that of the command."""
    if not sys.path or sys.flags.isolated or getattr(sys.flags, "safe_path", False):
        return
    if sys.path[0] == SITE_FOLDER and SITE_FOLDER not in sys.path[1:]:
        return  # all comes from there
    start, beside = sys.path[0], os.path.dirname(sys.executable)
    if start in ("", os.path.dirname(sys.argv[0]), beside) or _is_here(start) or _is_same(start, beside):
        del sys.path[0]


def _is_here(folder: str) -> bool:
    try:
        return folder == os.getcwd()
    except OSError:
        return False


def _is_same(one: str, other: str) -> bool:
    """Whether two paths are of one folder: Python resolves the links of its script, not those of itself."""
    if os.path.basename(one) != os.path.basename(other):
        return False
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


def _is_searching_here() -> bool:
    """Whether each working directory would have a file of its own: an empty part of PYTHONPATH means it."""
    parts = os.environ.get("PYTHONPATH", "")
    if not parts or sys.flags.ignore_environment:
        return False
    return not all(map(os.path.isabs, parts.split(os.pathsep)))


def _identity() -> str:
    """What a file is for: another Python, prefix, platform or search path has another file."""
    return repr(
        (
            PACKAGE_FOLDER,
            sys.version,
            sys.prefix,
            sys.base_prefix,
            sys.platform,
            os.uname().machine,
            MAGIC_NUMBER,
            sys.flags.optimize,
            sys.path,
        )
    )


def user_folder(kind: str) -> str:
    """Return the user's folder for cache, config or state, as the XDG rules have it.

    Not by platformdirs, whose import brings in 17 modules; it knows the folders of other systems.
    """
    if sys.platform == "darwin":
        import platformdirs

        found: str = getattr(platformdirs, f"user_{kind}_dir")("cachetui")
        return found
    folder = os.path.expanduser(os.environ.get(f"XDG_{kind.upper()}_HOME", "").strip())
    if not os.path.isabs(folder):
        folder = os.path.expanduser(_DEFAULT_FOLDERS[kind])
    return os.path.join(folder, "cachetui")


def user_file() -> str:
    """Where the user's file lies; empty if there is no home folder."""
    folder = user_folder("cache")
    return os.path.join(folder, "code", file_name()) if os.path.isabs(folder) else ""


def site_file() -> str:
    """Where the file for all users lies."""
    return os.path.join(PACKAGE_FOLDER, file_name())


def file_name() -> str:
    """The name of the files of this installation."""
    return f"{sys.implementation.cache_tag}-{checksum(state.identity.encode()).hex()}.code"


def checksum(content: bytes) -> bytes:
    """Eight bytes that differ when the content does."""
    return _imp.source_hash(1, content)


def last_change(folder: str) -> int:
    """The second in which a folder last changed, or ABSENT. Packed and unpacked, it loses what is finer."""
    try:
        return int(os.stat(folder).st_mtime)
    except OSError:
        return ABSENT


def _found() -> CodeFile | None:
    odd = ""
    for path, is_site in ((user_file(), False), (site_file(), True)):
        try:
            if path:
                return opened(path, is_site)
        except FileNotFoundError:
            pass
        except OSError as error:  # a user who cannot have one may still read that of the site
            odd = odd or f"{path}: {error.strerror}"
    if odd:
        raise NotUsed(odd)
    return None


def opened(path: str, is_site: bool) -> CodeFile:
    """Open a file of this installation.

    Args:
        is_site: whoever owns the folder of the package is trusted, as the program itself belongs to them.

    Raises:
        FileNotFoundError: there is none.
        OSError: it cannot be read.
        NotUsed: it is not to be believed, or of another state of the installation.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        if handle <= 2:
            raise NotUsed("a standard stream is closed")  # it would be taken for that
        found, folder = os.fstat(handle), os.lstat(os.path.dirname(path))
        if not stat.S_ISREG(found.st_mode):
            raise NotUsed(f"{path}: it is not a file")
        owner = folder.st_uid if is_site else 0
        if reason := folder_distrust(folder, is_site) or _distrust("it", found, {0, os.geteuid(), owner}):
            raise NotUsed(f"{path}: {reason}")
        return _read(path, handle, found)
    except BaseException:
        os.close(handle)
        raise


def folder_distrust(folder: os.stat_result, is_site: bool) -> str:
    """Why no file in a folder is used; empty if it may be."""
    if not stat.S_ISDIR(folder.st_mode):
        return "it lies behind a link"
    return _distrust("its folder", folder, {0, os.geteuid(), folder.st_uid if is_site else 0})


def _distrust(which: str, found: os.stat_result, trusted: "Collection[int]") -> str:
    if found.st_uid not in trusted:
        return f"{which} belongs to another user"
    return f"other users may write to {which}" if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH) else ""


def _read(path: str, handle: int, found: os.stat_result) -> CodeFile:
    """A file whose head says that it is whole, and of this installation as it is now."""
    head = os.pread(handle, HEAD_SIZE, 0)
    if head == OFF:
        raise NotUsed("it is turned off in the settings")
    index_size, code_size = (int.from_bytes(head[at : at + 8], "little") for at in (16, 24))
    sizes_agree = LARGEST >= found.st_size == HEAD_SIZE + index_size + code_size
    if not head.startswith(FORMAT) or not sizes_agree:
        raise NotUsed(f"{path}: {DAMAGED}")
    index = os.pread(handle, index_size, HEAD_SIZE)
    if checksum(index) != head[32:]:
        raise NotUsed(f"{path}: {DAMAGED}")
    try:
        written_for, stamps, modules, compiled, absent, others = marshal.loads(index)
    except (ValueError, TypeError, EOFError):
        raise NotUsed(f"{path}: {DAMAGED}") from None
    if written_for != state.identity or any(last_change(folder) != second for folder, second in stamps):
        raise NotUsed(f"{path}: {STALE}")
    begin = HEAD_SIZE + index_size
    return CodeFile(path, handle, begin, compiled, stamps, modules, absent, others, found.st_mtime)
