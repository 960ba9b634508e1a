"""How a registry is asked: first without credentials, then as it challenges."""

from __future__ import annotations

import base64
from collections.abc import Generator
from typing import TypeVar

import httpx

from cachetui.fetch.address import Access
from cachetui.fetch.registry import token_of, token_url

T = TypeVar("T")
Asking = Generator[httpx.Request, httpx.Response, T]
"""Yields requests, and is sent their responses."""


class RegistryAuth(httpx.Auth):
    """Answers the challenges of one registry; what it accepted is sent at once from then on."""

    def __init__(self, access: Access) -> None:
        login = base64.b64encode(f"{access.user}:{access.password}".encode(errors="replace")).decode()
        self._basic = f"Basic {login}" if access.user else ""
        self._accepted = ""

    def auth_flow(self, request: httpx.Request) -> Asking[None]:
        """Yields requests, and is sent their responses."""
        if self._accepted:
            request.headers["Authorization"] = self._accepted
        response = yield request
        is_elsewhere = response.url.netloc != request.url.netloc  # it was redirected
        if response.status_code != httpx.codes.UNAUTHORIZED or is_elsewhere:
            return
        self._accepted = yield from self._answer(response, request.url.scheme == "http")
        if self._accepted:
            request.headers["Authorization"] = self._accepted
        yield request  # also where nothing may open it: who gives tokens shall not have the last word

    def _answer(self, response: httpx.Response, is_plain: bool) -> Asking[str]:
        """What may open it: a token, else user and password; empty if there is neither."""
        for challenge in response.headers.get_list("WWW-Authenticate"):
            if url := token_url(challenge, is_plain):
                return (yield from self._token(url))
        return self._basic

    def _token(self, url: str) -> Asking[str]:
        """A token as a header; where the credentials are refused, one for anybody."""
        for login in (self._basic, "") if self._basic else ("",):
            headers = {"Authorization": login} if login else {}
            answer = yield httpx.Request("GET", url, headers=headers)
            answer.read()
            if answer.is_success and (token := token_of(answer.content)):
                return f"Bearer {token}"
        return ""
