"""What a care line is, without a clock, a socket or a log.

``switch.Core`` is the only door: ``step(now_ms, event) -> list[Effect]`` and
``next_deadline() -> int | None``.  Everything else in this folder is either the vocabulary of
that door (``events``, ``commands``, ``facts``, ``replies``, ``directory``) or behind it.
"""
