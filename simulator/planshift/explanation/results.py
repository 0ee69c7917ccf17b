"""Explanations of comparisons and forecasts from the rows of their own tables: what each amount is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from planshift.billing.schedule import month_text
from planshift.explanation.explanation import Explanation, Step, Words, as_part
from planshift.explanation.question import Question
from planshift.problems import InputError, did_you_mean
from planshift.reports.saved_run import SavedRun

ALL, TOTAL = "all", "total"
Row = Mapping[str, str]

_BALANCES: Mapping[str, Sequence[tuple[str, str, int]]] = {
    "deferred_seats": (("invoiced", "billed", 1), ("recognised_by_day", "recognised", -1)),
    "deferred_credits": (("bought", "billed", 1), ("used", "recognised", -1), ("expired", "breakage", -1)),
    "unbilled": (("not_yet_invoiced", "recognised", 1), ("invoiced", "billed", -1)),
    "receivable": (("invoiced", "billed", 1), ("paid", "paid", -1)),
}
"""The balances of rollforward.csv, and what leads from their opening to their closing: its label, column and sign."""
_OF_ACCOUNT = ("recognised", "billed", "paid", "arr_first", "arr_last", "usage_first", "usage_last")
"""The amounts of accounts.csv that tell of an account."""


def simulation(words: Words, written: SavedRun) -> str:
    """What a title begins with where usage was drawn at random: that it is simulated, and which draw it is."""
    if written.one_draw is None:
        return ""
    return words.say("mark.draw", draws=written.draws) if written.draws else words.say("mark.one_draw")


def _usd(row: Row, column: str) -> Decimal:
    return Decimal(row[column] or 0)


def _one(rows: Iterable[Row], option: str, column: str, value: str, what: str) -> list[Row]:
    """The rows of a value; InputError with what there is where there are none."""
    rows = list(rows)
    found = [row for row in rows if row[column] == value]
    if not found:
        known = list(dict.fromkeys(row[column] for row in rows))
        raise InputError.at(option, f"{what} '{value}'", did_you_mean(value, known))
    return found


@dataclass(frozen=True)
class _Tables:
    """The tables of a folder, and the language to say them in; ``name``: the folder as people write it."""

    written: SavedRun
    words: Words
    name: str

    def command(self, *options: object) -> str:
        """What to type next."""
        return self.words.command(self.name, *options)

    def explanation(self, title: str, amount: Decimal, steps: Iterable[Step], following: Iterable[str]) -> Explanation:
        """An explanation without open choices."""
        return Explanation(title, amount, tuple(steps), next=tuple(following), words=self.words)


# --- comparisons ------------------------------------------------------------------------------------------------------


def comparison_explained(written: SavedRun, question: Question, name: str, words: Words) -> Explanation:
    """What a comparison's plans cost side by side: over all months, in a month, or for a member."""
    if question.invoice is not None:
        plans = written.compared
        remedy = f"add --plan {plans[0]}, or {' or '.join(plans[1:])}"
        raise InputError.at("--invoice", "the invoices of a comparison are those of one plan", remedy)
    if written.draws:
        remedy = f"add --plan {written.compared[0]}, which explains the first of them"
        raise InputError.at(str(written.folder), f"it has {written.draws:,} draws on each plan", remedy)
    return _Comparison(written, words, name).explained(question)


