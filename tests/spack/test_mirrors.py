"""All forms of a mirror, and the URL that Spack fetches from."""

from __future__ import annotations

import pytest

from cachetui.secret import Secret
from cachetui.spack import Credentials, Mirror
from tests.builders.homes import FakeMachine


def only(machine: FakeMachine, text: str) -> Mirror:
    """The one mirror `m`, whose value is given."""
    machine.mirrors(machine.user, f"m: {text}\n")
    (mirror,) = machine.read().mirrors
    return mirror


FORMS = [
    ("https://h/p", "https://h/p"),
    ("{url: https://h/p}", "https://h/p"),
    ("{fetch: https://f, push: https://p}", "https://f"),
    ("{fetch: https://f, url: https://u}", "https://f"),
    ("{fetch: {url: https://f}, push: {url: https://p}}", "https://f"),
    ("{fetch: {url: https://f}, url: https://u}", "https://f"),
    ("{fetch: {}, url: https://u}", "https://u"),
    ("{fetch: null, url: https://u}", "https://u"),
    ("{url: https://u, push: https://p}", "https://u"),
    ("{url: https://u, source: false, autopush: true, what: [is, this]}", "https://u"),
]


@pytest.mark.parametrize(("text", "url"), FORMS)
def test_url_to_fetch_from(machine: FakeMachine, text: str, url: str) -> None:
    mirror = only(machine, text)
    assert mirror == Mirror("m", url, place=f"{machine.user}/mirrors.yaml:2", scope="user")
    assert machine.read().notes == ()


@pytest.mark.parametrize(("setting", "signed"), [("", None), ("signed: yes", True), ("signed: false", False)])
def test_signed(machine: FakeMachine, setting: str, signed: bool | None) -> None:
    assert only(machine, f"{{url: https://u, {setting}}}").signed is signed


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://h/p/", "https://h/p"),
        ("s3://bucket//", "s3://bucket"),
        ("HTTPS://H/P", "HTTPS://H/P"),
        ("https://h/$USER/~/p", "https://h/$USER/~/p"),
        ("oci://ghcr.io/o/r", "oci://ghcr.io/o/r"),
        ("oci+http://localhost:5000/x", "oci+http://localhost:5000/x"),
        ("gs://b/p", "gs://b/p"),
        ("'https://[::1]:8080/x'", "https://[::1]:8080/x"),
        ("/a/b/../c/", "/a/c"),
        ("/", "/"),
        ("store", "{user}/store"),
        ("../store", "{home}/store"),
        ("./a//b", "{user}/a/b"),
        ("~/store", "{home}/store"),
        ("$HOME/store", "{home}/store"),
        ("${HOME}/store", "{home}/store"),
        ("$spack/mirror", "{root}/mirror"),
        ("${SPACK}/mirror", "{root}/mirror"),
        ("$SpacK/mirror", "{root}/mirror"),
        ("$user_cache_path/mirror", "{user}/mirror"),
        ("file:///a/b/", "file:///a/b"),
        ("file://$HOME/b", "file://{home}/b"),
        ("file://$spack/b", "file://{root}/b"),
        ("$MIRROR/x", "https://from/variable/x"),
        ("ftps://h/x", "{user}/ftps:/h/x"),
        ("1.10", "{user}/1.10"),
        ("2024-05-14", "{user}/2024-05-14"),
    ],
)
def test_url_as_spack_resolves_it(machine: FakeMachine, text: str, url: str) -> None:
    machine.spack()
    machine.environ["MIRROR"] = "https://from/variable"
    expected = url.format(user=machine.user, home=machine.home, root=machine.root)
    assert only(machine, text).url == expected
    assert machine.read().notes == ()


@pytest.mark.parametrize(
    ("text", "url", "variable"),
    [
        ("$spack/m", "$spack/m", "$spack"),
        ("${SPACK}/m", "${SPACK}/m", "${SPACK}"),
        ("$NOWHERE/m", "{user}/$NOWHERE/m", "$NOWHERE"),
        ("/a/$target", "/a/$target", "$target"),
        ("file://$spack/m", "file://$spack/m", "$spack"),
    ],
)
def test_unknown_variable_is_noted(machine: FakeMachine, text: str, url: str, variable: str) -> None:
    assert only(machine, text).url == url.replace("{user}", str(machine.user))
    place = f"{machine.user}/mirrors.yaml:2"
    assert machine.read().notes == (
        f"{place}: mirror 'm' has a path with {variable}, which is not defined here",
    )


