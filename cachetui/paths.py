"""Where things lie: configuration, catalogs, styles, the sample."""

from __future__ import annotations

from pathlib import Path

import platformdirs

from cachetui.errors import CachetuiError


def config_dir() -> Path:
    """The user's configuration folder (XDG_CONFIG_HOME is honoured)."""
    return platformdirs.user_config_path("cachetui")


def cache_dir() -> Path:
    """The folder for what can be made again (XDG_CACHE_HOME is honoured)."""
    return platformdirs.user_cache_path("cachetui")


def catalog_dir() -> Path:
    """Compiled catalogs, one file for each set of locations."""
    return cache_dir() / "catalogs"


def downloads_dir() -> Path:
    """Indexes of mirrors behind a network, as plain files, and what is known of each."""
    return cache_dir() / "downloads"


def site_config_dir() -> Path:
    """The configuration folder of the whole system (XDG_CONFIG_DIRS is honoured)."""
    return platformdirs.site_config_path("cachetui")


def public_file() -> Path:
    """Where public build caches are, as it is shipped in the package."""
    return Path(__file__).parent / "public.json"


def sample_dir() -> Path:
    """The embedded sample: a small mirror and a few pages, shipped in the package."""
    return Path(__file__).parent / "sample"


def styles_dir() -> Path:
    """The style sheets: inside the package when installed from a wheel, beside it in a checkout."""
    package = Path(__file__).parent
    for folder in (package / "styles", package.parent / "styles"):
        if (folder / "app.tcss").is_file():
            return folder
    raise CachetuiError(f"the style sheets are missing: neither in {package} nor beside it; install again")
