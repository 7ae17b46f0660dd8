"""A source-grounded knowledge graph of Serbia between NATO, the CSTO, Russia and the EU."""

__version__ = "0.1.0"
