"""``python -m acd.demo > demo.yaml``"""

import sys

from acd.demo.directory import text

sys.stdout.write(text())
