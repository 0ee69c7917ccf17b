"""The rows of usage of a run that were drawn at random, as a usage file would hold them."""

from __future__ import annotations

import numpy as np

from planshift.billing.answering import metered_from
from planshift.explanation.replay import Replay
from planshift.plans.rates import TOKEN_CLASSES
from planshift.usage.pricing import UsageColumns
from planshift.usage.rows import Block

_EPOCH = np.datetime64("1970-01-01", "D")
DRAW = 0
"""The draw that is explained: the first."""


def drawn_rows(replay: Replay) -> Block:
    """All rows of the run's first draw."""
    scenario, end = replay.run.scenario, replay.ledger.end
    asked = scenario.asked(end, range(DRAW, DRAW + 1))
    rows = asked.rows(DRAW, metered_from(scenario, end, counterfactual=replay.counterfactual))
    since_epoch = int((np.datetime64(rows.start, "D") - _EPOCH).astype(np.int64))
    columns = UsageColumns(
        day=(rows.day + since_epoch).astype(np.int32),
        model=rows.model,
        model_names=rows.model_names,
        tokens={name: rows.tokens[:, place] for place, name in enumerate(TOKEN_CLASSES)},
    )
    return Block(0, columns, rows.user, rows.user_names, rows.surface, rows.surface_names)
