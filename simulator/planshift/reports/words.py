"""Numbers, lists, the spread of an amount over draws, and what-ifs as a sentence for people has them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from planshift.billing.money import CENT, cents_text, half_up, to_cents

if TYPE_CHECKING:
    from planshift.billing.scenario import Scenario
    from planshift.impact.reach import Reads, Unreached, Why
    from planshift.impact.spread import Spread
    from planshift.plans.catalogue import Catalogue

YEAR = 12
"""So many months are called a year."""

WHOLE_DOLLARS_FROM = 100_000
"""From so many cents on, sentences and headlines say an amount in whole dollars; tables say it to the cent."""

_DIGITS = 3
"""So many digits of the distance between P10 and P90 are said."""
_WHOLE_DOLLARS = 100


def usd(cents: int) -> str:
    """Cents as dollars: ``14,870.00``."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02d}"


def prose_usd(cents: int) -> str:
    """Cents as dollars in a sentence, whole ones from 1,000 on, half up: ``74,164``, ``526.92``."""
    if abs(cents) < WHOLE_DOLLARS_FROM:
        return usd(cents)
    return f"{'-' if cents < 0 else ''}{(abs(cents) + 50) // 100:,}"


def usd_of(nanos: int) -> str:
    """Nano-dollars as dollars, half up to the cent: ``36.16``; what is not nothing never looks like it."""
    if 0 < nanos < CENT // 2:
        return "under 0.01"
    return usd(to_cents(nanos))


def prose_usd_of(nanos: int) -> str:
    """The same in a sentence: whole dollars from 1,000 on."""
    return usd_of(nanos) if nanos < WHOLE_DOLLARS_FROM * CENT else prose_usd(to_cents(nanos))


def counted(number: int, noun: str, plural: str = "") -> str:
    """``1 seat``, ``5,000 seats``, ``no seats``."""
    return f"{f'{number:,}' if number else 'no'} {noun if number == 1 else plural or noun + 's'}"


