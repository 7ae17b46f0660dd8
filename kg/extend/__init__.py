"""Extending a project: new files, a project of one's own, and what a change does before anyone else sees it."""
