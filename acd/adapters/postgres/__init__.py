"""PostgreSQL: the directory comes in, facts and the rows made from them go out.

SQL stands in ``sql/``, one statement a file, opened by a line that says what it does.
"""
