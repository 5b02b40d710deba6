"""System relations: stl_*, stv_*, sys_* providers, and pg_*/svv_* views."""
