# table
"""What COPY's options cannot stand beside, one row each, and the ranges of their values (source: reference on COPY).

`text` is Redshift's where it is known (basis observed), else ours (guess); `{0}` is the option, `{1}` the other one.
"""

from __future__ import annotations

from dataclasses import dataclass

BESIDE = "{0} is not compatible with {1}"
COLUMNAR_TEXT = "{1} argument is not supported for {0} based COPY"

FORMATS = ("CSV", "FIXEDWIDTH", "SHAPEFILE", "AVRO", "JSON", "PARQUET", "ORC")
COMPRESSIONS = ("GZIP", "BZIP2", "LZOP", "ZSTD")
COLUMNAR = ("PARQUET", "ORC")


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two options that exclude each other; the first names the error. The rule is documented, its text has a `basis`."""

    option: str
    other: str
    text: str = BESIDE
    sqlstate: str = "42601"
    basis: str = "guess"


def _rows(option: str, others: str, **facts: str) -> tuple[Conflict, ...]:
    return tuple(Conflict(option, other, **facts) for other in others.split())


CONFLICTS: tuple[Conflict, ...] = (
    # data formats: at most one
    *(Conflict(one, other) for at, one in enumerate(FORMATS) for other in FORMATS[at + 1 :]),
    *_rows("CSV", "ESCAPE REMOVEQUOTES"),
    *_rows("FIXEDWIDTH", "DELIMITER ESCAPE REMOVEQUOTES ENCODING"),
    *_rows("SHAPEFILE", "REMOVEQUOTES ESCAPE DELIMITER"),
    *_rows("JSON", "DELIMITER ESCAPE FILLRECORD IGNOREBLANKLINES NULL REMOVEQUOTES"),
    *_rows("AVRO", "DELIMITER ESCAPE FILLRECORD IGNOREBLANKLINES IGNOREHEADER NULL REMOVEQUOTES ENCODING"),
    # compression: at most one
    *(Conflict(one, other) for at, one in enumerate(COMPRESSIONS) for other in COMPRESSIONS[at + 1 :]),
    # sources
    *_rows("SSH", "ENCRYPTED MANIFEST READRATIO"),
    # load operations
    *_rows("IGNOREALLERRORS", "MAXERROR"),
)  # fmt: skip

# What PARQUET and ORC take; everything else is refused as Redshift refuses it (observed for REGION and TRUNCATECOLUMNS).
COLUMNAR_TAKES = frozenset(
    "PARQUET ORC SERIALIZETOJSON AUTHORIZATION ACCEPTINVCHARS FILLRECORD STATUPDATE MANIFEST EXPLICIT_IDS FORMAT".split()
)

# What a load from DynamoDB takes beside the load operations.
DYNAMODB_TAKES = frozenset(
    "AUTHORIZATION READRATIO REGION ACCEPTANYDATE BLANKSASNULL DATEFORMAT EMPTYASNULL ROUNDEC TIMEFORMAT TRIMBLANKS "
    "TRUNCATECOLUMNS COMPROWS COMPUPDATE MAXERROR NOLOAD STATUPDATE IGNOREALLERRORS EXPLICIT_IDS".split()
)

# What a load from EMR cannot stand beside.
EMR_REFUSES = ("ENCRYPTED", "MANIFEST", "REGION", "READRATIO", "SSH", "PARQUET", "ORC", "SHAPEFILE")

# option -> lowest and highest value
RANGES: dict[str, tuple[int, int]] = {
    "MAXERROR": (0, 100000),
    "IGNOREHEADER": (0, 2**31 - 1),
    "READRATIO": (1, 200),
    "COMPROWS": (1000, 2**31 - 1),
}
