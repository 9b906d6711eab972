"""Measurements.  Never part of the tests: they need a machine to themselves."""
