"""Load from terminals and robot agents, in profiles, on this switch or any host the tester names.

    make bench-load ARGS="--profile busy"                     # a switch of its own, alone
    make load ARGS="--profile busy --target 10.0.0.5 --agents-file phones.csv"

See bench/README.md, which begins where a tester who has never seen the project begins.
"""
