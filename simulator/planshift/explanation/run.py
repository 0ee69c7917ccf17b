"""The explanation of a question about a run: its lines, a member, a month, or all of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from planshift.billing.charges import CreditCharge, InvoiceLine, SeatCharge, UsageCharge
from planshift.billing.ledger import BLOCKED, COLUMN, Ledger
from planshift.billing.money import CENT, dollars, to_cents
from planshift.billing.schedule import month_of, month_text
from planshift.billing.sharing import Nanos
from planshift.explanation.charges import (
    charge_title,
    lines_steps,
    period_steps,
    purchase_steps,
    reason_steps,
    seat_steps,
    share_steps,
)
from planshift.explanation.choices import AmountReader, weigh
from planshift.explanation.explanation import Explanation, Step, Words, as_part, of_cents
from planshift.explanation.question import Charged, Question, by_invoice, check_member, check_month, lines_asked
from planshift.explanation.replay import MemberMonth, Replay, row_amounts
from planshift.explanation.usage import month_steps

INVOICES_SHOWN = 30
MEMBERS_SHOWN = 10
STOPPED_BY = {
    "blocked_allowance": "I2",
    "blocked_member_limit": "L2",
    "blocked_organization_limit": "L2, L6",
    "blocked_credits": "C1",
}
"""What was blocked → the rule that blocked it."""


def invoice_steps(replay: Replay, lines: list[Charged]) -> list[Step]:
    """A step for each invoice, with its rules; the last adds them up."""
    words = replay.words
    steps = [_invoice(replay, held) for held in by_invoice(lines)]
    shown, rest = steps[:INVOICES_SHOWN], steps[INVOICES_SHOWN:]
    if rest:
        amount = sum((step.amount for step in rest if step.amount is not None), of_cents(0))
        shown.append(Step(words.say("overview.more_invoices", count=len(rest)), amount))
    total = Step(words.say("overview.invoiced"), of_cents(sum(line.cents for line, _ in lines)), total=True)
    return as_part(words.say("overview.invoices"), [*shown, total]) if steps else []


def _invoice(replay: Replay, lines: list[Charged]) -> Step:
    line, charge = lines[0]
    if isinstance(charge, UsageCharge):
        what = replay.words.say(
            "overview.usage_of", count=len(lines), days=replay.words.days(charge.first, charge.until)
        )
    else:
        what = "; ".join(charge_title(replay.words, *charged) for charged in lines)
    text = replay.words.say("overview.invoice", day=line.day, kind=line.kind, what=what)
    return Step(text, of_cents(sum(other.cents for other, _ in lines)), rule=line.rule.partition(";")[0])


def usage_steps(words: Words, title: str, amounts: Nanos) -> list[Step]:
    """What became of usage: ``amounts`` of shape (len(AMOUNTS),), nano-dollars."""
    value = {name: int(amounts[index]) for name, index in COLUMN.items()}
    if not value["demand"]:
        return []
    discount = value["demand"] - value["unavailable"] - value["included"] - value["metered"]
    off = [
        ("unavailable", value["unavailable"], "U4"),
        ("included", value["included"], "I1"),
        ("discount", discount, "U5"),
    ]
    steps = [
        Step(words.say("overview.demand"), dollars(value["demand"]), rule="U1"),
        *(Step(words.say(f"overview.{name}"), dollars(-amount), rule=rule) for name, amount, rule in off if amount),
        Step(words.say("row.metered"), dollars(value["metered"]), rule="U1", total=True),
        *(
            Step(words.say(f"overview.{name}"), dollars(-value[name]), rule=STOPPED_BY[name])
            for name in BLOCKED
            if value[name]
        ),
        Step(words.say("row.billed"), dollars(value["billed"]), rule="U1", total=True),
    ]
    return as_part(title, steps)


def all_usage(ledger: Ledger, months: Iterable[tuple[date, str]], member: int | None = None) -> Nanos:
    """The amounts of some months and plans together, of all members or of one, shape (len(AMOUNTS),)."""
    total: Nanos = np.zeros(len(COLUMN), dtype=np.int64)
    for key in months:
        drawn = ledger.usage[key][:, 0]
        total += drawn.sum(axis=1) if member is None else drawn[:, member]
    return total


def members_steps(replay: Replay, months: list[tuple[date, str]]) -> list[Step]:
    """Who was billed most in some months; the rest together."""
    ledger, words = replay.ledger, replay.words
    billed = {
        member: int(all_usage(ledger, months, index)[COLUMN["billed"]]) for index, member in enumerate(ledger.members)
    }
    ordered = sorted((-amount, member) for member, amount in billed.items() if amount)
    steps = [Step(member, dollars(-amount)) for amount, member in ordered[:MEMBERS_SHOWN]]
    rest = ordered[MEMBERS_SHOWN:]
    if rest:
        text = words.say("overview.more_members", count=len(rest))
        steps.append(Step(text, dollars(-sum(amount for amount, _ in rest))))
    total = Step(words.say("row.billed"), dollars(sum(billed.values())), total=True)
    return as_part(words.say("overview.by_member"), [*steps, total]) if steps else []


def months_steps(replay: Replay, member: str) -> list[Step]:
    """What a member was billed month by month."""
    ledger, words, keys = replay.ledger, replay.words, replay.spans()
    index, billed = ledger.members.index(member), COLUMN["billed"]
    steps = [
        Step(
            words.say("overview.month_under", month=words.month(month), plan=plan),
            dollars(int(ledger.usage[month, plan][billed, 0, index])),
        )
        for month, plan in keys
    ]
    total = dollars(int(all_usage(ledger, keys, index)[billed]))
    return as_part(words.say("overview.by_month"), [*steps, Step(words.say("row.billed"), total, total=True)])


def run_amounts(replay: Replay, ledger: Ledger) -> dict[str, int]:
    """What other choices could change of a run: what is invoiced, and what became of usage."""
    total = sum(line.cents for line in replay.lines_of(ledger)) * CENT
    balance = ledger.standing.balance
    left = 0 if balance is None else int(balance[0])
    return {"invoiced": total, **row_amounts(all_usage(ledger, replay.spans())), "credits_left": left}


def month_amounts(replay: Replay, ledger: Ledger, month: date) -> dict[str, int]:
    """The same of one month: what is invoiced in it, and what became of its usage."""
    total = sum(line.cents for line in replay.lines_of(ledger) if month_of(line.day) == month) * CENT
    keys = [key for key in replay.spans() if key[0] == month]
    return {"invoiced": total, **row_amounts(all_usage(ledger, keys))}


LINES_EXPLAINED = 10
"""So many lines of one day are explained one by one; further ones are only named."""


def explain_run(replay: Replay, question: Question, run_name: str) -> Explanation:
    """Why what was asked for is what it is.

    ``run_name`` is the run's folder as people write it, for what to type next. Raises InputError where the run has no
    such invoice, line, member or month.
    """
    explained = _Explainer(replay, run_name)
    if question.invoice is not None:
        return explained.lines(lines_asked(replay, question), question)
    if question.member is not None:
        member = check_member(replay, question.member)
        return explained.member(member) if question.month is None else explained.row(member, question.month)
    return explained.run() if question.month is None else explained.month(question.month)


@dataclass(frozen=True)
class _Explainer:
    replay: Replay
    run_name: str

    @property
    def words(self) -> Words:
        return self.replay.words

    # --- invoices ------------------------------------------------------------------------------------------------

    def lines(self, lines: Sequence[Charged], question: Question) -> Explanation:
        """The lines of an invoice, or of all the invoices of a day."""
        words, (first, _) = self.words, lines[0]
        cents = sum(line.cents for line, _ in lines)
        if len(lines) == 1:
            said = charge_title(words, *lines[0])
        else:
            kinds = [line.kind for line, _ in lines]
            said = words.listed(
                words.say("lines.of_kind", count=kinds.count(kind), kind=kind) for kind in dict.fromkeys(kinds)
            )
        alone = question.line is not None or question.member is not None
        if alone:
            reader = self._same_lines([line for line, _ in lines])
        else:
            reader = self._same_day(first.day, question.kind)
        title = words.say("lines.title", amount=words.cents(of_cents(cents)), day=first.day, what=said)
        return self._explanation(title, cents * CENT, self._line_parts(lines), reader, self._below(lines))

    def _line_parts(self, lines: Sequence[Charged]) -> list[Step]:
        steps: list[Step] = []
        explained, words = 0, self.words
        for held in by_invoice(lines):
            line, charge = held[0]
            if isinstance(charge, UsageCharge) and len(lines) > 1:
                days = words.days(charge.first, charge.day)
                title = words.say("lines.usage", days=days, plan=line.plan)
                steps += as_part(title, [*period_steps(self.replay, charge), *lines_steps(self.replay, charge)])
                continue
            for number, one in enumerate(held, start=explained + 1):
                explained = number
                if number <= LINES_EXPLAINED:
                    steps += self._line(one, f"{number}. " if len(lines) > 1 else "")
        if explained > LINES_EXPLAINED:
            more = words.say("lines.more", count=explained - LINES_EXPLAINED)
            steps.append(Step(more, part=words.say("lines.not_explained")))
        return steps

    def _line(self, charged: Charged, number: str) -> list[Step]:
        """The parts of one line; ``number`` tells those of one day apart."""
        (line, charge), replay = charged, self.replay
        said = charge_title(self.words, line, charge)
        title = f"{number}{said[:1].upper()}{said[1:]}"
        if isinstance(charge, CreditCharge):
            return as_part(title, purchase_steps(replay, charge))
        if isinstance(charge, SeatCharge):
            return as_part(title, seat_steps(replay, charge))
        if not isinstance(charge, UsageCharge):
            return as_part(title, reason_steps(self.words, line, charge))
        month = MemberMonth(replay, line.user_id, month_of(charge.first), line.plan)
        steps = [*period_steps(replay, charge), *share_steps(replay, line, charge)]
        rest = month.amount("billed") - int(charge.billed[0, month.index])
        if rest:
            steps.append(Step(self.words.say("lines.other_period", amount=self.words.usd(rest)), rule="A2"))
        return [*as_part(title, steps), *as_part(month.title, month_steps(month))]

    def _below(self, lines: Sequence[Charged]) -> list[str]:
        """What to type next: a single line, or the month of a member."""
        line, charge = lines[0]
        if len(lines) > 1:
            return [self._command("--invoice", line.day, "--kind", line.kind, "--line", line.line)]
        if isinstance(charge, UsageCharge):
            return [self._command("--member", line.user_id, "--month", month_text(charge.first))]
        return [self._command()]

    # --- members and months --------------------------------------------------------------------------------------

    def row(self, member: str, month: date) -> Explanation:
        """A member's month, under each plan that was in force in it."""
        months = [MemberMonth(self.replay, member, month, plan) for plan in check_month(self.replay, month)]
        billed, demand = (sum(held.amount(name) for held in months) for name in ("billed", "demand"))
        title = self.words.say(
            "row.said", member=member, when=self.words.month(month), billed=self._billed(billed, demand)
        )
        steps = [step for held in months for step in as_part(held.title, month_steps(held))]
        index = months[0].index
        following = [
            self._command("--invoice", line.day, "--member", member) for held in months for line in held.invoice_lines()
        ]
        keys = [key for key in self.replay.spans() if key[0] == month]
        return self._explanation(
            title,
            billed,
            steps,
            lambda other: row_amounts(all_usage(other, keys, index)),
            following or [self._command()],
        )

    def member(self, member: str) -> Explanation:
        """Everything that a member was billed, month by month."""
        ledger, words, keys = self.replay.ledger, self.words, self.replay.spans()
        index, column = ledger.members.index(member), COLUMN["billed"]
        used = all_usage(ledger, keys, index)
        billed = int(used[column])
        whole = words.say("overview.whole_run")
        said = self._billed(billed, int(used[COLUMN["demand"]]))
        title = words.say("row.said", member=member, when=words.say("overview.the_whole_run"), billed=said)
        steps = [*months_steps(self.replay, member), *usage_steps(words, whole, used)]
        month = max(keys, key=lambda key: int(ledger.usage[key][column, 0, index]))[0]
        following = [self._command("--member", member, "--month", month_text(month))]
        return self._explanation(
            title, billed, steps, lambda other: row_amounts(all_usage(other, keys, index)), following
        )

    def month(self, month: date) -> Explanation:
        """A month of the whole organization: what was invoiced in it, and what was used."""
        replay, words = self.replay, self.words
        lines = [charged for charged in replay.lines() if month_of(charged[0].day) == month]
        keys = [key for key in replay.spans() if key[0] == month]
        if not lines and not keys:
            check_month(replay, month)
        used = all_usage(replay.ledger, keys)
        cents = sum(line.cents for line, _ in lines)
        billed = words.usd(int(used[COLUMN["billed"]]))
        title = words.say("overview.month", month=words.month(month), amount=words.cents(of_cents(cents)))
        title += words.say("overview.month_usage", amount=billed) if used[COLUMN["demand"]] else ""
        steps = [
            *invoice_steps(replay, lines),
            *usage_steps(words, words.say("overview.usage_of_month"), used),
            *members_steps(replay, keys),
        ]
        following = [self._command("--invoice", line.day) for line, _ in lines[:1]] + self._member_example(keys)
        return self._explanation(
            f"{title}.", cents * CENT, steps, lambda other: month_amounts(replay, other, month), following
        )

    def run(self) -> Explanation:
        """The whole run: every invoice with its rules, and what became of usage."""
        replay, words, ledger, keys = self.replay, self.words, self.replay.ledger, self.replay.spans()
        lines = list(replay.lines())
        cents = sum(line.cents for line, _ in lines)
        title = words.say(
            "overview.run",
            title=replay.run.scenario.title,
            amount=words.cents(of_cents(cents)),
            count=len(by_invoice(lines)),
            days=words.days(*(replay.shown or (ledger.start, ledger.end))),
        )
        usage = usage_steps(words, words.say("overview.usage_of_run"), all_usage(ledger, keys))
        following = [self._command("--invoice", line.day) for line, _ in lines[-1:]] + self._member_example(keys)
        return self._explanation(
            title,
            cents * CENT,
            [*invoice_steps(replay, lines), *usage],
            lambda other: run_amounts(replay, other),
            following,
        )

    def _billed(self, billed: int, demand: int) -> str:
        return self.words.say("row.billed_of", billed=self.words.usd(billed), demand=self.words.usd(demand))

    def _member_example(self, keys: Sequence[tuple[date, str]]) -> list[str]:
        """How to ask for the member who was billed most."""
        ledger = self.replay.ledger
        most = [(int(ledger.usage[key][COLUMN["billed"], 0].max(initial=0)), key) for key in keys]
        amount, key = max(most, default=(0, None))
        if key is None or not amount:
            return []
        member = ledger.members[int(ledger.usage[key][COLUMN["billed"], 0].argmax())]
        return [self._command("--member", member, "--month", month_text(key[0]))]

    # --- all together --------------------------------------------------------------------------------------------

    def _explanation(
        self, title: str, nanos: int, steps: list[Step], reader: AmountReader, following: Iterable[str]
    ) -> Explanation:
        rules = {rule for step in steps for rule in step.rule.split(", ")}
        weighed = weigh(self.replay, reader, rules)
        return Explanation(
            title=f"{self._marks()}{title}",
            amount=dollars(nanos) if nanos % CENT else of_cents(to_cents(nanos)),
            steps=tuple(steps),
            alternatives=weighed.alternatives,
            without_effect=weighed.without_effect,
            agreed=weighed.agreed,
            next=tuple(following),
            words=self.words,
        )

    def _marks(self) -> str:
        """That it is no real bill, where it is none: a counterfactual (Rulebook P2), or a what-if."""
        words, replay = self.words, self.replay
        marks = [words.say("mark.counterfactual")] if replay.is_counterfactual else []
        overlays = replay.run.scenario.catalogue.overlays
        marks += [words.say("mark.what_if", title=overlay.title) for overlay in overlays]
        said = words.listed(marks)
        return f"{said[:1].upper()}{said[1:]}: " if marks else ""

    def _command(self, *options: object) -> str:
        return self.words.command(self.run_name, *self.replay.options, *options)

    # --- the same amounts elsewhere ------------------------------------------------------------------------------

    def _same_day(self, day: date, kind: str | None) -> AmountReader:
        """Finds what is invoiced on a day, perhaps of one kind."""

        def read(other: Ledger) -> Mapping[str, int] | None:
            lines = [line for line in self.replay.lines_of(other, day) if kind in (None, line.kind)]
            return {"invoiced": sum(line.cents for line in lines) * CENT} if lines else None

        return read

    def _same_lines(self, lines: Sequence[InvoiceLine]) -> AmountReader:
        """Finds the same lines in another ledger: of the same day, kind, seat type and member, in the same place."""
        day = lines[0].day
        wanted = [key for key, line in self._keyed(self.replay.ledger, day) if line in lines]

        def read(other: Ledger) -> Mapping[str, int] | None:
            held = dict(self._keyed(other, day))
            found = [held[key].cents for key in wanted if key in held]
            return {"line": sum(found) * CENT} if found else None

        return read

    def _keyed(self, ledger: Ledger, day: date) -> Iterable[tuple[tuple[object, ...], InvoiceLine]]:
        """Every line of a day with what it is of, and its number among those alike."""
        seen: dict[tuple[object, ...], int] = {}
        for line in self.replay.lines_of(ledger, day):
            key = (line.plan, line.kind, line.seat_type, line.user_id)
            seen[key] = seen.get(key, 0) + 1
            yield (*key, seen[key]), line
