"""Checks of the configuration: our settings, and Spack's."""

from __future__ import annotations

from collections.abc import Iterator

from cachetui.config import config_file, read_settings, site_config_file
from cachetui.doctor.finding import Finding, Subject, ok, warning, wrong
from cachetui.errors import ConfigError
from cachetui.spack import read_config
from cachetui.text import clean, counted, redacted_text


def check_settings(subject: Subject) -> Iterator[Finding]:
    """Read each file of settings."""
    for file in (site_config_file(), config_file()):
        try:
            settings = read_settings(file)
        except ConfigError as error:
            yield wrong(redacted_text(str(error)), f"edit {clean(str(file))}")
            continue
        found = counted(len(settings), "setting") if file.exists() else "not there, which is fine"
        yield ok(f"{clean(str(file))}: {found}")


def check_spack(subject: Subject) -> Iterator[Finding]:
    """Read Spack's configuration anew, as the remembered one says nothing of its files."""
    config = read_config(subject.environ)
    if config.root:
        yield ok(f"Spack {config.version or 'of an unknown version'} in {clean(config.root)}")
    else:
        yield warning("no Spack is found", "set SPACK_ROOT, or load Spack, if there is one here")
    for scope in config.scopes:
        yield ok(f"scope {clean(scope.name)}: {clean(scope.path)}")
    for note in config.notes:
        yield wrong(redacted_text(note), "mend that line of the file; what it configures is not used")
    binary = sum(mirror.binary for mirror in config.mirrors)
    if binary:
        yield ok(f"{counted(binary, 'mirror')} with binaries")
    elif not subject.locations:
        yield warning("no mirror with binaries is configured", "run spack mirror add, or name a LOCATION")
