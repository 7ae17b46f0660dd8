"""Benchmarks, each with its peers measured in the same run."""
