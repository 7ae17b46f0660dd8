"""Diagrams of classes as SVG inside a page: drawn narrow enough for a phone, every box a link."""

from __future__ import annotations

from collections.abc import Iterator

from kg.model import Term
from kg.render.pages.markup import Child, Markup, tag
from kg.render.pages.page import Page
from kg.vocab import RDFS, iri

__all__ = ["class_tree", "surroundings"]

_DOMAIN, _RANGE = iri(RDFS + "domain"), iri(RDFS + "range")
#: In pixels at the drawing's own size: a line, a step of indentation, the width of all and of a letter, its size.
_LINE, _STEP, _WIDTH, _CHARACTER, _SIZE = 30, 24, 420, 8.4, 14
_MOST = 14


def class_tree(page: Page) -> Markup:
    """All classes, each below the more general one, with the number of entities described as such."""
    rows = list(_branches(page, None, 0, set()))
    parts: list[Child] = []
    last: dict[int, float] = {}
    for number, (term, depth) in enumerate(rows):
        x, y = 8 + depth * _STEP, 8 + number * _LINE
        if depth:
            parts.append(tag("path", class_="edge", d=f"M{x - _STEP + 10} {last[depth - 1]} V{y + 12} H{x}"))
        last[depth] = y + 24
        count = len(page.contents.instances.get(term, ()))
        parts += _box(page, term, x, y, str(count) if count else "")
    return _svg("The classes, each below the more general one", len(rows) * _LINE + 16, parts)


def surroundings(page: Page, term: Term) -> Markup | None:
    """A class with what is right above it, and its properties with the classes that they lead to or come from."""
    contents = page.contents
    rows = [("", parent, "is a") for parent in contents.parents(term) if parent in contents.schema.types]
    said, values = contents.properties.get(term, ([], []))
    rows += [(p, other, "") for p in said for other in contents.values(p, _RANGE) if other in contents.schema.types]
    incoming = [(p, other, "") for p in values for other in contents.values(p, _DOMAIN) if other != term]
    total = len(rows) + len(incoming)
    if not total:
        return None
    drawn = [(*row, False) for row in rows] + [(*row, True) for row in incoming]
    parts: list[Child] = [_arrow()]
    parts += _box(page, term, 8, 8, "")
    for number, (predicate, other, word, backwards) in enumerate(drawn[:_MOST]):
        y = 8 + (number + 1) * _LINE
        ends = ' marker-start="url(#tip)"' if backwards else ' marker-end="url(#tip)"'
        line = f'<path class="edge" d="M20 32 V{y + 12} H{_WIDTH - 166}"{ends}/>'
        parts.append(Markup(line))
        parts.append(_label(page, predicate, word, y))
        parts += _box(page, other, _WIDTH - 160, y, "", 152)
    if total > _MOST:
        parts.append(
            tag(
                "text",
                f"and {total - _MOST} more, listed below",
                font_size="12",
                x="34",
                y=str(30 + (_MOST + 1) * _LINE),
            )
        )
    height = (min(total, _MOST) + 1 + (total > _MOST)) * _LINE + 16
    return _svg(f"{contents.label(term)}, what is above it and its properties", height, parts)


def _branches(page: Page, parent: Term | None, depth: int, seen: set[Term]) -> Iterator[tuple[Term, int]]:
    """The classes below one in order, each once, with their depth; from the top for None."""
    contents = page.contents
    classes = contents.terms["class"]
    known = set(classes)
    if parent is None:
        terms = [term for term in classes if not known & set(contents.parents(term))]
        # Those that more hangs on come first: they are what the reader looks for.
        terms.sort(key=lambda term: (not contents.children.get(term), contents.by_label(term)))
    else:
        terms = [term for term in contents.children.get(parent, ()) if term in known]
    for term in terms:
        if term not in seen:
            seen.add(term)
            yield term, depth
            yield from _branches(page, term, depth + 1, seen)


def _box(page: Page, term: Term, x: float, y: float, note: str, width: float | None = None) -> list[Child]:
    label = page.contents.label(term)
    width = width or min(len(label) * _CHARACTER + 20, _WIDTH - x - 40)
    label = _cut(label, width - 16)
    inside = (
        tag("rect", class_="box", x=f"{x:g}", y=f"{y:g}", width=f"{width:g}", height="24", rx="5"),
        tag("text", label, x=f"{x + 10:g}", y=f"{y + 17:g}", font_size=str(_SIZE)),
    )
    place = page.places.link(term, page.address)
    box = tag("a", inside, href=place) if place else tag("g", inside)
    count = tag("text", note, class_="count", x=f"{x + width + 8:g}", y=f"{y + 17:g}", font_size="12")
    return [box, count if note else None]


def _label(page: Page, predicate: Term, word: str, y: float) -> Markup:
    text = tag(
        "text", _cut(word or page.contents.label(predicate), _WIDTH - 170), x="34", y=f"{y + 8:g}", font_size="12"
    )
    place = page.places.link(predicate, page.address) if predicate else None
    return tag("a", text, href=place) if place else text


def _cut(label: str, room: float) -> str:
    most = int(room / _CHARACTER)
    return label if len(label) <= most else f"{label[: most - 1]}…"


def _arrow() -> Markup:
    tip = tag("path", d="M0 0 L8 4 L0 8 z", fill="currentColor")
    marker = tag(
        "marker", tip, id="tip", markerWidth="8", markerHeight="8", refX="7", refY="4", orient="auto-start-reverse"
    )
    return tag("defs", marker)


def _svg(title: str, height: float, parts: list[Child]) -> Markup:
    box = f"0 0 {_WIDTH} {height:g}"
    return tag("svg", tag("title", title), parts, viewBox=box, width=str(_WIDTH), height=f"{height:g}", role="img")
