"""One concrete spec as plain frozen data, and how Spack writes it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

VariantValue = bool | str | tuple[str, ...]
"""A boolean variant, a single value, or the sorted values of a multi-valued variant."""

Variants = tuple[tuple[str, VariantValue], ...]
"""Variants sorted by name."""

DEPTYPES = ("build", "link", "run", "test")
"""In the order in which Spack names them."""

COMPILER_VIRTUALS = frozenset({"c", "cxx", "fortran"})
"""A build dependency that serves one of these is a compiler."""

FLAG_NAMES = ("cflags", "cppflags", "cxxflags", "fflags", "ldflags", "ldlibs")

HASH_LENGTH = 32

SHORT_HASH = 7
"""Characters of a hash that Spack shows in lists."""

_HASH = re.compile(r"[a-z2-7]{32}")
_BARE_VALUE = re.compile(r"[a-zA-Z0-9,/_.\-]+")
_PATCH_DIGITS = 7


class Dependency(Struct, frozen=True, gc=False, cache_hash=True):
    """One edge of the DAG, seen from the dependent spec."""

    name: str
    dag_hash: str
    """Empty when the record names no hash."""
    deptypes: tuple[str, ...] = ()
    virtuals: tuple[str, ...] = ()


class Place(Struct, frozen=True, order=True, gc=False, cache_hash=True):
    """Where a build was seen. Empty text: not known."""

    mirror: str = ""
    tag: str = ""
    stack: str = ""
    view: str = ""
    """The named subset of the mirror's index, as Spack 1.2 calls it."""


class Spec(Struct, frozen=True, kw_only=True, gc=False):
    """One concrete spec: a build, known by its DAG hash."""

    name: str
    dag_hash: str
    """32 characters of `a-z2-7`."""
    version: str = ""
    namespace: str = ""
    platform: str = ""
    os: str = ""
    target: str = ""
    target_parents: tuple[str, ...] = ()
    """The parents that the index names for a target; empty for generic ones."""
    compilers: tuple[str, ...] | None = None
    """`name@version` each; `()` is none, `None` means: see the compiler edges of `dependencies`."""
    variants: Variants = ()
    flags: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Compiler flags that are set, by flag name."""
    patches: tuple[str, ...] = ()
    """sha256 of each patch, in order."""
    dependencies: tuple[Dependency, ...] = ()
    provided_virtuals: tuple[str, ...] = ()
    package_hash: str = ""
    external: str = ""
    """The prefix (or module) of an external; empty for a build."""
    in_buildcache: bool = True
    """False: a record that only completes the DAG of others."""
    spec_format: int = 0
    """Version of the spec node format, 1 to 6; 0 when the source does not tell."""
    places: tuple[Place, ...] = ()
    size: int = 0
    """Bytes of the binary, 0 when not known."""
    legacy_hashes: tuple[str, ...] = ()
    """`full_hash` and `build_hash` of old formats: edges may name these."""

    @property
    def listed(self) -> bool:
        """Whether Spack lists it: in the build cache, or an external."""
        return self.in_buildcache or bool(self.external)

    def text(self) -> str:
        """The spec as Spack reads it; compilers stand last: to any Spack the rest is then the root's."""
        return self._node_text() + self._compilers_text()

    def text_with_hash(self) -> str:
        """The same with the DAG hash, which after a compiler would be the hash of that."""
        return f"{self._node_text()} /{self.dag_hash}{self._compilers_text()}"

    def _node_text(self) -> str:
        version = f"@{self.version}" if self.version else ""
        return f"{self.name}{version}{self.parameters_text()}{self.architecture_text()}"

    def _compilers_text(self) -> str:
        return "".join(f" %{compiler}" for compiler in self.compilers or ())

    def parameters_text(self) -> str:
        """Variants and flags as Spack orders them: booleans, then values, then flags."""
        booleans = "".join(variant_text(n, v) for n, v in self.variants if isinstance(v, bool))
        values: list[tuple[str, VariantValue]] = [(n, v) for n, v in self.variants if not isinstance(v, bool)]
        if self.patches:
            values.append(("patches", short_patches(self.patches)))
        rest = [variant_text(name, value) for name, value in sorted(values)]
        rest += [flags_text(name, words) for name, words in self.flags]
        return booleans + "".join(f" {part}" for part in rest)

    def architecture_text(self) -> str:
        """` arch=platform-os-target`, or nothing if no part is known."""
        if not (self.platform or self.os or self.target):
            return ""
        return " arch=" + "-".join(part or "None" for part in (self.platform, self.os, self.target))


def is_dag_hash(text: str) -> bool:
    """Whether a text is a whole DAG hash: 32 characters of `a-z2-7`."""
    return _HASH.fullmatch(text) is not None


def quote_value(value: str, bare: re.Pattern[str] = _BARE_VALUE) -> str:
    """Quote a value for spec syntax; by default exactly where Spack writes quotes.

    Args:
        bare: matches the values that need no quotes.
    """
    if bare.fullmatch(value):
        return value
    # A backslash before the closing quote would escape it.
    if "'" not in value and not value.endswith("\\"):
        return f"'{value}'"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def variant_text(name: str, value: VariantValue) -> str:
    """`+name`, `~name`, `name=value` or `name=a,b`."""
    if isinstance(value, bool):
        return f"{'+' if value else '~'}{name}"
    return f"{name}={quote_value(value if isinstance(value, str) else ','.join(value))}"


def flags_text(name: str, words: Iterable[str]) -> str:
    """`cflags='-O3 -g'`."""
    return f"{name}={quote_value(' '.join(words))}"


def short_patches(patches: Iterable[str]) -> tuple[str, ...]:
    """The beginnings of the sha256 of patches, as Spack writes them in a spec."""
    return tuple(sorted(patch[:_PATCH_DIGITS] for patch in patches))


def flag_words(text: str) -> tuple[str, ...]:
    """Compiler flags: words that begin with `-`, each with those after it that do not: `-I include`."""
    words: list[str] = []
    for word in text.split():
        if words and not word.startswith("-"):
            words[-1] += f" {word}"
        else:
            words.append(word)
    return tuple(words)


def sort_deptypes(deptypes: Iterable[str]) -> tuple[str, ...]:
    """Known dependency types in Spack's order; others are dropped."""
    given = set(deptypes)
    return tuple(kind for kind in DEPTYPES if kind in given)


def record(spec: Spec, with_dependencies: bool = True) -> dict[str, object]:
    """A spec as plain data for JSON; keys are the contract of `--format json`."""
    data: dict[str, object] = {
        "name": spec.name,
        "version": spec.version,
        "hash": spec.dag_hash,
        "namespace": spec.namespace,
        "platform": spec.platform,
        "os": spec.os,
        "target": spec.target,
        "compilers": list(spec.compilers or ()),
        "variants": dict(spec.variants),
        "flags": dict(spec.flags),
        "patches": list(spec.patches),
        "external": spec.external or None,
        "in_buildcache": spec.in_buildcache,
        "spec_format": spec.spec_format or None,
        "package_hash": spec.package_hash or None,
        "size": spec.size or None,
        "places": [{"mirror": p.mirror, "tag": p.tag, "stack": p.stack, "view": p.view} for p in spec.places],
        "spec": spec.text(),
    }
    if with_dependencies:
        data["dependencies"] = [
            {"name": d.name, "hash": d.dag_hash or None, "deptypes": d.deptypes, "virtuals": d.virtuals}
            for d in spec.dependencies
        ]
    return data
