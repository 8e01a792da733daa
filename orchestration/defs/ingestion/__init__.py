"""What arrives, and the gate behind it."""
