"""A show: calls that are held, transferred, joined and hung up at random, and every row adds up.

    make bench-random_calls
    make bench-random_calls ARGS="--calls 30 --seed 7"

The whole switch and the desk run on the demo directory.  SIPp plays terminals, who hang up when
they like, agents, who do to the calls whatever agents can do, by the API and by keys, rightly and
wrongly, and whoever is dialled over the trunks.  When the last terminal has hung up the agents do
their duty: they answer, say that somebody responds and how it went, and people end the cases that
were opened.  Then the rows must add up (K04), every recording must be whole and playable, no caller
may be forgotten, no channel and no room may be left, and every agent must be free.  Prints one JSON
object; exit code 1 when anything is wrong.
"""
