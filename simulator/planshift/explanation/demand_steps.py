"""What a member asked for at list price: tokens × price per million, by surface and model (Rulebook U1, U2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import numpy as np

from planshift.billing.money import dollars
from planshift.explanation.drawn_rows import DRAW, drawn_rows
from planshift.explanation.explanation import Step
from planshift.explanation.member_month import MemberMonth, adds_up
from planshift.explanation.replay import Replay
from planshift.explanation.words import counted, listed, price
from planshift.plans.plan import ALWAYS
from planshift.plans.rates import TOKEN_CLASSES, RateCard, UnitPrices
from planshift.usage.measure import Carried
from planshift.usage.pricing import UsageColumns, row_costs
from planshift.usage.repetition import repeated
from planshift.usage.rows import Block, read_blocks
from planshift.usage.synthetic.organization import Organization

MODELS_SHOWN = 5
_EPOCH = date(1970, 1, 1).toordinal()
_CLASS_NAMES: Mapping[str, str] = {
    "input": "input",
    "output": "output",
    "cache_read": "cache read",
    "cache_write_5m": "cache write (5 minutes)",
    "cache_write_1h": "cache write (1 hour)",
}


@dataclass(frozen=True)
class PriceKey:
    """What rows have in common that cost alike: surface, model, modifiers, the day since which the model's prices hold,
    and the unit prices."""

    surface: str
    model: str
    modifiers: tuple[str, ...]
    since: date
    unit: tuple[Decimal, ...]


@dataclass
class Used:
    """Rows that cost alike, added up: tokens by class, searches, rows, and what they cost, nano-dollars.

    ``repeated``: how many of the rows are earlier ones, carried forward.
    """

    prices: UnitPrices
    tokens: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TOKEN_CLASSES, 0))
    searches: int = 0
    rows: int = 0
    repeated: int = 0
    cost: int = 0


def demand_steps(month: MemberMonth) -> list[Step]:
    """The member's demand, its surfaces (level 1), and on each its models (level 2): they add up to it."""
    whole = month.amount("demand")
    used = used_in(month)
    adds_up("demand", whole, sum(found.cost for found in used.values()))
    rows = sum(found.rows for found in used.values())
    repeated = sum(found.repeated for found in used.values())
    drawn = f", drawn at random (draw {DRAW})" if isinstance(month.replay.run.scenario.usage, Organization) else ""
    text = f"asked for, at list price: {counted(rows, 'row')} of usage{drawn}, each rounded half up to the nano-dollar"
    text += f"; {repeated:,} of them repeat earlier days, as the usage file ends before" if repeated else ""
    steps = [Step(text, dollars(whole), rule="U1")]
    surfaces = month.replay.run.scenario.surfaces
    card = _card(month)
    for surface in sorted({key.surface for key in used}):
        here = {key: found for key, found in used.items() if key.surface == surface}
        total = sum(found.cost for found in here.values())
        steps.append(Step(surfaces.get(surface, surface), dollars(total), rule="U1", level=1))
        steps += _models(here, card)
    return steps


def _models(used: Mapping[PriceKey, Used], card: RateCard) -> Iterator[Step]:
    ordered = sorted(used.items(), key=lambda pair: (-pair[1].cost, pair[0].model, pair[0].modifiers, pair[0].since))
    for key, found in ordered[:MODELS_SHOWN]:
        rule = "U1, U2" if key.modifiers else "U1"
        yield Step(_calculation(key, found, card), dollars(found.cost), rule=rule, source=_source(found, card), level=2)
    rest = ordered[MODELS_SHOWN:]
    if rest:
        models = dict.fromkeys(card.models[key.model].title for key, _ in rest)
        cost = sum(found.cost for _, found in rest)
        yield Step(f"the rest: {listed(models)}", dollars(cost), rule="U1", level=2)


def _calculation(key: PriceKey, used: Used, card: RateCard) -> str:
    """``Claude Opus 5.5: 1,234 input x 5.00 + … USD per million tokens``."""
    name = card.models[key.model].title
    modified = f" ({listed(card.modifiers[modifier].title for modifier in key.modifiers)})" if key.modifiers else ""
    since = f", prices since {key.since}" if key.since != ALWAYS else ""
    priced = zip(TOKEN_CLASSES, used.prices.tokens, strict=True)
    parts = [
        f"{used.tokens[name]:,} {_CLASS_NAMES[name]} x {price(each)}" for name, each in priced if used.tokens[name]
    ]
    said = f"{' + '.join(parts)} USD per million tokens" if parts else ""
    if used.searches:
        noun = "web search" if used.searches == 1 else "web searches"
        said += f"{' + ' if said else ''}{used.searches:,} {noun} x {price(used.prices.web_search)} USD"
    return f"{name}{modified}{since}: {said or 'no tokens'}"


