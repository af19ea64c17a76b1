"""What lies between Textual and the terminal: it sends less, and leaves the terminal as it was.

All of this rests on private parts of one version of Textual (``known.py``); with any other, Textual's own
ways are used. ``frame.py`` knows what the terminal shows, ``display.py`` sends the differences, ``driver.py``
starts, stops and survives the terminal, ``pasting.py`` reads what is pasted, ``writer.py`` writes.
``tmux.py`` is about what lies beyond tmux.
``interview.py`` asks what pictures the terminal can draw, ``placeholders.py`` are the cells where it does.
"""
