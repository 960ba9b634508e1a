"""What is offered for a shell, asked of a real one: the words that arrive are the words that were meant."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cachetui.catalog import MirrorInfo
from cachetui.install import COPY_FORMS, CachedBuild
from cachetui.query import Dialect, parse
from cachetui.spec import Dependency, Spec, json_data
from cachetui.text import clean
from tests.conftest import build, dag_hash

FORMS = {form.name: form for form in COPY_FORMS}

HOSTILE = (
    "--no-check-signature",
    "1.3 --no-check-signature -y",
    "-y",
    "1.3' --overwrite '",
    '1.3" -y "',
    "$(touch OWNED)",
    "`touch OWNED`",
    "a;touch OWNED",
    "a|touch OWNED",
    "a&touch OWNED",
    "a\ntouch OWNED",
    "a\0b",
    "~root",
    "*",
    "?",
    "[a]",
    "{a,b}",
    "a\\",
    "!!",
    "#a",
    "a b",
    "",
    "\u00e4",
    "1.3\uff1bid",
    "a\u202eb",
    "a\u3164b",
    "a%b",
    "a\tb",
    "a^b",
    "a/b",
    "<a",
    "$HOME",
    "a: b",
    "1.3-",
    "=1",
)

TEXTS = st.sampled_from(HOSTILE) | st.text(max_size=8) | st.text("$`'\"\\ -~*=@%+;&|<>()!a1\n", max_size=8)

PLACES: dict[str, Callable[[Spec, str], Spec]] = {
    "name": lambda spec, text: replace(spec, name=text),
    "version": lambda spec, text: replace(spec, version=text),
    "namespace": lambda spec, text: replace(spec, namespace=text),
    "platform": lambda spec, text: replace(spec, platform=text),
    "os": lambda spec, text: replace(spec, os=text),
    "target": lambda spec, text: replace(spec, target=text),
    "compiler": lambda spec, text: replace(spec, compilers=(text,)),
    "compiler version": lambda spec, text: replace(spec, compilers=(f"gcc@{text}",)),
    "variant": lambda spec, text: replace(spec, variants=((text, True),)),
    "variant with a value": lambda spec, text: replace(spec, variants=((text, "x"),)),
    "value": lambda spec, text: replace(spec, variants=(("v", text),)),
    "values": lambda spec, text: replace(spec, variants=(("v", ("a", text)),)),
    "flag": lambda spec, text: replace(spec, flags=(("cflags", ("-O2", text)),)),
    "patch": lambda spec, text: replace(spec, patches=(text,)),
    "virtual": lambda spec, text: replace(spec, provided_virtuals=(text,)),
    "dependency": lambda spec, text: replace(spec, dependencies=(Dependency(text, dag_hash(7)),)),
    "virtual of a dependency": lambda spec, text: replace(
        spec, dependencies=(Dependency("zlib", dag_hash(7), (), (text,)),)
    ),
    "external": lambda spec, text: replace(spec, external=text),
}


def arriving(text: str) -> list[str]:
    """The words that a command gets from `sh`, which gets a text as its arguments; nothing else happens."""
    script = f"cd /; printf '%s\\0' {text}\n"
    done = subprocess.run(
        ["/bin/sh", "-c", script], capture_output=True, env={"HOME": "/evil", "PATH": ""}, timeout=20
    )
    assert (done.returncode, done.stderr) == (0, b""), text
    return done.stdout.decode().split("\0")[:-1]


@settings(max_examples=150, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_words_that_arrive_are_the_words_that_were_meant(data: st.DataObject) -> None:
    spec = build(1, "zlib")
    for _ in range(data.draw(st.integers(1, 2))):
        place = data.draw(st.sampled_from(sorted(PLACES)))
        spec = PLACES[place](spec, clean(data.draw(TEXTS)))
    builds = [CachedBuild(spec, needs=())]
    assert arriving(FORMS["/hash"].render(builds)) == [f"/{spec.dag_hash}"]
    if spec.misspelled:
        for form in COPY_FORMS:
            assert form.is_safe or (form.render(builds), len(form.refused(builds))) == ("", 1)
        assert json_data(spec)["spec"] is None
        return
    words = arriving(FORMS["spec"].render(builds))
    assert words == spec.words()
    assert not any(word.startswith("-") for word in words)
    for dialect in Dialect:
        assert parse(spec.text(), dialect).root.name == spec.name
    lines = FORMS["spack install line"].render(builds).splitlines()
    (line,) = [line for line in lines if not line.startswith("#")]
    assert arriving(line)[0] == "spack"
    assert arriving(line)[-1] == f"/{spec.dag_hash}"
    loaded = yaml.safe_load(FORMS["spack.yaml entry"].render(builds))
    assert loaded == {"spack": {"specs": [f"{spec.name}/{spec.dag_hash}"]}}


@pytest.mark.parametrize("place", sorted(PLACES))
def test_options_are_refused_at_every_place_that_is_not_a_value(place: str) -> None:
    spec = PLACES[place](build(1), "--no-check-signature zlib")
    refused = place not in ("value", "values", "flag", "external")
    assert bool(spec.misspelled) is refused


@pytest.mark.parametrize(
    "version",
    ["1.3", "develop", "git.v1=1.2", "git.feature/x", "a" * 40, f"{'0' * 40}=1.2", "1.2-rc1", "2024a"],
)
def test_versions_of_spack_are_offered(version: str) -> None:
    spec = build(1, version=version)
    assert FORMS["spec"].render([CachedBuild(spec)]).startswith(f"zlib@{version} ")


@pytest.mark.parametrize(
    "value", ["a b", "x,y", "it's", 'say "hi"', "$(x)", "-DX='a b'", "~", "a;b", "*", ""]
)
def test_values_may_be_nearly_anything(value: str) -> None:
    spec = build(1, variants=(("v", value),), flags=(("cflags", (value,)),))
    words = arriving(FORMS["spec"].render([CachedBuild(spec)]))
    assert words[1:3] == [f"v={value}", f"cflags={value}"]


@pytest.mark.parametrize(
    "url", ["--config-scope=/tmp/evil", "ext::sh -c id", "relative", "https://a\ufffd/b"]
)
def test_url_that_is_none_is_not_given_to_spack(url: str) -> None:
    info = MirrorInfo("evil", url)
    text = FORMS["spack install line"].render([CachedBuild(build(1), (info,))])
    assert not any(line.startswith("spack mirror") for line in text.splitlines())
    loaded = yaml.safe_load(FORMS["spack.yaml entry"].render([CachedBuild(build(1), (info,))]))
    assert "mirrors" not in loaded["spack"]


@pytest.mark.parametrize("name", ["-x", "--scope=/e", "$(id)", "a b", "'", "\u202e", "", "#"])
def test_any_mirror_name_is_one_word(name: str) -> None:
    info = MirrorInfo(name, "https://host/$(id) 'x'")
    text = FORMS["spack install line"].render([CachedBuild(build(1), (info,))])
    (line,) = [line for line in text.splitlines() if line.startswith("spack mirror")]
    words = arriving(line)
    assert words[:3] == ["spack", "mirror", "add"]
    assert words[-1] == info.url
    assert len(words) == 5 and not words[3].startswith("-")
