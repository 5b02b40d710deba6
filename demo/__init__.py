"""The whole story on an instance of its own: `make demo`, or `python -m demo` where Slipher is installed."""
