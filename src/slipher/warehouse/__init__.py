"""The cluster process: sessions, SQL, catalog, COPY and UNLOAD."""
