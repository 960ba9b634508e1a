"""Where configuration, catalogs, downloads, styles and the sample are stored."""

from __future__ import annotations

from pathlib import Path

import platformdirs

from cachetui.errors import CachetuiError


def config_dir() -> Path:
    """The user's configuration folder (honours XDG_CONFIG_HOME)."""
    return platformdirs.user_config_path("cachetui")


def cache_dir() -> Path:
    """The folder for files that can be created again (honours XDG_CACHE_HOME)."""
    return platformdirs.user_cache_path("cachetui")


def state_dir() -> Path:
    """The folder of what the browser remembers (honours XDG_STATE_HOME)."""
    return platformdirs.user_state_path("cachetui")


def catalog_dir() -> Path:
    """The folder of compiled catalogs, one file for each set of locations."""
    return cache_dir() / "catalogs"


def previous_dir() -> Path:
    """The folder of catalogs that newer ones have replaced; see `refresh.generations`."""
    return cache_dir() / "previous"


def downloads_dir() -> Path:
    """The folder of downloaded indexes, and of what is known of each."""
    return cache_dir() / "downloads"


def site_config_dir() -> Path:
    """The configuration folder of the system (honours XDG_CONFIG_DIRS)."""
    return platformdirs.site_config_path("cachetui")


def public_file() -> Path:
    """The shipped file that says where public build caches are."""
    return Path(__file__).parent / "public.json"


def provides_file() -> Path:
    """The shipped file that says which packages provide which virtuals."""
    return Path(__file__).parent / "provides.json"


def sample_dir() -> Path:
    """The shipped sample: a small mirror and a few pages."""
    return Path(__file__).parent / "sample"


def styles_dir() -> Path:
    """The folder of style sheets: in the package if installed from a wheel, beside it in a checkout."""
    package = Path(__file__).parent
    for folder in (package / "styles", package.parent / "styles"):
        if (folder / "app.tcss").is_file():
            return folder
    raise CachetuiError(f"the style sheets are missing: neither in {package} nor beside it; install again")
