"""The usage rows of one draw, as a usage file would hold them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from planshift.plans.rates import TOKEN_CLASSES
from planshift.usage.cells import MODIFIERS, SEARCHES, TOKEN_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class UsageRows:
    """Rows of usage as columns of equal length, in order of date, member, surface and model.

    ``day`` counts days since ``start``; ``user``, ``surface`` and ``model`` index their lists of names; ``tokens`` has
    the shape (rows, token classes). Each row has tokens.
    """

    start: date
    day: Integers
    user: Integers
    user_names: Sequence[str]
    surface: Integers
    surface_names: Sequence[str]
    model: Integers
    model_names: Sequence[str]
    tokens: Integers

    def __len__(self) -> int:
        return len(self.day)

    def frame(self) -> pd.DataFrame:
        """The rows in the columns of a usage file."""
        import pandas as pd

        dates = np.datetime64(self.start, "D") + self.day.astype("timedelta64[D]")
        columns: dict[str, object] = {
            "date": np.datetime_as_string(dates).astype(object),
            "user_id": np.array(self.user_names, dtype=object)[self.user],
            "surface": np.array(self.surface_names, dtype=object)[self.surface],
            "model": np.array(self.model_names, dtype=object)[self.model],
        }
        for column, name in TOKEN_COLUMNS.items():
            columns[column] = self.tokens[:, TOKEN_CLASSES.index(name)]
        return pd.DataFrame({**columns, SEARCHES: 0, MODIFIERS: ""})


@dataclass(frozen=True)
class Portion:
    """Steps of some members on one surface: ``steps`` of the shape (days, members), and the ``tokens`` of a step of
    each, shape (members, models, classes); ``members`` and ``models`` index all names."""

    surface: int
    members: Integers
    models: Integers
    steps: Integers
    tokens: Integers


def usage_rows(
    start: date, users: Sequence[str], surfaces: Sequence[str], models: Sequence[str], portions: Iterable[Portion]
) -> UsageRows:
    """The rows of all portions together."""
    parts = [_rows(portion) for portion in portions]
    keys = np.concatenate([np.empty((0, 4), dtype=np.int64), *(keys for keys, _ in parts)])
    tokens = np.concatenate([np.empty((0, len(TOKEN_CLASSES)), dtype=np.int64), *(tokens for _, tokens in parts)])
    order = np.lexsort(keys.T[::-1])
    day, user, surface, model = keys[order].T
    return UsageRows(start, day, user, users, surface, surfaces, model, models, tokens[order])


def _rows(portion: Portion) -> tuple[Integers, Integers]:
    """Day, user, surface and model of each row, and its tokens."""
    day, member = np.nonzero(portion.steps)
    tokens = portion.steps[day, member][:, None, None] * portion.tokens[member]
    row, model = np.nonzero(tokens.any(axis=-1))
    surface = np.full(len(row), portion.surface)
    keys = np.stack([day[row], portion.members[member[row]], surface, portion.models[model]], axis=1)
    return keys, tokens[row, model]
