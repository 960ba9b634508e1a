"""Checks of the mirrors: do they answer, how old are their indexes."""

from __future__ import annotations

from collections.abc import Iterator

from cachetui.doctor.finding import Finding, Subject, ok, warning, wrong
from cachetui.errors import CachetuiError
from cachetui.locate import mirrors_report
from cachetui.refresh import Reached, reach_mirrors
from cachetui.text import age_text, clean, redacted_text


def check_mirrors(subject: Subject) -> Iterator[Finding]:
    """Ask the mirrors, unless offline, and read the states of all."""
    for reached in reach_mirrors(subject.locations, subject.policy):
        if isinstance(reached, CachetuiError):
            yield wrong(redacted_text(str(reached)), "mend or remove this location")
        else:
            yield _of_remote(reached, subject.policy.offline)
    report = mirrors_report(subject.locations, subject.policy.public, subject.policy.max_age)
    for mirror in report.mirrors:
        if mirror.url.startswith("/") and mirror.state == "on this machine":
            yield ok(f"{mirror.name} ({mirror.url}): on this machine")


def _of_remote(reached: Reached, is_offline: bool) -> Finding:
    state, label = reached.state, clean(reached.label)
    index = f"its index is {age_text(state.age())} old" if state.has_index else "it was never downloaded"
    if reached.failure:
        text = f"{label}: {clean(reached.failure)}; {index}"
        return wrong(text, "check its URL, the network and the proxy, or remove it from the configuration")
    if reached.was_asked:
        return ok(f"{label}: answers; {index}")
    if state.failure:
        text = f"{label}: failed when it was asked last: {clean(state.failure)}; {index}"
        return warning(text, "cachetui refresh asks it again")
    if is_offline:
        return (ok if state.has_index else warning)(f"{label}: not asked, as offline; {index}")
    return ok(f"{label}: not asked, as only refresh reads such a mirror; {index}")
