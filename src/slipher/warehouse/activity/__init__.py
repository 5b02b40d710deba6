"""The append log of what happened: statements, loads, load errors."""
