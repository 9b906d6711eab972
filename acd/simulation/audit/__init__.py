"""What the auditor checks, by what it is about; `acd.simulation.auditor` puts it together."""
