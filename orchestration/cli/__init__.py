"""The command line `insight`: one file for each group of commands."""
