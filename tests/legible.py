"""The pages that a drawing makes, and whether they can be read."""

from __future__ import annotations

from kg.render.pictures.canvas import SMALL


def drawn_pages(monkeypatch, draw, *given):
    """The pages that a drawing would write, and no file."""
    pages = []
    for picture in ("timeline", "neighbourhood", "polls"):
        module = f"kg.render.pictures.{picture}_picture"
        monkeypatch.setattr(f"{module}.save", lambda drawn, path, title: pages.extend(drawn))
    draw(*given)
    return pages


def assert_legible(canvas):
    """No text of a page lies over another, none leaves the page, and none is smaller than eight points."""
    renderer = canvas.figure.canvas.get_renderer()
    drawn = [*canvas.axes.texts, *(text for legend in canvas.figure.legends for text in legend.get_texts())]
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in drawn]
    page = canvas.figure.bbox
    for number, (text, box) in enumerate(boxes):
        assert box.x0 >= 0, text
        assert box.x1 <= page.x1, text
        assert box.y0 >= 0, text
        assert box.y1 <= page.y1, text
        for other, its_box in boxes[number + 1 :]:
            apart = box.x1 <= its_box.x0 or its_box.x1 <= box.x0 or box.y1 <= its_box.y0 or its_box.y1 <= box.y0
            assert apart, (text, other)
    assert min(text.get_fontsize() for text in drawn) >= SMALL
