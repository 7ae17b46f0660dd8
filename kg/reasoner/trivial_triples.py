"""The filter of axiomatic triples: what holds in every graph, and tells nobody anything."""

from __future__ import annotations

from kg.model import Triple
from kg.reasoner import owl_terms as n
from kg.reasoner.datatypes import DATATYPES

__all__ = ["trivial"]

_REFLEXIVE = frozenset((n.SAME, n.SUBCLASS, n.SUBPROPERTY, n.EQUIVALENT_CLASS, n.EQUIVALENT_PROPERTY))
_DATATYPES = frozenset(DATATYPES)
_BUILT_IN = tuple(f"<{n.PREFIXES[prefix]}" for prefix in ("rdf", "rdfs", "owl", "xsd"))


def trivial(triple: Triple) -> bool:
    """Whether a triple says nothing about its subject, and is left out of comparisons and of what is published.

    * ``x owl:sameAs x``, and the other reflexive relations of Tables 4 and 9 (eq-ref, scm-cls, scm-op, scm-dp);
    * ``x rdf:type owl:Thing``, ``c rdfs:subClassOf owl:Thing``, ``owl:Nothing rdfs:subClassOf c``;
      a domain or range of owl:Thing (scm-cls with cax-sco, scm-dom1, scm-rng1);
    * whatever is said of a literal: its datatypes, its equals, its differences (Table 8);
    * what is said of the W3C's own terms as subjects (prp-ap, cls-thing, dt-type1).
    """
    s, p, o = triple
    if p in _REFLEXIVE:
        if s == o or s == n.NOTHING or o == n.THING:
            return True
    elif p == n.TYPE:
        if o == n.THING:
            return True
    elif p in (n.DOMAIN, n.RANGE) and o == n.THING:
        return True
    if s.startswith('"'):
        return True
    return s.startswith(_BUILT_IN) and (p in _REFLEXIVE or p == n.TYPE) and o.startswith(_BUILT_IN)
