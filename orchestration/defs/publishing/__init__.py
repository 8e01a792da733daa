"""What readers get to see, and the gate before it."""
