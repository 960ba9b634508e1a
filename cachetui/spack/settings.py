"""The settings of Spack's configuration that are used here: folders and the network."""

from __future__ import annotations

import math
import os

from cachetui.install_tree import padded_roots
from cachetui.spack.installation import Installation
from cachetui.spack.machine import Machine
from cachetui.spack.marked import Text, Tree, item, parse_bool
from cachetui.spack.texts import plain_text
from cachetui.spack.values import Upstream
from cachetui.spack.variables import Paths


class Settings:
    """Reads the merged `config` section."""

    def __init__(
        self, machine: Machine, spack: Installation, paths: Paths, section: dict[Text, Tree]
    ) -> None:
        self._machine = machine
        self._spack = spack
        self._paths = paths
        self._section = section

    def misc_cache(self) -> str:
        """The folder that contains `indices`."""
        if self._spack.release < (0, 17):
            return self._path("binary_index_root") or self._spack.below("opt", "spack")
        configured = self._path("misc_cache")
        if configured or item(self._section, "misc_cache")[1] is not None:
            return configured
        usual = os.path.join(self._paths.user_cache(), "cache")
        own = self._paths.path("$user_cache_path/$spack_instance_id/cache")
        if self._spack.release < (1, 0) or own.unknown or not self._machine.is_folder(own.text):
            return usual
        return own.text

    def install_trees(self) -> tuple[str, ...]:
        """The root of the install tree, followed by the padded roots below it."""
        key, value = item(self._section, "install_tree")
        tree = value if isinstance(value, dict) else {}
        root_key, root = item(tree, "root") if isinstance(value, dict) else (key, value)
        if root is None:
            folder = self._spack.below("opt", "spack")
        else:
            folder = self._resolved(root_key, "install_tree", root)
        if not folder:
            return ()
        padded = item(tree, "padded_length")[1]
        if not isinstance(padded, Text) or parse_bool(padded) is False:
            return (folder,)
        found = padded_roots(folder, self._machine.names, self._machine.is_file)
        exact = [root for root in found if str(len(root)) == padded]  # the others were padded differently
        return (folder, *(exact or found))

    def connect_timeout(self) -> float:
        """Seconds to wait for a server."""
        default = 30.0 if self._spack.root and self._spack.release >= (1, 0) else 10.0
        key, value = item(self._section, "connect_timeout")
        if key is None or value is None:
            return default
        try:
            seconds = float(value) if isinstance(value, Text) else math.nan
        except ValueError:
            seconds = math.nan
        if math.isfinite(seconds) and seconds >= 0:
            return seconds
        self._machine.note(key.place, "'connect_timeout' is not a number of seconds")
        return default

    def verify_ssl(self) -> bool:
        """Whether certificates are checked."""
        key, value = item(self._section, "verify_ssl")
        verify = parse_bool(value)
        if key is not None and value is not None and verify is None:
            self._machine.note(key.place, "'verify_ssl' is neither true nor false")
        return verify is not False

    def ssl_certs(self) -> str:
        """The file or folder of certificates; empty if the variable that names it is not set."""
        value = item(self._section, "ssl_certs")[1]
        if not isinstance(value, Text) or not value:
            return ""
        found = self._paths.expanded(value)
        return self._paths.path(value).text if found.text and not found.unknown else ""

    def upstreams(self, section: dict[Text, Tree]) -> tuple[Upstream, ...]:
        """The upstream installations in order; invalid ones are noted."""
        found: list[Upstream] = []
        for name, value in section.items():
            tree = item(value, "install_tree")[1] if isinstance(value, dict) else None
            root = self._resolved(name, f"the install_tree of {plain_text(name)!r}", tree)
            if root:
                found.append(Upstream(plain_text(name), root))
        return tuple(found)

    def _path(self, name: str) -> str:
        key, value = item(self._section, name)
        return self._resolved(key, name, value) if key is not None and value is not None else ""

    def _resolved(self, key: Text | None, name: str, value: Tree) -> str:
        """Resolve a path; empty, and noted, if it is invalid."""
        place = key.place if key is not None else ""
        if not isinstance(value, Text) or not value:
            self._machine.note(place, f"{name} is not a path")
            return ""
        found = self._paths.path(value)
        if found.unknown:
            self._machine.note(
                place, f"{name} is a path with {', '.join(found.unknown)}, which is not defined here"
            )
            return ""
        return found.text
