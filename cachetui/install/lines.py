"""Install lines and environments that work: what real Spack did with them is the measure."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence

from cachetui import paths
from cachetui.graph import State
from cachetui.install.builds import CachedBuild, Needed
from cachetui.install.mirrors import (
    SECRET,
    UsedMirror,
    is_mirror,
    keys_line,
    obstacle,
    setup_lines,
    signing_hint,
    skips_signatures,
    used_mirrors,
    yaml_entry,
)
from cachetui.install.shell import comment, name_and_hash, slash_hash, yaml_scalar
from cachetui.install.target import TargetSpack
from cachetui.spec import SHORT_HASH, Spec

INCOMPLETE = "# incomplete:"
"""How a comment about what an install lacks begins."""

_NAMED = 4
"""Nodes that are named; more are counted."""

_LACKING = {
    State.HOLE: "incomplete: no mirror here has a binary of {}, and --cache-only does not build",
    State.MISSING: "incomplete: no index here lists {}, and Spack 1.2 installs without what is not listed",
}


def install_lines(builds: Sequence[CachedBuild], spack: TargetSpack) -> Iterator[str]:
    """The lines for a shell: comments, mirrors, keys, the install; a load of what is installed."""
    cached = [build for build in builds if build.spec.has_binary]
    mirrors = used_mirrors([build for build in cached if _is_readable(build, spack)], spack)
    installed = [build for build in cached if not _refusal(build, spack)]
    yield from _origins(cached)
    yield from _warnings(installed)
    yield from setup_lines(mirrors, spack)
    if installed:
        yield _command([build.spec for build in installed], mirrors, spack, conflicting(installed))
    for build in cached:
        if reason := _refusal(build, spack):
            yield comment(f"{reason}: {{}}", name_and_hash(build.spec))
    if here := [slash_hash(each.spec) for each in builds if each.spec.in_buildcache and each not in cached]:
        yield shlex.join(["spack", "load", *here])
    for build in builds:
        if not build.spec.in_buildcache:
            yield comment("not in the build cache: {}", slash_hash(build.spec))


def _command(
    specs: Iterable[Spec], mirrors: Iterable[UsedMirror], spack: TargetSpack, conflicts: bool
) -> str:
    unchecked = any(skips_signatures(mirror, spack) for mirror in mirrors)
    hashes = [slash_hash(spec) for spec in specs]
    if not spack.finds_hashes:  # its `spack install` looks for hashes among installed packages alone
        options = ["-o", "-u"] if unchecked else ["-o"]
        return shlex.join(["spack", "buildcache", "install", *options, *hashes])
    before = ["-c", "concretizer:unify:false"] if conflicts else []
    options = ["--no-check-signature"] if unchecked else []
    return shlex.join(["spack", *before, "install", "--cache-only", *options, *hashes])


def _is_readable(build: CachedBuild, spack: TargetSpack) -> bool:
    return build.spec.spec_format <= spack.newest_format


def _refusal(build: CachedBuild, spack: TargetSpack) -> str:
    """Why a Spack cannot install a build from any of its mirrors; empty if it can."""
    if not _is_readable(build, spack):
        return f"its record has format {build.spec.spec_format}, which {spack.name} does not read"
    mirrors = [mirror for mirror in build.mirrors if is_mirror(mirror)]
    return "no mirror that Spack can use" if mirrors and all(obstacle(m, spack) for m in mirrors) else ""


def conflicting(builds: Sequence[CachedBuild]) -> bool:
    """Whether Spack refuses the builds together: they need two builds of a package, or may need them."""
    if len(builds) < 2:
        return False
    hashes: dict[str, str] = {}
    for build in builds:
        if build.needs is None:
            return True
        own = Needed(build.spec.name, build.spec.dag_hash, State.CACHED)
        for node in (own, *build.needs):
            if hashes.setdefault(node.name, node.dag_hash) != node.dag_hash:
                return True
    return False


# comments


def _origins(builds: Iterable[CachedBuild]) -> Iterator[str]:
    """Comments on what lists builds and is no mirror."""
    infos = dict.fromkeys(mirror for build in builds for mirror in build.mirrors)
    sample = f"{paths.sample_dir()}/"
    if any(info.url.startswith(sample) for info in infos):
        yield comment("from the sample of cachetui, which is no mirror: Spack does not find it there")
    for info in infos:
        if info.layout == "file" and not info.url.startswith(sample):
            yield comment("listed by {}: which mirror it is the index of is not known", info.url)


def _warnings(builds: Iterable[CachedBuild]) -> Iterator[str]:
    """Comments on what an install of the builds lacks."""
    for build in builds:
        lacking = [node for node in build.needs or () if node.state in _LACKING]
        for state, words in _LACKING.items():
            nodes = [node for node in lacking if node.state is state]
            if nodes:
                names = " ".join(["{}"] * len(nodes[:_NAMED]))
                more = f" and {len(nodes) - _NAMED} more" if len(nodes) > _NAMED else ""
                named = (_short(node.name, node.dag_hash) for node in nodes[:_NAMED])
                yield comment(words.replace("{}", f"{names}{more}"), *named)


def _short(name: str, dag_hash: str) -> str:
    return f"{name}/{dag_hash[:SHORT_HASH]}" if dag_hash else name


# environments


def environment_lines(builds: Sequence[CachedBuild], spack: TargetSpack) -> Iterator[str]:
    """The lines of a `spack.yaml`: roots, mirrors that Spack does not have, how to concretize."""
    mirrors = used_mirrors(builds, spack)
    added = [mirror for mirror in mirrors if mirror.configured is None and not mirror.obstacle]
    yield from _origins(builds)
    yield from _warnings(builds)
    if any(build.spec.has_binary for build in builds):
        yield comment("spack install also installs what was needed to build these, --cache-only does not")
    yield from (comment(mirror.obstacle, mirror.url) for mirror in mirrors if mirror.obstacle)
    for mirror in added:
        if mirror.is_secret:
            yield comment(SECRET, mirror.name)
        yield from signing_hint(mirror, spack, in_yaml=True)
    if keys := keys_line(mirrors):
        yield comment(f"before: {keys}")
    yield "spack:"
    yield "  specs:"
    yield from (f"  - {yaml_scalar(name_and_hash(build.spec))}" for build in builds)
    shown = [mirror for mirror in added if not mirror.is_secret]
    if shown:
        yield "  mirrors:"
        yield from (f"    {line}" for mirror in shown for line in yaml_entry(mirror, spack))
    if conflicting(builds):
        yield "  concretizer:"
        yield "    unify: false"
        yield "  view: false"
