"""Taking the graph out into files that others read: ``export`` is the function of ``kg export``."""

from kg.export.export import FORMS, Exported, export

__all__ = ["FORMS", "Exported", "export"]
