"""Authentication at a registry: the first request has no credentials, the next answers the challenge."""

from __future__ import annotations

import base64
from collections.abc import Generator
from typing import TypeVar

import httpx

from cachetui.fetch.address import Access
from cachetui.fetch.registry import token_of, token_url

T = TypeVar("T")
AuthFlow = Generator[httpx.Request, httpx.Response, T]
"""Yields requests, and is sent their responses."""


class RegistryAuth(httpx.Auth):
    """Answers the challenges of one registry; later requests reuse the header that was accepted."""

    def __init__(self, access: Access) -> None:
        login = base64.b64encode(f"{access.user}:{access.password}".encode(errors="replace")).decode()
        self._basic = f"Basic {login}" if access.user else ""
        self._accepted = ""

    def auth_flow(self, request: httpx.Request) -> AuthFlow[None]:
        """See `httpx.Auth`."""
        if self._accepted:
            request.headers["Authorization"] = self._accepted
        response = yield request
        is_redirected = response.url.netloc != request.url.netloc
        if response.status_code != httpx.codes.UNAUTHORIZED or is_redirected:
            return
        self._accepted = yield from self._answer(response, request.url.scheme == "http")
        if self._accepted:
            request.headers["Authorization"] = self._accepted
        yield request  # without an answer too: the caller reports the status of the registry itself

    def _answer(self, response: httpx.Response, is_plain: bool) -> AuthFlow[str]:
        """Return the header to send: a token, else user and password; empty if there is neither."""
        for challenge in response.headers.get_list("WWW-Authenticate"):
            if url := token_url(challenge, is_plain):
                return (yield from self._token(url))
        return self._basic

    def _token(self, url: str) -> AuthFlow[str]:
        """Request a token; if the credentials are refused, an anonymous one."""
        for login in (self._basic, "") if self._basic else ("",):
            headers = {"Authorization": login} if login else {}
            answer = yield httpx.Request("GET", url, headers=headers)
            answer.read()
            if answer.is_success and (token := token_of(answer.content)):
                return f"Bearer {token}"
        return ""
