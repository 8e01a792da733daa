"""How data moves: ingestion, the connection, gates, publishing, Dagster definitions, command line."""
