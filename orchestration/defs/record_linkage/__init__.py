"""Which records without a shared identifier are probably one person."""
