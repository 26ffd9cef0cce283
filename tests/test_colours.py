"""The pictures' colours survive a projector, a grey printer and the common colour-blindnesses."""

import itertools
import re

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from helpers.figures import COLOURS, base
from helpers.figures.lstm import NEGATIVE, POSITIVE
from rnnscope import player, words

# Full colour-blindness in linear RGB (Machado, Oliveira and Fernandes 2009, table 1, severity 1).
SEEN_BY = {
    "everybody": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                   [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                     [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                   [0.004733, 0.691367, 0.303900]],
}  # fmt: skip


def turned(colour):
    """What helpers/static/dark.css makes of a colour in a dark window."""
    stays = np.array([0.213, 0.715, 0.072])  # how hue-rotate weighs the three, by its definition
    rgb = np.clip(2 * stays @ (1 - np.array(to_rgb(colour))) - (1 - np.array(to_rgb(colour))), 0, 1)
    return tuple(0.86 * (rgb - 0.5) + 0.5)


WINDOWS = {"light": to_rgb, "dark": turned}


def linear(colour):
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def luminance(colour):
    return linear(colour) @ [0.2126, 0.7152, 0.0722]


def contrast(one, other):
    """Contrast as WCAG 2 has it, 1 to 21."""
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def lab(colour, eyes):
    seen = np.clip(np.array(SEEN_BY[eyes]) @ linear(colour), 0, 1)
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    x, y, z = np.cbrt(to_xyz @ seen / [0.9505, 1, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def apart(one, other, eyes):
    """Difference in CIE Lab: 2 is just seen side by side, 10 at a glance."""
    return np.linalg.norm(lab(one, eyes) - lab(other, eyes))


@pytest.mark.parametrize("window", WINDOWS.values(), ids=WINDOWS)
@pytest.mark.parametrize("eyes", SEEN_BY)
def test_colours_that_mean_something_are_told_apart(eyes, window):
    names = ("input", "forget", "candidate", "output")
    colours = {name: window(colour) for name, colour in COLOURS.items()}
    for one, other in itertools.combinations(names, 2):
        assert apart(colours[one], colours[other], eyes) > 10, (one, other)
    assert apart(colours["cell"], colours["hidden"], eyes) > 20
    assert apart(window(POSITIVE), window(NEGATIVE), eyes) > 20
    assert apart(*(window(mpl.colormaps[base.DIVERGING](end)) for end in (0.1, 0.9)), eyes) > 25


@pytest.mark.parametrize("window", WINDOWS.values(), ids=WINDOWS)
def test_lines_and_words_stand_out_from_the_paper(window):
    for name in ("input", "forget", "candidate", "output", "cell", "hidden", "now", "muted", "ink"):
        least = 4.5 if name in ("ink", "muted") else 3  # words, and lines
        assert contrast(window(COLOURS[name]), window(COLOURS["paper"])) >= least, name


@pytest.mark.parametrize("eyes", SEEN_BY)
@pytest.mark.parametrize("window", ["LIGHT", "DARK"])
def test_outputs_in_the_view_are_told_apart(window, eyes):
    text = player.script("scale")
    named = re.findall(r'"(\w+)"', re.search("HUES = (.*);", text)[1])
    listed = text.split(f"const {window} = ")[1].split("};")[0]
    colours = dict(re.findall(r'(\w+): "([^"]+)"', listed))
    for one, other in itertools.combinations([*named, "input"], 2):
        assert apart(colours[one], colours[other], eyes) > 10, (one, other)
        assert contrast(colours[one], colours["paper"]) >= 3, one


def test_the_view_has_the_lessons_colours_and_pythons_headings():
    text = player.script("scale")
    headings, light = (
        dict(re.findall(r'(\w+): "([^"]+)"', text.split(f"const {name} = ")[1].split("};")[0]))
        for name in ("HEADINGS", "LIGHT")
    )
    assert headings == words.HEADINGS
    shared = COLOURS.keys() & light.keys()
    assert {name: light[name] for name in shared} == {
        name: COLOURS[name].lower() for name in shared
    }
    assert shared >= {"input", "forget", "candidate", "output", "cell"}
