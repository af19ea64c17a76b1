"""A running sandbox and a client of it, as the sandbox's own tests have them."""

from tests.backend.sandbox.conftest import client, hand_clock, sandbox, still

__all__ = ["client", "hand_clock", "sandbox", "still"]
