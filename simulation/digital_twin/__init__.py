"""The digital twin: the channels that the grocery data lacks, simulated around its real households.

See docs/sources/digital_twin.md for what it is, and what it must not be used for.
"""
