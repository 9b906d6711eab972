"""The stages of a start, which `acd.runtime.life` puts in order."""
