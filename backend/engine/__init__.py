"""The engine: submitter, poller, finder and downloader, each a small machine with its own clock.

It runs in the one process that leads; the others follow what it writes to the ledger.
"""
