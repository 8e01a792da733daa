"""Ingestion: source systems in, ``raw_<source>`` tables and one log line per batch out.

What belongs here: reading what a source system hands over, and landing it exactly once. What does not: any
rule about customers, and any repair of a row. A row that breaks the contract lands as it came; staging
quarantines it.
"""
