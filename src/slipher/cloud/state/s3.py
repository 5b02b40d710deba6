"""The index of embedded S3: buckets, objects by key as bytes, multipart uploads and their parts."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, Integer, LargeBinary, String, Table

from slipher.cloud.state.base import metadata

buckets = Table(
    "s3_buckets",
    metadata,
    Column("name", String, primary_key=True),
    Column("account", String, nullable=False),
    Column("region", String, nullable=False),
    Column("created", Float, nullable=False),
    Column("policy", String),
)
encryptions = Table(  # default encryption of buckets that have one set
    "s3_encryptions",
    metadata,
    Column("bucket", String, primary_key=True),
    Column("rule", JSON, nullable=False),
)
objects = Table(
    "s3_objects",
    metadata,
    Column("bucket", String, primary_key=True),
    Column("key", LargeBinary, primary_key=True),
    Column("blob", String, nullable=False),
    Column("size", Integer, nullable=False),
    Column("etag", String, nullable=False),
    Column("modified", Float, nullable=False),
    Column("facts", JSON, nullable=False),  # ContentType, Metadata, checksums ...
    sqlite_with_rowid=False,
)
bodies = Table(  # of small objects, in the same transaction as the rows that name them
    "s3_bodies",
    metadata,
    Column("id", String, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)
uploads = Table(
    "s3_uploads",
    metadata,
    Column("id", String, primary_key=True),
    Column("bucket", String, nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("created", Float, nullable=False),
    Column("facts", JSON, nullable=False),
)
parts = Table(
    "s3_parts",
    metadata,
    Column("upload", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("blob", String, nullable=False),
    Column("size", Integer, nullable=False),
    Column("etag", String, nullable=False),
    Column("modified", Float, nullable=False),
    Column("facts", JSON, nullable=False),  # checksums
)
settings = Table(  # documents of buckets: tags, CORS, lifecycle ...
    "s3_settings",
    metadata,
    Column("bucket", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("value", JSON, nullable=False),
)
versions = Table(  # of versioned buckets: what is not current, and delete markers; later ones have a greater age
    "s3_versions",
    metadata,
    Column("bucket", String, primary_key=True),
    Column("key", LargeBinary, primary_key=True),
    Column("age", Integer, primary_key=True),
    Column("version", String, nullable=False),
    Column("marker", Boolean, nullable=False),
    Column("blob", String, nullable=False),
    Column("size", Integer, nullable=False),
    Column("etag", String, nullable=False),
    Column("modified", Float, nullable=False),
    Column("facts", JSON, nullable=False),
    sqlite_with_rowid=False,
)
