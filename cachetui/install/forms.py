"""The forms in which builds can be copied."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import msgspec
from msgspec import Struct

from cachetui.install.builds import CachedBuild
from cachetui.install.shell import name_and_hash, shell_words, slash_hash
from cachetui.install.target import NEWEST, TargetSpack
from cachetui.spec import Spec, json_data


class Render(Protocol):
    """Gives the text for one build or several."""

    def __call__(self, builds: Sequence[CachedBuild], spack: TargetSpack = NEWEST) -> str:
        """The text.

        Args:
            spack: the Spack that installs them.
        """


class CopyForm(Struct, frozen=True):
    """One form in which builds can be copied.

    Args:
        name: on the command line and in the menu.
        key: selects it in the menu.
        render: gives the text for one build or several.
        installs: the text depends on the Spack that installs them.
        is_safe: it consists of hashes, or is data that no shell reads: any build may be copied in it.
    """

    name: str
    key: str
    render: Render
    installs: bool = False
    is_safe: bool = False

    def refused(self, builds: Iterable[CachedBuild]) -> list[str]:
        """Why some builds are left out of the text, a line for each; none if all are in it."""
        if self.is_safe:
            return []
        return [why_not_offered(build.spec) for build in builds if build.spec.misspelled]


def why_not_offered(spec: Spec) -> str:
    """Why a build is offered for a shell by nothing but its hash."""
    return (
        f"{slash_hash(spec)}: its {spec.misspelled} is not spelled as Spack allows: only its hash is offered"
    )


def _offered(builds: Sequence[CachedBuild]) -> list[CachedBuild]:
    return [build for build in builds if not build.spec.misspelled]


def _hashes(render: Callable[[Spec], str]) -> Render:
    return lambda builds, spack=NEWEST: "\n".join(render(build.spec) for build in builds)


def _lines(render: Callable[[Spec], str]) -> Render:
    return lambda builds, spack=NEWEST: "\n".join(render(build.spec) for build in _offered(builds))


def spec_text(spec: Spec) -> str:
    """The spec as it can be pasted into a shell, also after `spack install`."""
    return shell_words(spec.words())


def spec_text_with_hash(spec: Spec) -> str:
    """The spec with its hash, as it can be pasted into a shell."""
    return shell_words(spec.words(with_hash=True))


def install_line(builds: Sequence[CachedBuild], spack: TargetSpack = NEWEST) -> str:
    """The lines that install builds from their build caches; what they cannot do becomes comments."""
    from cachetui.install.lines import install_lines

    return "\n".join(install_lines(_offered(builds), spack))


def install_command(spec: Spec) -> str:
    """The command that installs one build where its mirror is known to Spack, or loads what is installed."""
    if not spec.has_binary:
        return f"spack load {slash_hash(spec)}"
    return f"spack install --cache-only {slash_hash(spec)}"


def environment_entry(builds: Sequence[CachedBuild], spack: TargetSpack = NEWEST) -> str:
    """The builds as roots of an environment's `spack.yaml`, and their mirrors."""
    from cachetui.install.lines import environment_lines

    offered = _offered(builds)
    return "\n".join(environment_lines(offered, spack)) if offered else ""


def as_json(builds: Sequence[CachedBuild], spack: TargetSpack = NEWEST) -> str:
    """One object for one build, a list of objects for several."""
    records = [json_data(build.spec) for build in builds]
    data = msgspec.json.encode(records[0] if len(records) == 1 else records)
    return msgspec.json.format(data, indent=2).decode()


COPY_FORMS = (
    CopyForm("hash", "h", _hashes(lambda spec: spec.dag_hash), is_safe=True),
    CopyForm("/hash", "s", _hashes(slash_hash), is_safe=True),
    CopyForm("name/hash", "n", _lines(lambda spec: shlex.quote(name_and_hash(spec)))),
    CopyForm("spec", "p", _lines(spec_text)),
    CopyForm("spack install line", "i", install_line, installs=True),
    CopyForm("spack.yaml entry", "e", environment_entry, installs=True),
    CopyForm("JSON", "j", as_json, is_safe=True),
)
"""In the order of the menu."""
