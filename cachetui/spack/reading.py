"""Read Spack's configuration from its files."""

from __future__ import annotations

import os
from collections.abc import Mapping

from cachetui.spack.installation import find_spack
from cachetui.spack.layers import SECTIONS, Layer, merged_section
from cachetui.spack.machine import Machine
from cachetui.spack.mirrors import read_mirrors
from cachetui.spack.scopes import find_layers
from cachetui.spack.settings import Settings
from cachetui.spack.texts import plain_text
from cachetui.spack.values import Scope, SpackConfig
from cachetui.spack.variables import Paths


def read_config(environ: Mapping[str, str]) -> SpackConfig:
    """Read the configuration that Spack would have in this environment; what is invalid is noted."""
    return read(Machine(environ))


def read(machine: Machine) -> SpackConfig:
    """Read the configuration of a machine."""
    spack = find_spack(machine)
    paths = Paths(machine, spack)
    layers = find_layers(machine, spack, paths)
    settings = Settings(machine, spack, paths, merged_section(layers, "config"))
    mirrors = read_mirrors(machine, paths, merged_section(layers, "mirrors"), _scope_names(layers))
    return SpackConfig(
        root=spack.root,
        version=plain_text(spack.version),
        scopes=tuple(Scope(plain_text(layer.name), layer.path) for layer in layers),
        mirrors=mirrors,
        misc_cache=settings.misc_cache(),
        install_trees=settings.install_trees(),
        upstreams=settings.upstreams(merged_section(layers, "upstreams")),
        connect_timeout=settings.connect_timeout(),
        verify_ssl=settings.verify_ssl(),
        ssl_certs=settings.ssl_certs(),
        notes=tuple(machine.notes),
        failures=tuple(machine.failures),
    )


def _scope_names(layers: list[Layer]) -> dict[str, str]:
    """The name of the highest scope that each file belongs to."""
    names: dict[str, str] = {}
    for layer in layers:
        for file in (layer.path, *(os.path.join(layer.path, f"{section}.yaml") for section in SECTIONS)):
            names.setdefault(file, plain_text(layer.name))
    return names
