"""The words that name what some builds have: variants, compilers, dependencies, targets, places."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace
from pyroaring import BitMap

from cachetui.caching import cached_method, lru_cached_method
from cachetui.catalog import NO_COMPILER, Catalog
from cachetui.query import Dialect, parse, value_text
from cachetui.search.attributes import Attributes
from cachetui.search.evaluate import BUILTIN_OF_LEGACY, Evaluator
from cachetui.search.fuzzy import LANGUAGE, WELL_KNOWN
from cachetui.search.matching import WORDS
from cachetui.search.selection import Choice
from cachetui.spec import FLAG_NAMES
from cachetui.version import VersionSyntaxError, parse_versions, positions_within

VERSION = re.compile(r"v?(\d[\w.\-]*(?::[\w.\-]*)?|:\d[\w.\-]*)", re.ASCII)
"""A word that is a version or a range of versions; a `v` before it is left out."""

LIKE_VERSION = re.compile(r"v?(\d+[a-z]{0,2}\d*(?:\.\w+)*(?::[\w.\-]*)?|:\d[\w.\-]*)", re.ASCII)
"""A word that looks like a version, whether a build has it or not."""

_NAME_AND_VERSION = re.compile(r"(.*?[A-Za-z])[-_]?(\d+(?:\.\d+)*)", re.ASCII)
_STANDARD = re.compile(r"(?:c\+\+|cxx|cpp)(\d\d)")
_LETTERS = re.compile(r"[a-z]+")
_SHORTEST_START = 4
"""Letters of an operating system that are enough to mean all that begin with them."""

_COMPILERS: Mapping[str, Sequence[str]] = {
    "clang": ("clang", "llvm"),
    "llvm": ("llvm", "clang"),
    "intel": ("oneapi", "intel-oneapi-compilers", "intel", "intel-oneapi-compilers-classic"),
    "icx": ("oneapi", "intel-oneapi-compilers"),
    "ifx": ("oneapi", "intel-oneapi-compilers"),
    "icc": ("intel", "intel-oneapi-compilers-classic"),
    "ifort": ("intel", "intel-oneapi-compilers-classic"),
    "cray": ("cce",),
    "gnu": ("gcc",),
    "gfortran": ("gcc",),
    "nvidia": ("nvhpc",),
    "xcode": ("apple-clang",),
}
"""A word for a compiler -> its names in Spack; those that the catalog has are meant."""

_TARGETS = {"amd64": "x86_64", "x64": "x86_64", "arm64": "aarch64"}
_SYSTEMS = {"redhat": "rhel", "el": "rhel", "suse": "sles", "amazon": "amzn", "alma": "almalinux"}
_PLATFORMS = {"mac": "darwin", "macos": "darwin", "osx": "darwin"}

_SAYS_NOTHING = frozenset({"none", "auto", "default", "all", "any", "true", "false", "prefix"})
"""Values of many variants; they are understood behind the name of the variant only."""

_OPPOSITES = {"static": ("shared", False), "parallel": ("mpi", True), "serial": ("mpi", False)}
"""A word -> the switch that it means where no variant is called so."""

_BUILD_TYPES = ("Debug", "Release", "RelWithDebInfo", "MinSizeRel")
"""What `build_type` may be, whether a build is so or not."""

_NICKNAMES = {"intelmpi": "intel-oneapi-mpi", "intelmkl": "intel-oneapi-mkl"}
"""Several words for a package that `WELL_KNOWN` knows by one."""

_OFF = frozenset({"off", "disabled"})
_PLACES = ("stack", "tag", "mirror", "view")
_NEWEST, _OLDEST = ("latest", "newest"), ("oldest",)


class Meaning(Struct, frozen=True):
    """What a word says of a build: spec syntax, or facet values of which one must match.

    Args:
        kind: the attribute that it is about; words of one kind are alternatives where a build has only one.
        spec: the word as spec syntax.
        choices: the word as facet values, where there are several or no syntax.
        negation: the opposite as spec syntax.
        excluded: the opposite as facet values to exclude; with neither, what matches is left out.
        others: what else the word may mean, as spec syntax.
    """

    kind: str
    spec: str = ""
    choices: tuple[Choice, ...] = ()
    negation: str = ""
    excluded: tuple[Choice, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What it means, for a person."""
        return self.spec or " or ".join(map(str, self.choices))


