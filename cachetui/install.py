"""The texts that name or install a build, ready to be pasted; quoted where they go to a shell."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence

import msgspec
from msgspec import Struct

from cachetui.spec import Spec, record

_HARMLESS = re.compile(r"[\w@+~=.,:/%' \-]+")
"""What stands in specs of real packages; quotes are those that Spack itself writes."""


class CopyForm(Struct, frozen=True):
    """One form in which builds can be copied.

    Args:
        name: the word for it on the command line and in the menu.
        key: the key that takes it in the menu.
        render: the text for one build or several.
    """

    name: str
    key: str
    render: Callable[[Sequence[Spec]], str]


def _lines(render: Callable[[Spec], str]) -> Callable[[Sequence[Spec]], str]:
    return lambda specs: "\n".join(map(render, specs))


def spec_text(spec: Spec) -> str:
    """The spec as it can be pasted, also after `spack install`; what a shell would run is quoted."""
    return _quoted(spec.text())


def spec_text_with_hash(spec: Spec) -> str:
    """The same with its hash."""
    return _quoted(spec.text_with_hash())


def _quoted(text: str) -> str:
    return text if _HARMLESS.fullmatch(text) else shlex.quote(text)


def slash_hash(spec: Spec) -> str:
    """`/hash`, as Spack takes a build on its command line."""
    return f"/{spec.dag_hash}"


def install_line(specs: Sequence[Spec]) -> str:
    """A `spack install` from the build cache; builds that have no binary there become remarks."""
    cached = [spec for spec in specs if spec.in_buildcache]
    lines = ["spack install --cache-only " + " ".join(shlex.quote(slash_hash(spec)) for spec in cached)]
    lines = lines if cached else []
    lines += [f"# not in the build cache: {slash_hash(spec)}" for spec in specs if not spec.in_buildcache]
    return "\n".join(lines)


def environment_entry(specs: Sequence[Spec]) -> str:
    """The builds as roots of an environment's `spack.yaml`."""
    roots = "".join(f"\n  - {_yaml_text(f'{spec.name}/{spec.dag_hash}')}" for spec in specs)
    return f"spack:\n  specs:{roots}"


def as_json(specs: Sequence[Spec]) -> str:
    """One object for one build, else a list of them."""
    records = [record(spec) for spec in specs]
    data = msgspec.json.encode(records[0] if len(records) == 1 else records)
    return msgspec.json.format(data, indent=2).decode()


def _yaml_text(text: str) -> str:
    """A JSON string is a YAML string; names that YAML reads as text go without quotes."""
    plain = text[:1].isalpha() and all(c.isalnum() or c in "-_./" for c in text)
    return text if plain else msgspec.json.encode(text).decode()


COPY_FORMS = (
    CopyForm("hash", "h", _lines(lambda spec: spec.dag_hash)),
    CopyForm("/hash", "s", _lines(slash_hash)),
    CopyForm("name/hash", "n", _lines(lambda spec: shlex.quote(f"{spec.name}/{spec.dag_hash}"))),
    CopyForm("spec", "p", _lines(spec_text)),
    CopyForm("spack install line", "i", install_line),
    CopyForm("spack.yaml entry", "e", environment_entry),
    CopyForm("JSON", "j", as_json),
)
"""The forms that need no knowledge of mirrors, in the order of the menu."""
