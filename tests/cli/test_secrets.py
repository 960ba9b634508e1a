"""No command prints, and no file that others can read holds, what may be the secret of a URL."""

from __future__ import annotations

import gc
import json
import stat
from pathlib import Path

import pytest

from cachetui import paths
from tests.builders.homes import World
from tests.builders.mirrors import index, mirror, v2
from tests.conftest import Call, dag_hash
from tests.servers.faults import Content, faulty

SECRET = "s3cr3t"

NASTY = [
    f"https://user:{SECRET}@host/x",
    f"https://user:a#{SECRET}@host/x",
    f"https://user:a?{SECRET}@host/x",
    f"https://user:a/{SECRET}@host/x",
    f"https://user:12/{SECRET}@host/x",
    f"https://user:12/{SECRET}@host",
    f"https://us/er:{SECRET}@host",
    f"https://user:a\\{SECRET}@host/x",
    f"https://user:a b{SECRET}@host/x",
    f"https://user:a@{SECRET}@host/x@y",
    f"https://user:{SECRET}",
    f"https://host:{SECRET}/x",
    f"https://[user:{SECRET}@host]/x",
    f"https://user:{SECRET}@host\u2100/x",
    f"https://host/x?X-Amz-Signature={SECRET}",
    f"https://host/x?a=b@c{SECRET}",
    f"https://host/x#{SECRET}",
    f"https://host/x;token={SECRET}/y",
    f"https://host/x;v=1;X-Signature={SECRET}",
    f"https://host:8080/{'x' * 300}?{SECRET}",
    f"HTTPS://user:{SECRET}@host/x",
    f"s3://user:{SECRET}@bucket/x",
    f"oci://user:{SECRET}@host/x",
    f"ftp://user:{SECRET}@host/x",
    f"file://user:{SECRET}@host/x",
    f"file:///x?{SECRET}",
    f"file:///?{SECRET}",
    f"//user:{SECRET}@host/x",
    f"user:{SECRET}@host/x",
    f"user:{SECRET}{'x' * 5000}@host/x",
    f"/folder/user:{SECRET}@host/x",
    f"https:/user:{SECRET}@host/x",
    f"https:\\\\user:{SECRET}@host\\x",
    f" https://user:{SECRET}@host/x",
    f"\x1bhttps://user:{SECRET}@host/x",
    f"~user:{SECRET}@host/x",
]


@pytest.mark.parametrize("url", NASTY)
def test_no_command_prints_a_secret(world: World, call: Call, url: str) -> None:
    for command in (
        ("mirrors", url, "--offline"),
        ("mirrors", url, "--offline", "--format", "json"),
        ("list", url, "--offline"),
        ("refresh", url, "--offline"),
        ("paths", url),
    ):
        done = call(*command)
        assert SECRET not in done.out + done.err, command
        assert done.out + done.err, command


def test_no_secret_is_printed_beside_other_results(world: World, call: Call) -> None:
    url = f"https://user:12/{SECRET}@host"
    for command in (("list", "sample", url, "--offline"), ("show", url, "sample")):
        done = call(*command)
        assert done.err and SECRET not in done.out + done.err, command


@pytest.mark.parametrize("url", [url for url in NASTY if url.isprintable() and len(url) < 1000])
def test_no_secret_of_a_configured_mirror_is_printed(world: World, call: Call, url: str) -> None:
    world.mirrors(f"m: {json.dumps(url)}", f"src: {{url: {json.dumps(url)}, binary: false}}")
    for command in (("mirrors",), ("mirrors", "--format", "json"), ("list", "--offline")):
        done = call(*command)
        assert SECRET not in done.out + done.err, command


def test_a_path_with_an_at_sign_is_shown_whole(world: World, call: Call) -> None:
    for name in ("a@b", "a:b@c"):
        here = str(mirror(world.folder / name / "x", 1))
        done = call("mirrors", here, "--format", "json")
        assert json.loads(done.out)["mirrors"][0]["url"] == here
        missing = str(world.folder / "a@b" / "y")
        assert f"{missing}: no such file or folder" in call("list", missing).err


def test_public_build_caches_are_printed_without_secrets(world: World, call: Call) -> None:
    with faulty(
        {"/list.json": Content(b'{"develop": [{"label": "root", "url": "s3://bucket/x"}]}')}
    ) as server:
        url = f"https://user:{SECRET}@host"
        world.settings(
            f"public: {{directory: '{server.url}/list.json', prefixes: {{'s3://bucket': '{url}'}}}}"
        )
        for form in ("table", "json"):
            done = call("mirrors", "--public", "--format", form)
            assert "https://host/x" in done.out and SECRET not in done.out + done.err


