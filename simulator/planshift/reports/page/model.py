"""The page as data, in the order in which it is read; what there is nothing to say about is None or empty.

Amounts are in cents, shares are fractions of one. Nothing here is in any language yet: what needs words is a `Said` or
a `Name`. What of it a customer may see stands in `planshift.reports.page.audience`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from planshift.reports.page.said import Name, Said, Value


@dataclass(frozen=True)
class Range:
    """What a tenth, half and nine tenths of the draws do not exceed, cents."""

    p10: int
    p50: int
    p90: int


@dataclass(frozen=True)
class Verdict:
    """The answer: what the year costs on both plans. With draws the amounts are those in their middle.

    ``said``: the sentence. ``dearer``: the share of draws in which the new plan costs more; None without draws.
    """

    said: Said
    old: int
    new: int
    change: int
    share: Fraction | None
    old_range: Range | None = None
    new_range: Range | None = None
    change_range: Range | None = None
    dearer: Fraction | None = None


@dataclass(frozen=True)
class Step:
    """A step of the bridge: its key in the labels, what it adds, and how far that is spread over draws."""

    key: str
    cents: int
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True)
class Bridge:
    """From the old cost to the new one, in steps that add up; with draws all of them are means."""

    old: int
    steps: tuple[Step, ...]
    new: int


@dataclass(frozen=True)
class MonthRow:
    """A month: what it costs on both plans, how far the new cost is spread, what the same month cost a year before."""

    month: date
    old_seats: int
    old_usage: int
    new_seats: int
    new_usage: int
    old: int
    new: int
    change: int
    low: int | None = None
    high: int | None = None
    before: int | None = None


@dataclass(frozen=True)
class Months:
    """The months, and what they come to; ``before`` None where the year before is not whole."""

    rows: tuple[MonthRow, ...]
    old: int
    new: int
    change: int
    before: int | None = None


@dataclass(frozen=True)
class GroupRow:
    """Members who get cheaper, dearer, or cost about the same, as ``key`` says; ``of`` how many there are in all.

    With draws they are counted in each draw and averaged; ``low`` and ``high``: the P10 and P90 of their number.
    """

    key: str
    members: Fraction
    of: int
    low: int
    high: int
    old: int
    new: int
    change: int
    mean: int | None
    share_of_change: Fraction | None


@dataclass(frozen=True)
class TeamRow:
    """A team; several as one where ``teams`` is more than one. An empty name: members in no team.

    ``cheaper`` and ``dearer``: its members who cost less and more, with draws counted in each draw and averaged.
    """

    name: Value
    members: int
    change: int
    cheaper: Fraction
    dearer: Fraction
    teams: int = 1


@dataclass(frozen=True)
class MemberRow:
    """One of those whose cost changes most; of members who are drawn, all ``count`` of a persona, on average."""

    name: Value
    team: str
    count: int
    old: int
    new: int
    change: int


@dataclass(frozen=True)
class SeatRow:
    """A seat type's break-even: usage a month at list price from which on the new plan is dearer, or cheaper.

    ``crossings``: cents with ``dearer`` or ``cheaper``; without any, ``everywhere`` says which it is at any usage.
    ``seat`` None: the whole organization, everybody's usage growing alike.
    """

    seat: Name | None
    crossings: tuple[tuple[int, str], ...]
    everywhere: str
    members: int
    dearer: int | None
    cheaper: int | None
    mean_usage: int


@dataclass(frozen=True)
class WinnersLosers:
    """Whom the renewal makes cheaper or dearer: groups, teams, the largest changes, and where costs break even.

    ``drawn``: are the members drawn from personas, so that ``members`` are these?
    """

    groups: tuple[GroupRow, ...]
    teams: tuple[TeamRow, ...] = ()
    members: tuple[MemberRow, ...] = ()
    drawn: bool = False
    break_even: tuple[SeatRow, ...] = ()


@dataclass(frozen=True)
class StopRow:
    """Work that is not done, at list price where it is not open, else at the price it would have been billed at."""

    cause: str
    old: int
    new: int


@dataclass(frozen=True)
class HitRow:
    """Who is stopped on the new plan, in which months: an empty scope is the organization. Of a persona, one of its
    members.

    With draws: ``chance`` in the month ``likeliest`` for it, and ``in_year`` in any month, where that is known.
    """

    scope: Value
    cause: str
    months: tuple[date, ...]
    chance: Fraction | None
    stopped: int
    likeliest: date | None = None
    in_year: Fraction | None = None


@dataclass(frozen=True)
class Capability:
    """What becomes possible and what no longer is, at list price, for how many members; and who hits which limit.

    With draws all of it is counted in each draw and averaged.
    """

    newly_done: int
    newly_done_members: Fraction
    newly_stopped: int
    newly_stopped_members: Fraction
    stops: tuple[StopRow, ...] = ()
    hits: tuple[HitRow, ...] = ()
    more_hits: int = 0


@dataclass(frozen=True)
class Advice:
    """A recommendation: what, the rule behind it, and what it costs to be wrong either way.

    ``agreed``: what the scenario has; ``names``: members it names; ``further``: it is like the one before it, for
    another member.
    """

    what: Said
    value: Value
    agreed: Value | None
    rule: Said
    too_low: Said | None
    too_high: Said | None
    names: tuple[str, ...] = ()
    more_names: int = 0
    further: bool = False


@dataclass(frozen=True)
class Recommendation:
    """What we recommend; ``rests_on``: where there is no more than a year of usage to go by, how much there is.

    ``more_members``: who get a limit of their own besides those that are named.
    """

    advice: tuple[Advice, ...]
    rests_on: Said | None
    more_members: int = 0


@dataclass(frozen=True)
class MoveCell:
    """A move, with the unused term credited in one of the ways, up to a fixed end.

    ``change``: against waiting, negative where moving saves; ``paid``: what is invoiced in the month of the move.
    """

    cost: int
    change: int
    paid: int


@dataclass(frozen=True)
class MoveRow:
    """Moving on a day: a cell for each way to credit; the renewal has one, as nothing is left to credit."""

    day: date
    cells: tuple[MoveCell, ...]


@dataclass(frozen=True)
class Timing:
    """When to move: every day that can be chosen, and the renewal last; costs run from ``first`` to ``last``.

    ``credits``: the ways in which the unused term may be credited, as the plan file calls them; ``draws``: amounts are
    medians of so many, the first ones.
    """

    draws: int
    first: date
    last: date
    credits: tuple[str, ...]
    moves: tuple[MoveRow, ...]


@dataclass(frozen=True)
class WhatIfRow:
    """The renewal with something else: what the new plan costs then, more or less than the old one and than before.

    ``title``: a label for what we know, else the what-if's own title.
    """

    title: Value
    new: int
    change: int
    effect: int


@dataclass(frozen=True)
class SwingRow:
    """Something that the answer depends on, and the change of the year's cost between its outermost values."""

    title: Value
    low: int
    high: int
    low_value: Value
    high_value: Value


