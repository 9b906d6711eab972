"""Numbers as names of prompts, spoken in Mandarin.

Two ways: an agent's number digit by digit, with one as yāo, as on the telephone; and a count of
persons or minutes as a numeral, in which two before the thing counted is liǎng.
"""

COUNTED_MAX = 99
"""What can be counted aloud; a greater number helps nobody who waits."""

AGENT_SUFFIX = "agent-number-suffix"
TWO_OF = "number-two-of"
TEN = "number-10"


def digits(number: str) -> tuple[str, ...]:
    """Return the prompts of a number read digit by digit; what is no digit is left out."""
    return tuple(f"digit-{digit}" for digit in number if digit in "0123456789")


def count(number: int) -> tuple[str, ...]:
    """Return the prompts of a numeral from 0 to ``COUNTED_MAX``, before what it counts."""
    assert 0 <= number <= COUNTED_MAX
    if number == 2:
        return (TWO_OF,)
    tens, ones = divmod(number, 10)
    if tens == 0:
        return (f"number-{ones}",)
    return (
        *((f"number-{tens}",) if tens > 1 else ()),
        TEN,
        *((f"number-{ones}",) if ones else ()),
    )


PROMPTS = (
    *(f"digit-{digit}" for digit in range(10)),
    *(f"number-{number}" for number in range(11)),
    TWO_OF,
    AGENT_SUFFIX,
)