@pytest.mark.parametrize(
    ("text", "view"),
    [
        ("{url: https://u, view: top}", "top"),
        ("{url: https://u, view: top, fetch: {view: inner}}", "inner"),
        ("{url: https://u, view: top, fetch: https://f}", "top"),
        ("{url: https://u, view: top, push: {url: https://p, view: pushed}}", "top"),
        ("{url: https://u, fetch: {view: null}, view: top}", ""),
        ("{url: https://u, view: 1.10}", "1.10"),
        ("{url: https://u, view: [a]}", ""),
    ],
)
def test_view(machine: FakeMachine, text: str, view: str) -> None:
    assert only(machine, text).view == view


@pytest.mark.parametrize(
    ("value", "binary", "noted"),
    [("true", True, False), ("false", False, False), ("no", False, False), ("Off", False, False),
     ("yes", True, False), ("maybe", True, True), ("[]", True, True)],
)  # fmt: skip
def test_binary(machine: FakeMachine, value: str, binary: bool, noted: bool) -> None:
    assert only(machine, f"{{url: https://u, binary: {value}}}").binary is binary
    assert bool(machine.read().notes) is noted


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("null", "is neither a URL nor a mapping"),
        ("[https://u]", "is neither a URL nor a mapping"),
        ("''", "has no URL to fetch from"),
        ("{}", "has no URL to fetch from"),
        ("{push: https://p}", "has no URL to fetch from"),
        ("{url: null}", "has no URL to fetch from"),
        ("{url: [https://u]}", "has no URL to fetch from"),
        ("{url: {a: b}}", "has no URL to fetch from"),
        ("{fetch: [https://u]}", "has a 'fetch' that is neither a URL nor a mapping"),
    ],
)
def test_invalid_mirror_is_noted_and_does_not_hide_the_others(
    machine: FakeMachine, text: str, reason: str
) -> None:
    file = machine.mirrors(machine.user, f"a: https://a\nbad: {text}\nz: https://z\n")
    config = machine.read()
    assert [mirror.name for mirror in config.mirrors] == ["a", "z"]
    assert config.notes == (f"{file}:3: mirror 'bad' {reason}",)


@pytest.mark.parametrize("text", ["[a, b]", "some text", "3"])
def test_invalid_section_does_not_hide_other_scopes(machine: FakeMachine, text: str) -> None:
    machine.mirrors(machine.system, "a: https://a\n")
    file = machine.write(machine.user / "mirrors.yaml", f"mirrors: {text}\n")
    config = machine.read()
    assert [mirror.name for mirror in config.mirrors] == ["a"]
    assert config.notes == (f"{file}:1: 'mirrors' is not a mapping",)


def test_mirrors_file_of_another_program_is_noted(machine: FakeMachine) -> None:
    file = machine.write(
        machine.user / "mirrors.yaml",
        """
        buildcache:
          url: https://host/cache
          private_key: /a/key
        bootstrap:
          url: https://host/bootstrap
        sourcemirror:
          local: {url: /src}
        """,
    )
    config = machine.read()
    assert config.mirrors == ()
    assert config.notes == (f"{file}:1: not a mirrors.yaml of Spack: it has no 'mirrors' at the top level",)
    assert config.failures == config.notes


@pytest.mark.parametrize(
    "name", ["on", "1.10", "2023-05-14", "null", "~", "yes", "0123", "12:30", "1e3", "é", "a b"]
)
def test_names_are_kept_as_written(machine: FakeMachine, name: str) -> None:
    machine.mirrors(machine.user, f"{name}: https://u\n")
    assert [mirror.name for mirror in machine.read().mirrors] == [name]


CREDENTIALS = [
    ("access_pair: [me, hunter2]", Credentials(id="me", secret=Secret("hunter2"))),
    ("access_pair: [me, 1234]", Credentials(id="me", secret=Secret("1234"))),
    ("access_pair: {id: me, secret_variable: S}", Credentials(id="me", secret_variable="S")),
    ("access_pair: {id_variable: I, secret_variable: S}", Credentials(id_variable="I", secret_variable="S")),
    ("access_token: hunter2", Credentials(token=Secret("hunter2"))),
    ("access_token_variable: T", Credentials(token_variable="T")),
    ("profile: work", Credentials(profile="work")),
    ("endpoint_url: https://minio", Credentials(endpoint_url="https://minio")),
    ("access_pair: [null, null]", None),
    ("access_pair: [one]", None),
    ("access_pair: text", None),
    ("profile: null", None),
    (
        "fetch: {access_pair: [him, his]}, access_pair: [me, mine]",
        Credentials(id="him", secret=Secret("his")),
    ),
    ("push: {access_pair: [him, his]}", None),
    ("fetch: https://f, access_pair: [me, mine]", Credentials(id="me", secret=Secret("mine"))),
]