class _Comparison(_Tables):
    """The tables of a comparison."""

    def explained(self, question: Question) -> Explanation:
        """The rows that are asked for, plan by plan."""
        written, words = self.written, self.words
        rows: list[Row] = [*written.rows("totals.csv")]
        titles = {row["plan"]: words.plan(row["plan"], row["title"]) for row in rows}
        where, what = "totals.csv", words.say("compare.whole")
        if question.member is not None:
            where, what = "members.csv", question.member
            rows = _one(written.rows(where), "--member", "user_id", what, "nobody is called")
        elif question.month is not None:
            where, what = "months.csv", words.month(question.month)
            month = month_text(question.month)
            rows = _one(written.rows(where), "--month", "month", month, "the comparison has no month")
        least = min(rows, key=lambda row: _usd(row, "cost"))
        amount, plan = _usd(least, "cost"), titles[least["plan"]]
        title = words.say("compare.title", what=what, amount=words.cents(amount), plan=plan, table=where)
        split = self._of_member if question.member is not None else self._on_plan
        steps = [step for row in rows for step in as_part(self._called(row, titles), split(row))]
        following = [self.command("--plan", plan) for plan in written.compared]
        return self.explanation(f"{simulation(words, written)}{title}", amount, steps, following)

    def _on_plan(self, row: Row) -> Iterator[Step]:
        yield Step(self.words.say("compare.seats"), _usd(row, "seat_fees"), rule="S1")
        yield Step(self.words.say("compare.usage"), _usd(row, "usage_billed"), rule="U1")
        yield Step(self.words.say("compare.cost"), _usd(row, "cost"), total=True)

    def _of_member(self, row: Row) -> Iterator[Step]:
        words, cost, stopped = self.words, _usd(row, "cost"), _usd(row, "stopped")
        seat = words.name(f"names.seats.{row['seat_type']}", row["seat_type"]) or words.say("row.no_seat")
        yield Step(words.say("compare.seat_and_usage", seat=seat), cost, rule="S1, U1")
        yield Step(self.words.say("compare.cost"), cost, total=True)
        if stopped:
            yield Step(words.say("compare.stopped", amount=words.cents(stopped)))

    def _called(self, row: Row, titles: Mapping[str, str]) -> str:
        mark = f" ({self.words.say('mark.counterfactual')})" if row["counterfactual"] else ""
        return f"{titles[row['plan']]}{mark}"


# --- forecasts --------------------------------------------------------------------------------------------------------


def forecast_explained(
    written: SavedRun, question: Question, account: str | None, plan: str | None, name: str, words: Words
) -> Explanation:
    """What a forecast's amounts are made of: in all, in a month, or of an account; means over its draws."""
    asked = {"--invoice": question.invoice, "--member": question.member, "--plan": plan}
    for option, given in asked.items():
        if given is not None:
            remedy = "ask for --month or --account, or explain a renewal of the account's scenario"
            raise InputError.at(option, "a forecast has sums over accounts, and no invoices of members", remedy)
    if account is not None and question.month is not None:
        raise InputError.at("--month", "accounts.csv has an account's whole horizon", "leave --month or --account out")
    written.check_inputs()
    forecast = _Forecast(written, words, name)
    if account is not None:
        return forecast.account(account)
    return forecast.whole() if question.month is None else forecast.month(question.month)


