"""What a frozen site gives the browser to answer with."""

from __future__ import annotations

import gzip
import json

from kg.graph.store import Graph
from kg.graph.views import view_of
from kg.web.pages.live import live_files


def test_leaving_out_a_document_keeps_the_rest_of_the_view(small: Graph) -> None:
    """If a site tells only what certainly holds then, it does so without a document, too."""
    view = view_of(as_of="2008", certain=True)
    files = dict(live_files(small.in_view(view)))
    without = json.loads(gzip.decompress(files["live/without.json.gz"]))
    assert without
    assert {document: len(lines["added"]) for document, lines in without.items() if lines["added"]} == {}
