"""Publishing: from a finished build to what readers open, on either engine, and the report of it."""
