"""A page to draw on in inches, with fonts and colours for print and for every kind of eye, saved reproducibly.

Colours are those of Okabe and Ito (Color Universal Design, 2008), which the common kinds of colour blindness
keep apart; nothing is told by colour alone.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.errors import InputError, Problem, UsageError
from kg.files import whole_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["BLACK", "BLUE", "GREEN", "GREY", "ORANGE", "PALE", "Canvas", "drawing", "suffix_of", "wrapped"]

BLUE, ORANGE, GREEN, BLACK, GREY, PALE = "#0072B2", "#D55E00", "#009E73", "#000000", "#555555", "#DDDDDD"
_SUFFIXES = (".svg", ".png", ".pdf")
_SETTINGS: Any = {
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans", "Verdana"],  # ships with matplotlib; of the same widths elsewhere
    "font.size": 8,
    "svg.fonttype": "none",  # text stays text: it can be searched and read aloud
    "svg.hashsalt": "kg",  # the same drawing gives the same file
    "pdf.fonttype": 42,  # and in PDF
    "hatch.linewidth": 0.6,
    "axes.unicode_minus": False,
}


def suffix_of(path: Path) -> str:
    """The kind of picture that a file name asks for. Raises UsageError (KG811) for another than SVG, PNG or PDF."""
    if path.suffix.lower() not in _SUFFIXES:
        remedy = f"Give it the ending {', '.join(_SUFFIXES)}."
        raise UsageError(Problem("KG811", f"{path.name} is not a picture that can be drawn", remedy=remedy))
    return path.suffix.lower()


class Canvas:
    """A page of ``width`` by ``height`` inches; its axes span it, in inches from the upper left corner."""

    def __init__(self, width: float, height: float) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.width, self.height = width, height
        self.figure = Figure(figsize=(width, height), facecolor="white")
        FigureCanvasAgg(self.figure)
        self.axes: Axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set(xlim=(0, width), ylim=(height, 0))
        self.axes.axis("off")

    def text(self, x: float, y: float, text: str, **how: Any) -> None:  # noqa: ANN401 - matplotlib's own options
        """Write at a place, centred on its height unless told otherwise. A ``$`` is a dollar, never mathematics."""
        self.axes.text(x, y, text, **{"va": "center", "parse_math": False, **how})

    def save(self, path: Path, title: str) -> None:
        """Write the picture in one step: a failure leaves what was there. Raises UsageError (KG811, KG813)."""
        kind = suffix_of(path)
        # Nothing of when and with what it was drawn: the same drawing gives the same file.
        silent = {".svg": ("Date",), ".png": ("Software",), ".pdf": ("CreationDate", "Creator", "Producer")}
        metadata = {"Title": title, **dict.fromkeys(silent[kind])}
        try:
            with whole_file(path, "KG813") as file:
                self.figure.savefig(file, format=kind[1:], dpi=150, metadata=metadata)
        except InputError as error:
            raise UsageError(error.problems) from None


@contextmanager
def drawing() -> Iterator[None]:
    """Draw with the settings of this module. Raises UsageError (KG812) when matplotlib is not installed."""
    try:
        import matplotlib
    except ImportError:
        remedy = "In the checkout: pip install '.[pictures]'"
        raise UsageError(
            Problem("KG812", "pictures need matplotlib, which is not installed", remedy=remedy)
        ) from None
    with matplotlib.rc_context(_SETTINGS):
        yield


def wrapped(text: str, width: int, lines: int = 2) -> str:
    """Text broken into lines of so many characters, cut with an ellipsis after the last."""
    return "\n".join(textwrap.wrap(text, width, max_lines=lines, placeholder=" …", break_on_hyphens=True) or [""])
