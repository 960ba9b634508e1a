"""A transport that is closed while a thread still reads, which the caller has given up."""

from __future__ import annotations

import gc

import pytest

from cachetui.errors import TransferError
from cachetui.fetch.http import HttpTransport
from cachetui.fetch.transport import Network, Request
from tests.servers.faults import Content, faulty


def test_a_request_that_goes_on_is_closed_in_the_end() -> None:
    with faulty({"/file": Content(b"text")}) as server:
        transport = HttpTransport(Network())
        url = f"{server.url}/file"
        with transport.open(Request(url)) as reply:
            transport.close()
            # A redirect, or a second request of a login, may connect after the caller has left.
            with pytest.raises(TransferError, match="given up"), transport.open(Request(url)):
                pass
            assert b"".join(reply.chunks) == b"text"
        assert transport._client.is_closed
        del transport
        gc.collect()  # an unclosed connection is a warning, and with it an error


def test_nothing_connects_after_the_end() -> None:
    with faulty({"/file": Content(b"text")}) as server:
        transport = HttpTransport(Network())
        transport.close()
        with pytest.raises(TransferError, match="given up"), transport.open(Request(f"{server.url}/file")):
            pass
        assert server.requests == []
