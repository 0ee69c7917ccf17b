"""A portfolio's simulated charges as a FOCUS file, block by block, wherever the work is done."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType

from planshift.forecasting.backends import Backend
from planshift.forecasting.block import Daily
from planshift.forecasting.charges import account_charges
from planshift.forecasting.checkpoint import WorkFolder, passing
from planshift.forecasting.forecasting import (
    Progress,
    blocks_of,
    chosen_backend,
    daily_work,
    digest_of,
    work_off,
)
from planshift.portfolio.portfolio import Portfolio
from planshift.reports.focus.names import shipped_names
from planshift.reports.focus.rows import focus_header, focus_rows


class FocusBlock(Daily):
    """The work of a block: accounts by their places in the portfolio, in one of its scenarios, to their rows as CSV
    without a header, in bytes."""

    def __init__(self, portfolio: Portfolio) -> None:
        super().__init__(portfolio, 1)

    def __call__(self, rows: range) -> bytes:
        """The rows of some accounts, in their order."""
        names, (scenario,) = shipped_names(), self.portfolio.scenarios
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        for account, runs in self.runs(rows):
            for draws, run in runs:
                prices = self.shared.of_some(draws).seat_prices
                writer.writerows(
                    focus_rows(account, account_charges(account, run, self.portfolio, prices), names, scenario)
                )
        return text.getvalue().encode()


def focus_csv(
    portfolio: Portfolio,
    *,
    seed: int | None = None,
    scenario: str | None = None,
    backend: str | Backend | None = None,
    jobs: int | None = None,
    work: WorkFolder | None = None,
    progress: Progress | None = None,
) -> Iterator[bytes]:
    """The FOCUS file of a portfolio in one of its scenarios, the first where none is named, in parts of some accounts.

    Charges are those of the first draw, which is the same however many there are; accounts come in order of id. The
    other arguments are those of `planshift.forecasting.forecasting.forecast`. Raises what that raises, before
    anything is given out.
    """
    chosen = portfolio.under(scenario)
    chosen = replace(chosen, draws=1, seed=chosen.seed if seed is None else seed)
    blocks = blocks_of(daily_work(chosen))
    where = chosen_backend(backend, jobs, chosen)
    with ExitStack() as stack:
        kept = (work or stack.enter_context(passing())).run(digest_of(chosen, blocks, ("focus", shipped_names())))
        work_off(FocusBlock(chosen), blocks, where, kept, progress)
        yield (",".join(focus_header()) + "\n").encode()
        for number in blocks:
            yield kept.read(number)


def focus_files(
    portfolio: Portfolio,
    scenarios: Sequence[str],
    *,
    backend: str | Backend | None = None,
    jobs: int | None = None,
    work: WorkFolder | None = None,
    progress: Mapping[str, Progress | None] = MappingProxyType({}),
) -> dict[str, Callable[[Path], None]]:
    """The names of the FOCUS files of a portfolio's scenarios, each with what writes it to a path, a part at a time.

    A file a scenario, as charges of different ones must not be added up: ``focus.csv`` for one, else ``focus_base.csv``
    and so on. ``progress``: by scenario. See `focus_csv`.
    """

    def written(scenario: str, path: Path) -> None:
        with path.open("wb") as file:
            told = progress.get(scenario)
            for part in focus_csv(portfolio, scenario=scenario, backend=backend, jobs=jobs, work=work, progress=told):
                file.write(part)

    return {focus_name(one, scenarios): partial(written, one) for one in scenarios}


def focus_name(scenario: str, scenarios: Sequence[str]) -> str:
    """The name of a scenario's file among those of several."""
    return "focus.csv" if len(scenarios) == 1 else f"focus_{scenario}.csv"
