"""One concrete spec as plain frozen data, and how Spack writes it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from msgspec import Struct

VariantValue = bool | str | tuple[str, ...]
"""A boolean variant, a single value, or the sorted values of a multi-valued variant."""

Variants = tuple[tuple[str, VariantValue], ...]
"""Variants sorted by name."""

DEPTYPES = ("build", "link", "run", "test")
"""In Spack's order."""

COMPILER_VIRTUALS = frozenset({"c", "cxx", "fortran"})
"""A build dependency that provides one of these is a compiler."""

FLAG_NAMES = ("cflags", "cppflags", "cxxflags", "fflags", "ldflags", "ldlibs")

INSTALLED = "installed"
"""The kind of an install tree among places."""

HOLE = "hole"
"""The kind of a mirror that lists a build and has no binary of it."""

HASH_LENGTH = 32

SHORT_HASH = 7
"""Characters of a hash in Spack's lists."""

_HASH = re.compile(r"[a-z2-7]{32}")
BARE_VALUE = re.compile(r"[a-zA-Z0-9,/_.\-]+")
"""The values that Spack prints without quotes."""

_PATCH_DIGITS = 7


class Dependency(Struct, frozen=True, gc=False, cache_hash=True):
    """One edge of the DAG, as its dependent has it."""

    name: str
    dag_hash: str
    """Empty if the source names no hash."""
    deptypes: tuple[str, ...] = ()
    virtuals: tuple[str, ...] = ()


class Place(Struct, frozen=True, order=True, gc=False, cache_hash=True):
    """Where a build was found; empty fields are unknown."""

    mirror: str = ""
    tag: str = ""
    stack: str = ""
    view: str = ""
    """The named subset of the mirror's index, as Spack 1.2 calls it."""
    kind: str = ""
    """`installed`: it is no mirror but an install tree, in which the build is installed.
    `hole`: the mirror's index lists the build, but the mirror has no binary of it."""

    @property
    def is_installed(self) -> bool:
        """Whether it is an install tree."""
        return self.kind == INSTALLED

    @property
    def is_hole(self) -> bool:
        """Whether it is a mirror without a binary of the build."""
        return self.kind == HOLE

    @property
    def has_binary(self) -> bool:
        """Whether it is a mirror with a binary of the build, or with a record of an external."""
        return not self.kind


class Spec(Struct, frozen=True, kw_only=True, gc=False):
    """One concrete spec, a build, identified by its DAG hash."""

    name: str
    dag_hash: str
    """32 characters of `a-z2-7`."""
    version: str = ""
    namespace: str = ""
    platform: str = ""
    os: str = ""
    target: str = ""
    target_parents: tuple[str, ...] = ()
    """The parents of the target as the index has them; empty for generic targets."""
    compilers: tuple[str, ...] | None = None
    """`name@version` each; `()`: none; `None`: those of `dependencies` that provide languages."""
    variants: Variants = ()
    flags: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Compiler flags that are set, each with its words."""
    patches: tuple[str, ...] = ()
    """sha256 of each patch, in order."""
    dependencies: tuple[Dependency, ...] = ()
    provided_virtuals: tuple[str, ...] = ()
    package_hash: str = ""
    external: str = ""
    """The prefix (or module) of an external; empty for a build."""
    in_buildcache: bool = True
    """False: it has no binary there (is not installed there), and is listed as the dependency of others."""
    spec_format: int = 0
    """Version of the spec node format, 1 to 6; 0 if unknown."""
    places: tuple[Place, ...] = ()
    size: int = 0
    """Bytes of the binary, 0 if unknown."""
    legacy_hashes: tuple[str, ...] = ()
    """`full_hash` and `build_hash` of old formats, which edges may refer to."""

    @property
    def listed(self) -> bool:
        """Whether Spack lists it: it is in the build cache or external."""
        return self.in_buildcache or bool(self.external)

    @property
    def has_binary(self) -> bool:
        """Whether a mirror has a binary of it: it is not only installed."""
        return self.in_buildcache and (not self.places or any(place.has_binary for place in self.places))

    @property
    def installed_in(self) -> tuple[str, ...]:
        """The names of the install trees it was found installed in."""
        return tuple(place.mirror for place in self.places if place.is_installed) if self.listed else ()

    @property
    def misspelled(self) -> str:
        """The first part that Spack cannot have written: `version`, `variant`; empty if there is none.

        Such a spec is shown, but only its hash is offered for a shell.
        """
        from cachetui import spelling  # late: a start offers nothing

        checks = (
            ("name", spelling.is_package_name(self.name)),
            ("version", not self.version or spelling.is_version(self.version)),
            ("namespace", not self.namespace or spelling.is_namespace(self.namespace)),
            ("platform", not self.platform or spelling.is_architecture_part(self.platform)),
            ("operating system", not self.os or spelling.is_architecture_part(self.os)),
            ("target", not self.target or spelling.is_architecture_part(self.target)),
            ("compiler", all(map(spelling.is_compiler, self.compilers or ()))),
            ("variant", _are_variants(self.variants)),
            ("compiler flag", all(spelling.is_value(" ".join(words)) for _, words in self.flags)),
            ("patch", all(map(spelling.is_patch, self.patches))),
            ("virtual", all(map(spelling.is_package_name, self.provided_virtuals))),
            ("dependency", all(map(_is_dependency, self.dependencies))),
            ("external", spelling.is_shown(self.external)),
        )
        return next((part for part, is_right in checks if not is_right), "")

    def words(self, with_hash: bool = False) -> list[str]:
        """Write the spec as the words that Spack gets from a shell: Spack quotes the value in `name=value`.

        Args:
            with_hash: before the compilers: after them it would be a compiler's.
        """
        version = f"@{self.version}" if self.version else ""
        booleans = "".join(variant_text(n, v) for n, v in self.variants if isinstance(v, bool))
        words = [f"{self.name}{version}{booleans}"]
        words += [f"{name}={value}" for name, value in self._values()]
        words += [f"{name}={' '.join(flags)}" for name, flags in self.flags]
        words += self.architecture_text().split()
        words += [f"/{self.dag_hash}"] if with_hash else []
        return words + [f"%{compiler}" for compiler in self.compilers or ()]

    def text(self) -> str:
        """Write the spec as every Spack reads it."""
        # Compilers last: to Spack 1.x, what follows one belongs to it.
        return self._node_text() + self._compilers_text()

    def text_with_hash(self) -> str:
        """Write the spec with its DAG hash, before the compilers: after them it would be a compiler's."""
        return f"{self._node_text()} /{self.dag_hash}{self._compilers_text()}"

    def _node_text(self) -> str:
        version = f"@{self.version}" if self.version else ""
        return f"{self.name}{version}{self.parameters_text()}{self.architecture_text()}"

    def _compilers_text(self) -> str:
        return "".join(f" %{compiler}" for compiler in self.compilers or ())

    def parameters_text(self) -> str:
        """Write variants and flags in Spack's order: booleans, values, flags."""
        booleans = "".join(variant_text(n, v) for n, v in self.variants if isinstance(v, bool))
        rest = [variant_text(name, value) for name, value in self._values()]
        rest += [flags_text(name, words) for name, words in self.flags]
        return booleans + "".join(f" {part}" for part in rest)

    def _values(self) -> list[tuple[str, str]]:
        """The variants that are not boolean, and the patches, sorted by name; several values are one text."""
        values = [
            (n, v if isinstance(v, str) else ",".join(v)) for n, v in self.variants if not isinstance(v, bool)
        ]
        if self.patches:
            values.append(("patches", ",".join(short_patches(self.patches))))
        return sorted(values)

    def architecture_text(self) -> str:
        """Write ` arch=platform-os-target`; empty if no part is known."""
        if not (self.platform or self.os or self.target):
            return ""
        return " arch=" + "-".join(part or "None" for part in (self.platform, self.os, self.target))


