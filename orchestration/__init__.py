"""How data moves: ingestion, the warehouse connection, gates, publishing, Dagster definitions, command line."""
