"""How long a freed agent idles while callers wait, and how many are answered, against ``Queue()``.

    make bench-saturation                            # about 3 minutes

More calls than the agents can take: 50 agents, 60 calls a second, each 1.1 s long without wrap-up,
so that about 45 a second are possible.  Asterisk's own queue and the switch in turn (A B A B), in
the same Asterisk, with the same phones and callers (``bench.offer.bed``); both ring until an agent
answers, neither records.  Times are the kernel's.  An agent is free when the phone has confirmed
the hang-up (200 to our BYE), and idles until the next INVITE leaves for that phone.
"""
