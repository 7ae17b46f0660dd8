"""The reasoner's program on engines of SQL, for graphs that outgrow the memory of one process.

``infer_on_engine`` closes RDF files under OWL 2 RL on DuckDB, or on Spark by Spark Connect. The driver is ours
(:mod:`kg.engines.rounds`); an engine only joins and writes Parquet.
"""
