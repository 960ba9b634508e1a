"""The colours of the browser: two themes of its own, and readable colours for every theme of Textual.

A theme gives variables (`$muted`, `$spec-version`, ...) that the style sheets use. Themes of Textual know
nothing of these and need not be readable: what they give is moved towards black or white until its contrast
is enough on each background that it stands on. On a terminal of 256 colours all of that is done with these.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from textual.color import Color
from textual.theme import Theme

DARK, LIGHT = "cachetui-dark", "cachetui-light"
TERMINAL_DARK, TERMINAL_LIGHT = "ansi-dark", "ansi-light"
"""Themes in the colours of the terminal, which paint no background."""

TEXT_CONTRAST, ROOMY_CONTRAST, MOST_CONTRAST = 4.6, 5.5, 6.0
"""Contrast of text to its background, 4.5 : 1 at least: usual, on other backgrounds, on the cursor line."""

FRAME_CONTRAST, CURSOR_CONTRAST = 1.4, 1.3
"""Contrast of frames, and of the cursor line, to the background of a pane."""


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


def _greys(muted: str) -> dict[str, str]:
    return {"muted": muted, "spec-hash": muted}


OF_256 = {
    DARK: {"pane": "#121212", "bar": "#1c1c1c", "cursor": "#005f87", "quiet": "#262626", **_greys("#a8a8a8")},
    LIGHT: {
        "pane": "#ffffff",
        "bar": "#eeeeee",
        "cursor": "#d7d7ff",
        "quiet": "#eeeeee",
        **_greys("#585858"),
    },
}
"""Where the nearest of the 256 colours is not what is meant: a grey cursor line, teal for a bluish grey."""


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
    return _readable_colours(theme.dark, tuple(generated.get(name, "") for name in _USED), has_256_colours)


_NAMES = tuple(OWN_THEMES[0].variables)

_USED = ("background", "panel", "foreground", "primary", "accent", "success", "warning", "error")


@lru_cache(maxsize=4)
def _readable_colours(dark: bool, used: tuple[str, ...], has_256_colours: bool) -> dict[str, str]:
    palette = Palette(has_256_colours)
    pane, bar, text, primary, key, good, warn, bad = map(palette.opaque, used)
    own = OWN_THEMES[0 if dark else 1].variables
    text = palette.readable(text, [pane, bar])
    bar = palette.nearer(bar, pane, text)
    quiet = palette.nearer(palette.blend(pane, primary, 0.12), pane, text)
    below = [pane, bar, quiet]
    cursor = palette.apart(pane, primary)
    parts = {n: palette.readable(Color.parse(own[n]), below) for n in own if n.startswith("spec-")}
    colours = {
        "pane": pane,
        "bar": bar,
        "pane-text": palette.readable(text, below),
        "muted": palette.readable(pane.blend(text, 0.72), below),
        "key": palette.readable(key, below),
        "cursor": cursor,
        "cursor-text": palette.readable(text, [cursor], MOST_CONTRAST),
        "quiet": quiet,
        "frame": palette.readable(pane.blend(text, 0.25), [pane, bar], FRAME_CONTRAST),
        "focus": palette.readable(primary, [pane, bar]),
        "good": palette.readable(good, below),
        "warn": palette.readable(warn, below),
        "bad": palette.readable(bad, below),
        **parts,
    }
    return {name: colour.hex for name, colour in colours.items()}


class Palette:
    """Finds readable colours among those that a terminal has."""

    def __init__(self, has_256_colours: bool) -> None:
        self._shown = nearest_of_256 if has_256_colours else _itself

    def opaque(self, text: str) -> Color:
        """A colour of a theme."""
        return self._shown(Color.parse(text or "#808080").with_alpha(1.0))

    def blend(self, one: Color, other: Color, share: float) -> Color:
        """A colour between two."""
        return self._shown(one.blend(other, share))

    def apart(self, base: Color, primary: Color) -> Color:
        """A background between two colours that is seen beside the first one."""
        blends = (self.blend(base, primary, share / 10) for share in range(4, 10))
        return next((each for each in blends if contrast(each, base) >= CURSOR_CONTRAST), primary)

    def nearer(self, background: Color, base: Color, text: Color) -> Color:
        """A background moved towards the base until text on it is readable with room to spare."""
        blends = (self.blend(background, base, step / 10) for step in range(11))
        return next((each for each in blends if contrast(text, each) >= ROOMY_CONTRAST), base)

    def readable(self, colour: Color, backgrounds: Sequence[Color], at_least: float = TEXT_CONTRAST) -> Color:
        """A colour moved towards white or black, whichever is nearer to success, until it is readable."""
        best, most = colour, 0.0
        for step in range(21):
            for extreme in (_WHITE, _BLACK):
                moved = self.blend(colour, extreme, step / 20)
                least = min(contrast(moved, background) for background in backgrounds)
                if least >= at_least:
                    return moved
                if least > most:
                    best, most = moved, least
        return best


_WHITE, _BLACK = Color(255, 255, 255), Color(0, 0, 0)


def _itself(colour: Color) -> Color:
    return colour


def contrast(one: Color, other: Color) -> float:
    """The contrast of two opaque colours by WCAG 2, 1 to 21."""
    low, high = sorted((_luminance(one.rgb), _luminance(other.rgb)))
    return (high + 0.05) / (low + 0.05)


@lru_cache(maxsize=1024)
def _luminance(rgb: tuple[int, int, int]) -> float:
    red, green, blue = map(_linear, rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: int) -> float:
    share = value / 255
    return float(share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4)


_LEVELS = (0, 95, 135, 175, 215, 255)
"""The levels of red, green and blue in the cube of the 256 colours; greys are 8, 18, ... 238."""

_CUBE, _GREYS = 16, 232
"""The numbers of the first colour of the cube, and of the darkest grey."""


def nearest_of_256(colour: Color) -> Color:
    """The colour nearest to one among the 256; Rich's way to one turns a bluish grey into teal."""
    return _nearest(colour.rgb)[1]


def number_of_256(rgb: tuple[int, int, int]) -> int:
    """The number of the colour nearest to one among the 256."""
    return _nearest(rgb)[0]


@lru_cache(maxsize=1024)
def _nearest(rgb: tuple[int, int, int]) -> tuple[int, Color]:
    red, green, blue = (min(range(6), key=lambda place: abs(_LEVELS[place] - value)) for value in rgb)
    grey = min(range(24), key=lambda place: abs(8 + 10 * place - sum(rgb) / 3))
    level = 8 + 10 * grey
    found = (
        (_CUBE + 36 * red + 6 * green + blue, Color(_LEVELS[red], _LEVELS[green], _LEVELS[blue])),
        (_GREYS + grey, Color(level, level, level)),
    )
    return min(found, key=lambda each: sum((a - b) ** 2 for a, b in zip(each[1].rgb, rgb, strict=True)))


def themes_offered(available: Iterable[str]) -> list[str]:
    """The names of themes to choose from, the browser's own first."""
    own = [DARK, LIGHT]
    return [*own, *sorted(set(available) - set(own))]
