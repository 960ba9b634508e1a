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
from cachetui.files import read_own, replace_file
from cachetui.keyed import keyed
from cachetui.spack.machine import Machine, Stamp, stamp_of, today, working_folder
from cachetui.spack.reading import read
from cachetui.spack.texts import without_login
from cachetui.spack.values import SpackConfig
from cachetui.text import clean, redacted


class Memo(Struct, frozen=True):
    """A configuration and everything it depends on.

    Args:
        folder, day: the working folder and the date; None if nothing depends on them.
        variables: their values, keyed checksums of those that the configuration itself names.
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
            and all(_recorded(name, environ.get(name)) == value for name, value in self.variables.items())
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
    if not _has_secret(bare, machine.variables):
        variables = {name: _recorded(name, value) for name, value in machine.variables.items()}
        state = machine.folder, machine.day, variables, machine.stamps
        _store(Memo(__version__, os.getuid(), *state, bare), memo)
    return bare


_PLAIN_VARIABLES = frozenset(
    {
        *("HOME", "PATH", "TMPDIR", "TEMP", "TMP"),
        *("SPACK_ROOT", "SPACK_ENV", "SPACK_HOME", "SPACK_DISABLE_LOCAL_CONFIG"),
        *("SPACK_USER_CACHE_PATH", "SPACK_USER_CONFIG_PATH", "SPACK_SYSTEM_CONFIG_PATH"),
    }
)
"""Variables that are asked for whatever the configuration says: paths, stored as they are."""


def _recorded(name: str, value: str | None) -> str | None:
    return value if value is None or name in _PLAIN_VARIABLES else keyed(value)


def _has_secret(config: SpackConfig, variables: Mapping[str, str | None]) -> bool:
    """Whether the URL of a mirror or a variable shows what may be a secret: then nothing is stored."""
    if any(mirror.written for mirror in config.mirrors):
        return True
    named = [value for name, value in variables.items() if value and name not in _PLAIN_VARIABLES]
    urls = [mirror.url for mirror in config.mirrors if not mirror.url.startswith("/")]
    plain = [value for name, value in variables.items() if value and name in _PLAIN_VARIABLES]
    return any(
        "?" in url or redacted(url) != clean(url) or any(value in url for value in named) for url in urls
    ) or any(without_login(value).url != value for value in plain)


def _load(memo: Path) -> Memo | None:
    with suppress(OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return msgspec.json.decode(read_own(memo), type=Memo)
    return None


def _store(content: Memo, memo: Path) -> None:
    """Store the memo; without it, the configuration is read again at the next start."""
    with suppress(OSError, UnicodeEncodeError):
        replace_file(memo, msgspec.json.encode(content))
