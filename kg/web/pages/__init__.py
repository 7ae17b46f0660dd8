"""Pages for people: templates filled from the library, served by ``kg serve`` and frozen by ``kg site``."""
