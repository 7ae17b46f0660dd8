"""From facts to the graph: views, validity and support of every fact, the units, the store on disk."""
