"""Gates: which suite is run on what, where earlier results are, and what a red gate takes back."""
