"""The headless front end: the same service as the dashboard's, for shells and scripts.

``main.py`` turns a command line into an exit code; ``parser.py`` knows the words, ``exits.py`` the codes.
Standard output carries data only; everything said to a person goes to standard error.
"""
