"""Read a mirror in whatever layout it has, and hand out its specs."""

from cachetui.sources.base import Batch, Divided, Part, Problem, Report, Source, Undivided, clean
from cachetui.sources.detect import SAMPLE, open_sources

__all__ = [
    "SAMPLE",
    "Batch",
    "Divided",
    "Part",
    "Problem",
    "Report",
    "Source",
    "Undivided",
    "clean",
    "open_sources",
]
