"""Tables as pandas DataFrames with typed columns.

Days and months are ``datetime64[s]`` (a month is its first day; NaT where there is none), text is ``str``, counts are
``int64`` (``Int64`` where some may be missing), flags ``bool``. Money stays exact: Decimal objects, two decimals for
invoices and nine for usage, None where there is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from planshift.billing.ledger import Ledger
from planshift.reports.columns import DRAW, RUN_TABLES, Column, Kind, Table
from planshift.reports.tables import Values, alerts, invoices, members, months, stops


def frames(ledger: Ledger, draw: int = 0) -> dict[str, pd.DataFrame]:
    """The five tables of one draw, by name: ``invoices``, ``members``, ``alerts``, ``stops``, ``months``."""
    values = (invoices, members, alerts, stops, months)
    return {table.name: frame(table, make(ledger, draw)) for table, make in zip(RUN_TABLES, values, strict=True)}


def frame(table: Table, values: Values) -> pd.DataFrame:
    """One table, with the columns of its file."""
    columns = (*([DRAW] if DRAW.name in values else []), *table.columns)
    return pd.DataFrame({column.name: _series(column, values[column.name]) for column in columns})


def _series(column: Column, values: Sequence[Any]) -> pd.Series[Any]:
    if column.kind in (Kind.DAY, Kind.MONTH):
        return pd.Series(np.array(values, dtype="datetime64[s]"))
    if column.kind is Kind.COUNT:
        return pd.Series(list(values), dtype="Int64" if column.optional else "int64")
    if column.kind is Kind.FLAG:
        return pd.Series(list(values), dtype="bool")
    if column.kind is Kind.TEXT:
        return pd.Series(list(values), dtype="str")
    forms = {value: _exact(column.kind, value) for value in set(values)}
    return pd.Series([forms[value] for value in values], dtype="object")


def _exact(kind: Kind, value: Any) -> Decimal | None:
    if value is None or value == "":
        return None
    if kind is Kind.NUMBER:
        return Decimal(value)
    return Decimal(value).scaleb(-2 if kind is Kind.CENTS else -9)
