"""Which Pulumi CLI the local stack runs: the one on PATH, the official download, or one built from source."""

from local.engine.ensure import Engine, EngineUnavailableError, ensure_engine

__all__ = ["Engine", "EngineUnavailableError", "ensure_engine"]
