"""Whether mirrors answer: each is asked for the header of its index, and nothing is downloaded."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from cachetui.errors import CachetuiError, MissingError, SourceError
from cachetui.fetch import Address, IndexState, Request, Session, joined, manifest_path
from cachetui.refresh.at_once import Question, ask_at_once
from cachetui.refresh.found import Found, find_sources
from cachetui.refresh.policy import Policy
from cachetui.refresh.updating import access_of, network_of
from cachetui.spack import SpackConfig, read_config
from cachetui.text import redacted

ANSWER_SECONDS = 5.0
"""Seconds that a mirror may be silent."""

ALL_SECONDS = 10.0
"""Seconds that all of them may take together."""


class Reached(Struct, frozen=True):
    """What is known of a mirror.

    Args:
        label: its name and its URL without secrets.
        failure: why it did not answer; empty if it did, or was not asked.
        was_asked: only mirrors behind HTTP are.
    """

    label: str
    state: IndexState
    failure: str = ""
    was_asked: bool = False


def reach_mirrors(locations: Sequence[str], policy: Policy) -> Iterator[Reached | CachetuiError]:
    """Ask the mirrors at some locations, unless offline; then yield the errors of the others."""
    found = find_sources(locations, policy)
    spack = read_config(os.environ)
    network = replace(network_of(spack), connect_timeout=ANSWER_SECONDS, read_timeout=ANSWER_SECONDS, tries=1)
    asked = {} if policy.offline else dict(_addresses(found, spack))
    questions = [Question(redacted(address.url), partial(_failure, address)) for address in asked.values()]
    answers = ask_at_once(questions, network, lambda: None, ALL_SECONDS)
    failures = {
        place: each.reason if each.content is None else each.content
        for place, each in zip(asked, answers, strict=True)
    }
    for place, (_, source) in enumerate(found.remote):
        yield Reached(source.label, source.state, failures.get(place, ""), was_asked=place in failures)
    yield from found.errors


def _addresses(found: Found, spack: SpackConfig) -> Iterator[tuple[int, Address]]:
    """The mirrors behind HTTP, by their places, with their credentials."""
    for place, (location, source) in enumerate(found.remote):
        if source.address.scheme in ("http", "https"):
            access = access_of(source.address, location.configured, spack)
            yield place, replace(source.address, access=access)


def _failure(address: Address, session: Session) -> str:
    is_index = address.layout == "file"
    url = address.url if is_index else joined(address.url, manifest_path(address.view))
    try:
        with (
            session.connect(address, fail_fast=True) as transport,
            transport.open(Request(url, raw=True, head=True)),
        ):
            return ""
    except MissingError as error:  # it may have another layout
        return error.reason if is_index else ""
    except SourceError as error:
        return error.reason
