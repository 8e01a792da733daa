"""Builds: their history, the lock that lets one run at a time, and what has changed since the last."""
