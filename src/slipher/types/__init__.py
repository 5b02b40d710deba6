"""Redshift data types: one row a type, one codec file a family. Pure."""
