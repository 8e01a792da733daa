"""Simulation: made-up worlds that write files as source systems would. It imports no other room."""
