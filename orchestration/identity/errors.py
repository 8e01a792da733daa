"""What goes wrong when people ask about identity; the message says what to do."""

from __future__ import annotations

from orchestration.errors import ExpectedError


class IdentityError(ExpectedError):
    """A customer is unknown, or a file of rules or truth cannot be used; the message says what to do."""
