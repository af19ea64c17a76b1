"""The dashboard: a Textual front end of :mod:`backend.service`."""
