"""Loaded by Python itself in the processes under load: while a file is there, each fsync takes longer than the disk does."""

import os
import random
import time

_SLOW, _fsync, _fdatasync = os.environ.get("SOAK_SLOW", ""), os.fsync, os.fdatasync


def _late(before):
    def sync(descriptor):
        if _SLOW and os.path.exists(_SLOW):  # noqa: PTH110 - as little as can be imported here
            time.sleep(random.uniform(0.05, 1.0))
        return before(descriptor)

    return sync


os.fsync, os.fdatasync = _late(_fsync), _late(_fdatasync)
