"""Facts that others own, as data with their source; read through importlib.resources."""
