"""What decoding of something that came from elsewhere may raise, whatever was sent.

msgspec has an error of its own for what is not JSON or MessagePack, or not of the wanted shape; a
text that is not UTF-8 and a nesting without end come out as Python's.
"""

import msgspec

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""For ``except``: behind it nothing is left that outside bytes could raise."""
