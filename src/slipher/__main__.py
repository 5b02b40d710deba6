"""`python -m slipher`: the `slipher` command."""

from slipher.host.cli import main

main()