def key_of(text: str) -> str:
    """A word without dashes, underscores and blanks, in lower case."""
    return text.casefold().replace("-", "").replace("_", "").replace(" ", "")


class CatalogNames:
    """The names of packages, virtuals and targets that a catalog knows, whatever the builds.

    Args:
        aliases: names of packages that the configuration adds.
    """

    def __init__(self, catalog: Catalog, evaluator: Evaluator, aliases: Mapping[str, str] | None) -> None:
        self.catalog = catalog
        self.evaluator = evaluator
        self.aliases = {**WELL_KNOWN, **_NICKNAMES, **(aliases or {})}

    @cached_property
    def nodes(self) -> dict[str, str]:
        """Key to the name of any package or virtual; `numpy` is py-numpy where no package has that name."""
        virtuals, packages = self.evaluator.providers.known, self.catalog.packages
        names = sorted({*packages, *self.kinds, *self.evaluator.providers.indexed}, reverse=True)
        # What no edge provides is no dependency: any other meaning of the word is likelier.
        found = {key_of(name): name for name in virtuals}
        found.update((key_of(LANGUAGE.sub("", name, count=1)), name) for name in names)
        found.update((key_of(name), name) for name in (*names, *packages))
        return found

    @cached_property
    def kinds(self) -> dict[str, list[int]]:
        """The name of a dependency or virtual -> the kinds of edges to it."""
        found: dict[str, list[int]] = {}
        for number, kind in enumerate(self.catalog.dag.edge_kinds):
            for name in {kind.name, *kind.virtuals}:
                found.setdefault(name, []).append(number)
        return found

    @cached_property
    def targets(self) -> dict[str, str]:
        """Key to the name of any target that archspec or the catalog knows."""
        targets = self.evaluator.matcher.targets
        return {key_of(name): name for name in (*targets.known, *targets.names)}

    @lru_cached_method(maxsize=256)
    def versions_of(self, asked: tuple[str, str]) -> bool:
        """Whether a package is in the catalog in a version."""
        package, version = asked
        if not self.catalog.package_rows(package):
            return False
        with suppress(VersionSyntaxError):
            versions = parse_versions(version)
            return any(self.evaluator.matcher.version(package, versions, dialect) for dialect in Dialect)
        return False


