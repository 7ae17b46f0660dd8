"""The reference of an ontology: what is known of each term, as Markdown for a repository, alignments as SSSOM."""
