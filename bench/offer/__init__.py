"""How fast an offer goes out: trunk INVITE in to agent INVITE out, against Asterisk's ``Queue()``.

    make bench-offer ARGS="--rate 50 --seconds 20 --rounds 2"

The whole switch runs as it does in service: the core with its rules, the journal, records into
PostgreSQL, metrics, AMI.  Beside it, in the same Asterisk and the same run, Asterisk's own queue
with the same phones, in turn (A B A B), callers and agents answering alike; signalling only.  Times
are the kernel's, taken where the packets pass (``capture``), so neither SIPp's nor this program's
own delays are in them.  Root is needed, and a machine that does nothing else; identical runs differ
by about 20 %, so a ratio under 1.15 is a tie.
"""
