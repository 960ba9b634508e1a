"""Read a mirror in whatever layout it has, and hand out its specs."""

from cachetui.sources.base import Batch, Problem, Report, Source, clean
from cachetui.sources.detect import SAMPLE, open_sources

__all__ = ["SAMPLE", "Batch", "Problem", "Report", "Source", "clean", "open_sources"]
