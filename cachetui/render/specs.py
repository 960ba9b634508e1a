"""A spec as a line, its parts in the roles that Spack gives colours to."""

from __future__ import annotations

from cachetui.render.spans import Line, Span
from cachetui.spec import Spec


def spec_line(spec: Spec, dag_hash: str = "") -> Line:
    """Write a spec in full: the text of the line is that of `Spec.text`.

    Args:
        dag_hash: its hash, or the beginning of it, if that is to be shown.
    """
    spans: list[Span] = [(spec.name, "")]
    if spec.version:
        spans.append((f"@{spec.version}", "version"))
    spans += _part(spec.parameters_text(), "variant")
    spans += _part(spec.architecture_text(), "arch")
    if dag_hash:
        spans += _part(f" /{dag_hash}", "hash")
    for compiler in spec.compilers or ():
        spans += _part(f" %{compiler}", "compiler")
    return tuple(spans)


def _part(text: str, role: str) -> list[Span]:
    """The blank before a part has no role: a line may be wrapped there."""
    part = text.lstrip(" ")
    blanks = text[: len(text) - len(part)]
    spans: list[Span] = [(blanks, "")] if blanks else []
    return [*spans, (part, role)] if part else spans
