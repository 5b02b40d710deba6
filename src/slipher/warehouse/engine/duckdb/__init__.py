"""DuckDB as the engine: the only place, with the catalog's own store, that names it."""
