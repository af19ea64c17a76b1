"""What all tests share."""

from __future__ import annotations

import os
import signal

# Whatever the machine speaks, what is tested speaks English, in processes of its own too.
for _name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES"):
    os.environ.pop(_name, None)
os.environ["LANG"] = "C.UTF-8"

# In the background of a shell ctrl+c is ignored, by all children too: tests that send it would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)
