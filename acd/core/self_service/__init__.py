"""Self-service: what the machine asks a caller, and what follows from the answer."""
