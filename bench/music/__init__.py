"""Eight hundred callers on music: what they cost, and whether each of them hears it.

    make bench-music                                 # 800 callers, about 6 minutes

Nobody answers, so everybody waits: in the switch, in the queue's holding room with one music for
all; beside it in Asterisk's own ``Queue()``, with a music per channel; in the same Asterisk and
run, in turn.  Callers are SIPp's, their sound arrives at sockets of ours, where the kernel counts
it for every caller and keeps it for some (``ears``).
"""
