"""A wall clock that can be stepped: what Python starts with when this folder is on its path.

The offset in nanoseconds stands in the file that HULING_CHAOS_CLOCK names, so that it can be
changed under a running service, as NTP or a hand changes a machine's clock.  The monotonic clock
is left alone, as it is then.
"""

import mmap
import os
import struct
import time

_path = os.environ.get("HULING_CHAOS_CLOCK")
if _path:
    _file = os.open(_path, os.O_RDONLY)
    _offset = mmap.mmap(_file, 8, access=mmap.ACCESS_READ)
    os.close(_file)
    _real = time.time_ns

    def _time_ns() -> int:
        return _real() + int(struct.unpack("q", _offset[:8])[0])

    def _time() -> float:
        return _time_ns() / 1e9

    time.time_ns = _time_ns
    time.time = _time
