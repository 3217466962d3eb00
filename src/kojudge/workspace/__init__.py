"""The workspace: the folder a user edits, and its settings."""

from kojudge.workspace.config import Settings, load_settings
from kojudge.workspace.locate import Workspace, find_workspace
from kojudge.workspace.starter import starter_root, write_starter

__all__ = [
    "Settings",
    "Workspace",
    "find_workspace",
    "load_settings",
    "starter_root",
    "write_starter",
]
