"""Part 5: catalogs that are damaged in any way; each answer is right, or the damage is told."""

from __future__ import annotations

from cachetui.catalog.compile import compile_catalog
from tests.conftest import MIRROR_12, read
from tests.stress import damages, forged
from tests.stress.outcome import Outcome, Run

USUAL = 2_000


def measure(run: Run) -> list[Outcome]:
    """Damage a catalog of real builds again and again."""
    whole = run.place("damaged") / "whole.sqlite"
    compile_catalog(read(MIRROR_12)[0], whole, {"title": "whole"})
    found = damages.run(whole, run.times(USUAL), run.seed)
    bad = {kind: count for kind, count in found.items() if kind not in ("found", "harmless")}
    return [
        Outcome(
            "damaged catalogs: bits, pages, chunks, meta, schema",
            found.total(),
            wrong=sum(count for kind, count in bad.items() if kind.startswith("wrong")),
            crashed=sum(count for kind, count in bad.items() if not kind.startswith("wrong")),
            note=f"{found['found']:,} were told, {found['harmless']:,} changed nothing that is read",
            failures=[f"{kind}: {count}" for kind, count in bad.items()],
        ),
        *forged.measure(run),
    ]