@lru_cache(maxsize=4096)
def _are_variants(variants: Variants) -> bool:
    from cachetui.spelling import is_value, is_variant_name

    return all(
        is_variant_name(name)
        and (isinstance(value, bool) or is_value(value if isinstance(value, str) else ",".join(value)))
        for name, value in variants
    )


@lru_cache(maxsize=4096)
def _is_dependency(dependency: Dependency) -> bool:
    from cachetui.spelling import is_package_name

    return all(map(is_package_name, (dependency.name, *dependency.virtuals)))


def is_dag_hash(text: str) -> bool:
    """Whether a text is a full DAG hash: 32 characters of `a-z2-7`."""
    return _HASH.fullmatch(text) is not None


def quote_value(value: str, bare: re.Pattern[str] = BARE_VALUE) -> str:
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
    """Write `+name`, `~name`, `name=value` or `name=a,b`."""
    if isinstance(value, bool):
        return f"{'+' if value else '~'}{name}"
    return f"{name}={quote_value(value if isinstance(value, str) else ','.join(value))}"


def flags_text(name: str, words: Iterable[str]) -> str:
    """Write `cflags='-O3 -g'`."""
    return f"{name}={quote_value(' '.join(words))}"


def short_patches(patches: Iterable[str]) -> tuple[str, ...]:
    """Shorten the sha256 of patches as Spack does in a spec."""
    return tuple(sorted(patch[:_PATCH_DIGITS] for patch in patches))


def flag_words(text: str) -> tuple[str, ...]:
    """Split compiler flags; a word without `-` belongs to the flag before it: `-I include`."""
    words: list[str] = []
    for word in text.split():
        if words and not word.startswith("-"):
            words[-1] += f" {word}"
        else:
            words.append(word)
    return tuple(words)


def sort_deptypes(deptypes: Iterable[str]) -> tuple[str, ...]:
    """Sort deptypes in Spack's order, and drop unknown ones."""
    given = set(deptypes)
    return tuple(kind for kind in DEPTYPES if kind in given)


def json_data(spec: Spec, with_dependencies: bool = True) -> dict[str, object]:
    """Turn a spec into plain data for JSON; scripts rely on the keys."""
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
        "in_buildcache": spec.has_binary,
        **({"installed_in": spec.installed_in} if spec.installed_in else {}),
        "spec_format": spec.spec_format or None,
        "package_hash": spec.package_hash or None,
        "size": spec.size or None,
        "places": [{"mirror": p.mirror, "tag": p.tag, "stack": p.stack, "view": p.view} for p in spec.places],
        "spec": None if spec.misspelled else spec.text(),
        **({"misspelled": spec.misspelled} if spec.misspelled else {}),
    }
    if with_dependencies:
        data["dependencies"] = [
            {"name": d.name, "hash": d.dag_hash or None, "deptypes": d.deptypes, "virtuals": d.virtuals}
            for d in spec.dependencies
        ]
    return data
