"""Slipher: an Amazon-Redshift-compatible data warehouse that you run yourself."""

__version__ = "0.1.0"
