"""What is to be awaited of work that is done already: it needs no task and no round of the loop."""

from collections.abc import Awaitable, Iterator


class _Done(Awaitable[None]):
    def __await__(self) -> Iterator[None]:  # type: ignore[override]  # it never yields
        return iter(())


DONE = _Done()
"""May be awaited any number of times; whoever starts tasks sees that it needs none."""
