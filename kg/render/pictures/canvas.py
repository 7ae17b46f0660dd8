"""A page to draw on in inches, with fonts and colours for print and for every kind of eye, saved reproducibly.

A page is A4, landscape, and no type on it is smaller than 8 points. A picture is as wide, and as tall as it must be;
a PDF has as many pages as it needs.

Colours are those of Okabe and Ito (Color Universal Design, 2008), which the common kinds of colour blindness
keep apart; nothing is told by colour alone.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.errors import InputError, Problem, UsageError, missing_extra
from kg.files import write_file
from kg.harmless import harmless, harmless_line, xml_bytes
from kg.phrases import phrase

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.text import Text

BLUE, ORANGE, GREEN, BLACK, GREY, PALE = "#0072B2", "#D55E00", "#009E73", "#000000", "#555555", "#DDDDDD"
#: The width and height of a page in inches: A4, landscape.
PAGE = (11.69, 8.27)
#: Inches left free at its edges.
MARGIN = 0.35
#: Points of what stands beside, of titles and, below, of all else.
SMALL, TITLE, _LEAST_TITLE = 8, 13, 9
#: The endings of pictures.
PICTURES = (".svg", ".png", ".pdf")
#: Dots an inch of a PNG, fewer where it would be longer than matplotlib can draw.
_DOTS, _LONGEST = 300, 60_000
_SETTINGS: Any = {
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans", "Verdana"],  # ships with matplotlib; of the same widths elsewhere
    "font.size": 9,
    "svg.fonttype": "none",  # text stays text: it can be searched and read aloud
    "svg.hashsalt": "kg",  # the same drawing gives the same file
    "pdf.fonttype": 42,  # and in PDF
    "hatch.linewidth": 0.6,
    "axes.unicode_minus": False,
}


def suffix_of(path: Path | BytesIO) -> str:
    """The kind of picture that a file name asks for, with or without ``.gz``; in memory SVG.

    Raises UsageError (KG811) for another than SVG, PNG or PDF.
    """
    if isinstance(path, BytesIO):
        return ".svg"
    kind = Path(path.name.lower().removesuffix(".gz")).suffix
    if kind not in PICTURES:
        remedy = f"Give it the ending {', '.join(PICTURES)}."
        raise UsageError(Problem("KG811", f"{path.name} is not a picture that can be drawn", remedy=remedy))
    return kind


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

    def text(self, x: float, y: float, text: str, **how: Any) -> Text:  # noqa: ANN401 - matplotlib's own options
        """Write at a place, centred on its height unless told otherwise. A ``$`` is a dollar, never mathematics."""
        return self.axes.text(x, y, harmless(text), **{"va": "center", "parse_math": False, **how})

    def _fit(self, text: Text, room: float, least: float) -> float:
        """Make a line of text small, yet of ``least`` points, then short enough for some inches; what it takes."""
        while (wide := text.get_window_extent().width / self.figure.dpi) > room:
            before = float(text.get_fontsize())
            size = max(least, before * room / wide)
            if size < before:
                text.set_fontsize(size)
            else:
                said = text.get_text()
                text.set_text(wrapped(said, min(int(len(said) * room / wide), len(said) - 1), 1))
        return wide

    def add(self, artist: Artist) -> None:
        """Draw something of matplotlib's, whose own ways also work out limits of axes, which are fixed here."""
        self.axes.add_artist(artist)

    def line(self, xs: list[float], ys: list[float], **how: Any) -> None:  # noqa: ANN401 - matplotlib's own options
        """A line through places, or a mark at one."""
        from matplotlib.lines import Line2D

        self.add(Line2D(xs, ys, **how))

    def title(self, text: str, language: str, number: int = 1, pages: int = 1) -> None:
        """What the picture shows, at its head: smaller if it is long. Of several pages each has its number."""
        title = self.text(MARGIN, 0.38, text, fontsize=TITLE, fontweight="bold")
        self._fit(title, self.width - 2 * MARGIN - 1.4, _LEAST_TITLE)
        if pages > 1:
            page = phrase("page {} of {}", language, number, pages)
            self.text(self.width - MARGIN, 0.38, page, ha="right", fontweight="bold")

    def foot(self, text: str) -> None:
        """What cites the picture, at its foot: on two lines if need be."""
        room = round((self.width - 2 * MARGIN) * 15.5)
        self.text(MARGIN, self.height - 0.14, wrapped(text, room), va="bottom", fontsize=SMALL, color=GREY)

    def nothing(self, lines: list[str], language: str) -> None:
        """In place of what there is not: that there is nothing, and in English which view has more."""
        for number, line in enumerate(lines if language == "en" else lines[:1]):
            self.text(MARGIN, 0.95 + 0.22 * number, wrapped(line, 140, 1))


