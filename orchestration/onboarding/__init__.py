"""New sources: looked at, mapped, and written as the files that plug them in."""