class Vocabulary:
    """What the words mean for some builds: those of a package, or all of the catalog.

    Args:
        rows: the builds.
        package: their name, if they are those of one package.
        names: what the catalog knows.
    """

    def __init__(self, attributes: Attributes, names: CatalogNames, rows: BitMap, package: str) -> None:
        self.catalog = attributes.catalog
        self.rows = rows
        self.package = package
        self._attributes = attributes
        self._names = names
        self._evaluator = names.evaluator

    @lru_cached_method(maxsize=512)
    def find(self, phrase: str) -> Meaning | None:
        """What a word or several, as one, mean; None if no build has it."""
        readers: tuple[Callable[[str], Meaning | None], ...] = (
            self._switch,
            self._setting,
            self._compiler,
            self._value,
            self._dependency,
            self._target,
            self._system,
            self._place,
            self._version,
            self._number,
            self._hash,
        )
        return next((meaning for reader in readers if (meaning := reader(phrase))), None)

    # variants

    @cached_property
    def _variants(self) -> tuple[dict[str, str], dict[str, str], dict[str, list[tuple[int, str, str]]]]:
        """(key to switch, key to variant with values, key to [(builds, variant, value)])."""
        switches: dict[str, str] = {}
        names: dict[str, str] = {}
        values: dict[str, list[tuple[int, str, str]]] = {}
        for text, count in self._counted("variant"):
            name, equals, value = text.partition("=")
            if not equals:
                switches.setdefault(key_of(text[1:]), text[1:])
            elif name not in FLAG_NAMES:
                names.setdefault(key_of(name), name)
                values.setdefault(key_of(value), []).append((count, name, value))
        return switches, names, values

    def _switch(self, phrase: str) -> Meaning | None:
        """A variant that is on or off: `mpi`, `mpi off`, `static` where there is `shared`."""
        switches = self._variants[0]
        name = switches.get(key_of(phrase))
        if name:
            return _switched(name, True)
        first, _, last = phrase.rpartition(" ")
        if last in _OFF and (name := switches.get(key_of(first))):
            return _switched(name, False)
        opposite = _OPPOSITES.get(phrase.casefold())
        # Many packages have `libs=static` instead.
        if opposite and opposite[0] in switches and phrase.casefold() not in self._variants[2]:
            return _switched(*opposite)
        return None

    def _setting(self, phrase: str) -> Meaning | None:
        """The name of a variant and a value of it: `threads openmp`, `double precision`, `c++17`."""
        _, names, values = self._variants
        if found := _STANDARD.fullmatch(phrase.casefold()):
            return self._assigned("cxxstd", found[1])
        words = phrase.split()
        for cut in range(1, len(words)):
            first, last = "".join(words[:cut]), "".join(words[cut:])
            for name, value in ((first, last), (last, first)):
                variant = names.get(key_of(name))
                for _, owner, given in values.get(key_of(value), ()) if variant else ():
                    if owner == variant:
                        return self._assigned(owner, given)
        return None

    def _assigned(self, name: str, value: str) -> Meaning | None:
        text = f"{name}={value}"
        if not self._has("variant", text):
            return None
        return Meaning(
            f"variant {name}",
            f"{name}={value_text(value)}",
            excluded=(Choice("variant", text, True),),
        )

    def _value(self, phrase: str) -> Meaning | None:
        """A value of any variant: `debug`, `openmp`; of several variants, the one of most builds."""
        key = key_of(phrase)
        return None if key in _SAYS_NOTHING or VERSION.fullmatch(phrase) else self._valued(key)

    def _number(self, phrase: str) -> Meaning | None:
        """A value of digits, which is no version: `90` for `cuda_arch=90`, also `sm_90`."""
        key = key_of(phrase).removeprefix("sm")
        return self._valued(key) if key.isdigit() else None

    def _valued(self, key: str) -> Meaning | None:
        found = sorted(self._variants[2].get(key, ()), key=lambda each: -each[0])
        if not found:
            return None
        meaning = self._assigned(*found[0][1:])
        others = tuple(f"{name}={value_text(value)}" for _, name, value in found[1:])
        return meaning and replace(meaning, others=others)

    def expected(self, phrase: str, everywhere: Vocabulary) -> Meaning | None:
        """A value of a variant that these builds have, which none of them has but others may have."""
        _, names, _ = self._variants
        key = key_of(phrase)
        elsewhere = [(name, value) for _, name, value in everywhere.values_of(key) if key_of(name) in names]
        types = [
            ("build_type", value) for value in _BUILD_TYPES if key_of(value) == key and "buildtype" in names
        ]
        for name, value in (*elsewhere, *types):
            return Meaning(f"variant {name}", f"{name}={value_text(value)}")
        first, _, last = phrase.rpartition(" ")
        name = names.get(key_of(first), "")
        return Meaning(f"variant {name}", f"{name}={value_text(last)}") if name else None

    def values_of(self, key: str) -> Sequence[tuple[int, str, str]]:
        """(builds, variant, value) of a value."""
        return () if key in _SAYS_NOTHING else self._variants[2].get(key, ())

    def values_named(self, word: str) -> tuple[str, ...]:
        """What may be said of a variant with values, as spec syntax."""
        name = self._variants[1].get(key_of(word), "")
        found = (each for values in self._variants[2].values() for each in values)
        return tuple(f"{owner}={value_text(value)}" for _, owner, value in found if name and owner == name)

    def is_setting(self, word: str) -> bool:
        """Whether a variant with values has this name."""
        return key_of(word) in self._variants[1]

    # compilers

    @cached_property
    def _compiler_names(self) -> dict[str, list[str]]:
        """Key of a compiler -> its values in the facet."""
        found: dict[str, list[str]] = {}
        for value, _ in self._counted("compiler"):
            if value != NO_COMPILER:
                found.setdefault(key_of(value.partition("@")[0]), []).append(value)
        return found

    def _compiler(self, phrase: str) -> Meaning | None:
        """A compiler, with or without its version: `gcc`, `gcc13`, `gcc-13.2`."""
        if meaning := self._compiler_named(phrase, ""):
            return meaning
        found = _NAME_AND_VERSION.fullmatch(phrase.replace(" ", ""))
        return self._compiler_named(found[1], found[2]) if found else None

    def _compiler_named(self, name: str, version: str) -> Meaning | None:
        key = key_of(name)
        names = [key_of(each) for each in _COMPILERS.get(key, ())]
        legacy = [key_of(old) for old, new in BUILTIN_OF_LEGACY.items() if key_of(new) == key]
        modern = [key_of(new) for old, new in BUILTIN_OF_LEGACY.items() if key_of(old) == key]
        every = dict.fromkeys((key, *names, *legacy, *modern))
        known = [each for each in every if each in self._compiler_names]
        if not known:
            return None
        values = [value for each in known for value in self._compiler_names[each]]
        meant = [value for value in values if _is_version(value.partition("@")[2], version)]
        if not meant:
            return None
        first = values[0].partition("@")[0]
        # `%clang` means llvm, too, to Spack 1.x; other names of one compiler have no common syntax.
        spec = f"%{first}{f'@{version}' if version else ''}"
        several = {BUILTIN_OF_LEGACY.get(value.partition("@")[0], value.partition("@")[0]) for value in meant}
        return Meaning(
            "compiler",
            spec if len(several) == 1 else "",
            tuple(Choice("compiler", value) for value in meant),
            excluded=tuple(Choice("compiler", value, True) for value in meant),
        )

    # dependencies

    def _dependency(self, phrase: str) -> Meaning | None:
        """A dependency or a virtual, with or without its version: `openmpi`, `mpi`, `python3.11`, `numpy`."""
        if name := self._dependency_named(phrase):
            return Meaning("dependency", f"^{name}")
        found = _NAME_AND_VERSION.fullmatch(phrase.replace(" ", ""))
        if found and (name := self._dependency_named(found[1])):
            return self._dependency_of_version(name, found[2])
        return None

    def _dependency_of_version(self, name: str, version: str) -> Meaning | None:
        spec = f"^{name}@{version}"
        return Meaning("dependency", spec) if self.has_version(name, version) and self._meets(spec) else None

    def node_named(self, word: str) -> str:
        """The package or virtual of a name, whether any build depends on it; empty if there is none."""
        name = self._names.nodes.get(key_of(word), "")
        return name if key_of(name) == key_of(word) else ""

    def has_version(self, package: str, version: str) -> bool:
        """Whether the catalog has a package in a version."""
        return self._names.versions_of((package, version))

    def _dependency_named(self, phrase: str) -> str:
        names = self._names.nodes
        key = key_of(phrase)
        name = names.get(key) or names.get(key_of(self._names.aliases.get(key, "")), "")
        return name if name and name != self.package and self._depends_on(name) else ""

    @cached_method
    def _depends_on(self, name: str) -> bool:
        """Whether any of the builds depends on a package or virtual, in the sense of `^`."""
        dag, kinds = self.catalog.dag, self._names.kinds.get(name, ())
        if dag.sources(kinds).intersect(self.rows):
            return True
        return self._meets(f"^{name}")

    @cached_method
    def _meets(self, spec: str) -> bool:
        """Whether any of the builds satisfies a spec."""
        dialects = (dialect for dialect in Dialect if self._evaluator.rows_of(dialect))
        queries = ((parse(spec, dialect), dialect) for dialect in dialects)
        return any(
            self._evaluator.evaluate(query, dialect).intersect(self.rows) for query, dialect in queries
        )

    # architecture

    def _target(self, phrase: str) -> Meaning | None:
        """A target, which means all that runs there; a family that no build is for means its members."""
        name = self._names.targets.get(key_of(_TARGETS.get(phrase.casefold(), phrase)))
        if name is None:
            return None
        targets = self._evaluator.matcher.targets
        for spec in (f":{name}", f"{name}:"):
            if any(map(self._targets_here.__contains__, targets.matching(spec, False))):
                here = [each for each in self._targets_here if each == name]
                excluded = tuple(Choice("target", each, True) for each in here)
                return Meaning("target", f"target={spec}", excluded=excluded)
        return None

    @cached_property
    def _targets_here(self) -> dict[str, int]:
        return dict(self._counted("target"))

    def _system(self, phrase: str) -> Meaning | None:
        """An operating system, or all that begin so: `rhel8`, `ubuntu`, `macos`."""
        key = key_of(phrase)
        platform = _PLATFORMS.get(key, key)
        if self._has("platform", platform):
            excluded = (Choice("platform", platform, True),)
            chosen = (Choice("platform", platform),)
            return Meaning("platform", f"platform={platform}", chosen, excluded=excluded)
        if found := _LETTERS.match(key):
            key = _SYSTEMS.get(found[0], found[0]) + key[found.end() :]
        systems = [value for value, _ in self._counted("os")]
        whole = [value for value in systems if key_of(value) == key]
        letters = [value for value in systems if (start := _LETTERS.match(value)) and start[0] == key]
        begin = [value for value in systems if len(key) >= _SHORTEST_START and key_of(value).startswith(key)]
        return _one_of("os", whole or letters or begin)

    # places

    def _place(self, phrase: str) -> Meaning | None:
        """A stack, tag, mirror or view, or all of whose names it is the first part; a namespace."""
        key = key_of(phrase)
        for facet in _PLACES:
            values = [value for value, _ in self._counted(facet)]
            whole = [value for value in values if key_of(value) == key]
            begin = re.compile(rf"v?{re.escape(phrase.casefold())}[-_./]")
            if meaning := _one_of(
                facet, whole or [value for value in values if begin.match(value.casefold())]
            ):
                return meaning
        return _one_of(
            "namespace", [value for value, _ in self._counted("namespace") if key_of(value) == key]
        )

    # versions and hashes

    def _version(self, phrase: str) -> Meaning | None:
        """A version or a range of versions that a build has, or the newest one."""
        if self.package and phrase.casefold() in (*_NEWEST, *_OLDEST):
            return self._last_version(phrase.casefold() in _NEWEST)
        found = VERSION.fullmatch(phrase)
        for version in dict.fromkeys((phrase, found[1] if found else phrase)):
            meant = self._versions_in(version)
            if meant and (found or version in meant):
                excluded = tuple(Choice("version", value, True) for value in meant)
                return Meaning("version", f"@{version}", excluded=excluded)
        return None

    def _versions_in(self, version: str) -> list[str]:
        values = [value for value, _ in self._counted("version")]
        with suppress(VersionSyntaxError):
            return [
                values[i] for i in positions_within(values, parse_versions(version), WORDS[Dialect.SPACK_1])
            ]
        return []

    def _last_version(self, newest: bool) -> Meaning | None:
        values = [value for value, _ in self._counted("version") if value[:1].isdigit()]
        if not values:
            return None
        value = values[-1 if newest else 0]
        return Meaning("version", f"@={value}", excluded=(Choice("version", value, True),))

    def _hash(self, phrase: str) -> Meaning | None:
        if not re.fullmatch(r"[a-z2-7]{7,32}", phrase):
            return None
        found = self._evaluator.matcher.hash_prefix(phrase) & self.rows
        return Meaning("hash", f"/{phrase}") if found else None

    # values of facets

    @cached_method
    def _counted(self, facet: str) -> list[tuple[str, int]]:
        """The values of a facet that the builds have, in their order, and the number of builds."""
        index = self._attributes.catalog.facet(facet)
        pairs = zip(index.values, index.bitmaps, strict=True)
        if self.package and self.rows:
            start, stop = self.rows.min(), self.rows.max() + 1
            counted = ((value, rows.range_cardinality(start, stop)) for value, rows in pairs)
        else:
            counted = ((value, rows.intersection_cardinality(self.rows)) for value, rows in pairs)
        return [(value, count) for value, count in counted if count]

    def _has(self, facet: str, value: str) -> bool:
        return self._attributes.catalog.facet(facet).rows(value).intersect(self.rows)

    # what is near

    @cached_property
    def near_words(self) -> dict[str, str]:
        """Key of everything that a word can mean here -> the word to write for it."""
        switches, names, values = self._variants
        dag = self.catalog.dag
        kinds = (kind for i, kind in enumerate(dag.edge_kinds) if dag.sources([i]).intersect(self.rows))
        words = [
            *switches.values(),
            *(value for key, found in values.items() if key not in _SAYS_NOTHING for _, _, value in found),
            *names.values(),
            *(value.partition("@")[0] for found in self._compiler_names.values() for value in found),
            *(name for kind in kinds for name in (kind.name, *kind.virtuals)),
            *(value for facet in ("os", "platform", "target", *_PLACES) for value, _ in self._counted(facet)),
        ]
        return {key_of(word): word for word in reversed(words) if not word.isdigit()}

    def near(self, word: str, limit: int) -> list[str]:
        """Words that are spelled like one and mean something here, those that begin with it first."""
        # Late: loading it takes longer than a search, and few words are unknown.
        from rapidfuzz.distance.OSA import normalized_similarity
        from rapidfuzz.process import extract

        key, known = key_of(word), self.near_words
        begun: Iterator[str] = (each for each in known if each.startswith(key))
        alike = extract(key, list(known), scorer=normalized_similarity, score_cutoff=0.6, limit=limit)
        keys = dict.fromkeys([*sorted(begun, key=len), *(each for each, _, _ in alike)])
        return [known[each] for each in keys if each != key][:limit]


