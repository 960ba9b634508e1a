"""Read the pages of cache.spack.io."""

from cachetui.sources.pages.tree import PageTree, find_pages

__all__ = ["PageTree", "find_pages"]
