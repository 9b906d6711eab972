"""The proof: real SIP and RTP from outside the switch, and a verdict on what came back.

SIPp processes speak SIP; this package's tone endpoints speak RTP; the verdict is reached from what
they saw and from the public HTTP API alone. Nothing here shares code with the service it judges,
and only the standard library is used, so that a fault in the service cannot hide itself.
"""
