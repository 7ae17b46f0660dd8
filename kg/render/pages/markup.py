"""HTML built from values: every text is escaped unless it is markup already, so nothing can be forgotten."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from kg.harmless import html_text, web_address

__all__ = ["Child", "Markup", "fold", "join", "markup", "outside", "rows", "section", "tag"]

_VOID = {"br", "hr", "img", "link", "meta"}


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


#: What an element may contain: text, which is escaped, markup, which is not, nothing, or several of these.
Child: TypeAlias = "str | Markup | Iterable[Child] | None"


def markup(child: Child) -> Markup:
    """A child as HTML."""
    if child is None:
        return Markup()
    if isinstance(child, Markup):
        return child
    if isinstance(child, str):
        return Markup(html_text(child))
    return Markup("".join(markup(each) for each in child))


def tag(name: str, /, *children: Child, **attributes: str | None) -> Markup:
    """An element. An attribute that is None is left out; ``class_`` stands for ``class``, ``_`` for ``-``."""
    given = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items() if value is not None}
    inside = "".join(f' {key}="{html_text(value)}"' for key, value in given.items())
    if name in _VOID:
        return Markup(f"<{name}{inside}>")
    return Markup(f"<{name}{inside}>{markup(children)}</{name}>")


def join(separator: str, parts: Iterable[Child]) -> Markup:
    """Parts with a text between them."""
    return Markup(html_text(separator).join(markup(part) for part in parts))


def section(title: str, *children: Child, mark: str | None = None) -> Markup:
    """A section with its heading; nothing at all when it would be empty."""
    inside = markup(children)
    return tag("section", tag("h2", title), inside, id=mark) if inside else Markup()


def fold(summary: Child, *children: Child, opened: bool = False) -> Markup:
    """What opens when it is asked for; works without scripts."""
    return tag("details", tag("summary", summary), *children, open="" if opened else None)


def rows(pairs: Iterable[tuple[Child, Child]]) -> Markup:
    """A list of names and values; pairs without a value are left out."""
    found = [(name, markup(value)) for name, value in pairs]
    inside = [(tag("dt", name), tag("dd", value)) for name, value in found if value]
    return tag("dl", inside) if inside else Markup()


def outside(address: str) -> Markup:
    """A link that leads out of the site, when it is one that may; else the text."""
    if not web_address(address):
        return markup(address)
    return tag("a", address, href=address, rel="noopener noreferrer external")
