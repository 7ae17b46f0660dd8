"""New files and new projects: ``kg new``, ``kg init``, ``kg release``."""
