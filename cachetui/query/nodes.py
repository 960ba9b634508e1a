"""The tree of a query, which knows no catalog; `str` writes it as Spack reads it."""

from __future__ import annotations

import re
from enum import Enum

from msgspec import Struct

from cachetui.spec import quote_value
from cachetui.version import GitVersion, VersionList

_BARE_VALUE = re.compile(r"[a-zA-Z_0-9\-+*.,:~/]+")
"""What Spack reads without quotes, whatever its version."""

_NAMESPACE = re.compile(r"\w[\w\-]*(?:\.\w[\w\-]*)*", re.ASCII)
"""What may stand before the dot of a name."""

_LIKE_GIT = re.compile(r"git\.|[A-Fa-f0-9]{40}")


class Dialect(Enum):
    """Whose spec syntax and meaning: that of the Spack that wrote a record."""

    SPACK_0 = "Spack 0.23"
    """Spec formats 1 to 4: the compiler is an attribute of a spec."""

    SPACK_1 = "Spack 1.x"
    """Spec formats from 5: compilers are dependencies, and `%` is any direct dependency."""


class Variant(Struct, frozen=True):
    """`+mpi`, `~mpi`, `build_type=Release`, `languages=c,cxx`, `mpi=*`.

    Args:
        value: on or off, or the values in their order; no values: any value.
        exact: `:=`, these values and no others.
        propagated: `++`, `~~`, `==`: every spec of the DAG that has the variant has it so.
    """

    name: str
    value: bool | tuple[str, ...]
    exact: bool = False
    propagated: bool = False

    def __str__(self) -> str:
        if isinstance(self.value, bool):
            return ("+" if self.value else "~") * (1 + self.propagated) + self.name
        operator = f"{':' * self.exact}{'=' * (1 + self.propagated)}"
        return f"{self.name}{operator}{value_text(','.join(self.value)) if self.value else '*'}"


class Flags(Struct, frozen=True):
    """`cflags="-O3 -g"`: these words are among the compiler flags."""

    name: str
    words: tuple[str, ...]
    propagated: bool = False

    def __str__(self) -> str:
        together: list[str] = []
        for word in self.words:
            if together and word.startswith("-"):
                together[-1] += f" {word}"
            else:  # behind another flag it would be read as the value of that
                together.append(word)
        return " ".join(f"{self.name}{'=' * (1 + self.propagated)}{value_text(text)}" for text in together)


class Compiler(Struct, frozen=True):
    """`%gcc@11:` to Spack 0.23."""

    name: str
    versions: VersionList | None = None

    def __str__(self) -> str:
        return f"%{self.name}{_versions_text(self.versions)}"


class QueryNode(Struct, frozen=True):
    """The conditions on one spec, except those on dependencies by `^`; empty attributes match anything.

    Args:
        variants, flags: sorted by name.
        target: a name, `*`, a range such as `x86_64_v3:`, or several of these with commas.
        hash_prefix: the first characters of the DAG hash.
        direct: what stands after `%` to Spack 1.x.
    """

    name: str = ""
    namespace: str = ""
    versions: VersionList | None = None
    compiler: Compiler | None = None
    variants: tuple[Variant, ...] = ()
    flags: tuple[Flags, ...] = ()
    platform: str = ""
    os: str = ""
    target: str = ""
    hash_prefix: str = ""
    direct: tuple[QueryEdge, ...] = ()

    def __str__(self) -> str:
        return " ".join(filter(None, [self._own_text(), *map(str, self.direct)]))

    def _own_text(self) -> str:
        dotted = bool(self.name and _NAMESPACE.fullmatch(self.namespace))
        name = f"{self.namespace}.{self.name}" if dotted else self.name
        booleans = "".join(str(v) for v in self.variants if isinstance(v.value, bool))
        rest = [str(v) for v in self.variants if not isinstance(v.value, bool)]
        rest += map(str, self.flags)
        keys = [(key, value) for key, value in self.assigned() if not (key == "namespace" and dotted)]
        rest += [f"{key}={value_text(value)}" for key, value in keys]
        rest += [f"/{self.hash_prefix}"] if self.hash_prefix else []
        rest += [str(self.compiler)] if self.compiler else []
        return " ".join(filter(None, [f"{name}{_versions_text(self.versions)}{booleans}", *rest]))

    def assigned(self) -> list[tuple[str, str]]:
        """(key, value) of what may be written as `key=value` and is no variant."""
        keys = ("namespace", "platform", "os", "target")
        return [(key, value) for key in keys if (value := getattr(self, key))]


class QueryEdge(Struct, frozen=True):
    """`^zlib@1.2` or, to Spack 1.x, `%gcc@12`.

    Args:
        direct: `%`.
        virtuals: what it has to provide: `^[virtuals=mpi] openmpi`, `%c,cxx=gcc`.
        deptypes: `%[deptypes=build,link] zlib`.
        when: the dependency is asked for only of specs that are so.
        preferred: `%%`, which means `%` to a search.
        dialect: whose syntax it is written in.
    """

    node: QueryNode
    direct: bool = False
    virtuals: tuple[str, ...] = ()
    deptypes: tuple[str, ...] = ()
    when: Query | None = None
    preferred: bool = False
    dialect: Dialect = Dialect.SPACK_1

    def __str__(self) -> str:
        sigil = ("%%" if self.preferred else "%") if self.direct else "^"
        if self.dialect is Dialect.SPACK_0:
            return f"{sigil}{self._attributes(self.virtuals)}{self.node}"
        if not self.node.name:
            # A key=value right after the sigil would be taken for a virtual and its provider.
            return f"{sigil}{self._attributes(self.virtuals)}* {self.node}".rstrip()
        serving = f"{','.join(self.virtuals)}=" if self.virtuals else ""
        return f"{sigil}{self._attributes(())}{serving}{self.node}"

    def _attributes(self, virtuals: tuple[str, ...]) -> str:
        lists = (("deptypes", self.deptypes), ("virtuals", virtuals))
        given = [f"{key}={','.join(values)}" for key, values in lists if values]
        given += [f"when={value_text(str(self.when))}"] if self.when else []
        return f"[{' '.join(given)}] " if given else ""


class Query(Struct, frozen=True):
    """A whole query: the spec that is looked for, and what its DAG has to hold."""

    root: QueryNode = QueryNode()
    dependencies: tuple[QueryEdge, ...] = ()

    def __str__(self) -> str:
        return " ".join(filter(None, map(str, (self.root, *self.dependencies))))


def _versions_text(versions: VersionList | None) -> str:
    if versions is None:
        return ""
    text = str(versions)
    alone = len(versions.parts) == 1 and isinstance(versions.parts[0], GitVersion)
    # What looks like a git version right after the @ is read as that and no more.
    return f"@ {text}" if _LIKE_GIT.match(text) and not alone else f"@{text}"


def value_text(value: str) -> str:
    """Quote a value as a person would type it: only where some Spack cannot read it bare."""
    return quote_value(value, _BARE_VALUE)
