"""The ledger: what no rebuild can bring back."""
