"""Redshift SQL: parse, bind, rewrite, refuse. Pure."""
