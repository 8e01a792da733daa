"""Transformation: how dbt is called, followed and documented. What is transformed is in the dbt project."""
