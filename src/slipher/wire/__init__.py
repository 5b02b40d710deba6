"""The PostgreSQL protocol as Redshift speaks it, sans-IO. Pure."""
