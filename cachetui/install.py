"""The texts that name or install builds, ready to paste: quoted for a shell, YAML or JSON."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Sequence

import msgspec
from msgspec import Struct

from cachetui.catalog import Catalog, MirrorInfo
from cachetui.spec import Spec, json_data

_SAFE = re.compile(r"[\w@+~=.,:/%' \-]+")
"""What real specs consist of. Single quotes are Spack's own, and protect the value from a shell too."""


class CachedBuild(Struct, frozen=True):
    """A build, and the mirrors whose indexes list it."""

    spec: Spec
    mirrors: tuple[MirrorInfo, ...] = ()


def cached_builds(catalog: Catalog, rows: Iterable[int]) -> list[CachedBuild]:
    """Read some builds of a catalog; their mirrors come in the catalog's order."""
    return [CachedBuild(spec, _mirrors_of(spec, catalog)) for spec in map(catalog.spec, rows)]


def _mirrors_of(spec: Spec, catalog: Catalog) -> tuple[MirrorInfo, ...]:
    seen = {(place.mirror, place.view) for place in spec.places}
    return tuple(mirror for mirror in catalog.mirrors if (mirror.name, mirror.view) in seen)


class CopyForm(Struct, frozen=True):
    """One form in which builds can be copied.

    Args:
        name: on the command line and in the menu.
        key: selects it in the menu.
        render: gives the text for one build or several.
    """

    name: str
    key: str
    render: Callable[[Sequence[CachedBuild]], str]


def _lines(render: Callable[[Spec], str]) -> Callable[[Sequence[CachedBuild]], str]:
    return lambda builds: "\n".join(render(build.spec) for build in builds)


def spec_text(spec: Spec) -> str:
    """The spec as it can be pasted into a shell, also after `spack install`."""
    return _shell_words(spec.text())


def spec_text_with_hash(spec: Spec) -> str:
    """The spec with its hash, as it can be pasted into a shell."""
    return _shell_words(spec.text_with_hash())


def _shell_words(text: str) -> str:
    """Quote a spec only where a shell would change it: unquoted, it is what Spack prints."""
    return text if _SAFE.fullmatch(text) else shlex.quote(text)


def slash_hash(spec: Spec) -> str:
    """`/hash`, which names one build on Spack's command line."""
    return f"/{spec.dag_hash}"


def install_line(builds: Sequence[CachedBuild]) -> str:
    """A `spack install` from the build cache; builds without a binary become comments."""
    specs = [build.spec for build in builds]
    cached = [slash_hash(spec) for spec in specs if spec.in_buildcache]
    lines = [f"spack install --cache-only {shlex.join(cached)}"] if cached else []
    lines += [f"# not in the build cache: {slash_hash(spec)}" for spec in specs if not spec.in_buildcache]
    return "\n".join(lines)


def environment_entry(builds: Sequence[CachedBuild]) -> str:
    """The builds as roots of an environment's `spack.yaml`."""
    roots = "".join(f"\n  - {_yaml_scalar(_name_and_hash(build.spec))}" for build in builds)
    return f"spack:\n  specs:{roots}"


def as_json(builds: Sequence[CachedBuild]) -> str:
    """One object for one build, a list of objects for several."""
    records = [json_data(build.spec) for build in builds]
    data = msgspec.json.encode(records[0] if len(records) == 1 else records)
    return msgspec.json.format(data, indent=2).decode()


def _name_and_hash(spec: Spec) -> str:
    return f"{spec.name}/{spec.dag_hash}"


def _yaml_scalar(text: str) -> str:
    """Quote a text that YAML may read as something else; a JSON string is a YAML string."""
    plain = text[:1].isalpha() and all(c.isalnum() or c in "-_./" for c in text)
    return text if plain else msgspec.json.encode(text).decode()


COPY_FORMS = (
    CopyForm("hash", "h", _lines(lambda spec: spec.dag_hash)),
    CopyForm("/hash", "s", _lines(slash_hash)),
    CopyForm("name/hash", "n", _lines(lambda spec: shlex.quote(_name_and_hash(spec)))),
    CopyForm("spec", "p", _lines(spec_text)),
    CopyForm("spack install line", "i", install_line),
    CopyForm("spack.yaml entry", "e", environment_entry),
    CopyForm("JSON", "j", as_json),
)
"""In the order of the menu."""
