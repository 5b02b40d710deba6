"""The sample data of CreateCluster's LoadSampleData: the layout of AWS's TICKIT tables, with rows of our own, free for any use.

The layout is documented in the developer guide, "Sample database". Every name and figure is made by arithmetic in sample.sql.
"""

from __future__ import annotations

from importlib.resources import files


def script() -> str:
    """The statements, in order."""
    return files(__package__).joinpath("sample.sql").read_text()
