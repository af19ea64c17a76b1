"""Work that waits until the user rests."""

from __future__ import annotations

from textual.dom import DOMNode
from textual.timer import Timer, TimerCallback


class Delays:
    """Named delays of a node; asking again for one starts it anew."""

    def __init__(self, node: DOMNode) -> None:
        self._node = node
        self._timers: dict[str, Timer] = {}

    def start(self, name: str, seconds: float, call: TimerCallback) -> None:
        self.stop(name)
        self._timers[name] = self._node.set_timer(seconds, call, name=name)

    def stop(self, name: str) -> bool:
        """Drop a delay. Returns whether it was still to come, or came just now."""
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.stop()
        return timer is not None
