"""The report: as text for people, as JSON for scripts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from cachetui.doctor.finding import Finding, Level
from cachetui.text import clean, counted

Findings = Sequence[tuple[str, Finding]]

_MARKS = {Level.OK: "ok", Level.WARNING: "warning", Level.WRONG: "WRONG"}


def as_text(findings: Findings) -> list[str]:
    """One line for each finding, below what it is about, and one for what to do."""
    lines: list[str] = []
    for position, (about, finding) in enumerate(findings):
        if not position or findings[position - 1][0] != about:
            lines.append(about)
        lines.append(f"  {_MARKS[finding.level]:8}{clean(finding.text)}")
        if finding.remedy:
            lines.append(f"          -> {clean(finding.remedy)}")
    wrong, warnings = (
        sum(finding.level is level for _, finding in findings) for level in (Level.WRONG, Level.WARNING)
    )
    return [*lines, f"{wrong or 'nothing'} wrong, {counted(warnings, 'warning')}"]


def as_json(findings: Findings) -> list[str]:
    """`{"wrong": 0, "findings": [{"about", "level", "text", "remedy"}]}`."""
    listed = [{"about": about, **msgspec.to_builtins(finding)} for about, finding in findings]
    wrong = sum(finding.level is Level.WRONG for _, finding in findings)
    return [msgspec.json.format(msgspec.json.encode({"wrong": wrong, "findings": listed})).decode()]


DOCTOR_FORMATS: Mapping[str, Callable[[Findings], list[str]]] = {"text": as_text, "json": as_json}
