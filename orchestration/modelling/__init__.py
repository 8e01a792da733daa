"""Modelling: feeds what `ml` fits from the build, and keeps what it gives back."""
