"""What plain words were read as, for a person: the query as spec syntax, and what is to be said about it."""

from __future__ import annotations

from msgspec import Struct

from cachetui.search.offers import Offer
from cachetui.search.selection import Choice, choices_text
from cachetui.search.typed import Typed


class Plain(Struct, frozen=True):
    """What the plain words of a query were read as.

    Args:
        written: the whole query as spec syntax, but for what `choices` and `kept` say.
        choices: facet values that stand for words without spec syntax: `ubuntu`, `not gcc`.
        kept: words that have no other form: `without openmpi`.
        said: `choices` and `kept` as text.
        notes: what is not understood, ambiguous, or what no build has.
        offers: the words that are not understood.
    """

    written: str
    choices: tuple[Choice, ...] = ()
    kept: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    offers: tuple[Offer, ...] = ()

    @property
    def text(self) -> str:
        """The query to put in place of what was typed: spec syntax, and the words that have none."""
        return " ".join(filter(None, [self.written, *self.kept]))


def spec_text(name: str, spec: str) -> str:
    """A name and what is said of it, as one spec."""
    return f"{name}{spec}" if spec.startswith("@") else f"{name} {spec}".strip()


def written_reading(typed: Typed, package: str, words: str) -> Plain | None:
    """Say what the plain words of a query were read as; None if it has none.

    Args:
        package: the package that is shown; empty: all that match.
        words: the words of the query that name packages.
    """
    plain = typed.plain
    if plain is None:
        return _of_paste(typed)
    name = typed.name or package or words
    return Plain(
        spec_text(name, plain.spec),
        plain.choices,
        plain.kept,
        (*choices_text(each for each in plain.choices if not each.excluded), *plain.said, *plain.kept),
        (
            *filter(None, [typed.note]),
            *(_not_understood(offer, name) for offer in plain.offers),
            *(f"no build of {name} has {text}" if name else f"no build has {text}" for text in plain.missing),
            *(
                f"{word!r} is read as {text}; it may also be {' or '.join(o)}"
                for word, text, o in plain.ambiguous
            ),
        ),
        plain.offers,
    )


def _of_paste(typed: Typed) -> Plain | None:
    """What a paste without plain words was read as; None if nothing was pasted but a query."""
    written = " ".join(filter(None, [typed.fuzzy, spec_text(typed.name, typed.spec.strip())]))
    return Plain(written, notes=(typed.note,)) if typed.note else None


def _not_understood(offer: Offer, name: str) -> str:
    near = f"; near: {', '.join(offer.near)}" if offer.near else ""
    return f"{offer.word!r} is not understood{f' for {name}' if name else ''}{near}"
