"""What a SELECT matches: its triple patterns, group by group, and what can be told from them without asking.

It has a small parser of its own: the text of every group is needed, which no algebra keeps, and rdflib's takes half
a second to import.
"""

from __future__ import annotations

from kg.sparql.parser import parse_query, parse_select
from kg.sparql.predicates import predicates_of, sees
from kg.sparql.structure import Element, Group, Path, Pattern, Select, all_patterns, inner_groups
from kg.sparql.variables import bound_by, changing, columns_of, joined, own_variables, sure, visible

__all__ = [
    "Element",
    "Group",
    "Path",
    "Pattern",
    "Select",
    "all_patterns",
    "bound_by",
    "changing",
    "columns_of",
    "inner_groups",
    "joined",
    "own_variables",
    "parse_query",
    "parse_select",
    "predicates_of",
    "sees",
    "sure",
    "visible",
]
