"""Follow-up: what is owed to somebody by a deadline, and how it is done: callbacks first of all."""