@dataclass(frozen=True)
class WhatIf:
    """What-ifs side by side, and what the answer depends on most; ``base``: the change as it stands in the draws on
    which that was ``tried``, the first ones.

    ``own_rows`` and ``own_swings`` are called what somebody's own files call them.
    """

    rows: tuple[WhatIfRow, ...]
    swings: tuple[SwingRow, ...]
    own_rows: tuple[WhatIfRow, ...]
    own_swings: tuple[SwingRow, ...]
    base: int
    tried: int


@dataclass(frozen=True)
class TermRow:
    """A term of both contracts: what it is, what it is worth on each, and whether that is an example, not theirs."""

    title: Value
    old: Value | None
    new: Value | None
    old_assumed: bool = False
    new_assumed: bool = False


@dataclass(frozen=True)
class Assumed:
    """A value that nobody has published: what is taken, and what else could be."""

    said: Said
    others: tuple[Said, ...] = ()


@dataclass(frozen=True)
class SourceRow:
    """Where rules and prices come from."""

    title: str
    address: str


@dataclass(frozen=True)
class InputRow:
    """A file behind the page: its part in it, its name, and its SHA-256."""

    role: Said
    name: str
    sha256: str


@dataclass(frozen=True)
class RestsOn:
    """What the page rests on. ``remarks``: what the run said besides, in English. ``command`` makes the page again.

    ``command_shape``: the same with the parts that files have in place of their names.
    """

    terms: tuple[TermRow, ...]
    notes: tuple[Said, ...]
    remarks: tuple[str, ...]
    assumed: tuple[Assumed, ...]
    sources: tuple[SourceRow, ...]
    inputs: tuple[InputRow, ...]
    command: str
    command_shape: str
    version: str


@dataclass(frozen=True)
class Page:
    """Everything on the page. ``customer``: whom it is for, as the header has it; ``prepared``: when and by whom it was
    made, and until when it holds; ``title``: the scenario's.

    ``draws``: how many simulated years there are, 0 where nothing is drawn at random.
    """

    customer: str
    prepared: tuple[Said, ...]
    title: str
    what_ifs: tuple[str, ...]
    what_if_count: int
    day: date
    last: date
    months: int
    old_plan: Name
    new_plan: Name
    draws: int
    verdict: Verdict
    bridge: Bridge
    month_by_month: Months
    who: WinnersLosers | None
    can_do: Capability | None
    recommendation: Recommendation | None
    when: Timing | None
    what_if: WhatIf | None
    rests_on: RestsOn
