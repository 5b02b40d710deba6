"""Supervisor and command line: the only package that imports both programs."""
