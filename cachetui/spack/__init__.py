"""What Spack keeps on this machine: configuration, downloaded indexes, databases. Spack is never run."""

from typing import TYPE_CHECKING

from cachetui.doors import late_names
from cachetui.spack.indices import cached_indexes
from cachetui.spack.installation import release_here
from cachetui.spack.memo import remembered_config
from cachetui.spack.reading import read_config
from cachetui.spack.values import CachedIndex, Credentials, Mirror, Scope, SpackConfig, Upstream

if TYPE_CHECKING:
    from cachetui.spack.databases import (
        Database,
        Installed,
        InstalledHashes,
        environment_of,
        find_databases,
        installed_hashes,
        spack_above,
    )
else:
    # Imported late: a browser is painted before it says what is installed.
    __getattr__ = late_names(
        __name__,
        {
            "databases": (
                "Database",
                "Installed",
                "InstalledHashes",
                "find_databases",
                "environment_of",
                "installed_hashes",
                "spack_above",
            )
        },
    )

__all__ = [
    "CachedIndex",
    "Credentials",
    "Database",
    "Installed",
    "InstalledHashes",
    "Mirror",
    "Scope",
    "SpackConfig",
    "Upstream",
    "cached_indexes",
    "environment_of",
    "find_databases",
    "installed_hashes",
    "read_config",
    "release_here",
    "remembered_config",
    "spack_above",
]