class _Forecast(_Tables):
    """The tables of a forecast."""

    def _title(self, key: str, amount: Decimal, **values: str) -> str:
        draws = int(self.written.options.get("draws") or 1)
        said = self.words.say(f"forecast.{key}", amount=self.words.cents(amount), **values)
        return f"{self.words.say('mark.draws', count=draws)}{said}"

    def _measure(self, row: Row) -> str:
        return self.words.name(f"explain.measures.{row.get('measure') or row['balance']}", row["title"])

    def whole(self) -> Explanation:
        """The whole horizon of the first scenario: each measure by month, which add up to it."""
        rows = _first_scenario([row for row in self.written.rows("summary.csv") if row["period"] == TOTAL])
        amount = next(_usd(row, "mean") for row in rows if row["measure"] == "recognised")
        months = _first_scenario(self.written.rows("months.csv"))
        steps = [step for row in rows for step in self._by_month(row, months)]
        following = [self.command("--month", months[0]["month"])]
        following += [self.command("--account", row["account_id"]) for row in self.written.rows("accounts.csv")[:1]]
        title = self._title("whole", amount, scenario=rows[0]["scenario"])
        return self.explanation(title, amount, steps, following)

    def _by_month(self, row: Row, months: Sequence[Row]) -> list[Step]:
        """A measure of the horizon as the sum of its months, where it is one."""
        found = [one for one in months if one["measure"] == row["measure"] and one["plan"] == one["segment"] == ALL]
        whole = _usd(row, "mean")
        # How far means that are rounded to cents can be from the rounded mean of their sum.
        rounding = Decimal("0.005") * (len(found) + 1)
        if not found or abs(sum((_usd(one, "mean") for one in found), Decimal(0)) - whole) > rounding:
            return []
        title = self.words.name(f"explain.totals.{row['measure']}", row["title"])
        steps = [Step(self.words.month(date.fromisoformat(f"{one['month']}-01")), _usd(one, "mean")) for one in found]
        return as_part(title, [*steps, Step(self.words.say("forecast.horizon"), whole, total=True)])

    def month(self, first: date) -> Explanation:
        """A month: each measure by plan, and each balance from its opening to its closing."""
        month, months = month_text(first), _first_scenario(self.written.rows("months.csv"))
        rows = _one(months, "--month", "month", month, "the forecast has no month")
        roll = [row for row in _first_scenario(self.written.rows("rollforward.csv")) if row["month"] == month]
        whole = {row["measure"]: row for row in rows if row["plan"] == row["segment"] == ALL}
        steps: list[Step] = []
        for measure, row in whole.items():
            parts = [one for one in rows if one["measure"] == measure and one["plan"] != ALL and one["segment"] == ALL]
            if _usd(row, "mean"):
                by_plan = [Step(one["plan"], _usd(one, "mean")) for one in parts if _usd(one, "mean")]
                title = self.words.say("forecast.by_plan", measure=self._measure(row))
                steps += as_part(
                    title, [*by_plan, Step(self.words.say("forecast.all_plans"), _usd(row, "mean"), total=True)]
                )
        steps += [step for row in roll if row["segment"] == ALL for step in self._rolled(row)]
        recognised = ["recognised"] if "recognised" in whole else [key for key in whole if key.startswith("recognised")]
        amount = sum((_usd(whole[key], "mean") for key in recognised), Decimal(0))
        title = self._title("month", amount, month=self.words.month(first), scenario=rows[0]["scenario"])
        return self.explanation(title, amount, steps, [self.command()])

    def _rolled(self, row: Row) -> list[Step]:
        """A balance from its opening to its closing."""
        moves = [
            Step(self.words.say(f"balance.{key}"), sign * _usd(row, column))
            for key, column, sign in _BALANCES.get(row["balance"], ())
        ]
        opening = Step(self.words.say("balance.opening"), _usd(row, "opening"))
        steps = [opening, *moves, Step(self.words.say("balance.closing"), _usd(row, "closing"), total=True)]
        return as_part(self._measure(row), steps) if moves else []

    def account(self, account: str) -> Explanation:
        """An account over the horizon: its row of accounts.csv, and its renewals."""
        words = self.words
        (row,) = _one(
            self.written.rows("accounts.csv"), "--account", "account_id", account, "the forecast has no account"
        )
        amount = _usd(row, "recognised")
        amounts = [Step(self._of_account(row, column), _usd(row, column)) for column in _OF_ACCOUNT]
        steps = as_part(words.say("account.means"), amounts)
        for one in self.written.rows("renewals.csv"):
            if one["account_id"] == account:
                steps += self._renewal(one)
        title = self._title("account", amount, title=row["title"], account=account)
        return self.explanation(title, amount, steps, [self.command()])

    def _of_account(self, row: Row, column: str) -> str:
        words = self.words
        match column:
            case "recognised":
                low, high = (words.cents(_usd(row, f"recognised_{point}")) for point in ("p10", "p90"))
                return words.say("account.recognised", low=low, high=high)
            case "arr_first":
                return words.say("account.arr_first", seats=row["seats"], plan=row["plan"])
            case "usage_first":
                return words.say("account.usage_first", members=row["members"])
            case _:
                return words.say(f"account.{column}")

    def _renewal(self, row: Row) -> list[Step]:
        """A renewal of an account: what is at stake, and what of it is kept."""
        words, day = self.words, date.fromisoformat(row["day"])
        odds = words.percent(Decimal(f"{Decimal(row['probability']):.2f}"))
        steps = [
            Step(words.say("account.seats_before"), _usd(row, "arr_before")),
            Step(words.say("account.usage_before"), _usd(row, "usage_before")),
            Step(self.words.say("account.at_stake"), _usd(row, "at_stake"), total=True),
            Step(words.say("account.odds", odds=odds, renewed=row["renewed"], reached=row["reached"])),
            Step(words.say("account.kept", amount=words.cents(_usd(row, "retained")), plan=row["plan_after"])),
        ]
        return as_part(words.say("account.renewal", day=day, old=row["plan"], new=row["plan_after"]), steps)


def _first_scenario(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row["scenario"] == rows[0]["scenario"]]
