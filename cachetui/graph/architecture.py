"""The architectures that a catalog has builds for, as hosts to choose from."""

from __future__ import annotations

from cachetui.catalog import Catalog
from cachetui.errors import HostError
from cachetui.graph.reuse import libc_kinds
from cachetui.host import Host, read_host
from cachetui.version import version_key


def architectures(catalog: Catalog) -> list[tuple[Host, int]]:
    """(host, its builds) of each architecture whose target archspec knows, most builds first."""
    libcs = _libcs_by_os(catalog)
    found: list[tuple[Host, int]] = []
    for platform in catalog.facet("platform").values:
        on_platform = catalog.in_buildcache & catalog.facet("platform").rows(platform)
        for os_name in catalog.facet("os").values:
            on_os = on_platform & catalog.facet("os").rows(os_name)
            targets = catalog.facet("target").values if on_os else []
            for target in targets:
                count = on_os.intersection_cardinality(catalog.facet("target").rows(target))
                host = _host(f"{platform}-{os_name}-{target}", libcs.get(os_name, "")) if count else None
                if host is not None:
                    found.append((host, count))
    return sorted(found, key=lambda each: (-each[1], each[0].arch))


def _host(arch: str, libc: str) -> Host | None:
    """An architecture with the libc that its os is known for, else the one that its builds record."""
    for each in ("", libc):
        try:
            return read_host(arch, each)
        except HostError:
            continue
    return None


def _libcs_by_os(catalog: Catalog) -> dict[str, str]:
    """The newest libc that the records of each os link."""
    newest: dict[str, str] = {}
    values = [catalog.column(name) for name in ("os", "package", "version", "external")]
    for row in catalog.dag.targets(libc_kinds(catalog)):
        os_name, name, version, path = (column[row] for column in values)
        before = newest.get(os_name, "").partition("@")[2].partition(":")[0]
        if not before or version_key(before) < version_key(version):
            newest[os_name] = f"{name}@{version}:{path or '/usr'}"
    return newest
