"""Redshift's catalog: its rows live in the engine, a snapshot of them in memory."""
