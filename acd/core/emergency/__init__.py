"""Emergency procedures: the case, agents A and B, rescue and contacts, silence as an answer.

One rule stands over all: people decide, robots help.  Nothing here dials 110, 119 or 120 but on the
command of an agent who is on the line (E05), and nothing ever lets an emergency's caller go.
"""
