"""The sections of the report, one module each: how its rows are shaped, what they say, how they are drawn."""
