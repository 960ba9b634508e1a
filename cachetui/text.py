"""Text for people and terminals: cleaning, counting, ages, and URLs without their secrets."""

from __future__ import annotations

import re
from functools import lru_cache

ELLIPSIS = "\u2026"

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0


_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Default_Ignorable_Code_Point: a terminal may draw nothing for them, or change what stands before."""

_WIDTH_UNKNOWN = "\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff\u2e3a\u2e3b\ufdfd\U00012000-\U0001254f"
"""Terminals disagree on the cells of flags and skin tones; fonts draw the others over their neighbours."""

_JOINING = "\u1161-\u11ff\ud7b0-\ud7ff"
"""Parts of Korean syllables that take no cell; all others of this kind are marks for Unicode, too."""

MOST_MARKS = 2
"""Marks that may stand over one character: more would paint the lines above and below."""


@lru_cache(maxsize=65536)
def clean(text: str) -> str:
    """Replace what a terminal does not show as characters of known width by U+FFFD; bound the marks."""
    if text.isascii():
        return text if text.isprintable() else "".join([c if c.isprintable() else _LOST for c in text])
    return _cleaned(text)


_LOST = "\ufffd"


def _cleaned(text: str) -> str:
    """Clean a text that is not ASCII, which few are: character by character."""
    from unicodedata import category

    hidden = re.compile(f"[{_UNSEEN}{_WIDTH_UNKNOWN}]").match  # `re` keeps what it has compiled
    joining = re.compile(f"[{_JOINING}]").match
    shown: list[str] = []
    marks = MOST_MARKS  # at the beginning nothing stands that a mark may join
    for character in text:
        if not character.isprintable() or hidden(character):
            shown.append(_LOST)
            marks = 0
        elif category(character)[0] == "M" or joining(character):
            # Of more marks than may be, one sign remains.
            shown += [character] if marks < MOST_MARKS else [_LOST] if marks == MOST_MARKS else []
            marks += 1
        else:
            shown.append(character)
            marks = 0
    return "".join(shown)


def one_line(text: str) -> str:
    """Join a text into one line: runs of blanks and unprintable characters become one blank."""
    return clean(" ".join("".join(c if c.isprintable() else " " for c in text).split()))


def cut_middle(text: str, width: int) -> str:
    """Cut a text to some characters, from the middle of it: of a path or URL both ends matter."""
    if len(text) <= width:
        return text
    end = width * 2 // 3
    return text[: max(width - end - 1, 0)] + ELLIPSIS + text[len(text) - end :]


def counted(number: int, noun: str) -> str:
    """Format a count: `1 build`, `1,234 builds`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def age_text(seconds: float) -> str:
    """Format an age: `3 minutes`, `2 hours`, `5 days`."""
    for unit, name in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if seconds >= unit:
            return counted(int(seconds // unit), name)
    return "less than a minute"


_written: dict[str, str] = {}
"""URLs to what is shown in their place."""


def show_as_written(url: str, written: str) -> None:
    """Show a URL, and all below it, with the variables it was made of: their values may be secret."""
    _written[url] = written


def urls_as_written() -> dict[str, str]:
    """The URLs that are shown otherwise, each with the text in its place: for another process."""
    return dict(_written)


def is_secret(text: str) -> bool:
    """Whether a text holds a URL that was made of variables."""
    return bool(_written) and _as_written(text) != text


def _as_written(text: str) -> str:
    for url in sorted(_written, key=len, reverse=True) if _written else ():
        if url in text:
            text = re.sub(re.escape(url) + r"(?![A-Za-z0-9_~%\-])", lambda _: _written[url], text)  # noqa: B023
    return text


def redacted(url: str) -> str:
    """Return a URL or path as it may be shown: without user, password, query and fragment.

    The text need not be a valid URL: a password that is not percent-encoded may hold any character. What
    may be a part of it, or of a query, is hidden too; `https://host/path@x` stays, as it has no colon.
    """
    url = _as_written(url)
    # The patterns are compiled when they are used: at most starts, none is.
    if re.match(r"[/\\](?![/\\])|\.{1,2}[/\\]|~[/\\]", url):
        return clean(_redacted_path(url))
    scheme = re.match(r"\s*(?:[A-Za-z][A-Za-z0-9+.\-]*:[/\\]+|[/\\]{2,})", url)
    if scheme is None:
        return clean(_redacted_bare(url))
    return clean(scheme[0] + _redacted_rest(url[scheme.end() :]))


def redacted_text(text: str) -> str:
    """Return a message as it may be shown, such as that of a foreign library: each URL in it is redacted.

    A URL ends at a blank; but before the last `@` of a message all may be a password.
    """
    text = _as_written(text)
    shown, position, last_at = "", 0, text.rfind("@") + 1
    for match in re.finditer(r""":[/\\]+|(?<![^\s"'(<=\[])[/\\]{2,}""", text):
        start = match.end()
        if match.start() < position:
            continue
        blank = re.compile(r"\s").search(text, max(start, last_at))
        end = blank.start() if blank else len(text)
        end = start + len(text[start:end].rstrip("\"'<>()[],.;:"))  # what stands around a URL
        shown += _redacted_words(text[position:start]) + _redacted_rest(text[start:end])
        position = end
    return clean(shown + _redacted_words(text[position:]))


def _redacted_rest(rest: str) -> str:
    """Redact what follows the scheme of a URL."""
    before, at, tail = rest.rpartition("@")
    plain = re.split("[?#]", before if at else rest, maxsplit=1)[0]
    authority = re.split(r"[/\\]", plain, maxsplit=1)[0]
    has_path = len(authority) < len(plain)
    has_colon = ":" in plain or "%3a" in plain.lower()
    if not at:
        # An address has its @ percent-encoded, also one that was meant to end a password.
        return ELLIPSIS if has_path and has_colon and "%40" in plain else _host_and_path(rest)
    if before == ELLIPSIS or (has_path and not has_colon and "@" not in authority):
        return _host_and_path(rest)
    if plain != before:
        return ELLIPSIS  # a host follows the @, or more of the query
    if has_path or tail.startswith(("/", "\\")):
        return f"{ELLIPSIS}@{_host_and_path(tail)}"
    return _redacted_rest(tail)


def _host_and_path(rest: str) -> str:
    """Hide query and fragment; what stands in place of a port may be a password without its host."""
    authority = re.split(r"[/\\?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    if ":" in authority and not re.fullmatch(
        r"(?:\[[0-9A-Fa-f:.]*(?:%[^\]]*)?\]|[^:]*)(?::\d{0,5})?", authority
    ):
        return f"{rest.partition(':')[0]}:{ELLIPSIS}"
    return _without_query(rest)


def _without_query(text: str) -> str:
    # A path may have parameters as well: `/m;token=abc/x`. A long name of one would take minutes.
    secret = r"[\w.\-]{0,40}(?:sig|token|secret|passw|credential|key)[\w.\-]{0,40}="
    mark = re.search(rf"[?#]|;(?={secret})", text, re.IGNORECASE)
    return text[: mark.end()] + ELLIPSIS if mark else text


def _redacted_bare(text: str) -> str:
    """Redact what has no scheme: a name, a relative path, or `user:password@host`."""
    before, _, tail = text.rpartition("@")
    if ":" not in before:
        return _without_query(text)
    return ELLIPSIS if re.search("[?#]", before) else f"{ELLIPSIS}@{_without_query(tail)}"


def _redacted_path(path: str) -> str:
    """Redact what may be no path, but a URL that was taken for one."""
    folder, colon, rest = path.partition(":")
    if colon and rest.startswith(("/", "\\")):
        plain = rest.lstrip("/\\")
        return folder + colon + rest[: len(rest) - len(plain)] + _redacted_rest(plain)
    before, at, tail = rest.rpartition("@")
    if not at:
        return path
    host = "" if re.search("[?#]", before) else f"@{_without_query(tail)}"
    return f"{folder[: folder.rfind('/') + 1]}{ELLIPSIS}{host}"


def _redacted_words(text: str) -> str:
    """Hide `user:password@` and the query of `path?name=value` in a text without URLs."""
    if "@" not in text and "?" not in text:
        return text
    return "".join(map(_redacted_word, re.split(r"(\s+)", text)))


def _redacted_word(word: str) -> str:
    before, _, tail = word.rpartition("@")
    shown = f"{ELLIPSIS}@{tail}" if ":" in before else word
    return _without_query(shown) if "=" in shown.partition("?")[2] else shown


def reason_of(error: BaseException) -> str:
    """Say in plain words why a text could not be read."""
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    if isinstance(error, MemoryError):
        return "it takes more memory than there is"
    return clean(str(error)) or type(error).__name__
