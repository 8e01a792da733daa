"""Connectors: one for each kind of place that deliveries come from."""
