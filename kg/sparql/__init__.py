"""SPARQL as a syntax tree with places, what can be told from it without asking, and its printer.

Rules, evidence, checks and bound parameters read queries here and nowhere else:

=================  ====================================================================================
``tokens``         the lexical grammar; what would write or reach the network is refused before parsing
``syntax_tree``    the nodes
``parser``         the whole query and its groups, over ``patterns``, ``expressions`` and ``cursor``
``rdf_terms``      terms as a query writes them, made those of the store
``printer``        a tree as SPARQL, with values in the place of variables
``analysis``       variables in scope, monotone parts, the predicates that a query can see
``syntax_errors``  what the engine refuses, in words
=================  ====================================================================================

Import from the modules: an answer to a saved query needs few of them.
"""
