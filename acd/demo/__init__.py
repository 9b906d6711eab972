"""A made-up care line to try everything with; nobody in it exists."""
