"""Queries that are cheap to write and dear to read: each a text made of a size, and the code that refuses it.

None is a code for texts that are read to the end, whatever the engine then makes of them.
"""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["DEEP", "LONG", "SHAPES"]

#: Texts of about so many bytes: the time to read them grows with their length, not with its square.
LONG: dict[str, Callable[[int], str]] = {
    "names with dots": lambda size: f"ASK {{ {'a.' * (size // 2)} }}",
    "names with dots before prefixes": lambda size: f"ASK {{ {'a.a.' * (size // 8)}{'a:b ' * (size // 8)} }}",
    "semicolons": lambda size: f"ASK {{ ?s ?p ?o {';' * size} }}",
    "keywords": lambda size: f"ASK {{ {'a ' * (size // 2)} }}",
    "one literal": lambda size: f'ASK {{ ?s ?p "{"x" * size}" }}',
    "many values": lambda size: f"ASK {{ VALUES ?x {{ {'1 ' * (size // 2)} }} }}",
    "quotation marks behind backslashes": lambda size: "ASK { ?s ?p " + '"\\' * (size // 2) + " }",
    "the same on lines of their own": lambda size: "ASK { ?s ?p " + '"\\\n' * (size // 3) + " }",
    "long strings without an end": lambda size: "ASK { ?s ?p " + "'''\n\\" * (size // 5) + " }",
    "addresses without an end": lambda size: f"ASK {{ ?s ?p {'<a' * (size // 2)} }}",
    "comparisons or addresses": lambda size: f"ASK {{ ?s ?p {'?s<a>' * (size // 5)} }}",
    "comparisons with strings or addresses": lambda size: "ASK { ?s ?p " + "?s<'>" * (size // 5) + " }",
    "comparisons with names or addresses": lambda size: f"ASK {{ ?s ?p ?s<{'a.' * (size // 2)}> }}",
    "comparisons": lambda size: f"ASK {{ ?s ?p {'?s<' * (size // 3)} }}",
    "white space": lambda size: f"ASK {{ {' ' * size} }}",
    "digits": lambda size: f"ASK {{ ?s ?p {'1' * size} }}",
    "comments": lambda size: "ASK { " + "#\n" * (size // 2) + "}",
    "blank nodes": lambda size: f"ASK {{ ?s ?p {'_:a.' * (size // 4)} }}",
    "escaped letters": lambda size: "ASK { ?s ?p " + r"\u0041" * (size // 6) + " }",
    "BOUND without an end": lambda size: "ASK { FILTER " + "BOUND #\n" * (size // 8) + "}",
}

#: Texts that nest so many times, in brackets or not.
DEEP: dict[str, Callable[[int], str]] = {
    "negations": lambda n: f"ASK {{ FILTER({'!' * n}true) }}",
    "negations in brackets": lambda n: f"ASK {{ FILTER({'!(' * n}true{')' * n}) }}",
    "signs": lambda n: f"SELECT ({'-(' * n}1{')' * n} AS ?x) {{}}",
    "alternatives": lambda n: f"ASK {{ ?s ?p ?o FILTER({'||'.join(['?s'] * n)}) }}",
    "conjunctions": lambda n: f"ASK {{ ?s ?p ?o FILTER({'&&'.join(['?s'] * n)}) }}",
    "sums": lambda n: f"ASK {{ ?s ?p ?o FILTER({'+'.join(['?s'] * n)}) }}",
    "products": lambda n: f"ASK {{ ?s ?p ?o FILTER({'*'.join(['?s'] * n)}) }}",
    "signed numbers": lambda n: f"ASK {{ ?s ?p ?o FILTER(?s{'+1' * n}) }}",
    "steps of a path": lambda n: f"ASK {{ ?s {'/'.join(['<x:p>'] * n)} ?o }}",
    "alternatives of a path": lambda n: f"ASK {{ ?s {'|'.join(['<x:p>'] * n)} ?o }}",
    "brackets of a path": lambda n: f"ASK {{ ?s {'(' * n}<x:p>{')*' * n} ?o }}",
    "unions": lambda n: f"ASK {{ {' UNION '.join(['{}'] * n)} }}",
    "optional parts": lambda n: f"ASK {{ {'OPTIONAL {} ' * n} }}",
    "nested optional parts": lambda n: f"ASK {{ {'OPTIONAL {' * n}?s ?p ?o{'}' * n} }}",
    "what is taken away": lambda n: f"ASK {{ ?s ?p ?o {'MINUS {?s ?p ?o} ' * n} }}",
    "what is bound": lambda n: f"ASK {{ {' '.join(f'BIND(1 AS ?v{i})' for i in range(n))} }}",
    "filters": lambda n: f"ASK {{ ?s ?p ?o {'FILTER(?s) ' * n} }}",
    "what exists": lambda n: f"ASK {{ {'FILTER EXISTS {' * n}?s ?p ?o{'}' * n} }}",
    "what is projected": lambda n: f"SELECT {' '.join(f'(1 AS ?v{i})' for i in range(n))} {{}}",
    "what is grouped by": lambda n: f"SELECT (COUNT(*) AS ?n) {{ ?s ?p ?o }} GROUP BY {'STR(?s) ' * n}",
    "conditions of groups": lambda n: f"SELECT (COUNT(*) AS ?n) {{ ?s ?p ?o }} HAVING {'(COUNT(?s)) ' * n}",
    "what is described": lambda n: f"DESCRIBE {'<x:y> ' * n}",
    "calls": lambda n: f"ASK {{ FILTER({'STR(' * n}1{')' * n}) }}",
    "subqueries": lambda n: f"ASK {{ {'{SELECT * {' * n}?s ?p ?o{'}}' * n} }}",
    "blank nodes": lambda n: f"ASK {{ ?s ?p {'[ ?p ' * n}1{']' * n} }}",
    "lists": lambda n: f"ASK {{ ?s ?p {'( ' * n}1{')' * n} }}",
    "annotations": lambda n: f"ASK {{ ?s ?p ?o {'{| ?p ?o ' * n}{'|}' * n} }}",
    "triples in triples": lambda n: f"ASK {{ ?s ?p {'<<( ?s ?p ' * n}1{')>>' * n} }}",
}

_SHAPE = (
    "@prefix kg: <https://w3id.org/serbia-kg/ontology#> . @prefix sh: <http://www.w3.org/ns/shacl#> . "
    "kg:Deep a sh:NodeShape ; sh:targetClass kg:Claim ; "
)
#: Shapes that nest so many times.
SHAPES: dict[str, Callable[[int], str]] = {
    "negations": lambda n: f"{_SHAPE}{'sh:not [ ' * n}sh:class kg:Claim{' ]' * n} .",
    "nodes": lambda n: f"{_SHAPE}{'sh:node [ ' * n}sh:class kg:Claim{' ]' * n} .",
    "steps of a path": lambda n: f"{_SHAPE}sh:property [ sh:path ({' kg:gloss' * n} ) ; sh:minCount 1 ] .",
    "paths in paths": (
        lambda n: f"{_SHAPE}sh:property [ sh:path {'[ sh:zeroOrMorePath ' * n}kg:gloss{' ]' * n} ; sh:minCount 1 ] ."
    ),
}
