"""Forecasts: a portfolio of contracts in one of its named scenarios, block by block, wherever the work is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from planshift.billing.blocks import jobs_for
from planshift.billing.usage_request import check_draws
from planshift.forecasting.backends import PROCESSES, SERIAL, Backend, backend_of
from planshift.forecasting.block import Daily
from planshift.forecasting.checkpoint import Kept, WorkFolder, fingerprint, passing
from planshift.forecasting.history import Grid
from planshift.forecasting.result import Forecast
from planshift.forecasting.sums import Part, together
from planshift.portfolio.portfolio import Portfolio
from planshift.portfolio.table import AccountTable
from planshift.usage.synthetic.reading import shipped_personas
from planshift.version import __version__

Progress = Callable[[int, int], None]
"""Is told how many accounts are done, of how many."""
Work = Callable[[range], bytes]
Numbers = npt.NDArray[np.int64]

BLOCK = 10_000_000
"""Member-days times draws of a block, or what takes as long: a second or so of work."""
COARSE_ACCOUNT, COARSE_DRAW = 100_000, 1_000
"""Member-days that take as long as an account takes the coarse way, and as each draw of it does."""
BLOCKS = 512
"""There are not many more blocks than these, however much work there is."""

COARSELY = (
    "a coarse forecast: usage is drawn by persona and month from reference members; organizations' limits and credits"
    " are applied by month, and only members' own ones by day"
)


def forecast(
    portfolio: Portfolio,
    *,
    draws: int | None = None,
    seed: int | None = None,
    scenario: str | None = None,
    backend: str | Backend | None = None,
    jobs: int | None = None,
    work: WorkFolder | None = None,
    coarse: bool = False,
    progress: Progress | None = None,
) -> Forecast:
    """A portfolio's forecast in one of its scenarios, the first where none is named.

    ``draws`` and ``seed`` go before the portfolio's. ``backend``: see `backend_of`; None for what is worth its while,
    with so many ``jobs``. ``work``: where finished blocks are kept and taken from; without it nothing is kept. Nothing
    that comes out depends on backend, jobs, blocks or their order. ``coarse``: members by persona and month instead of
    day by day. Raises InputError with every mistake of meaning, OutputError where blocks cannot be kept.
    """
    check_draws(draws, seed)
    chosen = portfolio.under(scenario)
    chosen = replace(
        chosen,
        draws=chosen.draws if draws is None else draws,
        seed=chosen.seed if seed is None else seed,
    )
    blocks = blocks_of(_coarse_work(chosen) if coarse else daily_work(chosen))
    where = chosen_backend(backend, jobs, chosen)
    with ExitStack() as stack:
        kept = (work or stack.enter_context(passing())).run(digest_of(chosen, blocks, coarse))
        work_off(_work_of(chosen, coarse), blocks, where, kept, progress)
        parts = (Part.unpacked(kept.read(number)) for number in blocks)
        whole = together(parts, chosen.months, chosen.draws)
    (named,) = chosen.scenarios.values()
    return Forecast(
        scenario=named.name,
        title=named.title,
        months=Grid(chosen.start, chosen.months).firsts,
        draws=chosen.draws,
        cells=dict(sorted(whole.sums.cells.items())),
        opening=dict(sorted(whole.sums.opening.items())),
        committed=dict(sorted(whole.sums.committed.items())),
        usage=dict(sorted(whole.sums.usage.items())),
        renewals=whole.renewals,
        accounts=whole.accounts,
        coarse=coarse,
        warnings=(*((COARSELY,) if coarse else ()), *whole.warnings),
    )


def _work_of(portfolio: Portfolio, coarse: bool) -> Work:
    if not coarse:
        return Daily(portfolio, portfolio.draws)
    from planshift.forecasting.coarse.work import Coarse

    return Coarse(portfolio, portfolio.draws)


def daily_work(portfolio: Portfolio) -> Numbers:
    """How much there is to do for each account day by day: member-days times draws, shape (accounts,)."""
    days = (portfolio.end - portfolio.simulated_from).days
    return (members_of(portfolio.accounts) + 1) * days * portfolio.draws


def _coarse_work(portfolio: Portfolio) -> Numbers:
    """The same for the coarse way, in member-days that take as long."""
    return np.full(len(portfolio.accounts), COARSE_ACCOUNT + COARSE_DRAW * portfolio.draws, dtype=np.int64)


def blocks_of(work: Numbers) -> dict[int, range]:
    """The accounts in numbered blocks of about as much work, each of at least one account."""
    done = np.cumsum(work)
    size = max(BLOCK, int(done[-1]) // BLOCKS) if len(done) else BLOCK
    bounds = [0]
    while bounds[-1] < len(done):
        before = int(done[bounds[-1] - 1]) if bounds[-1] else 0
        bounds.append(max(bounds[-1] + 1, int(np.searchsorted(done, before + size, side="right"))))
    return {number: range(first, last) for number, (first, last) in enumerate(pairwise(bounds))}


def members_of(accounts: AccountTable) -> Numbers:
    """How many members each account has, shape (accounts,)."""
    counts = [np.maximum(values, 0) for name, values in accounts.numbers.items() if name.startswith("members_")]
    return np.sum(counts, axis=0, dtype=np.int64) if counts else np.zeros(len(accounts), dtype=np.int64)


def chosen_backend(backend: str | Backend | None, jobs: int | None, portfolio: Portfolio) -> Backend:
    """The backend that is asked for; where none is, what is worth its while for a portfolio, with so many jobs."""
    if backend is not None:
        return backend_of(backend, jobs) if isinstance(backend, str) else backend
    worth = jobs or jobs_for(int(daily_work(portfolio).sum()))
    return backend_of(SERIAL if worth == 1 else PROCESSES, worth)


def digest_of(portfolio: Portfolio, blocks: Mapping[int, range], way: object) -> str:
    """A digest of everything that decides a result, the ``way`` to it among that, and how the accounts are divided."""
    bounds = [block.stop for block in blocks.values()]
    people = portfolio.personas.personas, shipped_personas().shocks
    return fingerprint(__version__, np.__version__, portfolio, people, bounds, way)


def work_off(work: Work, blocks: Mapping[int, range], backend: Backend, kept: Kept, progress: Progress | None) -> None:
    """Have every block done that is not kept, and keep it as soon as it is."""
    total = sum(map(len, blocks.values()))
    missing = {number: block for number, block in blocks.items() if not kept.has(number)}
    done = total - sum(map(len, missing.values()))
    tell = progress or (lambda *_: None)
    tell(done, total)
    if not missing:
        return
    with closing(backend.map(work, missing)) as results:
        for number, data in results:
            kept.keep(number, data)
            done += len(blocks[number])
            tell(done, total)
