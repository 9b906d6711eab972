"""How fast an offer goes out: trunk INVITE in to agent INVITE out, against Asterisk's ``Queue()``.

    python -m bench.offer --rate 50 --seconds 20 --rounds 2

Both sides run in the same Asterisk, in the same run, in turn (A B A B), with the same SIPp callers
and agents answering alike; signalling only.  Times are the kernel's, taken where the packets pass
(``capture``), so neither SIPp's nor this program's own delays are in them.  Root is needed, and a
machine that does nothing else; identical runs differ by about 20 %, so a ratio under 1.15 is a tie.
"""
