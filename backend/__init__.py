"""reeltop without a screen: providers, ledger, engine, sandbox, service, command line."""

__version__ = "0.1.0"
