"""`acd desk`: what may be slow. Recordings, reports, the wallboard: from PostgreSQL and the disk.

A process of its own, so that a month's report or a night's check of a million files can never delay
a call. It decides nothing about calls and speaks to no Asterisk.
"""
