"""For users tests: pytest fixtures, and the runner of .slt files."""