def _switched(name: str, on: bool) -> Meaning:
    signs = ("+", "~") if on else ("~", "+")
    return Meaning(f"variant {name}", f"{signs[0]}{name}", negation=f"{signs[1]}{name}")


def _one_of(facet: str, values: Sequence[str]) -> Meaning | None:
    if not values:
        return None
    return Meaning(
        facet,
        f"{facet}={value_text(values[0])}" if len(values) == 1 else "",
        tuple(Choice(facet, value) for value in values),
        excluded=tuple(Choice(facet, value, True) for value in values),
    )


def with_version(meaning: Meaning, version: str) -> Meaning:
    """A compiler or dependency in a version."""
    chosen, excluded = (
        tuple(each for each in choices if _is_version(each.value.partition("@")[2], version))
        for choices in (meaning.choices, meaning.excluded)
    )
    spec = f"{meaning.spec}@{version}" if meaning.spec else ""
    return replace(meaning, spec=spec, choices=chosen, excluded=excluded)


def _is_version(version: str, wanted: str) -> bool:
    """Whether a version is a wanted one or begins with it; everything is, if none is wanted."""
    if not wanted or version == wanted:
        return True
    with suppress(VersionSyntaxError):
        return parse_versions(wanted).contains(version, WORDS[Dialect.SPACK_1])
    return False
