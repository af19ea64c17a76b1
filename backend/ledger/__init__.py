"""The ledger: a record of money. Append first, act second.

``store.py`` is the typed API that the rest of reeltop uses; ``journal.py`` is TinyDB's storage and table on
an append-only file; ``sharing.py`` holds the locks by which several reeltops share it.
"""
