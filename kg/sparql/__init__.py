"""SPARQL as a syntax tree with places, what can be told from it without asking, and its printer.

Rules, evidence, checks and bound parameters read queries here and nowhere else:

=================  ====================================================================================
``tokens``         the lexical grammar; what would write or reach the network is refused before parsing
``syntax_tree``    the nodes
``parser``         the whole query and its groups, over ``patterns``, ``expressions`` and ``cursor``
``printer``        a tree as SPARQL, with values in the place of variables
``analysis``       variables in scope, monotone parts, the predicates that a query can see
``syntax_errors``  what the engine refuses, in words
=================  ====================================================================================

A parser of our own is justified. Oxigraph, which answers the queries, exposes neither its algebra nor places in the
text. rdflib's has no places, and needs 2.5 s for the 82 saved queries and 0.2 to 0.7 s to be imported; this one takes
0.05 s and 0.01 s. The tests hold it against Oxigraph: what one reads the other reads, but for the rules beyond the
grammar (variables out of scope, blank nodes in two groups), which are left to the engine.

Import from the modules: an answer to a saved query needs few of them.
"""
