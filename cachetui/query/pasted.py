"""Finds the spec in what is pasted: lines that Spack printed, command lines, quotes, full-width letters."""

from __future__ import annotations

import re

from msgspec import Struct

from cachetui.query.limits import LONGEST

_HASH = r"(?:[a-z2-7]{32}|[a-z2-7]{7})"
_NAME = r"[a-zA-Z0-9_][\w.\-]*"
_SPEC_START = rf"\^?(?:{_NAME}\.)?{_NAME}@"
_STATE = r"\[[+^\-ebx ]\]"

_FULL_WIDTH = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_PLAIN_FORMS = str.maketrans(
    {
        **_FULL_WIDTH,
        **dict.fromkeys("\u3000\u00a0\u2007\u202f", " "),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", ""),
        **dict.fromkeys("\u2018\u2019\u201a\u2032", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u2033\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        "\u223c": "~",
    }
)
"""Letters and signs of other keyboards and of word processors -> what Spack reads."""

_COLOURS = re.compile(r"(?:\x1b\[|(?<!\S)\[(?=\d))[\d;]*m")
_COMMAND = re.compile(
    r"(?:^|(?<=[\s;&|]))spack\s+(?:-\S+\s+|--\S+\s+)*"
    r"(?P<verb>install|spec|find|info|load|concretize|location|uninstall|mark|dev-build|fetch|stage|solve"
    r"|buildcache\s+\w+|mirror\s+\w+|develop|add|test\s+\w+|graph|dependencies|dependents|python|build-env)\s+"
)
_OPTIONS = re.compile(
    r"(?:-j\s*\d+|-[a-zA-Z]{1,3}(?=\s|$)|--(?:jobs|mirror|only|tests|test|format)[= ]\S+"
    r"|--[\w-]+(?:=\S+)?)\s*"
)
_TAIL_OPTION = re.compile(
    r"\s+--(?:cache-only|no-cache|fresh|reuse|add|deprecated|overwrite|no-checksum|use-buildcache\S*"
    r"|no-check-signature|fail-fast|keep-stage|verbose|yes-to-all|source|dirty)\b(?:=\S+)?"
)
_HEADER = re.compile(r"^\s*--\s+\S+\s+/\s+\S+\s+-+\s*")
_HEADINGS = re.compile(r"^\s*(?:Input spec|Concretized|Normalized)\s+-+\s*")
_MESSAGE = re.compile(r"^\s*==>\s+(?P<rest>.*)$", re.DOTALL)
_PROGRESS = re.compile(r"\[\d+/\d+\]|\(\d+/\d+\)")
_INSTALLED = re.compile(
    r"(?:(?<=[\s/\-\"'])|^)(?P<name>[A-Za-z][\w\-]{0,90}?)-(?P<version>\d[\w.]{0,40}|develop|main|master|latest)"
    r"-(?P<hash>[a-z2-7]{32}|(?=[a-z]*[2-7])[a-z2-7]{7})(?![\w\-])"
)
_LINE = re.compile(
    rf"(?:^|(?<=\s))(?:(?:{_STATE}|-)\s+)?(?:(?P<hash>{_HASH})\s+)?(?P<spec>{_SPEC_START}.*?)"
    rf"(?=\s+(?:(?:{_STATE}|-)\s+)?(?:{_HASH}\s+){_SPEC_START}|\s+(?:{_STATE}|-)\s+{_SPEC_START}|\s*$)",
    re.DOTALL,
)
_MARKED = re.compile(rf"^\s*(?:{_STATE}|-(?=\s+(?:{_HASH}\s+)?{_SPEC_START}))\s+")
_STARTS_WITH_HASH = re.compile(rf"^\s*{_HASH}\s+{_SPEC_START}")
_QUOTES = ("'", '"', "`")


class Pasted(Struct, frozen=True):
    """What is left of a text when everything is taken away that is no spec.

    Args:
        text: the spec, or the text itself if nothing had to be taken away.
        dag_hash: the hash that stood beside the spec; it says more than the spec.
        name: the package of that hash.
        note: what was understood; empty if the text stayed as it is.
    """

    text: str
    dag_hash: str = ""
    name: str = ""
    note: str = ""


def cleaned(text: str) -> Pasted:
    """Find the spec in a text; an ordinary query stays as it is."""
    if len(text) > LONGEST:
        return Pasted(text)
    plain = _COLOURS.sub("", text.translate(_PLAIN_FORMS))
    found = _listed(plain) or _installed(plain) or _from_command(plain) or _from_message(plain)
    if found is not None:
        return found
    unquoted = _unquoted(plain)
    if unquoted != plain:
        return cleaned(unquoted) if unquoted.strip() else Pasted(unquoted)
    return Pasted(plain)


def _listed(text: str) -> Pasted | None:
    """The first spec of lines that `spack find -l` or `spack spec -Il` print."""
    body = _HEADINGS.sub("", _HEADER.sub("", text, count=1), count=1)
    if body == text and not _MARKED.match(body) and not _STARTS_WITH_HASH.match(body):
        return None
    if found := _installed(body):
        return found  # `[+] /opt/spack/.../hdf5-1.14.6-cxuri4g...`
    lines = list(_LINE.finditer(body))
    if not lines:
        rest = _MARKED.sub("", body, count=1).strip()
        return Pasted(rest, note="a line that Spack printed") if rest else None
    first = lines[0]
    spec = first["spec"].strip().removeprefix("^")
    more = f"; the first of {len(lines)} specs" if len(lines) > 1 else ""
    return Pasted(spec, first["hash"] or "", _name_of(spec), f"a line that Spack printed{more}")


def _installed(text: str) -> Pasted | None:
    """The build whose prefix or archive is named anywhere in a text: `hdf5-1.14.6-cxuri4g...`."""
    found = _INSTALLED.search(text)
    if found is None or (len(found["hash"]) < 32 and found[0] != text.strip()):
        return None
    name = re.sub(r"^.*-\d[\d.]*-", "", found["name"])  # `linux-...-gcc-13.2.0-hdf5`
    return Pasted(f"{name}@{found['version']}", found["hash"], name, "a package, a version and a hash")


def _from_command(text: str) -> Pasted | None:
    """The spec of a `spack` command."""
    found = _COMMAND.search(text)
    if found is None:
        return None
    rest = text[found.end() :]
    while option := _OPTIONS.match(rest):
        rest = rest[option.end() :]
    rest = re.split(r"\s*(?:&&|\|\||[;|])\s*", _TAIL_OPTION.sub("", rest), maxsplit=1)[0].strip()
    inner = cleaned(_unquoted(rest))
    if not inner.text.strip():
        return None
    return Pasted(inner.text, inner.dag_hash, inner.name, f"the spec of spack {found['verb']}")


def _from_message(text: str) -> Pasted | None:
    """The spec in a message of Spack: `==> Installing hdf5-1.14.6-cxuri4g... [3/40]`."""
    found = _MESSAGE.match(text)
    if found is None:
        return None
    rest = _PROGRESS.sub(" ", found["rest"]).strip()
    if spec := re.search(rf"(?:^|\s){_SPEC_START}\S*(?:/{_HASH})?", rest):
        return Pasted(spec[0].strip(" ,;."), note="a message that Spack printed")
    named = re.match(rf"(?:Installing|Extracting|Fetching|Building|Staging|Cloning)\s+({_NAME})\s*$", rest)
    return Pasted(named[1] if named else "", note="a message that Spack printed")


def _unquoted(text: str) -> str:
    """A text without the quotes around it, if these are the only ones."""
    inner = text.strip()
    if len(inner) > 1 and inner[0] in _QUOTES and inner[-1] == inner[0] and inner[0] not in inner[1:-1]:
        return inner[1:-1].strip()
    return text


def _name_of(spec: str) -> str:
    return spec.partition("@")[0].rpartition(".")[2]
