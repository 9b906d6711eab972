"""Outside: numbers that are dialled, over which operator, by whom and at whose cost."""
