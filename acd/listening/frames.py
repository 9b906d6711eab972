"""The form in which a copy of a leg's audio is judged."""

RATE_HZ = 8_000
"""G.711's own rate: there is nothing above it to be heard."""
FRAME_MS = 20
FRAME_SAMPLES = RATE_HZ * FRAME_MS // 1_000
FRAME_BYTES = 2 * FRAME_SAMPLES
"""Signed 16-bit samples, little-endian, one channel."""
