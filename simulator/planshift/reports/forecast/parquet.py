"""A table as a Parquet file: the columns of its CSV, money as exact decimals."""

from __future__ import annotations

import io

from planshift.reports.columns import Table
from planshift.reports.frames import frame
from planshift.reports.tables import Values


def parquet(table: Table, values: Values) -> bytes:
    """The Parquet file of a table; needs the package pyarrow."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(frame(table, values), preserve_index=False), out)
    return out.getvalue()
