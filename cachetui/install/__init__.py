"""The texts that name or install builds, ready to paste: quoted for a shell, YAML or JSON."""

from typing import TYPE_CHECKING

from cachetui.doors import late_names
from cachetui.install.builds import CachedBuild, Needed, cached_builds
from cachetui.install.forms import (
    COPY_FORMS,
    CopyForm,
    install_command,
    install_line,
    spec_text_with_hash,
    why_not_offered,
)
from cachetui.install.target import NEWEST, RELEASES, TargetSpack, release_of, release_text

if TYPE_CHECKING:
    from cachetui.install.downloads import Download, Wanted, find_download, wanted_builds
    from cachetui.install.here import is_fresh, known_spack, spack_here
    from cachetui.install.lines import INCOMPLETE
else:
    # Import on demand what only install lines need.
    __getattr__ = late_names(
        __name__,
        {
            "downloads": ("Download", "Wanted", "find_download", "wanted_builds"),
            "here": ("is_fresh", "known_spack", "spack_here"),
            "lines": ("INCOMPLETE",),
        },
    )


__all__ = [
    "COPY_FORMS",
    "INCOMPLETE",
    "NEWEST",
    "RELEASES",
    "CachedBuild",
    "CopyForm",
    "Download",
    "Needed",
    "TargetSpack",
    "Wanted",
    "cached_builds",
    "find_download",
    "install_command",
    "install_line",
    "is_fresh",
    "known_spack",
    "release_of",
    "release_text",
    "spack_here",
    "spec_text_with_hash",
    "wanted_builds",
    "why_not_offered",
]
