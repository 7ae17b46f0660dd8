"""Equality on an engine: each clique of owl:sameAs has a representative, and facts are kept between these.

The representative is the term with the least number. It is found by rounds in which every term takes the least label
of its neighbours, and of its label (pointer jumping), until nothing changes. Facts with other terms are copied to
the representatives; the original stays, and a proof starts from it.
"""

from __future__ import annotations

from pathlib import Path

from kg.engines.run_tables import MOVED, Tables

__all__ = ["members_of", "move_facts", "relabel"]

_EDGES = "SELECT s AS a, o AS b FROM same_now UNION SELECT o, s FROM same_now"


def relabel(tables: Tables) -> None:
    """Find the cliques of all equalities, those of the round that is being made among them."""
    engine = tables.engine
    engine.define("same_now", tables.known(tables.same))
    edges, labels, following = (tables.scratch / f"{name}-{tables.state.round}" for name in ("edges", "even", "odd"))
    engine.write(_EDGES, edges)
    engine.view("edges", [edges])
    engine.write("SELECT a AS term, least(a, min(b)) AS rep FROM edges GROUP BY a", labels)
    while _spread(tables, labels, following):
        labels, following = following, labels
    made = tables.file("cliques")
    engine.view("labels", [labels])
    engine.write("SELECT term, rep FROM labels", made)
    tables.state.cliques = made.name
    tables.view_cliques([made])


def _spread(tables: Tables, labels: Path, following: Path) -> bool:
    """One round; whether any label changed."""
    engine = tables.engine
    engine.view("labels", [labels])
    engine.write(
        "SELECT term, min(rep) AS rep FROM ("
        "SELECT term, rep FROM labels"
        " UNION ALL SELECT e.a, l.rep FROM edges e JOIN labels l ON l.term = e.b"
        " UNION ALL SELECT l.term, r.rep FROM labels l JOIN labels r ON r.term = l.rep"
        ") GROUP BY term",
        following,
    )
    engine.view("next_labels", [following])
    changed = "SELECT count(*) FROM labels l JOIN next_labels n ON n.term = l.term WHERE n.rep <> l.rep"
    return bool(next(engine.rows(changed))[0])


def move_facts(tables: Tables, order: int) -> None:
    """Copy every fact that has a term which is no representative, unless its copy is there."""
    for predicate in sorted({*tables.state.facts, *tables.new} - {tables.same}):
        known = tables.known(predicate)
        tables.engine.define("known_now", known)
        moved = (
            "SELECT DISTINCT coalesce(a.rep, k.s) AS s, coalesce(b.rep, k.o) AS o FROM known_now k "
            "LEFT JOIN stale a ON a.term = k.s LEFT JOIN stale b ON b.term = k.o "
            "WHERE a.term IS NOT NULL OR b.term IS NOT NULL"
        )
        tables.write(
            predicate,
            f"SELECT m.s, m.o, '{MOVED}' AS record, {order} AS round FROM ({moved}) m "
            "WHERE NOT EXISTS (SELECT 1 FROM known_now x WHERE x.s = m.s AND x.o = m.o)",
        )


def members_of(tables: Tables, terms: set[int]) -> list[tuple[int, int]]:
    """Each member, with its representative, of the cliques that have one of the terms."""
    if not tables.state.cliques or not terms:
        return []
    tables.upload("touched", ((term,) for term in sorted(terms)), {"term": "BIGINT"})
    sql = (
        "SELECT DISTINCT c.rep, c.term FROM cliques c JOIN cliques d ON d.rep = c.rep "
        "JOIN touched t ON t.term = d.term WHERE c.term <> c.rep"
    )
    return [(rep, term) for rep, term in tables.engine.rows(sql)]
