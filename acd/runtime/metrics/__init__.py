"""Metrics: what Prometheus sees, counted from facts or read at the scrape."""
