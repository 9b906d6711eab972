"""Staff: agents at work, their seats and phones, what they ask for and what is decided for them."""
