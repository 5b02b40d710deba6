"""Speed, beside our peers in the same run: `python -m bench [names] [--rows N] [--rounds N]`."""
