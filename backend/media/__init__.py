"""Pictures from files for a terminal: what a clip is, its frames, still pictures.

:class:`backend.media.media.Media` is the way in. A file that a server sent is never decoded in this process.
"""
