"""What a member asked for at list price: tokens × price per million, by surface and model (Rulebook U1, U2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import numpy as np

from planshift.billing.money import dollars
from planshift.billing.simulation import metered_from
from planshift.explanation.explanation import Step, Words, adds_up
from planshift.explanation.replay import MemberMonth, Replay
from planshift.plans.plan import ALWAYS
from planshift.plans.rates import TOKEN_CLASSES, RateCard, UnitPrices
from planshift.usage.measure import Carried
from planshift.usage.pricing import UsageColumns, repeated, row_costs
from planshift.usage.rows import Block, read_blocks
from planshift.usage.synthetic.persona import Organization

MODELS_SHOWN = 5
DRAW = 0
"""The draw that is explained: the first."""
_EPOCH = date(1970, 1, 1).toordinal()


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
    words, used, scenario = month.words, used_in(month), month.replay.run.scenario
    whole = dollars(month.amount("demand"))
    adds_up("demand", whole, dollars(sum(found.cost for found in used.values())))
    count, repeats = sum(found.rows for found in used.values()), sum(found.repeated for found in used.values())
    drawn = words.say("demand.drawn", draw=DRAW) if isinstance(scenario.usage, Organization) else ""
    text = words.say("demand.rows", count=count, drawn=drawn)
    text += words.say("demand.repeated", count=repeats) if repeats else ""
    steps = [Step(text, whole, rule="U1")]
    for surface in sorted({key.surface for key in used}):
        here = {key: found for key, found in used.items() if key.surface == surface}
        total = dollars(sum(found.cost for found in here.values()))
        steps.append(Step(scenario.surfaces.get(surface, surface), total, rule="U1", level=1))
        steps += _models(words, here, _card(month))
    return steps


def _models(words: Words, used: Mapping[PriceKey, Used], card: RateCard) -> Iterator[Step]:
    ordered = sorted(used.items(), key=lambda pair: (-pair[1].cost, pair[0].model, pair[0].modifiers, pair[0].since))
    for key, found in ordered[:MODELS_SHOWN]:
        rule, text = "U1, U2" if key.modifiers else "U1", _calculation(words, key, found, card)
        yield Step(text, dollars(found.cost), rule=rule, source=_source(words, found, card), level=2)
    rest = ordered[MODELS_SHOWN:]
    if rest:
        models = words.listed(dict.fromkeys(card.models[key.model].title for key, _ in rest))
        cost = sum(found.cost for _, found in rest)
        yield Step(words.say("demand.rest", models=models), dollars(cost), rule="U1", level=2)


def _calculation(words: Words, key: PriceKey, used: Used, card: RateCard) -> str:
    """``Claude Opus 5.5: 1,234 input x 5.00 + … USD per million tokens``."""
    name = card.models[key.model].title
    name += f" ({words.listed(card.modifiers[one].title for one in key.modifiers)})" if key.modifiers else ""
    name += words.say("demand.since", day=key.since) if key.since != ALWAYS else ""
    parts = [
        f"{words.say(f'demand.tokens.{token}', number=used.tokens[token])} x {words.number(each, 2)}"
        for token, each in zip(TOKEN_CLASSES, used.prices.tokens, strict=True)
        if used.tokens[token]
    ]
    said = [words.say("demand.per_million", tokens=" + ".join(parts))] if parts else []
    if used.searches:
        price = words.number(used.prices.web_search, 2)
        said.append(words.say("demand.searches", count=used.searches, price=price))
    return f"{name}: {' + '.join(said) or words.say('demand.no_tokens')}"


def _source(words: Words, used: Used, card: RateCard) -> str:
    """Who says the prices that were needed."""
    needed = {name for name, count in used.tokens.items() if count} | ({"web_search"} if used.searches else set())
    idle = {*TOKEN_CLASSES, "web_search"} - needed
    entries = [entry for name, entry in used.prices.sources.items() if name not in idle]
    return "; ".join(dict.fromkeys(words.source(card, entry) for entry in entries))


def _card(month: MemberMonth) -> RateCard:
    scenario = month.replay.run.scenario
    return scenario.catalogue.card(scenario.contract.plan)


# --- the rows ----------------------------------------------------------------------------------------------------


def used_in(month: MemberMonth) -> dict[PriceKey, Used]:
    """What a member used in a month under a plan, from the usage file or as it was drawn, row by row."""
    found: dict[PriceKey, Used] = {}
    card = _card(month)
    for block in _blocks(month.replay):
        for columns, surfaces, repeats in _rows(block, month, card):
            _add(found, columns, surfaces, card, repeats=repeats)
    return found


def _blocks(replay: Replay) -> Iterable[Block]:
    """All rows of usage that a run was made from."""
    usage = replay.run.scenario.usage
    if isinstance(usage, Organization):
        return [_drawn_rows(replay)]
    return read_blocks(usage.path) if usage else []


def _drawn_rows(replay: Replay) -> Block:
    """All rows of the run's first draw, as a usage file would hold them."""
    scenario, end = replay.run.scenario, replay.ledger.end
    asked = scenario.asked(end, range(DRAW, DRAW + 1))
    rows = asked.rows(DRAW, metered_from(scenario, end, counterfactual=replay.counterfactual))
    columns = UsageColumns(
        day=(rows.day + rows.start.toordinal() - _EPOCH).astype(np.int32),
        model=rows.model,
        model_names=rows.model_names,
        tokens={name: rows.tokens[:, index] for index, name in enumerate(TOKEN_CLASSES)},
    )
    return Block(0, columns, rows.user, rows.user_names, rows.surface, rows.surface_names)


def _rows(block: Block, month: MemberMonth, card: RateCard) -> Iterator[tuple[UsageColumns, list[str], bool]]:
    """The member's rows of the days, on the days they fall on, with their surfaces, and whether they are repeated."""
    if month.member not in block.user_names:
        return
    own = np.flatnonzero(block.users == list(block.user_names).index(month.member))
    first, end = (day.toordinal() - _EPOCH for day in month.span)
    for shift, since, until in _repeats(month.replay.carried, end):
        days = block.columns.day[own].astype(np.int64)
        rows = own[(days + shift >= first) & (days + shift < end) & (days >= since) & (days < until)]
        if len(rows):
            columns = block.columns.of_rows(rows).with_modifiers(month.replay.run.scenario.modifiers)
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
        used = found.setdefault(
            PriceKey(surfaces[row], model, modifiers, prices_since(card, model, day), unit), Used(prices)
        )
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
