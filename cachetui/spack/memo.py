"""Remember a configuration until something it was read from changes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from cachetui import __version__
from cachetui.files import replace_file
from cachetui.spack.machine import Machine, Stamp, stamp_of, today, working_folder
from cachetui.spack.reading import read
from cachetui.spack.texts import without_login
from cachetui.spack.values import SpackConfig


class Memo(Struct, frozen=True):
    """A configuration and everything it depends on.

    Args:
        folder, day: the working folder and the date; None if nothing depends on them.
    """

    program: str
    user: int
    folder: str | None
    day: str | None
    variables: dict[str, str | None]
    stamps: dict[str, Stamp | None]
    config: SpackConfig

    def is_current(self, environ: Mapping[str, str]) -> bool:
        """Whether nothing it depends on has changed."""
        return (
            (self.program, self.user) == (__version__, os.getuid())
            and all(environ.get(name) == value for name, value in self.variables.items())
            and self.folder in (None, working_folder())
            and self.day in (None, today())
            and all(stamp_of(path) == stamp for path, stamp in self.stamps.items())
        )


def remembered_config(environ: Mapping[str, str], memo: Path) -> SpackConfig:
    """Read the configuration without credentials, from the memo if nothing has changed."""
    remembered = _load(memo)
    if remembered is not None and remembered.is_current(environ):
        return remembered.config
    machine = Machine(environ)
    config = read(machine)
    bare = replace(config, mirrors=tuple(replace(mirror, credentials=None) for mirror in config.mirrors))
    # Variables are stored as they are, so nothing is if one holds a URL with a password.
    if not any(value and without_login(value).url != value for value in machine.variables.values()):
        state = machine.folder, machine.day, machine.variables, machine.stamps
        _store(Memo(__version__, os.getuid(), *state, bare), memo)
    return bare


def _load(memo: Path) -> Memo | None:
    with suppress(OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return msgspec.json.decode(memo.read_bytes(), type=Memo)
    return None


def _store(content: Memo, memo: Path) -> None:
    """Store the memo; without it, the configuration is read again at the next start."""
    with suppress(OSError, UnicodeEncodeError):
        replace_file(memo, msgspec.json.encode(content))
