"""Keeps a training to a share of the time: after a step it rests as long as the share asks for."""

import threading
import time


class Pacer:
    def __init__(self):
        self._share = 1.0
        self._changed = threading.Condition()

    def keep(self, share):
        """The part of the time that may be computed in, from 0 (none) to 1."""
        with self._changed:
            self._share = share
            self._changed.notify_all()

    def wake(self):
        """Somebody asks for something else: a rest looks whether it has to end."""
        with self._changed:
            self._changed.notify_all()

    def rest(self, milliseconds, interrupted):
        """Waits after work of so many milliseconds, until `interrupted()` at the latest."""
        begun = time.monotonic()
        with self._changed:
            while self._share < 1 and not interrupted():
                if self._share == 0:
                    self._changed.wait()
                    continue
                left = milliseconds / 1000 * (1 / self._share - 1) - (time.monotonic() - begun)
                if left <= 0:
                    return
                self._changed.wait(left)
