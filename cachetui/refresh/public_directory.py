"""The directory of public build caches: downloaded once a day."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress

from cachetui.bounded import DIRECTORY
from cachetui.errors import SourceError
from cachetui.fetch import NEVER_DOWNLOADED, Address, Session
from cachetui.files import replace_file
from cachetui.locate import LocationResolver, PublicMirror, cached_directory, directory_file, read_directory
from cachetui.refresh.policy import Policy
from cachetui.refresh.progress import OnProgress, ProgressReporter
from cachetui.refresh.updating import network_of
from cachetui.text import redacted

DIRECTORY_AGE = 86400.0
"""Seconds; the directory is regenerated once a day. A max age of 0 downloads it in any case."""


def list_public(
    policy: Policy, on_progress: OnProgress = lambda progress: None
) -> tuple[Sequence[PublicMirror], str]:
    """List the public mirrors, with a note for the user or an empty text.

    Raises:
        SourceError: the directory cannot be downloaded and never was.
    """
    progress = ProgressReporter(on_progress)
    progress.ask("the directory of public build caches")
    with Session(network_of(LocationResolver(policy.public).spack), progress.wait) as session:
        return _mirrors(policy, session)


def _mirrors(policy: Policy, session: Session) -> tuple[Sequence[PublicMirror], str]:
    public = policy.public
    if not public.directory:
        raise SourceError("public build caches", "no directory is configured")
    skipped: list[str] = []
    cached = cached_directory(public)
    if cached and (policy.offline or not _is_due(policy)):
        return cached, ""
    if policy.offline:
        raise SourceError(redacted(public.directory), NEVER_DOWNLOADED)
    try:
        text = session.fetch(Address(public.directory), DIRECTORY)
        found = read_directory(text, public, skipped.append)
    except SourceError as error:
        if cached:
            return cached, f"{error}; showing the directory downloaded last"
        raise
    with suppress(OSError):
        replace_file(directory_file(public), text)
    return found, _skipped_text(skipped)


def _skipped_text(reasons: Sequence[str]) -> str:
    """Say how many entries of the directory cannot be read, and what is wrong with the first."""
    if not reasons:
        return ""
    entries = "1 entry" if len(reasons) == 1 else f"{len(reasons):,} entries"
    return f"{entries} of the directory left out: {reasons[0]}"


def _is_due(policy: Policy) -> bool:
    if policy.force or not policy.max_age:
        return True
    try:
        return not 0 <= time.time() - directory_file(policy.public).stat().st_mtime < DIRECTORY_AGE
    except OSError:
        return True
