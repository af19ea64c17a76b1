"""What tries to break reeltop on purpose, at length: ``python -m tests.harness.crash`` and ``….submit``.

Short versions of both are among the tests.
"""
