"""UNLOAD."""
