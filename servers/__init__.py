"""The servers around the switch: Asterisk, PostgreSQL, Prometheus, and their private root.

`make run`, `make test` and the benches stand on this package. The switch itself (`acd`) never
imports it: in production the same servers come from the machine or from containers.
"""