def test_files_that_others_can_read_hold_no_secret(world: World, call: Call, tmp_path: Path) -> None:
    output = tmp_path / "site.sqlite"
    with faulty(v2("/m", index(1, 2))) as server:
        url = f"{server.url}/m?signature={SECRET}"
        world.mirrors(f"m: '{url}'")
        for locations in ((), (url,)):
            done = call("refresh", *locations)
            assert done.code == 0 and SECRET not in done.out + done.err
            assert call("refresh", *locations, "--output", str(output)).code == 0
    files = [
        output,
        *(file for file in tmp_path.rglob("*") if file.is_file() and world.scope not in file.parents),
    ]
    assert len(files) > 4
    for file in files:
        for_others = stat.S_IMODE(file.stat().st_mode) & 0o077
        assert not for_others or SECRET.encode() not in file.read_bytes(), file
    assert paths.cache_dir().is_dir()


def test_no_file_holds_a_secret(
    world: World, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a secret at each place that has room for one: all that was written is searched."""
    monkeypatch.setenv("TOKEN", f"{SECRET}4")
    monkeypatch.setenv("LOGIN", f"me:{SECRET}5")
    output = tmp_path / "site.sqlite"
    with faulty(v2("/m", index(1, 2))) as server:
        host = server.url.removeprefix("http://")
        world.mirrors(
            f"query: '{server.url}/m?sig={SECRET}1'",
            f"login: 'http://me:{SECRET}2@{host}/m'",
            f"pair: {{url: '{server.url}/m', access_pair: {{id: me, secret: {SECRET}3}}}}",
            f"variable: {{url: '{server.url}/m', access_pair: {{id: me, secret: $TOKEN}}}}",
        )
        typed = (f"http://me:{SECRET}2@{host}/m?sig={SECRET}1", f"http://me:{SECRET}@host:x/m")
        for command in (
            ("refresh",),
            ("refresh", *typed),
            ("refresh", "--output", str(output)),
            ("refresh", *typed, "--output", str(output)),
            ("list", "--count"),
            ("mirrors",),
        ):
            done = call(*command)
            assert SECRET not in done.out + done.err, command
    gc.collect()
    written = [file for file in tmp_path.rglob("*") if file.is_file() and world.scope not in file.parents]
    assert output in written and len(written) > 8
    for file in written:
        assert SECRET.encode() not in file.read_bytes() and SECRET not in str(file), file
        assert file == output or not stat.S_IMODE(file.stat().st_mode) & 0o077, file


def test_a_url_that_stands_in_a_variable_is_shown_as_written(
    world: World, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the variable holds is neither printed nor stored: a part of its path may be a token."""
    monkeypatch.setattr("cachetui.text._written", {})
    output = tmp_path / "site.sqlite"
    with faulty(v2(f"/{SECRET}/m", index(1, 2))) as server:
        monkeypatch.setenv("WHOLE", f"{server.url}/{SECRET}/m/")
        monkeypatch.setenv("START", server.url)
        monkeypatch.setenv("TOKEN", SECRET)
        world.mirrors("whole: $WHOLE", "part: ${START}/$TOKEN/m", "wrong: $START/$TOKEN/none")
        printed = ""
        for command in (
            ("mirrors",),
            ("refresh",),
            ("list", "--count"),
            ("refresh", "--output", str(output)),
            ("mirrors",),
            ("mirrors", "--format", "json"),
            ("show", dag_hash(1), "--size"),
            ("show", dag_hash(1), "--format", "json"),
            ("doctor",),
        ):
            done = call(*command)
            printed += done.out + done.err
            assert SECRET not in printed, command
        for shown in ("$WHOLE", "${START}/$TOKEN/m", "$START/$TOKEN/none/build_cache/index.json: 404"):
            assert shown in printed
        assert call("list", "--count").out == "2\n"
    assert SECRET not in call("list", "--count", "--max-age", "0").err
    written = [file for file in tmp_path.rglob("*") if file.is_file() and world.scope not in file.parents]
    assert output in written and len(written) > 4
    for file in written:
        assert SECRET.encode() not in file.read_bytes() and SECRET not in str(file), file
