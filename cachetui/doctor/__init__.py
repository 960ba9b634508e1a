"""What is wrong with configuration, mirrors, catalogs, folders, terminal or host, and what to do."""

from cachetui.doctor.checks import CHECKS, examine
from cachetui.doctor.finding import Finding, Level, Subject
from cachetui.doctor.report import DOCTOR_FORMATS

__all__ = ["CHECKS", "DOCTOR_FORMATS", "Finding", "Level", "Subject", "examine"]
