"""People, months and dollars in a table: what customers have in a spreadsheet, given tokens by a persona's mix."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from planshift.plans.bounds import day_problem
from planshift.problems import InputError, Problem, did_you_mean
from planshift.usage.formats.format import Format, Head
from planshift.usage.formats.priced import spread
from planshift.usage.formats.reading import (
    SEAT_BASED_SHOWS_EXTRA_ONLY,
    Counts,
    Entry,
    ImportOptions,
    Part,
    Reading,
    email_or_id,
)
from planshift.usage.formats.records import Record
from planshift.usage.formats.repeats import Repeats, leave_out, total_rows
from planshift.usage.formats.tables import Table, in_one_form, read_table

if TYPE_CHECKING:
    from planshift.usage.synthetic.persona import Persona

_USER, _MONTH, _AMOUNT = "user", "month", "usd"

# Column → other headers under which people have it, as planshift.usage.formats.tables.normalised writes them.
NAMES = {
    _USER: ("user_email", "email", "email_address", "user_id", "member", "member_email", "account_uuid", "name"),
    _MONTH: ("billing_month", "period", "date"),
    _AMOUNT: (
        "amount",
        "amount_usd",
        "cost",
        "cost_usd",
        "spend",
        "spend_usd",
        "total_spend_usd",
        "estimated_spend_usd",
        "total_cost_usd",
    ),
}
_TOKENS_TOO = frozenset({"model", "product", "input_tokens", "total_prompt_tokens"})

MOST_A_MONTH = 1_000_000
"""The most that one person can have used in a month, US dollars: whoever writes more has made a mistake."""

_MONTHS = {
    name.casefold(): number for names in (calendar.month_name, calendar.month_abbr) for number, name in enumerate(names)
}
_FORMS = (
    re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})"),
    re.compile(r"(?P<month>\d{1,2})[-/.](?P<year>\d{4})"),
    re.compile(r"(?P<name>[A-Za-z]{3,9})\.?[ -](?P<year>\d{4})"),
)
_MILLION = 10**6
_FINEST = Decimal("1e-12")
_CLASSES = ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h")
_EVENLY = "A month's cost is spread evenly over its working days, Monday to Friday, public holidays among them."


def read(files: Sequence[Path], options: ImportOptions) -> Reading:
    """The usage behind costs of months, an entry for each row: tokens as a persona's are made of, on working days."""
    reading = Reading()
    reading.warned[SEAT_BASED_SHOWS_EXTRA_ONLY] += 1
    mixes = _Mixes(options, options.persona or options.products.persona, reading)
    repeats = Repeats(reading, frozenset({_AMOUNT}))
    for path in files:
        try:
            table = in_one_form(read_table(path, NAMES, tuple(NAMES)), (), (_AMOUNT,), options.decimal)
            _read_table(table, mixes, repeats, options, reading)
        except InputError as error:
            reading.problems.extend(error.problems)
    return reading


def _read_table(table: Table, mixes: _Mixes, repeats: Repeats, options: ImportOptions, reading: Reading) -> None:
    unread = table.unread({*NAMES})
    table.say(unread, reading)
    found = total_rows(table, (), (_AMOUNT,), people=(_USER,), labels=(_MONTH,))
    totals = leave_out(found, table.path, reading)
    for record in table.records(reading.problems):
        reading.rows_read += 1
        if record.place.line in totals:
            continue
        values: dict[str, object] = {name: record.text(name) for name in NAMES}
        beside = {name: record.text(name) for name in unread}
        if not repeats.again(values, str(table.path), record.place, beside=beside):
            _add(record, mixes, options, reading)


def _add(record: Record, mixes: _Mixes, options: ImportOptions, reading: Reading) -> None:
    month, amount = _month(record), record.money(_AMOUNT)
    if amount is None and not record.has(_AMOUNT):
        record.wrong(f"{_AMOUNT} is empty", "write 0 where nothing was used")
    if amount is not None and not 0 <= amount <= MOST_A_MONTH:
        fact = f"{_AMOUNT} must be from 0 to {MOST_A_MONTH:,} (it is {amount})"
        record.wrong(fact, "write what one person used in the month, in US dollars")
        return
    if month is None or amount is None:
        return
    parts = tuple(mixes.parts(record, month, amount))
    reading.assumed[_EVENLY] += 1
    reading.add(
        Entry(
            place=record.place,
            first=month,
            last=month.replace(day=calendar.monthrange(month.year, month.month)[1]),
            user_id=reading.someone([email_or_id(record.text(_USER))], options),
            surface=parts[0].surface if parts else "",
            model=parts[0].model if parts else "",
            counts=Counts(*(sum(part.counts[at] for part in parts) for at in range(len(Counts._fields)))),
            reported=amount,
            parts=parts,
        )
    )


