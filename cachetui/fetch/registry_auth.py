"""Authentication at a registry: the first request has no credentials, the next answers the challenge."""

from __future__ import annotations

import base64
from collections.abc import Generator
from typing import TypeVar

import httpx

from cachetui.fetch.address import Access
from cachetui.fetch.registry import token_of, token_url
from cachetui.secret import Secret
from cachetui.text import clean

TOKEN_SERVERS = {
    "index.docker.io": "auth.docker.io",
    "registry-1.docker.io": "auth.docker.io",
    "registry.gitlab.com": "gitlab.com",
}
"""The token servers of registries that have them at another host of their own."""

T = TypeVar("T")
AuthFlow = Generator[httpx.Request, httpx.Response, T]
"""Yields requests, and is sent their responses."""


class RegistryAuth(httpx.Auth):
    """Answers the challenges of one registry; later requests reuse the header that was accepted.

    Args:
        any_realm: user and password may go to whatever token server the registry names, as those of a
            `docker login` do; if not, to the registry itself and to the known token server of its site.
    """

    def __init__(self, access: Access, any_realm: bool = False) -> None:
        pair = f"{access.user}:{access.password.reveal()}".encode(errors="replace")
        self._basic = Secret(f"Basic {base64.b64encode(pair).decode()}" if access.user else "")
        self._accepted = Secret()
        self._any_realm = any_realm
        self._withheld_from = ""

    def advice(self) -> str:
        """Return what to do if no credentials were sent; empty if they were."""
        if not self._withheld_from:
            return ""
        return (
            f"its token server {clean(self._withheld_from)} is another host, so it was not sent the mirror's"
            " credentials; docker login, or podman login, allows that"
        )

    def auth_flow(self, request: httpx.Request) -> AuthFlow[None]:
        """See `httpx.Auth`."""
        if self._accepted:
            request.headers["Authorization"] = self._accepted.reveal()
        response = yield request
        is_redirected = _origin(response.url) != _origin(request.url)
        if response.status_code != httpx.codes.UNAUTHORIZED or is_redirected:
            return
        self._accepted = yield from self._answer(response, request)
        if self._accepted:
            request.headers["Authorization"] = self._accepted.reveal()
        yield request  # without an answer too: the caller reports the status of the registry itself

    def _answer(self, response: httpx.Response, request: httpx.Request) -> AuthFlow[Secret]:
        """Return the header to send: a token, else user and password; empty if there is neither."""
        for challenge in response.headers.get_list("WWW-Authenticate"):
            if url := token_url(challenge, request.url.scheme == "http"):
                return (yield from self._token(httpx.URL(url), request))
        return self._basic

    def _token(self, url: httpx.URL, request: httpx.Request) -> AuthFlow[Secret]:
        """Request a token; if the credentials are refused, an anonymous one."""
        basic = self._basic
        if basic and not (self._any_realm or _is_known_realm(url, request.url)):
            basic, self._withheld_from = Secret(), url.netloc.decode("ascii", "replace")
        limits = {"timeout": request.extensions.get("timeout", {})}
        for login in (basic, Secret()) if basic else (Secret(),):
            headers = {"Accept-Encoding": "gzip", **({"Authorization": login.reveal()} if login else {})}
            answer = yield httpx.Request("GET", url, headers=headers, extensions=limits)
            answer.read()  # bounded by `HttpTransport`
            if answer.is_success and (token := token_of(answer.content)):
                return Secret(f"Bearer {token.reveal()}")
        return Secret()


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    """Return (scheme, host, port): credentials for one are not those for another."""
    return url.scheme, url.host, url.port


def _is_known_realm(realm: httpx.URL, registry: httpx.URL) -> bool:
    """Whether a token server may get the credentials that are configured for a registry."""
    if _origin(realm) == _origin(registry):
        return True
    known = TOKEN_SERVERS.get(registry.host, "")
    return bool(known) and _origin(realm) == ("https", known, None)