@pytest.mark.parametrize(("text", "credentials"), CREDENTIALS)
def test_credentials(machine: FakeMachine, text: str, credentials: Credentials | None) -> None:
    mirror = only(machine, f"{{url: s3://b, {text}}}")
    assert mirror.credentials == credentials
    assert mirror.has_credentials is (credentials is not None)
    assert machine.read().notes == ()


@pytest.mark.parametrize(
    ("url", "shown", "credentials"),
    [
        ("https://me:hunter2@h:1/p", "https://h:1/p", Credentials(id="me", secret=Secret("hunter2"))),
        ("https://me:hunter%402@h/p", "https://h/p", Credentials(id="me", secret=Secret("hunter@2"))),
        ("https://me@h/p", "https://h/p", Credentials(id="me")),
        ("oci://me:hunter2@h/p", "oci://h/p", Credentials(id="me", secret=Secret("hunter2"))),
        ("https://me:hunt/er2@h/p", "https://h/p", None),
        ("https://me:hunt@er2@h/p", "https://h/p", Credentials(id="me", secret=Secret("hunt@er2"))),
        ("https://h:8080/@scope/p", "https://h:8080/@scope/p", None),
        ("$SECRET/p", "https://h/p", Credentials(id="me", secret=Secret("hunter2"))),
    ],
)
def test_login_in_the_url(
    machine: FakeMachine, url: str, shown: str, credentials: Credentials | None
) -> None:
    machine.environ["SECRET"] = "https://me:hunter2@h"
    mirror = only(machine, f'"{url}"')
    assert mirror.url == shown
    assert credentials is None or mirror.credentials == credentials


def test_login_in_a_url_of_an_unknown_scheme(machine: FakeMachine) -> None:
    mirror = only(machine, "ftps://me:hunter2@h/p")
    assert mirror.url == f"{machine.user}/ftps:/h/p"


def test_credentials_come_from_values_or_variables() -> None:
    environ = {"I": "me", "S": "mine", "T": "token"}
    given = Credentials(id="a", secret=Secret("b"), token=Secret("c"))
    named = Credentials(id_variable="I", secret_variable="S", token_variable="T")
    unset = Credentials(id_variable="X", secret_variable="X", token_variable="X")
    for credentials, expected in (
        (given, "a b c"),
        (named, "me mine token"),
        (unset, "  "),
        (Credentials(), "  "),
    ):
        found = credentials.user(environ), credentials.password(environ), credentials.session_token(environ)
        assert " ".join([found[0], *(each.reveal() for each in found[1:])]) == expected  # fmt: skip


def test_secrets_are_not_shown(machine: FakeMachine) -> None:
    machine.mirrors(
        machine.user,
        """
        a: {url: s3://b, access_pair: [me, hunter2], access_token: hunter2}
        b: https://me:hunter2@h
        hunter3: {url: s3://b, access_pair: [me, hunter2], binary: hunter2}
        c: [https://me:hunter2@h]
        https://me:hunter2@h: null
        """,
    )
    config = machine.read()
    assert len(config.mirrors) == 3
    assert len(config.notes) == 3
    assert "hunter2" not in repr(config)
    assert "Credentials(id='me', secret='***', token='***')" in repr(config)
    credentials = config.mirrors[0].credentials
    assert credentials is not None
    assert "hunter2" not in str(credentials.__rich_repr__())


def test_place_is_the_line_of_the_mirror_name(machine: FakeMachine) -> None:
    file = machine.write(
        machine.user / "mirrors.yaml",
        "# a comment\r\n\r\nmirrors:\r\n  first:\r\n    url: https://a\r\n\r\n  second: https://b\r\n",
    )
    assert [mirror.place for mirror in machine.read().mirrors] == [f"{file}:4", f"{file}:7"]
