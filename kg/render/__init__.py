"""Values as text, pictures and pages."""
