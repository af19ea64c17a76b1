"""Fixtures of the sandbox's own tests."""

from tests.backend.sandbox.conftest import hand_clock

__all__ = ["hand_clock"]
