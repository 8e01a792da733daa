"""The job that does it all, and when."""
