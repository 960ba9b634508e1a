"""Compile big sources in another process, which takes the memory along when it ends.

In the browser, some of the objects that are made meanwhile live on, and each keeps the megabyte around it
from being given back: after some refreshes the browser would hold three times of what it needs.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import Any

from msgspec import Struct, field
from msgspec.structs import asdict, replace

from cachetui import paths
from cachetui.errors import CachetuiError, CatalogError, SourceError
from cachetui.files import unfinished
from cachetui.refresh.compilation import Compilation
from cachetui.refresh.damage import opened_sound
from cachetui.refresh.found import Found
from cachetui.refresh.helper import Helper
from cachetui.refresh.opened import Opened
from cachetui.refresh.progress import OnProgress, Progress
from cachetui.sources import IndexFile, MirrorSource, PageTree, Source
from cachetui.text import show_as_written, urls_as_written

BIG = 8 << 20
"""Bytes of sources from which on a process of their own is worth its start."""


class Outcome(Struct, frozen=True):
    """What came of a compile: where the catalog lies and what else was opened with it, or the error."""

    path: Path = Path()
    opened: dict[str, Any] = field(default_factory=dict)
    error: Exception | None = None


class CompileApart(Struct, frozen=True):
    """The task of compiling a catalog.

    Args:
        written: the URLs that are shown otherwise; see `show_as_written`.
    """

    compilation: Compilation
    written: Mapping[str, str]

    def run(self) -> Outcome:
        """See `compile_sources`."""
        from cachetui.refresh.compiling import compile_sources
        from cachetui.refresh.worker import tell

        for url, written in self.written.items():
            show_as_written(url, written)
        try:
            opened = compile_sources(self.compilation, tell)
        except (CachetuiError, MemoryError, RecursionError) as error:
            return Outcome(error=error)
        opened.catalog.close()
        said = {name: value for name, value in asdict(opened).items() if name != "catalog"}
        return Outcome(opened.catalog.path, said)


def compile_apart(compilation: Compilation, on_progress: OnProgress) -> Opened | None:
    """Compile in another process and open the catalog.

    Returns:
        None: the sources are too small for it, or this process may succeed where the other one did not.

    Raises:
        CachetuiError: as `compile_sources`, or the other process was killed.
    """
    if not _is_worth_it(compilation):
        return None
    latest = [Progress(compilation.title, specs=0, done=0, total=0)]

    def advance(progress: Progress) -> None:
        latest[:] = [progress]
        on_progress(progress)

    found = compilation.found
    needed = Found(found.locations, found.sources, path=found.path)
    with (
        suppress(OSError),
        _spare_folder() as spare,
        closing(Helper(advance)) as helper,
    ):
        task = CompileApart(replace(compilation, found=needed, spare=spare), urls_as_written())
        # Reporting again and again is how it is noticed that nobody waits any more.
        answer = helper.submit(task).answer(lambda: on_progress(latest[0]))
        if signal := helper.signal():
            raise CatalogError(f"the process that compiles was ended by signal {signal}")
        if answer and answer[0].error is not None:
            raise answer[0].error
        with suppress(CatalogError):
            # An open file outlives its name.
            return Opened(opened_sound(answer[0].path), **answer[0].opened) if answer else None
    return None


@contextmanager
def _spare_folder() -> Iterator[Path]:
    """Name a temporary folder, which is made only if it is needed, and removed in the end."""
    spare = Path(tempfile.gettempdir()) / f"cachetui-{token_hex(8)}"
    with unfinished(spare):
        try:
            yield spare
        finally:
            shutil.rmtree(spare, ignore_errors=True)


def _is_worth_it(compilation: Compilation) -> bool:
    # A temporary folder in place of the cache is another one in each process.
    return not paths.distrusted and sum(map(_size, compilation.found.sources)) >= BIG


def _size(source: Source) -> int:
    """The bytes of a source, 0 if they are not known."""
    with suppress(OSError, SourceError):
        if isinstance(source, PageTree):
            return sum(part.size for part in source.parts(lambda problem: None))
        index = source.index if isinstance(source, MirrorSource) else source
        return index.file.stat().st_size if isinstance(index, IndexFile) else 0
    return 0