def _source(used: Used, card: RateCard) -> str:
    """Who says the prices that were needed."""
    needed = {name for name, count in used.tokens.items() if count} | ({"web_search"} if used.searches else set())
    idle = {*TOKEN_CLASSES, "web_search"} - needed
    entries = [entry for name, entry in used.prices.sources.items() if name not in idle]
    return "; ".join(dict.fromkeys(card.source(entry).removesuffix(".") for entry in entries))


def _card(month: MemberMonth) -> RateCard:
    scenario = month.replay.run.scenario
    return scenario.catalogue.card(scenario.contract.plan)


# --- the rows ----------------------------------------------------------------------------------------------------


def used_in(month: MemberMonth) -> dict[PriceKey, Used]:
    """What a member used in a month under a plan, from the usage file or as it was drawn, row by row."""
    found: dict[PriceKey, Used] = {}
    card = _card(month)
    modifiers = month.replay.run.scenario.modifiers
    for block in _blocks(month.replay):
        for columns, surfaces, repeats in _rows(block, modifiers, month, card):
            _add(found, columns, surfaces, card, repeats=repeats)
    return found


def _blocks(replay: Replay) -> Iterable[Block]:
    """All rows of usage that a run was made from."""
    usage = replay.run.scenario.usage
    if isinstance(usage, Organization):
        return [drawn_rows(replay)]
    return read_blocks(usage.path) if usage else []


def _rows(
    block: Block, modifiers: Sequence[str], month: MemberMonth, card: RateCard
) -> Iterator[tuple[UsageColumns, list[str], bool]]:
    """The member's rows of the days, on the days they fall on, with their surfaces, and whether they are repeated."""
    if month.member not in block.user_names:
        return
    own = np.flatnonzero(block.users == list(block.user_names).index(month.member))
    first, end = (day.toordinal() - _EPOCH for day in month.span)
    for shift, since, until in _repeats(month.replay.carried, end):
        days = block.columns.day[own].astype(np.int64)
        chosen = (days + shift >= first) & (days + shift < end) & (days >= since) & (days < until)
        rows = own[chosen]
        if len(rows):
            columns = block.columns.of_rows(rows).with_modifiers(modifiers)
            columns = repeated(columns, shift, card).columns if shift else columns
            yield columns, [block.surface_names[int(code)] for code in block.surfaces[rows]], shift > 0


def _repeats(carried: Carried | None, end: int) -> Iterable[tuple[int, int, int]]:
    """By how many days usage is moved, and which days of it: the file as it is, and as often as it is repeated."""
    yield 0, -_EPOCH, end
    if carried is None:
        return
    since = carried.first.toordinal() - _EPOCH
    for shift in range(carried.days, end - since, carried.days):
        yield shift, since, since + carried.days


def _add(
    found: dict[PriceKey, Used], columns: UsageColumns, surfaces: list[str], card: RateCard, *, repeats: bool
) -> None:
    for row, cost in enumerate(row_costs(columns, card).tolist()):
        day = columns.date_of(row)
        model = card.resolve(columns.model_of(row)) or columns.model_of(row)
        modifiers = tuple(sorted(columns.modifiers_of(row).split()))
        prices = card.price(model, day, modifiers)
        unit = (*prices.tokens, prices.web_search)
        key = PriceKey(surfaces[row], model, modifiers, prices_since(card, model, day), unit)
        used = found.setdefault(key, Used(prices))
        for name, column in columns.tokens.items():
            used.tokens[name] += int(column[row])
        used.searches += 0 if columns.web_searches is None else int(columns.web_searches[row])
        used.rows += 1
        used.repeated += repeats
        used.cost += cost


def prices_since(card: RateCard, model: str, day: date) -> date:
    """The day since which a model's token prices on a day hold."""
    dates = {since for dated in card.models[model].prices.values() for since in dated.dates}
    return max((since for since in dates if since <= day), default=ALWAYS)
