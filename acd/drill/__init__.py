"""Drills: an emergency played by robots against a running switch, and judged like a real one.

What the switch tells of it (the case's timeline) must be what the service standard wants, in order
and in time, and what the robots themselves saw and heard.  `make drill-silent` and
`make drill-alone` start a switch of their own and play; rescue numbers are simulators there, or
nothing begins.
"""