def listed(words: Iterable[str], joint: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *first, last = [*words] or [""]
    return f"{', '.join(first)} {joint} {last}" if first else last


def simulated(draws: int, months: int) -> str:
    """``1,000 simulated years``, ``one simulated year``; where they are no years, ``200 simulations of 24 months``."""
    number = "one" if draws == 1 else f"{draws:,}"
    if months == YEAR:
        return f"{number} simulated year{'' if draws == 1 else 's'}"
    return f"{number} simulation{'' if draws == 1 else 's'} of {counted(months, 'month')}"


def set_before(marks: Iterable[str]) -> str:
    """What is said before a sentence: ``What-if 'a' and what-if 'b': ``; nothing where there is nothing to say."""
    said = listed(marks)
    return f"{said[:1].upper()}{said[1:]}: " if said else ""


def number_word(number: int) -> str:
    """``twelve``; from thirteen on in figures."""
    return _WORDS[number] if 0 <= number < len(_WORDS) else f"{number:,}"


_WORDS = (*("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),)


def tenths(value: Fraction) -> str:
    """A fraction with one decimal, half up: ``24.7``."""
    number = half_up(value * 10)
    sign = "-" if number < 0 else ""
    return f"{sign}{abs(number) // 10}.{abs(number) % 10}"


def percent(part: int, whole: int) -> str:
    """How large a part is, whatever its sign: ``24.7 %``, ``under 0.1 %``; empty where the whole is nothing."""
    if not whole:
        return ""
    share = Fraction(abs(part), abs(whole)) * 100
    return "under 0.1 %" if 0 < share < Fraction(1, 20) else f"{tenths(share)} %"


def about(cents: int, spread: Spread) -> str:
    """An amount as far as its spread over the draws makes sense: ``74,200``; to the cent where there is none."""
    number = rounded(cents, spread)
    return prose_usd(number) if _step(spread) < _WHOLE_DOLLARS else prose_usd(number).removesuffix(".00")


def about_usd(cents: int, spread: Spread) -> str:
    """``about 74,200 USD``; ``74,164 USD`` where there is no spread."""
    return f"{'about ' if spread.p90 > spread.p10 else ''}{about(cents, spread)} USD"


def rounded(cents: int, spread: Spread) -> int:
    """The same as a number, cents."""
    step = _step(spread)
    if step < _WHOLE_DOLLARS:
        return cents
    sign = -1 if cents < 0 else 1
    return sign * ((abs(cents) + step // 2) // step) * step


def _step(spread: Spread) -> int:
    return 10 ** max(0, len(str(spread.p90 - spread.p10)) - _DIGITS) if spread.p90 > spread.p10 else 1


def middle(spread: Spread, draws: int, months: int) -> str:
    """``74,200 USD in the median of 1,000 simulated years (8 in 10 between 61,000 and 92,000)``; of one draw
    ``74,164 USD in one simulated year``."""
    return f"{about(spread.p50, spread)} USD{of_years(spread, draws, months)}"


def of_years(spread: Spread, draws: int, months: int) -> str:
    """What is said behind an amount: of how many simulated years, and how far it is spread over them."""
    if draws == 1:
        return f" in {simulated(draws, months)}"
    return f" in the median of {simulated(draws, months)} ({band_said(spread)})"


def band_said(spread: Spread) -> str:
    """``8 in 10 between 61,000 and 92,000``; that all are the same where 8 in 10 are."""
    if spread.p10 == spread.p90:
        return "8 in 10 are the same"
    return f"8 in 10 between {about(spread.p10, spread)} and {about(spread.p90, spread)}"


def percentiles_said(spread: Spread) -> str:
    """``P10 61,000, P50 74,200, P90 92,000, on average 75,100``."""
    p10, p50, p90, mean = map(prose_usd, (spread.p10, spread.p50, spread.p90, spread.mean))
    return f"P10 {p10}, P50 {p50}, P90 {p90}, on average {mean}"


def in_draws(draws: int, of_draws: int) -> str:
    """``in 83 of 100 draws``; the draws themselves where there are no more, or where that would say none or all."""
    if draws in (0, of_draws):
        return "in every draw" if draws else "in no draw"
    shown = half_up_percent(draws, of_draws)
    if of_draws <= 100 or shown in (0, 100):
        return f"in {draws:,} of {of_draws:,} draws"
    return f"in {shown} of 100 draws"


def half_up_percent(draws: int, of_draws: int) -> int:
    """So many of a hundred."""
    return half_up(Fraction(100 * draws, of_draws))


def change_said(change: Spread) -> str:
    """``the median difference is 14,700 USD more (8 in 10 between -2,100 and 30,300)``, of the change in each draw."""
    if not change.p50:
        return f"the median difference is nothing ({band_said(change)})"
    word = "more" if change.p50 > 0 else "less"
    return f"the median difference is {about(abs(change.p50), change)} USD {word} ({band_said(change)})"


def draw_notes(scenario: Scenario, draws: int) -> tuple[str, ...]:
    """What to know of random draws: where usage comes from, and what percentiles are; nothing where usage comes from a
    file."""
    if scenario.seed is None:
        return ()
    drawn = "one draw" if draws == 1 else counted(draws, "draw")
    source = (
        f"Usage is simulated, not measured: {drawn} at random from the scenario's personas, with seed {scenario.seed}"
    )
    if draws == 1:
        return (f"{source}; other draws come to other amounts (--draws 1000 shows how far they lie apart).",)
    return (
        f"{source}.",
        "P10, P50 and P90 are what 10, 50 and 90 of 100 draws do not exceed. They do not add up: every month, total and"
        " change has its own, and those of a change are of the change in each draw.",
    )


def detail_notes(draws: int, detail: int, tables: Sequence[str]) -> tuple[str, ...]:
    """Which tables hold only the first ``detail`` draws; nothing where there is but one."""
    if draws == 1:
        return ()
    names = listed(f"{name}.csv" for name in tables)
    held = f"{names} {'hold' if len(tables) > 1 else 'holds'} {_first(detail, draws)}"
    return (f"{held}; the other tables count all {draws:,}.",)


def _first(detail: int, draws: int) -> str:
    if detail >= draws:
        return f"all {draws:,} draws"
    return {0: "no draw", 1: "the first draw alone"}.get(detail, f"the first {detail:,} draws alone")


def spread_facts(spread: Spread) -> dict[str, str]:
    """A spread as plain data: amounts as text, exact."""
    return {name: cents_text(getattr(spread, name)) for name in ("mean", "p10", "p50", "p90")}


def share_text(draws: float, of_draws: int) -> str:
    """A share of the draws with four decimals, half up: ``0.8310``."""
    number = half_up(Fraction(draws) / of_draws * 10_000)
    return f"{number // 10_000}.{number % 10_000:04d}"


_WHY: Mapping[Why, str] = {
    "late": "it begins on {since}, after the last day of this run, {last}",
    "plan": "nobody in this run is on {name}",
    "ended": "it begins on {since}, and nobody in this run is on {name} after {last}",
    "seat": "nobody in this run has a {name}",
    "fee": "it begins on {since}, and no {name} is charged on that day or later in this run",
    "channel": "no contract in this run is bought through the channel {name}",
    "credits": "nobody in this run pays usage on {name} from credits",
    "card": "the usage of this run is not priced by {name}",
    "model": "nobody in this run uses {name}",
    "tokens": "nobody in this run uses any {part} tokens of {name}",
    "unused_since": "it begins on {since}, and nobody in this run uses {name} after {last}",
}


def no_effect(found: Unreached) -> str:
    """``What-if 'A seat for 25' has no effect here: it begins on 2030-01-01, after the last day of this run, …``."""
    part = found.part.replace("_", " ")
    why = _WHY[found.why].format(since=found.since, last=found.last, name=found.name, part=part)
    return f"What-if '{found.title}' has no effect here: {why}."


def without_effect(catalogue: Catalogue, reads: Callable[[], Reads]) -> tuple[str, ...]:
    """A sentence for each what-if laid on that reaches nothing."""
    return tuple(map(no_effect, _unreached(catalogue, reads)))


def with_effect(catalogue: Catalogue, reads: Callable[[], Reads]) -> tuple[str, ...]:
    """The titles of the others."""
    idle = {found.title for found in _unreached(catalogue, reads)}
    return tuple(overlay.title for overlay in catalogue.overlays if overlay.title not in idle)


def _unreached(catalogue: Catalogue, reads: Callable[[], Reads]) -> Sequence[Unreached]:
    if not catalogue.overlays:
        return ()
    # Sentences about plans alone need none of what a bill is read by.
    from planshift.impact.reach import unreached

    return list(unreached(catalogue, reads()))


def marks(titles: Iterable[str]) -> list[str]:
    """``what-if 'A seat for 25'``, one for each."""
    return [f"what-if '{title}'" for title in titles]


def said_before(sentences: Iterable[str]) -> str:
    """Sentences that go before another one."""
    return "".join(f"{sentence} " for sentence in sentences)


def what_ifs_said(catalogue: Catalogue, reads: Callable[[], Reads]) -> str:
    """``What-if 'a' and what-if 'b': ``, those with an effect, before anything else is said."""
    return set_before(marks(with_effect(catalogue, reads)))
