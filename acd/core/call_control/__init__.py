"""Call control: who hears whom in a call that has been answered, and what may be done in it."""
