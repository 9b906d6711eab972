"""What Asterisk has counted of a leg's sound, as it writes it at the leg's end (T16)."""

from acd.adapters.asterisk.accounts import KEEP_ALIVE_SECONDS
from acd.core.events import Media

MEDIA_VARIABLE = "RTPAUDIOQOS"
"""In channelvars of ari.conf; Asterisk sets it when the SIP session ends, just before it tells that
the channel is gone.  Empty until then."""

_WRAPPED = 1 << 31
"""Asterisk subtracts unsigned: more received than expected becomes a number near 2 ** 32."""


def media_of(text: str, *, lasted_s: float = 0.0) -> Media | None:
    """Return what ``ssrc=1;lp=0;rxjitter=0.001;…`` says of a leg that was there for so long, or
    None where it says nothing usable.  What only kept the line alive is no sound that was sent.

    Asterisk 22 has the two jitters crossed: ``txjitter`` is what it has measured of what came,
    ``rxjitter`` what the far end reports of ours (``ast_rtp_get_stat`` in res_rtp_asterisk.c).
    """
    found = dict([part.split("=", 1) for part in text.split(";") if "=" in part])
    try:
        sent = _count(found["txcount"])
        return Media(
            received=_count(found["rxcount"]),
            lost=_count(found["lp"]),
            jitter_us=_micros(found["txjitter"]),
            sent=sent if sent > lasted_s / KEEP_ALIVE_SECONDS else 0,
            far_lost=_count(found["rlp"]),
            far_jitter_us=_micros(found["rxjitter"]),
            round_trip_us=_micros(found["rtt"]),
        )
    except (KeyError, ValueError, OverflowError):
        return None


def _count(text: str) -> int:
    count = int(text)
    return count if 0 <= count < _WRAPPED else 0


def _micros(seconds: str) -> int:
    return min(max(round(float(seconds) * 1_000_000), 0), _WRAPPED)
