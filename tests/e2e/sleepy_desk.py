"""`labelling_desk` on a machine whose wall clock jumps by hours, forwards and backwards, each time it is read.

Usage: python -m tests.e2e.sleepy_desk HOME SEED
"""

import itertools
import time

from tests.e2e import labelling_desk

JUMPS_HOURS = (0.0, 5.0, -7.0, 11.0)

if __name__ == "__main__":
    read, jumps = time.time, itertools.cycle(JUMPS_HOURS)
    time.time = lambda: read() + 3600.0 * next(jumps)
    labelling_desk.main()
