"""What all errors of this room have in common."""

from __future__ import annotations


class LearningError(ValueError):
    """A declaration, or the data that it is given, cannot be used; the message says what to do."""
