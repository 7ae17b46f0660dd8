"""Reading the project's files: documents, claims, entities, the ontology, passages."""
