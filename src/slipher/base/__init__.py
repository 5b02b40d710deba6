"""Configuration, errors, SQLSTATEs, clock and ids: imports nothing else of Slipher."""
