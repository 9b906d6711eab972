"""A make-believe world around the production core, in virtual time.

Callers, agents and a pretend Asterisk drive ``acd.core.switch.Core`` through its real events and
commands; nothing here looks into the core or is used by the service.  One seed gives one run.
"""
