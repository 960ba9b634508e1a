"""Whether mirrors answer: each is asked for the header of its index, and nothing is downloaded."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from cachetui.errors import CachetuiError, MissingError, SourceError
from cachetui.fetch import Address, IndexState, Request, Session, joined, manifest_path
from cachetui.refresh.found import find_sources
from cachetui.refresh.policy import Policy
from cachetui.refresh.updating import access_of, network_of
from cachetui.spack import read_config

ANSWER_SECONDS = 5.0
"""Seconds that a mirror may take."""


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
    with Session(network, lambda: None) as session:
        for location, source in found.remote:
            reached = Reached(source.label, source.state)
            if policy.offline or source.address.scheme not in ("http", "https"):
                yield reached
                continue
            access = access_of(source.address, location.configured, spack)
            failure = _failure(session, replace(source.address, access=access))
            yield replace(reached, failure=failure, was_asked=True)
    yield from found.errors


def _failure(session: Session, address: Address) -> str:
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
