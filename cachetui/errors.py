"""What can go wrong, as one tree.

CachetuiError
  LocationError        what was given names nothing that can be read
    UnknownLocationError   neither a path nor the name of a mirror
  ConfigError          a configuration file cannot be read
  SourceError          a source was found but cannot be read (place and reason)
    TransferError      a mirror cannot be reached, or the transfer broke off
      ResumeError      a download cannot be resumed where it broke off
    MissingError       a mirror answered that there is nothing at a place
    UndecodableError   an index is no JSON; perhaps only one of its records is none
  CatalogError         a catalog file cannot be used
    OtherSchemaError   it was compiled by another version of cachetui
    DamagedError       it does not hold what it should
  QuerySyntaxError     a query that cannot be read; carries the spans to underline
  HashError            a DAG hash that is malformed, or the beginning of several
    UnknownHashError   a DAG hash that no build has
  SortError            a column that does not exist
  FilterError          a facet that does not exist, or a malformed condition
  HostError            a host or a libc that cannot be read
  TerminalError        there is no terminal that the browser can be drawn on
  OutputError          standard output is closed or full
  CodeError            no file of the program's own code can be written
  Cancelled            the user stopped a refresh
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path


class CachetuiError(Exception):
    """The root: catch it at the edge, its text is one line for a person.

    Attributes:
        others: what else is wrong, where nothing could be read.
    """

    others: Sequence[CachetuiError] = ()


class LocationError(CachetuiError):
    """A location that names nothing readable: no such path, an empty folder, an unknown scheme."""


class UnknownLocationError(LocationError):
    """A location that is neither a path nor a URL nor the name of a mirror.

    Args:
        message: what is wrong with it.
        advice: where to find what could be meant.
        location: as it was given; it may hold a secret.
    """

    def __init__(self, message: str, advice: str, location: str) -> None:
        super().__init__(message, advice, location)  # what unpickling passes to this function again
        self.message = message
        self.advice = advice
        self.location = location

    def __str__(self) -> str:
        return f"{self.message}; {self.advice}"


class ConfigError(CachetuiError):
    """A configuration file cannot be read; the text begins with its place."""


class SourceError(CachetuiError):
    """A source cannot be read as a whole; the text begins with its place.

    Args:
        transient: the same content may be readable at the next try.
    """

    def __init__(self, place: str, reason: str, transient: bool = False) -> None:
        super().__init__(place, reason)  # what unpickling passes to this function again
        self.place = place
        self.reason = reason
        self.transient = transient

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


class TransferError(SourceError):
    """A mirror cannot be reached, or the transfer broke off.

    Args:
        retryable: an immediate retry may succeed: the mirror was too slow, too busy, or broke off.
        retry_after: seconds that the mirror asks to wait before a retry.
        unreachable: the mirror did not answer at all.
    """

    def __init__(
        self,
        place: str,
        reason: str,
        *,
        retryable: bool = False,
        retry_after: float = 0.0,
        unreachable: bool = False,
    ) -> None:
        super().__init__(place, reason, transient=retryable or unreachable)
        self.retryable = retryable
        self.retry_after = retry_after
        self.unreachable = unreachable


class ResumeError(TransferError):
    """The server cannot send the rest of a download; it has to be downloaded from its first byte."""


class MissingError(SourceError):
    """There is nothing at a place, or nothing that may be read."""


class UndecodableError(SourceError):
    """An index is no JSON; perhaps only one of its records is none."""


class CatalogError(CachetuiError):
    """A file that is not a catalog of this schema."""


class OtherSchemaError(CatalogError):
    """A catalog that another version of cachetui compiled."""


class DamagedError(CatalogError):
    """A catalog file that does not hold what it should.

    Args:
        path: of the file.
        identity: of the file that was read; another one may have taken its place.
    """

    def __init__(self, path: Path, reason: str, identity: tuple[int, ...] = ()) -> None:
        super().__init__(path, reason, identity)  # what unpickling passes to this function again
        self.path = path
        self.reason = reason
        self.identity = identity

    def __str__(self) -> str:
        return f"{self.path}: damaged ({self.reason}); compile it again with cachetui refresh --output"


class QuerySyntaxError(CachetuiError):
    """A query that is not understood.

    Args:
        text: the query as typed.
        spans: (start, end) of the characters to underline, end exclusive; the message is about the first.
    """

    def __init__(self, message: str, text: str, *spans: tuple[int, int]) -> None:
        super().__init__(message)
        self.text = text
        self.spans = tuple((start, max(end, start + 1)) for start, end in spans) or ((0, max(len(text), 1)),)

    def underline(self) -> str:
        """Spaces and carets that stand under the characters in question."""
        marks = [" "] * max(end for _, end in self.spans)
        for start, end in self.spans:
            marks[start:end] = "^" * (end - start)
        return "".join(marks)


class HashError(CachetuiError):
    """A DAG hash that is malformed, or the beginning of several."""


class UnknownHashError(HashError):
    """A well-formed DAG hash that no build of the catalog has."""


class SortError(CachetuiError):
    """A column to sort by that does not exist."""


class FilterError(CachetuiError):
    """A condition on a facet that cannot be read."""


class HostError(CachetuiError):
    """A host or a libc that cannot be read, or a target that archspec does not know."""


class TerminalError(CachetuiError):
    """No terminal to draw on; the text names the command that needs none.

    Args:
        locations: what would be browsed, not looked at yet; they may hold secrets.
    """

    def __init__(self, message: str, locations: Sequence[str] = ()) -> None:
        super().__init__(message, locations)  # what unpickling passes to this function again
        self.message = message
        self.locations = locations

    def __str__(self) -> str:
        return self.message


class OutputError(CachetuiError):
    """Standard output takes no more: closed, or on a full disk."""


class Cancelled(CachetuiError):
    """The user stopped a refresh; the previous catalog is unchanged."""


UNFORESEEN = (
    OSError,
    ValueError,
    ArithmeticError,
    LookupError,
    TypeError,
    AttributeError,
    MemoryError,
    RecursionError,
    EOFError,
    zlib.error,
)
"""What a library may raise over input that nobody has foreseen: it concerns the source that it comes from."""


def unforeseen(place: str, error: Exception, text: str) -> SourceError:
    """The error of a source for one of UNFORESEEN; a bug in a reader must not hide the other sources.

    Args:
        text: what the error says, as it may be shown.
    """
    reason = f"it cannot be read ({type(error).__name__}{f': {text}' if text else ''})"
    return SourceError(place, reason, transient=isinstance(error, OSError | MemoryError))


class CodeError(CachetuiError):
    """Why no file of the program's own code can be written."""
