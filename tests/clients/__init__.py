"""Clients that were written for the providers, not for the sandbox, used against it as they are."""
