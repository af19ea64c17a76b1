"""The ledger: a record of money. Append first, act second.

From the outside in: ``store.py`` is the typed API that the rest of reeltop uses and ``tinydb_store.py`` what
does it, on the event loop; ``writer.py`` turns tasks into documents, in the ledger's one thread; ``table.py``
and ``storage.py`` are TinyDB's table and storage; ``journal.py`` is the one file below them, of ``lines.py``;
``sharing.py`` holds the locks by which several reeltops share it; ``disk.py`` is every call that can fail.
"""
