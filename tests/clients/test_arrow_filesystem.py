"""pyarrow's own S3 client against ours, unmodified: datasets, selectors, copies, deletes."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.fs as pf
import pyarrow.parquet as pq
import pytest


@pytest.fixture
def arrow(slipher: Any) -> Any:
    env = slipher.environment
    return pf.S3FileSystem(
        access_key=env["AWS_ACCESS_KEY_ID"], secret_key=env["AWS_SECRET_ACCESS_KEY"],
        endpoint_override=env["AWS_ENDPOINT_URL"], region=env["AWS_DEFAULT_REGION"], scheme="http",
        allow_bucket_creation=True, allow_bucket_deletion=True,
    )  # fmt: skip


def test_datasets(arrow: Any) -> None:
    arrow.create_dir("arrow-datasets")
    table = pa.table({"a": list(range(1000)), "p": ["x", "y"] * 500})
    pq.write_to_dataset(table, "arrow-datasets/t", partition_cols=["p"], filesystem=arrow)
    assert pq.read_table("arrow-datasets/t", filesystem=arrow, filters=[("p", "=", "x")]).num_rows == 500
    folders = arrow.get_file_info(pf.FileSelector("arrow-datasets/t"))
    assert [(one.base_name, one.type) for one in folders] == [
        ("p=x", pf.FileType.Directory),
        ("p=y", pf.FileType.Directory),
    ]
    with arrow.open_output_stream("arrow-datasets/big") as out:  # as parts of an upload
        for number in range(12):
            out.write(bytes([number]) * 1024 * 1024)
    with arrow.open_input_file("arrow-datasets/big") as file:
        assert file.size() == 12 * 1024 * 1024
        file.seek(1024 * 1024 - 1)
        assert file.read(2) == b"\0\1"
    arrow.copy_file("arrow-datasets/big", "arrow-datasets/again")
    arrow.move("arrow-datasets/again", "arrow-datasets/moved")
    assert [one.is_file for one in arrow.get_file_info(["arrow-datasets/moved", "arrow-datasets/again"])] == [
        True,
        False,
    ]
    arrow.delete_dir("arrow-datasets")
    assert arrow.get_file_info("arrow-datasets").type == pf.FileType.NotFound
