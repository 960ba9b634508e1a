"""What Spack keeps on this machine: its configuration and downloaded indexes. Spack is never run."""

from cachetui.spack.indices import cached_indexes
from cachetui.spack.memo import remembered_config
from cachetui.spack.reading import read_config
from cachetui.spack.values import CachedIndex, Credentials, Mirror, Scope, SpackConfig, Upstream

__all__ = [
    "CachedIndex",
    "Credentials",
    "Mirror",
    "Scope",
    "SpackConfig",
    "Upstream",
    "cached_indexes",
    "read_config",
    "remembered_config",
]