def save(pages: list[Canvas], path: Path | BytesIO, title: str) -> None:
    """Write a picture in one step: a failure leaves what was there. Only a PDF has several pages.

    Raises UsageError (KG811) for another ending, InputError (KG813) when it cannot be written.
    """
    kind = suffix_of(path)
    # Nothing of when and with what it was drawn: the same drawing gives the same file.
    silent = {".svg": ("Date",), ".png": ("Software",), ".pdf": ("CreationDate", "Creator", "Producer")}
    metadata = {"Title": harmless_line(title), **dict.fromkeys(silent[kind])}
    if isinstance(path, BytesIO):
        _write(pages, path, kind, metadata)
        return
    drawn = BytesIO()
    _write(pages, drawn, kind, metadata)
    write_file(path, drawn.getvalue(), "KG813")


def _write(pages: list[Canvas], file: Any, kind: str, metadata: dict[str, str | None]) -> None:  # noqa: ANN401 - an open file
    if kind == ".pdf":
        from matplotlib.backends.backend_pdf import PdfPages

        with PdfPages(file, metadata=metadata) as book:
            for page in pages:
                book.savefig(page.figure)
    else:
        (page,) = pages
        dots = min(_DOTS, int(_LONGEST / max(page.width, page.height)))
        drawn = BytesIO()
        page.figure.savefig(drawn, format=kind[1:], dpi=dots, metadata=metadata)
        file.write(_well_formed(drawn.getvalue()) if kind == ".svg" else drawn.getvalue())


def _well_formed(drawn: bytes) -> bytes:
    """An SVG as it was drawn, where XML can hold it. Raises InputError (KG813)."""
    try:
        return xml_bytes(drawn)
    except ValueError as error:
        raise InputError(Problem("KG813", f"the picture cannot be written: {error}")) from None


@contextmanager
def drawing() -> Iterator[None]:
    """Draw with the settings of this module, whatever a ``matplotlibrc`` says.

    The working folder may be a stranger's, and that file can have LaTeX run on labels. Raises UsageError (KG758) when
    matplotlib is not installed, InputError (KG813) when that file keeps it from starting.
    """
    import logging

    logging.getLogger("matplotlib").addHandler(logging.NullHandler())
    try:
        import matplotlib
    except ImportError as error:
        raise missing_extra(error, "pictures", "matplotlib") from None
    except (ValueError, OSError) as error:
        remedy = "Remove the file matplotlibrc of this folder, or correct it."
        raise InputError(Problem("KG813", f"matplotlib does not start: {error}", remedy=remedy)) from None
    shipped = {name: value for name, value in matplotlib.rcParamsDefault.items() if not name.startswith("backend")}
    with matplotlib.rc_context({**shipped, **_SETTINGS}):
        yield


def wrapped(text: str, width: int, lines: int = 2) -> str:
    """Text broken into lines of a number of characters, cut with an ellipsis after the last."""
    return "\n".join(
        textwrap.wrap(harmless_line(text), width, max_lines=lines, placeholder=" …", break_on_hyphens=True) or [""]
    )


def apart(texts: Iterable[str], width: int, lines: int = 2) -> dict[str, str]:
    """Texts broken into lines, as :func:`wrapped` does; where two that differ would read alike, on more lines."""
    made = {text: wrapped(text, width, lines) for text in texts}
    whole = {text: wrapped(text, width, max(lines, len(text))) for text in made}
    while True:
        read = {text: " ".join(shown.split()) for text, shown in made.items()}
        alike = Counter(read.values())
        cut = [text for text, shown in made.items() if alike[read[text]] > 1 and shown != whole[text]]
        if not cut:
            return made
        lines += 1
        made |= {text: wrapped(text, width, lines) for text in cut}


def paged(heights: list[float], room: float) -> list[slice]:
    """What fits on each page, of things of some heights in their order; one that is taller has a page of its own."""
    starts, taken = [0], 0.0
    for place, height in enumerate(heights):
        if taken and taken + height > room:
            starts.append(place)
            taken = 0.0
        taken += height
    return [slice(start, end) for start, end in zip(starts, [*starts[1:], len(heights)], strict=True)]
