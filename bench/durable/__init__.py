"""How fast what happened is made durable: the journal, its replay, and PostgreSQL.

    make bench-durable                               # under a minute

The journal takes the steps of whole call lives from the core as fast as they come, with a sync to
the disk every 20 ms; then its file is read and decided again.  PostgreSQL takes the facts of calls
through the service's own writer, a thousand at a time.
"""
