"""Random small graphs and SELECTs over them, in the many forms in which SPARQL can be written."""

from __future__ import annotations

from hypothesis import strategies as st

NODES = [f"<x:n{n}>" for n in range(4)]
PREDICATES = [f"<x:p{n}>" for n in range(3)]
TRIPLES = st.lists(
    st.tuples(st.sampled_from(NODES), st.sampled_from(PREDICATES), st.sampled_from(NODES)), min_size=1, max_size=9
)
NEGATED = ["!<x:p0>", "!(^<x:p1>|<x:p2>)"]
ENDS = st.sampled_from(["?a", "?b", "?c", *NODES[:2], "[]"])
VALUES = f"VALUES ?a {{ {' '.join(NODES[:2])} }}"


@st.composite
def paths(draw: st.DrawFn, depth: int = 2) -> str:
    """A property path over the predicates."""
    if not depth or draw(st.booleans()):
        return draw(st.sampled_from([*PREDICATES, *PREDICATES, *NEGATED]))
    one, two = draw(paths(depth - 1)), draw(paths(depth - 1))
    return draw(
        st.sampled_from([f"({one}/{two})", f"({one}|{two})", f"(^{one})", f"({one})+", f"({one})*", f"({one})?"])
    )


@st.composite
def selects(draw: st.DrawFn, depth: int) -> str:
    """A group with nothing but a SELECT in it: plain, with values after it, or an aggregate."""
    inner = draw(groups(depth))
    return draw(
        st.sampled_from(
            [
                f"{{ SELECT ?a ?b {inner} }}",
                f"{{ select distinct ?a ?b where {inner} }}",
                f"{{ SELECT ?a ?b {inner} {VALUES} }}",
                f"{{ SELECT * {inner} }}",
                f"{{ select ?a (count(?b) as ?k) {inner} group by ?a }}",
                f"{{ SELECT (COUNT(?b) AS ?k) {inner} GROUP BY (STR(?a)) }}",
            ]
        )
    )


@st.composite
def groups(draw: st.DrawFn, depth: int = 2, absence: bool = False) -> str:
    """A group of triple patterns, and what can stand beside them; with ``absence`` also what must not match."""
    parts = [f"{draw(ENDS)} {draw(paths())} {draw(ENDS)} ." for _ in range(draw(st.integers(1, 2)))]
    if depth:
        inner, other = draw(groups(depth - 1)), draw(groups(depth - 1))
        select = draw(selects(depth - 1))
        forms = [
            "",
            f"OPTIONAL {inner}",
            f"{inner} UNION {other}",
            f"FILTER EXISTS {inner}",
            select,
            f"{select} UNION {other}",
            f"optional {select}",
            f"FILTER EXISTS {select}",
            f"?a {draw(paths(1))} ?b ; OPTIONAL {inner}",
            f"?a {draw(paths(1))} ?b ;; FILTER(true)",
            f"{{ {select} }}",
            f"OPTIONAL {inner[:-1]} FILTER(?a != ?c) }}",
            f"OPTIONAL {inner[:-1]} FILTER EXISTS {other} }}",
            f"FILTER(EXISTS {inner} || ?a = ?b)",
        ]
        denied = [
            f"MINUS {inner}",
            f"FILTER NOT EXISTS {inner}",
            f"FILTER(!EXISTS {inner} || ?a = ?b)",
            f"BIND(EXISTS {inner} AS ?m)",
            f"OPTIONAL {inner[:-1]} FILTER NOT EXISTS {other} }}",
        ]
        parts.append(draw(st.sampled_from(forms + (denied if absence else []))))
    return "{ " + " ".join(parts) + " }"
