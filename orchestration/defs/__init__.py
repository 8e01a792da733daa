"""Dagster definitions, loaded by folder. Thin: every line of work is in the rest of `orchestration`."""
