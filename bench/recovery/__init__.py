"""How long the switch is without its service after a crash, against the calls in flight.

    make bench-recovery                              # about 3 minutes
    make bench-recovery ARGS="--calls 10 100"

Half of the calls talk, half wait; the service is killed (SIGKILL) and started again at once.  Told
are the time until it says that it can serve, and until it has taken up every call; most of it is
Python's start.  Talk goes on meanwhile (that is tested, not measured here).
"""
