"""Where policy documents are read: an exported state, a preview, a live account; and a stack's settings."""

from access.sources.errors import SourceError
from access.sources.settings import Settings, load_settings, project_name

__all__ = ["Settings", "SourceError", "load_settings", "project_name"]
