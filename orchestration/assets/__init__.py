"""Each module turns one thing that the warehouse does into Dagster definitions, for `orchestration.defs`.

What a step does is written elsewhere, without Dagster: here is only how it is named, what it follows, and
what it shows.
"""
