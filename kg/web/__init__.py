"""The graph over HTTP: handlers of a few lines that call the functions of the library."""
