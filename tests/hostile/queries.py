"""Queries that are cheap to read and dear to answer, by what they use up."""

from __future__ import annotations

__all__ = ["ENDLESS", "GREEDY", "RESTS_ON_ALL", "WIDE"]

#: A cross product of the graph with itself three times, counted: hours.
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?n"
#: Texts that need more memory than is allowed, long before their time is over.
GREEDY = {
    "sorting a cross product": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?i",
    "distinct rows of a cross product": "SELECT DISTINCT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?i",
    "a text that doubles": (
        "SELECT (STRLEN(?s31) AS ?n) { BIND('x' AS ?s0) "
        + " ".join(f"BIND(CONCAT(?s{n}, ?s{n}) AS ?s{n + 1})" for n in range(31))
        + " } ORDER BY ?n"
    ),
}
#: Few rows, each of a megabyte.
WIDE = (
    "SELECT ?s20 ?x { BIND('x' AS ?s0) "
    + " ".join(f"BIND(CONCAT(?s{n}, ?s{n}) AS ?s{n + 1})" for n in range(20))
    + " ?x ?y ?z } ORDER BY ?x"
)
#: One row that rests on every pair of triples.
RESTS_ON_ALL = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f }"
