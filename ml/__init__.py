"""Predictive models: data frames in, data frames out. No connection, no Dagster, no dbt."""
