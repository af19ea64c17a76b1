"""What all tests share."""

from __future__ import annotations

import signal

# In the background of a shell ctrl+c is ignored, by all children too: tests that send it would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)
