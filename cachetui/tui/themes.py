"""The colours of the browser: two themes of its own, and readable colours for every theme of Textual.

A theme gives variables (`$muted`, `$spec-version`, ...) that the style sheets use. Themes of Textual know
nothing of these and need not be readable: what they give is moved towards black or white until its contrast
is enough on each background that it stands on, in truecolor and in the 256 colours of most terminals.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from rich.color import Color as RichColor
from rich.color import ColorSystem
from textual.color import Color
from textual.theme import Theme

DARK, LIGHT = "cachetui-dark", "cachetui-light"
TERMINAL_DARK, TERMINAL_LIGHT = "ansi-dark", "ansi-light"
"""Themes in the colours of the terminal, which paint no background."""

TEXT_CONTRAST, MOST_CONTRAST, FRAME_CONTRAST, CURSOR_CONTRAST = 4.6, 6.0, 1.4, 1.3
"""Contrast to the background: 4.5 : 1 is the least for text; text on the cursor line has more."""


def _own(name: str, dark: bool, colours: Mapping[str, str]) -> Theme:
    return Theme(
        name=name,
        dark=dark,
        primary=colours["key"],
        secondary=colours["spec-arch"],
        accent=colours["key"],
        success=colours["good"],
        warning=colours["warn"],
        error=colours["bad"],
        foreground=colours["pane-text"],
        background=colours["pane"],
        surface=colours["bar"],
        panel=colours["bar"],
        variables=dict(colours),
    )


OWN_THEMES = (
    _own(
        DARK,
        True,
        {
            "pane": "#10141b",
            "bar": "#171c26",
            "pane-text": "#d5dbea",
            "muted": "#97a2bd",
            "key": "#7aa2f7",
            "cursor": "#2c3d62",
            "cursor-text": "#f2f5fc",
            "quiet": "#1e2635",
            "frame": "#39445a",
            "focus": "#7aa2f7",
            "good": "#9ece6a",
            "warn": "#e6b673",
            "bad": "#ff8a9a",
            "spec-version": "#7dcfff",
            "spec-compiler": "#9ece6a",
            "spec-arch": "#c8a6ff",
            "spec-variant": "#8fb4ff",
            "spec-hash": "#97a2bd",
        },
    ),
    _own(
        LIGHT,
        False,
        {
            "pane": "#fbfbfa",
            "bar": "#eef0f4",
            "pane-text": "#1d2330",
            "muted": "#586074",
            "key": "#1f5fd0",
            "cursor": "#cfe0ff",
            "cursor-text": "#10141b",
            "quiet": "#e9eef8",
            "frame": "#b9c0cc",
            "focus": "#1f5fd0",
            "good": "#2c6e1f",
            "warn": "#8a5300",
            "bad": "#b3202f",
            "spec-version": "#00667a",
            "spec-compiler": "#2c6e1f",
            "spec-arch": "#7a2fa0",
            "spec-variant": "#1f50b8",
            "spec-hash": "#586074",
        },
    ),
)

TERMINAL_COLOURS: dict[bool | None, dict[str, str]] = {
    # Without knowledge of the background no colour is readable for sure: signs and bold text say it all.
    None: {},
    True: {"key": "ansi_blue", "bad": "ansi_red", "spec-version": "ansi_blue", "spec-variant": "ansi_blue"},
    False: {
        "key": "ansi_bright_blue",
        "good": "ansi_green",
        "warn": "ansi_yellow",
        "bad": "ansi_bright_red",
        "spec-version": "ansi_cyan",
        "spec-compiler": "ansi_green",
        "spec-arch": "ansi_bright_magenta",
        "spec-variant": "ansi_bright_blue",
    },
}
"""By whether the background of the terminal is light: the colours that most palettes make readable on it."""


OF_256 = {
    DARK: {"pane": "#121212", "bar": "#1c1c1c", "cursor": "#005f87", "quiet": "#262626", "frame": "#4e4e4e"},
    LIGHT: {"pane": "#ffffff", "bar": "#eeeeee", "cursor": "#afd7ff", "quiet": "#eeeeee", "frame": "#b2b2b2"},
}
"""Backgrounds that are among the 256 colours: the nearest ones to the others are black, teal and navy."""


def theme_variables(
    theme: Theme, generated: Mapping[str, str], is_light: bool | None, has_256_colours: bool
) -> dict[str, str]:
    """The variables of the style sheets for a theme.

    Args:
        generated: what Textual makes of the theme.
        is_light: whether the background of the terminal is light, as far as it is known.
        has_256_colours: whether the terminal has these alone.
    """
    if theme.ansi:
        return dict.fromkeys(_NAMES, "ansi_default") | TERMINAL_COLOURS[is_light]
    if theme.name in (DARK, LIGHT):
        return OF_256[theme.name] if has_256_colours else {}
    return _readable_colours(theme.dark, tuple(generated.get(name, "") for name in _USED))


_NAMES = tuple(OWN_THEMES[0].variables)

_USED = ("background", "panel", "foreground", "primary", "accent", "success", "warning", "error")


@lru_cache(maxsize=4)
def _readable_colours(dark: bool, used: tuple[str, ...]) -> dict[str, str]:
    base, bar, text, primary, accent, good, warn, bad = map(_opaque, used)
    own = OWN_THEMES[0 if dark else 1].variables
    text = _readable(text, [base, bar])
    bar = _nearer(bar, base, text)
    quiet = _nearer(base.blend(primary, 0.12), base, text)
    below = [base, bar, quiet]
    cursor = _apart(base, primary)
    parts = {name: _readable(Color.parse(own[name]), below) for name in own if name.startswith("spec-")}
    colours = {
        "pane": base,
        "bar": bar,
        "pane-text": _readable(text, below),
        "muted": _readable(base.blend(text, 0.72), below),
        "key": _readable(accent, below),
        "cursor": cursor,
        "cursor-text": _readable(text, [cursor], MOST_CONTRAST),
        "quiet": quiet,
        "frame": _readable(base.blend(text, 0.25), [base, bar], FRAME_CONTRAST),
        "focus": _readable(primary, [base, bar]),
        "good": _readable(good, below),
        "warn": _readable(warn, below),
        "bad": _readable(bad, below),
        **parts,
    }
    return {name: colour.hex for name, colour in colours.items()}


def _apart(base: Color, primary: Color) -> Color:
    """A background between two colours that is seen beside the first one."""
    blends = (base.blend(primary, share / 10) for share in range(4, 10))
    return next((each for each in blends if contrast(each, base) >= CURSOR_CONTRAST), primary)


def _opaque(text: str) -> Color:
    return Color.parse(text or "#808080").with_alpha(1.0)


def _nearer(background: Color, base: Color, text: Color) -> Color:
    """A background moved towards the base until text on it is readable with room to spare."""
    for step in range(11):
        moved = background.blend(base, step / 10)
        if contrast(text, moved) >= 5.5:
            return moved
    return base


def _readable(colour: Color, backgrounds: Sequence[Color], at_least: float = TEXT_CONTRAST) -> Color:
    """A colour moved towards white or black, whichever is nearer to success, until it is readable."""
    for step in range(21):
        for extreme in ("white", "black"):
            moved = colour.blend(Color.parse(extreme), step / 20)
            if min(contrast(moved, background) for background in backgrounds) >= at_least:
                return moved
    white, black = Color.parse("white"), Color.parse("black")
    return max((white, black), key=lambda each: min(contrast(each, b) for b in backgrounds))


def contrast(one: Color, other: Color) -> float:
    """The contrast of two opaque colours by WCAG 2, 1 to 21: the lower one of truecolor and 256 colours."""
    exact = _ratio(_luminance(one.rgb), _luminance(other.rgb))
    return min(exact, _ratio(_luminance(_of_256(one.rgb)), _luminance(_of_256(other.rgb))))


def _ratio(one: float, other: float) -> float:
    low, high = sorted((one, other))
    return (high + 0.05) / (low + 0.05)


@lru_cache(maxsize=1024)
def _luminance(rgb: tuple[int, int, int]) -> float:
    red, green, blue = map(_linear, rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: int) -> float:
    share = value / 255
    return float(share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4)


@lru_cache(maxsize=1024)
def _of_256(rgb: tuple[int, int, int]) -> tuple[int, int, int]:
    """What a terminal of 256 colours shows in place of a colour."""
    triplet = RichColor.from_rgb(*rgb).downgrade(ColorSystem.EIGHT_BIT).get_truecolor()
    return triplet.red, triplet.green, triplet.blue


def themes_offered(available: Iterable[str]) -> list[str]:
    """The names of themes to choose from, the browser's own first."""
    own = [DARK, LIGHT]
    return [*own, *sorted(set(available) - set(own))]
