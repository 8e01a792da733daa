"""Which records without a shared identifier are probably one person: declared, trained, predicted, explained.

Splink does the statistics. Records come in as a data frame and links go out as one; nothing here knows where
they are kept.
"""
