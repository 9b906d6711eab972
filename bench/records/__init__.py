"""The record at size: how fast facts are written, and how long a month's report takes.

    make bench-records                        10 million calls over 12 months
    make bench-records ARGS="--rows 1000000"

Fails when a report reads any partition but its month's, or takes longer than ``--report-s-max``.
"""
