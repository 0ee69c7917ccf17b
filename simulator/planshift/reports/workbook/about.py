"""What a workbook says of the run that it shows, beside the run's forecasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from planshift.reports.folder import InputFile
from planshift.reports.forecast.measured import Target


@dataclass(frozen=True)
class TermsCount:
    """So many accounts pay so many days after the invoice; ``end_of_month`` as in PaymentTerms."""

    days: int
    end_of_month: str
    accounts: int


@dataclass(frozen=True)
class Shock:
    """Something that all accounts share: what it is, from when on, how large, how likely, and who says so.

    ``title``: "Growth of usage", "Token prices"; ``scenario``: whose it is; ``since``: None where it holds from the
    first day on; ``size``: in words with its unit, "+30 % a year, standard deviation 12 %"; ``probability``: from 0 to
    1, None where it is a distribution.
    """

    scenario: str
    title: str
    since: date | None
    size: str
    probability: float | None
    source: str


@dataclass(frozen=True)
class WorkbookAbout:
    """The run behind a workbook.

    ``portfolio`` and ``plans``: the files it was made from, with their digests. ``chosen``: the scenario that the
    workbook opens with, the first where it is empty. ``notes``: sentences to read before believing a figure.
    """

    title: str
    command: str
    seed: int
    portfolio: Sequence[InputFile]
    plans: Sequence[InputFile]
    targets: Sequence[Target] = ()
    payment: Sequence[TermsCount] = ()
    shocks: Sequence[Shock] = ()
    notes: Sequence[str] = field(default=())
    chosen: str = ""
