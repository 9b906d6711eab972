"""How soon caller and agent hear each other: from the agent's 200 to sound in both directions.

    make bench-audio                                 # about 3 minutes

The bed and the load of ``bench.offer``: the switch beside Asterisk's own ``Queue()``, in turn;
ring-back until an agent answers.  Every tenth call gets sound (``probe``): its agent's telephone
sends from its own 200 on, its caller's from the 200 that it gets, a packet each millisecond; the
kernel's time stamp of the first that leaves Asterisk on the other side is the moment from which
that direction is open.  A telephone sends a packet each 20 ms, so a listener waits up to 20 ms
more: that is packetisation, the same for everybody, and not in the figure; a millisecond stands for
it.
"""
