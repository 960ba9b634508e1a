"""Where configuration, catalogs, downloads, styles and the sample are stored.

The user's own folders are looked at once: one that another user may have written is not used, and a private
temporary folder takes its place until the program ends.
"""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from pathlib import Path

from cachetui.code_cache import user_folder
from cachetui.errors import CachetuiError
from cachetui.files import folder_distrust
from cachetui.text import clean


def config_dir() -> Path:
    """The user's configuration folder (honours XDG_CONFIG_HOME)."""
    return _trusted(Path(user_folder("config")), "no setting is read from it")


def cache_dir() -> Path:
    """The folder for files that can be created again (honours XDG_CACHE_HOME)."""
    return _trusted(Path(user_folder("cache")), "a temporary folder is used for this run")


def state_dir() -> Path:
    """The folder of what the browser remembers (honours XDG_STATE_HOME)."""
    return _trusted(Path(user_folder("state")), "nothing is remembered after this run")


SHIPPED_PIECE = 1 << 16
"""Bytes that are read at once."""

distrusted: dict[Path, str] = {}
"""The folders that are not used, each with the reason and the way out."""


def distrust_notes() -> list[str]:
    """What the user should know of those of the folders that are not used, one line each."""
    for folder in (config_dir, cache_dir, state_dir):
        folder()
    return list(distrusted.values())


@lru_cache(maxsize=64)
def _trusted(folder: Path, consequence: str) -> Path:
    """A folder, or a temporary one in its place. One that does not exist is checked when it is created."""
    reason = folder_distrust(folder)
    if not reason:
        return folder
    remedy = f"chmod go-w {clean(str(folder))}" if "may write" in reason else "remove it or name another one"
    distrusted[folder] = f"{clean(str(folder))}: {reason}, so {consequence}; to mend it: {remedy}"
    return temporary_dir() / f"{len(distrusted)}"


@lru_cache(maxsize=1)
def temporary_dir() -> Path:
    """A folder that only this process uses; it is removed when the process ends."""
    # Imported late: hardly any start needs it.
    import atexit
    import shutil
    import tempfile

    for parent in (tempfile.gettempdir(), os.environ.get("XDG_RUNTIME_DIR", "")):
        if parent and not folder_distrust(Path(parent)):
            try:
                folder = tempfile.mkdtemp(prefix="cachetui-", dir=parent)
            except OSError:
                continue
            atexit.register(shutil.rmtree, folder, ignore_errors=True)
            return Path(folder)
    return Path(os.devnull)  # no file can be below it: nothing is kept


def look_again() -> None:
    """Forget what was found of the folders."""
    _trusted.cache_clear()
    distrusted.clear()


def catalog_dir() -> Path:
    """The folder of compiled catalogs, one file for each set of locations."""
    return cache_dir() / "catalogs"


def crash_dir() -> Path:
    """The folder of reports about crashes."""
    return state_dir() / "crashes"


def previous_dir() -> Path:
    """The folder of catalogs that newer ones have replaced; see `refresh.generations`."""
    return cache_dir() / "previous"


def judged_dir() -> Path:
    """The folder of what the browser has computed about the builds of each catalog for this machine."""
    return cache_dir() / "judged"


def downloads_dir() -> Path:
    """The folder of downloaded indexes, and of what is known of each."""
    return cache_dir() / "downloads"


def site_config_dir() -> Path:
    """The configuration folder of the system (honours XDG_CONFIG_DIRS)."""
    if sys.platform == "darwin":
        import platformdirs

        return platformdirs.site_config_path("cachetui")
    folders = os.environ.get("XDG_CONFIG_DIRS", "").split(os.pathsep)
    return Path(next(filter(os.path.isabs, folders), "/etc/xdg")) / "cachetui"


def public_file() -> Path:
    """The shipped file that says where public build caches are."""
    return Path(__file__).parent / "public.json"


def read_shipped(file: Path) -> bytes:
    """Read a shipped file, with one file operation instead of the three of `Path.read_bytes`."""
    handle = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return b"".join(iter(lambda: os.read(handle, SHIPPED_PIECE), b""))
    finally:
        os.close(handle)


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
