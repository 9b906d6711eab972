"""Fifty emergencies at once, with four legs each, on the real Asterisk (issue 4, "Speed").

    make bench-cases
    make bench-cases ARGS="--cases 10"

A directory made for it has two agents for each case.  Terminals call and give no sound; every call
is flagged as without response; then every agent opens the case in the same moment, each gets a B,
and A calls the elder's first contact into the rescue room: caller, A, B and contact are four legs.
Prints a table and one JSON object; exit code 1 when a flag comes more than 300 ms from its
threshold, a B's telephone rings later than 1 s after the command, or anything is left.
"""
