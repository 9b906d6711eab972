"""PID 1 of a test's private world: brings the loopback up, runs one command, ends with it.

Started by servers/tiers.py under `unshare --net --mount --pid …`; when it ends, the kernel ends
every process that is left in there. Standard library only.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import struct
import sys

_SIOCGIFFLAGS = 0x8913
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 0x1


def loopback_up() -> None:
    """`ip link set lo up`, without needing the program."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(control, _SIOCGIFFLAGS, request))[1]
        request = struct.pack("16sH14x", b"lo", flags | _IFF_UP)
        fcntl.ioctl(control, _SIOCSIFFLAGS, request)


def main(command: list[str]) -> int:
    """Run the command; its exit code, or 128 + the signal that ended it."""
    loopback_up()
    # The terminal's Ctrl-C reaches the command itself; it decides how to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    child = os.posix_spawnp(
        command[0], command, os.environ, setsigdef=[signal.SIGINT, signal.SIGTERM]
    )
    signal.signal(signal.SIGTERM, lambda number, frame: os.kill(child, signal.SIGTERM))
    while True:
        # As PID 1 we inherit every orphan and must reap it.
        pid, status = os.wait()
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