def _month(record: Record) -> date | None:
    """The first day of a row's month: 2026-10, 10/2026, Oct 2026, or its first or last day as a date."""
    text = record.text(_MONTH)
    found = next((match for form in _FORMS if (match := form.fullmatch(text))), None)
    day: date | None = None
    if found:
        name = found.groupdict().get("name")
        number = _MONTHS.get(name.casefold(), 0) if name else int(found["month"])
        day = date(int(found["year"]), number, 1) if 1 <= number <= 12 and int(found["year"]) else None
    elif re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        day = _whole_month(text)
    wrong = day_problem(day) if day else None
    if day is None:
        record.wrong(f"month '{text}' is no month", "write it as 2026-10, or as the first or last day of it")
    elif wrong:
        record.wrong(f"month '{text}' {wrong[0]}", wrong[1])
    return None if wrong else day


def _whole_month(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day.replace(day=1) if day.day in (1, calendar.monthrange(day.year, day.month)[1]) else None


@dataclass
class _Mixes:
    """What a dollar of a month is made of by a shipped persona: surfaces, models and tokens."""

    options: ImportOptions
    persona: str
    reading: Reading
    _known: dict[date, Sequence[tuple[str, str, tuple[Decimal, ...]]]] = field(default_factory=dict)

    def parts(self, record: Record, month: date, amount: Decimal) -> Iterator[Part]:
        """What an amount of a month is made of, day by day; a problem at the record where no model has a price then."""
        if month not in self._known:
            self._known[month] = self._of_a_dollar(record, month)
        days = _working_days(month)
        for surface, model, tokens in self._known[month]:
            whole = [int((amount * each).to_integral_value(ROUND_HALF_UP)) for each in tokens]
            for day, counts in spread(Counts(*whole), days):
                if any(counts):
                    yield Part(day, surface, model, counts)

    def _of_a_dollar(self, record: Record, month: date) -> Sequence[tuple[str, str, tuple[Decimal, ...]]]:
        persona = self._persona(record, month)
        if persona is None:
            return ()
        self._say(persona)
        prices = {model: self._mean_prices(model, month) for model in persona.models}
        models = _model_weights(persona)
        found = []
        for use in persona.surfaces:
            classes = [_exact(use.mix.shares.get(name, 0.0)) for name in _CLASSES]
            of_tokens = {
                model: sum((share * price for share, price in zip(classes, prices[model], strict=True)), Decimal(0))
                for model in models
            }
            mean = sum((weight * of_tokens[model] for model, weight in models.items()), Decimal(0))
            a_dollar = _exact(use.share) * _MILLION / mean
            surface = self.options.surface or use.surface
            found += [
                (surface, model, tuple(a_dollar * weight * share for share in classes))
                for model, weight in models.items()
            ]
        return found

    def _persona(self, record: Record, month: date) -> Persona | None:
        from planshift.usage.synthetic.persona_reading import Known, described, read_persona
        from planshift.usage.synthetic.reading import shipped_personas

        shipped = shipped_personas()
        if self.persona not in shipped.layers:
            remedy = did_you_mean(self.persona, shipped.layers)
            raise InputError.at("--persona", f"there is no persona '{self.persona}'", remedy)
        assert self.options.card is not None  # whoever imports gives the card
        words = described(self.persona, {}, shipped.layers, self.reading.problems)
        known = Known(self.options.products.titles, shipped.mixes, self.options.card, month)
        problems: list[Problem] = []
        persona = read_persona(words, known, problems) if words else None
        if persona is None or problems:
            fact = f"nothing is known of the models that '{self.persona}' used in {month:%Y-%m}"
            record.wrong(fact, "leave such early months out")
            return None
        return persona

    def _mean_prices(self, model: str, month: date) -> list[Decimal]:
        assert self.options.card is not None  # whoever imports gives the card
        days = _working_days(month)
        prices = [self.options.card.price(model, day).tokens for day in days]
        return [sum(of_class, Decimal(0)) / len(days) for of_class in zip(*prices, strict=True)]

    def _say(self, persona: Persona) -> None:
        surfaces = self.options.surface or ", ".join(f"{use.surface} {use.share:.0%}" for use in persona.surfaces)
        self.reading.warned[
            "The table has costs alone: surfaces, models and tokens are assumed to be those of the persona "
            f"'{persona.name}' ({surfaces}). Only the dollars, people and months are the customer's; --persona names "
            "another mix."
        ] = 1


def _working_days(month: date) -> list[date]:
    days = calendar.monthrange(month.year, month.month)[1]
    every = (month + timedelta(days=number) for number in range(days))
    return [day for day in every if day.weekday() < calendar.SATURDAY]


def _model_weights(persona: Persona) -> dict[str, Decimal]:
    """Each model's share of the tokens of all members together."""
    from planshift.usage.synthetic.members import model_shares

    preferred = list(persona.models.values())
    together = (model_shares(persona).T @ preferred) / sum(preferred)
    return {model: _exact(share) for model, share in zip(persona.models, together.tolist(), strict=True) if share}


def _exact(share: float) -> Decimal:
    return Decimal(share).quantize(_FINEST)


def recognises(head: Head) -> bool:
    """Whether a file has people, months and dollars, and neither models nor tokens."""
    named = [bool({name, *spellings} & head.columns) for name, spellings in NAMES.items()]
    return all(named) and not _TOKENS_TOO & head.columns


FORMAT = Format("user-month-usd", "a table of people, months and dollars", read, recognises)
