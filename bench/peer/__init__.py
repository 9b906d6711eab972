"""This switch beside Asterisk's own ``Queue()``: the published comparison.

    make bench-peer                                  # about 40 minutes
    make bench-peer ARGS="--mode bare --pairs 5"     # about 15

Both distributors are in one Asterisk, with the same phones and one SIPp file for both, in turn
(A B A B), minute by minute.  *bare*: signalling only, ring-back until an agent answers.  *media*:
both pick up at once, record every call, play music to who waits, and everybody sends sound.  A pair
is a round of each; pairs are added until each ratio's interval is narrow, or there are too many.
"""
