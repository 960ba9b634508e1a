"""The exit codes of all commands: scripts rely on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cachetui.errors import (
    CachetuiError,
    FilterError,
    HashError,
    HostError,
    QuerySyntaxError,
    SortError,
    TerminalError,
    UnknownHashError,
)

if TYPE_CHECKING:
    from cachetui.refresh import Opened

FOUND, NOTHING_FOUND, WRONG_USAGE, NOT_READ, INTERRUPTED = 0, 1, 2, 3, 130


def code_of_result(opened: Opened, found: bool) -> int:
    """The code of a command that searched a catalog; a source that failed may hold what was not found.

    So may a mirror that was not waited for; what was found without it is an answer.
    """
    if opened.failures or (opened.unanswered and not found):
        return NOT_READ
    return FOUND if found else NOTHING_FOUND


def code_of_error(error: CachetuiError) -> int:
    """The code of a command that ended with an error."""
    if isinstance(error, UnknownHashError):
        return NOTHING_FOUND
    wrong_usage = isinstance(
        error, QuerySyntaxError | HashError | SortError | FilterError | HostError | TerminalError
    )
    return WRONG_USAGE if wrong_usage else NOT_READ
