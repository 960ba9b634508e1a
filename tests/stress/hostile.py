"""Compiles indexes that take many times their size, in a process that may take no more than 300 MB beside it.

`python -m tests.stress.hostile FOLDER [MB]` prints of each how many builds were taken and skipped, and the
memory; the suite has a short form of it.
"""

from __future__ import annotations

import gzip
import resource
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from tests.conftest import dag_hash

MB = 1_000_000

MOST_BESIDE = 300 * MB
"""Bytes of memory that compiling an index may take beside its size, the program included."""

FIELDS = 9_990
"""Of a record, just under the limit."""


def _fields(item: str) -> Callable[[int], str]:
    item = item.replace("'", '"')
    return lambda n: ",".join(item % (n * FIELDS + each) for each in range(FIELDS))


_PARAMETERS, _VALUES, _NAMES = _fields("'v%d':1"), _fields("'%d'"), _fields("{'name':'%d'}")

RECORDS: dict[str, Callable[[int], str]] = {
    "tiny": lambda n: "",
    "names": lambda n: f',"namespace":"n{n}","package_hash":"{n}","compiler":"{n}"',
    "own": lambda n: f',"name":"a{n}","version":"{n}"',
    "variants": lambda n: f',"parameters":{{{_PARAMETERS(n)}}}',
    "values": lambda n: f',"parameters":{{"v":[{_VALUES(n)}]}}',
    "patches": lambda n: f',"parameters":{{"patches":[{_VALUES(n)}]}}',
    "virtuals": lambda n: f',"provided_virtuals":[{_VALUES(n)}]',
    "dependencies": lambda n: f',"dependencies":[{_NAMES(n)}]',
}
"""What stands in each record, by a name."""


def index(more: Callable[[int], str], size: int) -> bytes:
    """An index of some bytes whose records have more of something."""
    return b'{"database":{"version":"8","installs":{%b}}}' % ",".join(_records(more, size)).encode()


def _records(more: Callable[[int], str], size: int) -> Iterator[str]:
    for number in count():
        text = f'"{dag_hash(number)}":{{"spec":{{"name":"a","version":"1"{more(number)}}}}}'
        size -= len(text)
        if size < 0 < number:
            return
        yield text


def address_space() -> int:
    """Bytes of address space of this process."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def compile_all(folder: Path, names: list[str], size: int, room: int) -> None:
    """Compile indexes with no more address space than this process has, and some room.

    Args:
        names: of RECORDS, with `.gz` for a packed one.
    """
    from cachetui.refresh import open_catalog
    from cachetui.refresh.memory import return_memory

    files = {}
    for name in names:
        text = index(RECORDS[name.removesuffix(".gz")], size)
        files[name] = folder / f"{name}.json"
        files[name].write_bytes(gzip.compress(text, 1) if name.endswith(".gz") else text)
        del text
    return_memory()
    most = address_space() + room
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    for name, file in files.items():
        opened = open_catalog([str(file)])
        print(f"{name} {len(opened.catalog)} {opened.skipped}", flush=True)
        opened.catalog.close()
        del opened
        return_memory()


def main() -> None:
    """Compile all in full size; each may take as much as an index of the size may."""
    size = int(sys.argv[2]) * MB if len(sys.argv) > 2 else 30 * MB
    names = [name + ending for name in RECORDS for ending in ("", ".gz")]
    compile_all(Path(sys.argv[1]), names, size, size + MOST_BESIDE)
    print(f"at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
