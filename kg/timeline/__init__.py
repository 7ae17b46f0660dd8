"""What began, ended and happened, from the facts of a view: stated and inferred, each with its sources."""
