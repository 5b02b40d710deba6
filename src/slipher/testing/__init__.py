"""For users' tests: an instance of Slipher of their own, pytest fixtures, and the runner of .slt files.

`start()` runs an instance on free ports in a fresh directory; the pytest plugin's fixtures `slipher`, `slipher_cluster` and
`slipher_bucket` are there as soon as the package is installed.
"""

from __future__ import annotations

from slipher.testing.instance import Cluster as Cluster, Instance as Instance, start as start

__all__ = ["Cluster", "Instance", "start"]
