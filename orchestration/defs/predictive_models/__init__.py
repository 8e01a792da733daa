"""What is learnt, and the gate before it."""
