"""From the files to the graph: validity and support of every fact, the quads of every unit, the store on disk."""
