"""Mirrors that send back what they are sent: no command, screen, report or file shows a secret of it."""

from __future__ import annotations

import base64
import gc
import json
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.builders.homes import World, write_text
from tests.conftest import Call
from tests.servers.exchange import Exchange, Reply
from tests.servers.faults import Behaviour, faulty
from tests.tui.driver import Browser, started

SECRET = "s3cr3t"
ENCODED = base64.b64encode(f"me:{SECRET}".encode()).decode()[:10]

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # of the libraries of object stores


def reflecting(code: int) -> Behaviour:
    """Answers with all that it was asked, wherever there is room for it."""

    def answer(exchange: Exchange) -> None:
        asked = exchange.request
        login = asked.headers.get("authorization", "")
        if login.startswith("Basic "):
            login = base64.b64decode(login.removeprefix("Basic ")).decode()
        said = f"{login} {asked.path} {json.dumps(asked.headers)}"
        quoted = quote(said)
        message = {"code": "DENIED", "message": said, "detail": said}
        body = json.dumps({"errors": [message], "token": f"{SECRET}-token", **message}).encode()
        headers = {
            "Content-Type": "application/json",
            "WWW-Authenticate": f'Bearer realm="http://127.0.0.1:1/{quoted}?x={quoted}",service="{quoted}"',
            "Location": f"http://127.0.0.1:1/{quote(login)}?{quoted}",
            "Retry-After": "0",
            "X-Message": said,
        }
        exchange.send(Reply(code, body, headers, reason=f"no: {said}"))

    return answer


def configure(world: World, url: str, monkeypatch: pytest.MonkeyPatch, *more: str) -> None:
    """Put a secret at each place that has room for one."""
    host = url.removeprefix("http://")
    monkeypatch.setattr("cachetui.text._written", {})
    variables = {
        "TOKEN": f"{SECRET}1",
        "AWS_ACCESS_KEY_ID": "me",
        "AWS_SECRET_ACCESS_KEY": f"{SECRET}2",
        "WHOLE": f"{url}/{SECRET}3/m",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    login = base64.b64encode(f"me:{SECRET}4".encode()).decode()
    docker = Path(os.environ["HOME"]) / ".docker" / "config.json"
    write_text(docker, json.dumps({"auths": {host: {"auth": login}}}))
    pair = "access_pair: {id: me, "
    world.mirrors(
        f"query: '{url}/m?sig={SECRET}5'",
        f"login: 'http://me:{SECRET}6@{host}/m'",
        f"pair: {{url: '{url}/m2', {pair}secret: {SECRET}7}}}}",
        f"variable: {{url: '{url}/m4', {pair}secret_variable: TOKEN}}}}",
        "whole: $WHOLE",
        f"token: {{url: '{url}/m5', access_token: {SECRET}8}}",
        f"oci: {{url: 'oci+http://{host}/m6', {pair}secret: {SECRET}9}}}}",
        f"docker: 'oci+http://{host}/m7'",
        f"wrong: {{fetch: {{url: 'http://me:{SECRET}13@{host}:x/m'}}, push: 'http://me:{SECRET}14@{host}/m'}}",
        *more,
    )


def buckets(url: str) -> tuple[str, str]:
    """Mirrors in an object store; those who read them try again and again."""
    host = url.removeprefix("http://")
    return (
        f"s3: {{url: 's3://bucket/x', endpoint_url: '{url}/', access_pair: [me, {SECRET}10]}}",
        f"endpoint: {{url: 's3://bucket/y', endpoint_url: 'http://u:{SECRET}11@{host}/?k={SECRET}12'}}",
    )


def files_of(world: World) -> Iterator[tuple[Path, str]]:
    """All that was written, but the configuration."""
    gc.collect()
    for file in world.folder.rglob("*"):
        if file.is_file() and world.scope not in file.parents and ".docker" not in file.parts:
            yield file, f"{file}\n{file.read_bytes().decode('latin-1')}"


def check(text: str, where: object) -> None:
    assert SECRET not in text and ENCODED not in text, (where, text)


@pytest.mark.parametrize("code", [302, 401])
def test_no_command_shows_what_a_mirror_sends_back(
    world: World, call: Call, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    with faulty({}, reflecting(code)) as server:
        configure(world, server.url, monkeypatch, *(buckets(server.url) if code == 401 else ()))
        for command in (
            ("refresh",),
            ("list", "--max-age", "0"),
            ("mirrors",),
            ("mirrors", "--format", "json"),
            ("doctor",),
        ):
            done = call(*command)
            check(done.out + done.err, command)
            assert "docker" in done.out + done.err
        assert len(server.requests) > 10
    for file, text in files_of(world):
        check(text, file)


async def test_no_screen_shows_what_a_mirror_sends_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []

    def look(browser: Browser) -> None:
        shown.append(browser.text)

    with faulty({}, reflecting(401)) as server:
        configure(world, server.url, monkeypatch)
        async with started(is_configured=True, size=(200, 60)) as browser:
            await browser.until(lambda: "no build cache can be opened" in browser.text)
            look(browser)
            browser.burst("s")
            await browser.until(lambda: "793 builds" in browser.text)
            await browser.settle()
            await browser.press("escape", "r")
            await browser.press("m")
            for key in ["down"] * 11:
                look(browser)
                await browser.press(key)
            await browser.press("enter")
            await browser.settle()
            look(browser)
            await browser.press("escape", "!")
            look(browser)
            await browser.press("escape", "C")
            look(browser)
            shown += browser.sent
            browser.catalog.close()
    assert any("docker" in text for text in shown)
    for text in shown:
        check(text, "a screen")
    for file, text in files_of(world):
        check(text, file)
