"""The explanation of a question about a run."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from planshift.billing.calendar import month_of, month_text
from planshift.billing.charges import CreditCharge, InvoiceLine, SeatCharge, UsageCharge
from planshift.billing.ledger import COLUMN, Ledger
from planshift.billing.money import CENT, dollars, to_cents
from planshift.explanation.choices import Asked, weigh
from planshift.explanation.explanation import Explanation, Step, as_part
from planshift.explanation.member_month import MemberMonth, facts_of
from planshift.explanation.month_steps import invoice_of, month_steps, month_title
from planshift.explanation.overview import (
    all_usage,
    invoice_steps,
    line_title,
    members_steps,
    month_amounts,
    months_steps,
    reason_steps,
    run_amounts,
    usage_steps,
)
from planshift.explanation.purchase_steps import purchase_steps
from planshift.explanation.question import Charged, Question, by_invoice, check_member, check_month, lines_asked
from planshift.explanation.replay import Replay
from planshift.explanation.seat_steps import SeatLine, seat_steps
from planshift.explanation.usage_steps import lines_steps, period_steps, share_steps
from planshift.explanation.words import counted, listed, money, of_cents, span

LINES_EXPLAINED = 10
"""So many lines of one day are explained one by one; further ones are only named."""


def explain(replay: Replay, question: Question, run_name: str) -> Explanation:
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

    # --- invoices ------------------------------------------------------------------------------------------------

    def lines(self, lines: Sequence[Charged], question: Question) -> Explanation:
        """The lines of an invoice, or of all the invoices of a day."""
        cents = sum(line.cents for line, _ in lines)
        day = lines[0][0].day
        if len(lines) == 1:
            said = line_title(self.replay, *lines[0])
        else:
            held = [line.kind for line, _ in lines]
            said = listed(counted(held.count(kind), f"{kind} line") for kind in dict.fromkeys(held))
        alone = question.line is not None or question.member is not None
        asked = self._same_lines([line for line, _ in lines]) if alone else self._same_day(day, question.kind)
        title = f"{of_cents(cents):,.2f} USD on {day}: {said}."
        return self._explanation(title, cents * CENT, self._line_parts(lines), asked, self._below(lines))

    def _line_parts(self, lines: Sequence[Charged]) -> list[Step]:
        steps: list[Step] = []
        explained = 0
        for held in by_invoice(lines):
            line, invoice = held[0]
            if isinstance(invoice, UsageCharge) and len(lines) > 1:
                title = f"Usage of {span(invoice.first, invoice.day)}, under '{line.plan}'"
                steps += as_part(title, [*period_steps(self.replay, invoice), *lines_steps(invoice)])
                continue
            for number, one in enumerate(held, start=explained + 1):
                explained = number
                if number <= LINES_EXPLAINED:
                    steps += self._line(one, number if len(lines) > 1 else 0)
        if explained > LINES_EXPLAINED:
            more = counted(explained - LINES_EXPLAINED, "more line")
            steps.append(Step(f"{more} of that day; invoices.csv has them all", part="Not explained one by one"))
        return steps

    def _line(self, charged: Charged, number: int) -> list[Step]:
        """The parts of one line; ``number`` tells those of one day apart."""
        line, invoice = charged
        before = f"{number}. " if number else ""
        said = line_title(self.replay, line, invoice)
        title = f"{before}{said[:1].upper()}{said[1:]}"
        if isinstance(invoice, CreditCharge):
            return as_part(title, purchase_steps(self.replay, line, invoice))
        if isinstance(invoice, SeatCharge):
            return as_part(title, seat_steps(SeatLine(self.replay, invoice)))
        if not isinstance(invoice, UsageCharge):
            return as_part(title, reason_steps(line, invoice))
        month = MemberMonth(self.replay, line.user_id, month_of(invoice.first), line.plan)
        own = int(invoice.billed[0, month.place])
        steps = [*period_steps(self.replay, invoice), *share_steps(self.replay, line, invoice)]
        rest = month.amount("billed") - own
        if rest:
            steps.append(Step(f"{money(rest)} USD of the month below were not in this usage period", rule="A2"))
        return [*as_part(title, steps), *self._month_part(month)]

    def _below(self, lines: Sequence[Charged]) -> list[str]:
        """What to type next: a single line, or the month of a member."""
        line, invoice = lines[0]
        if len(lines) > 1:
            return [self._command("--invoice", line.day, "--kind", line.kind, "--line", line.line)]
        if isinstance(invoice, UsageCharge):
            return [self._command("--member", line.user_id, "--month", month_text(invoice.first))]
        return [self._command()]

    # --- members and months --------------------------------------------------------------------------------------

    def row(self, member: str, month: date) -> Explanation:
        """A member's month, under each plan that was in force in it."""
        months = [MemberMonth(self.replay, member, month, plan) for plan in check_month(self.replay, month)]
        billed, demand = (sum(held.amount(name) for held in months) for name in ("billed", "demand"))
        title = f"{member}, {month_text(month)}: {_billed_of(billed, demand)}."
        steps = [step for held in months for step in self._month_part(held)]
        place = months[0].place
        invoices = [line for held in months for line, _ in invoice_of(held)]
        following = [self._command("--invoice", line.day, "--member", member) for line in invoices]
        return self._explanation(
            title, billed, steps, lambda other: self._row(other, month, place), following or [self._command()]
        )

    def _month_part(self, month: MemberMonth) -> list[Step]:
        return as_part(month_title(month), month_steps(month))

    def member(self, member: str) -> Explanation:
        """Everything that a member was billed, month by month."""
        ledger = self.replay.ledger
        place = ledger.members.index(member)
        keys = self.replay.spans()
        used = all_usage(ledger, keys, place)
        billed, demand = int(used[COLUMN["billed"]]), int(used[COLUMN["demand"]])
        title = f"{member}, the whole run: {_billed_of(billed, demand)}."
        steps = [*months_steps(self.replay, member), *usage_steps("The whole run", used)]
        month = max(keys, key=lambda key: int(ledger.usage[key][COLUMN["billed"], 0, place]))[0]
        following = [self._command("--member", member, "--month", month_text(month))]
        return self._explanation(title, billed, steps, lambda other: facts_of(all_usage(other, keys, place)), following)

    def month(self, month: date) -> Explanation:
        """A month of the whole organization: what was invoiced in it, and what was used."""
        ledger, replay = self.replay.ledger, self.replay
        lines = [charged for charged in replay.lines() if month_of(charged[0].day) == month]
        keys = [key for key in replay.spans() if key[0] == month]
        if not lines and not keys:
            check_month(replay, month)
        used = all_usage(ledger, keys)
        cents = sum(line.cents for line, _ in lines)
        billed = f", usage of {money(int(used[COLUMN['billed']]))} USD billed" if used[COLUMN["demand"]] else ""
        title = f"{month_text(month)}: {of_cents(cents):,.2f} USD invoiced{billed}."
        steps = [*invoice_steps(replay, lines), *usage_steps("Usage of the month", used), *members_steps(ledger, keys)]
        following = [self._command("--invoice", line.day) for line, _ in lines[:1]] + self._member_example(keys)
        return self._explanation(
            title, cents * CENT, steps, lambda other: month_amounts(replay, other, month), following
        )

    def run(self) -> Explanation:
        """The whole run: every invoice with its rules, and what became of usage."""
        ledger = self.replay.ledger
        lines = list(self.replay.lines())
        cents = sum(line.cents for line, _ in lines)
        invoices = counted(len(by_invoice(lines)), "invoice")
        days = span(*(self.replay.shown or (ledger.start, ledger.end)))
        title = f"{self.replay.run.scenario.title}: {of_cents(cents):,.2f} USD on {invoices}, days simulated {days}."
        keys = self.replay.spans()
        steps = [*invoice_steps(self.replay, lines), *usage_steps("Usage of the run", all_usage(ledger, keys))]
        following = [self._command("--invoice", line.day) for line, _ in lines[-1:]]
        following += self._member_example(keys)
        return self._explanation(title, cents * CENT, steps, lambda other: run_amounts(self.replay, other), following)

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
        self, title: str, nanos: int, steps: list[Step], asked: Asked, following: Iterable[str]
    ) -> Explanation:
        rules = {rule for step in steps for rule in step.rule.split(", ")}
        weighed = weigh(self.replay, asked, rules)
        amount = dollars(nanos) if nanos % CENT else of_cents(to_cents(nanos))
        return Explanation(
            title=f"{_marks(self.replay)}{title}",
            amount=amount,
            steps=tuple(steps),
            alternatives=weighed.alternatives,
            without_effect=weighed.without_effect,
            agreed=weighed.agreed,
            next=tuple(following),
        )

    def _command(self, *options: object) -> str:
        return shlex.join(["planshift", "explain", self.run_name, *self.replay.options, *map(str, options)])

    # --- the same amounts elsewhere ------------------------------------------------------------------------------

    def _row(self, ledger: Ledger, month: date, place: int) -> Mapping[str, int]:
        """A member's month in another ledger."""
        return facts_of(all_usage(ledger, [key for key in self.replay.spans() if key[0] == month], place))

    def _same_day(self, day: date, kind: str | None) -> Asked:
        """Finds what is invoiced on a day, perhaps of one kind."""

        def asked(other: Ledger) -> Mapping[str, int] | None:
            lines = [line for line in self.replay.lines_of(other) if line.day == day and kind in (None, line.kind)]
            return {"invoiced": sum(line.cents for line in lines) * CENT} if lines else None

        return asked

    def _same_lines(self, lines: Sequence[InvoiceLine]) -> Asked:
        """Finds the same lines in another ledger: of the same day, kind, seat type and member, in the same place."""
        wanted = [key for key, line in self._keyed(self.replay.ledger) if line in lines]

        def asked(other: Ledger) -> Mapping[str, int] | None:
            held = dict(self._keyed(other))
            found = [held[key].cents for key in wanted if key in held]
            return {"line": sum(found) * CENT} if found else None

        return asked

    def _keyed(self, ledger: Ledger) -> Iterable[tuple[tuple[object, ...], InvoiceLine]]:
        """Every line with what it is of, and its number among those alike."""
        seen: dict[tuple[object, ...], int] = {}
        for line in self.replay.lines_of(ledger):
            key = (line.day, line.plan, line.kind, line.seat_type, line.user_id)
            seen[key] = seen.get(key, 0) + 1
            yield (*key, seen[key]), line


def _marks(replay: Replay) -> str:
    """That it is no real bill, where it is none: a counterfactual (Rulebook P2), or a what-if."""
    marks = ["counterfactual"] if replay.is_counterfactual else []
    marks += [f"what-if '{overlay.title}'" for overlay in replay.run.scenario.catalogue.overlays]
    said = listed(marks)
    return f"{said[:1].upper()}{said[1:]}: " if marks else ""


def _billed_of(billed: int, demand: int) -> str:
    return f"{money(billed)} USD billed of {money(demand)} USD asked for at list price"
