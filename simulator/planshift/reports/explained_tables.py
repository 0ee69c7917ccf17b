"""Explanations of comparisons and forecasts from the rows of their own tables: what each amount is made of."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from planshift.billing.calendar import month_text
from planshift.explanation.explanation import Explanation, Step, as_part
from planshift.explanation.question import Question
from planshift.problems import InputError, did_you_mean
from planshift.reports.saved_run import SavedRun

ALL, TOTAL = "all", "total"
_NOTHING_ASKED = Question()

Row = Mapping[str, str]

_BALANCES: Mapping[str, Sequence[tuple[str, str, int]]] = {
    "deferred_seats": (("invoiced", "billed", 1), ("recognised by the day", "recognised", -1)),
    "deferred_credits": (
        ("bought", "billed", 1),
        ("used", "recognised", -1),
        ("expired unused", "breakage", -1),
    ),
    "unbilled": (("used and not yet invoiced", "recognised", 1), ("invoiced", "billed", -1)),
    "receivable": (("invoiced", "billed", 1), ("paid", "paid", -1)),
}
"""The balances of rollforward.csv, and the columns that lead from their opening to their closing."""


def command(name: str, *options: object) -> str:
    """What to type next."""
    return shlex.join(["planshift", "explain", name, *map(str, options)])


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


# --- comparisons ------------------------------------------------------------------------------------------------------


def comparison_explained(written: SavedRun, question: Question, name: str) -> Explanation:
    """What a comparison's plans cost side by side: over all months, in a month, or for a member."""
    if question.invoice is not None:
        plans = written.compared
        remedy = f"add --plan {plans[0]}, or {' or '.join(plans[1:])}"
        raise InputError.at("--invoice", "the invoices of a comparison are those of one plan", remedy)
    if written.draws:
        remedy = f"add --plan {written.compared[0]}, which explains the first of them"
        raise InputError.at(str(written.folder), f"it has {written.draws:,} draws on each plan", remedy)
    rows: list[Row]
    titles = {row["plan"]: row["title"] for row in written.rows("totals.csv")}
    if question.member is not None:
        where = "members.csv"
        rows = _one(written.rows(where), "--member", "user_id", question.member, "nobody is called")
        steps = list(_of_members(rows, titles))
        what = question.member
    elif question.month is not None:
        where, what = "months.csv", month_text(question.month)
        rows = _one(written.rows(where), "--month", "month", what, "the comparison has no month")
        steps = list(_of_plans(rows, titles))
    else:
        where, what = "totals.csv", "The whole comparison"
        rows = list(written.rows(where))
        steps = list(_of_plans(rows, titles))
    least = min(rows, key=lambda row: _usd(row, "cost"))
    amount = _usd(least, "cost")
    title = f"{what}: the least is {amount:,.2f} USD, on {titles[least['plan']]} ({where})."
    following = [command(name, "--plan", plan) for plan in written.compared]
    return Explanation(title, amount, tuple(steps), next=tuple(following))


def _of_plans(rows: Iterable[Row], titles: Mapping[str, str]) -> Iterator[Step]:
    for row in rows:
        steps = [
            Step("seats, by the day", _usd(row, "seat_fees"), rule="S1"),
            Step("usage as it is billed", _usd(row, "usage_billed"), rule="U1"),
            Step("cost", _usd(row, "cost"), total=True),
        ]
        yield from as_part(_called(row, titles), steps)


def _of_members(rows: Iterable[Row], titles: Mapping[str, str]) -> Iterator[Step]:
    for row in rows:
        text = f"seat ({row['seat_type'] or 'none'}) and usage"
        steps = [Step(text, _usd(row, "cost"), rule="S1, U1"), Step("cost", _usd(row, "cost"), total=True)]
        if _usd(row, "stopped"):
            steps.append(Step(f"{_usd(row, 'stopped'):,.2f} USD of usage was stopped and costs nothing"))
        yield from as_part(_called(row, titles), steps)


def _called(row: Row, titles: Mapping[str, str]) -> str:
    return f"{titles[row['plan']]}{' (counterfactual)' if row['counterfactual'] else ''}"


# --- forecasts --------------------------------------------------------------------------------------------------------


def forecast_explained(
    written: SavedRun, question: Question, account: str | None, plan: str | None, name: str
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
    if account is not None:
        return _account(written, account, name)
    return _month(written, month_text(question.month), name) if question.month else _forecast(written, name)


def _forecast(written: SavedRun, name: str) -> Explanation:
    """The whole horizon of the first scenario: each measure by plan, which add up to it."""
    totals = [row for row in written.rows("summary.csv") if row["period"] == TOTAL]
    scenario = totals[0]["scenario"]
    rows = [row for row in totals if row["scenario"] == scenario]
    amount = next(_usd(row, "mean") for row in rows if row["measure"] == "recognised")
    months = _first_scenario(written.rows("months.csv"))
    steps = [step for row in rows for step in _by_month(row, months)]
    title = f"{amount:,.2f} USD recognised in the scenario '{scenario}' on average over {_draws(written)}."
    held = list(dict.fromkeys(row["month"] for row in months))
    accounts = written.rows("accounts.csv")
    following = [command(name, "--month", held[0])]
    following += [command(name, "--account", row["account_id"]) for row in accounts[:1]]
    return Explanation(title, amount, tuple(steps), next=tuple(following))


def _draws(written: SavedRun) -> str:
    count = int(written.options.get("draws") or 1)
    return f"{count:,} {'draw' if count == 1 else 'draws'}"


def _first_scenario(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row["scenario"] == rows[0]["scenario"]]


def _by_month(row: Row, months: Sequence[Row]) -> list[Step]:
    """A measure of the horizon as the sum of its months, where it is one."""
    found = [one for one in months if one["measure"] == row["measure"] and one["plan"] == one["segment"] == ALL]
    whole = _usd(row, "mean")
    if not found or abs(sum((_usd(one, "mean") for one in found), Decimal(0)) - whole) > _rounding(found):
        return []
    steps = [Step(one["month"], _usd(one, "mean")) for one in found]
    return as_part(row["title"], [*steps, Step("the whole horizon", whole, total=True)])


def _rounding(rows: Sequence[Row]) -> Decimal:
    """How far means that are rounded to cents can be from the rounded mean of their sum."""
    return Decimal("0.005") * (len(rows) + 1)


def _month(written: SavedRun, month: str, name: str) -> Explanation:
    """A month: each measure by plan, and each balance from its opening to its closing."""
    rows = _one(_first_scenario(written.rows("months.csv")), "--month", "month", month, "the forecast has no month")
    roll = [row for row in _first_scenario(written.rows("rollforward.csv")) if row["month"] == month]
    whole = {row["measure"]: row for row in rows if row["plan"] == row["segment"] == ALL}
    steps: list[Step] = []
    for measure, row in whole.items():
        parts = [one for one in rows if one["measure"] == measure and one["plan"] != ALL and one["segment"] == ALL]
        if _usd(row, "mean"):
            by_plan = [Step(one["plan"], _usd(one, "mean")) for one in parts if _usd(one, "mean")]
            steps += as_part(f"{row['title']}, by plan", [*by_plan, Step("all plans", _usd(row, "mean"), total=True)])
    steps += [step for row in roll if row["segment"] == ALL for step in _rolled(row)]
    amount = _recognised(whole)
    title = f"{month}: {amount:,.2f} USD recognised in the scenario '{rows[0]['scenario']}' on average"
    return Explanation(f"{title} over {_draws(written)}.", amount, tuple(steps), next=(command(name),))


def _recognised(whole: Mapping[str, Row]) -> Decimal:
    """What is recognised in a month: the measure itself, or all that it is made of."""
    if "recognised" in whole:
        return _usd(whole["recognised"], "mean")
    return sum((_usd(row, "mean") for name, row in whole.items() if name.startswith("recognised")), Decimal(0))


def _rolled(row: Row) -> list[Step]:
    """A balance from its opening to its closing."""
    if row["balance"] not in _BALANCES:
        return []
    moves = [Step(text, sign * _usd(row, column)) for text, column, sign in _BALANCES[row["balance"]]]
    steps = [Step("opening", _usd(row, "opening")), *moves, Step("closing", _usd(row, "closing"), total=True)]
    return as_part(row["title"], steps)


_ACCOUNT: Mapping[str, str] = {
    "recognised": "recognised; 8 in 10 draws from {recognised_p10} to {recognised_p90}",
    "billed": "invoiced",
    "paid": "paid",
    "arr_first": "seat fees a year at the start, for {seats} seats under '{plan}'",
    "arr_last": "seat fees a year at the end",
    "usage_first": "usage a year at the start, of {members} members",
    "usage_last": "usage a year at the end",
}
"""The amounts of accounts.csv that tell of an account, and what each is."""


def _account(written: SavedRun, account: str, name: str) -> Explanation:
    """An account over the horizon: its row of accounts.csv, and its renewals."""
    (row,) = _one(written.rows("accounts.csv"), "--account", "account_id", account, "the forecast has no account")
    amount = _usd(row, "recognised")
    amounts = [Step(said.format(**row), _usd(row, column)) for column, said in _ACCOUNT.items()]
    steps = as_part("Means over the draws", amounts)
    for one in written.rows("renewals.csv"):
        if one["account_id"] == account:
            steps += _renewal(one)
    title = f"{row['title']} ({account}): {amount:,.2f} USD recognised on average over {_draws(written)}."
    return Explanation(title, amount, tuple(steps), next=(command(name),))


def _renewal(row: Row) -> list[Step]:
    """A renewal of an account: what is at stake, and what of it is kept."""
    before, used, stake = (_usd(row, column) for column in ("arr_before", "usage_before", "at_stake"))
    odds = f"renews with a probability of {Decimal(row['probability']) * 100:.0f} %, and did in {row['renewed']}"
    steps = [
        Step("seat fees a year before", before),
        Step("usage a year before", used),
        Step("at stake", stake, total=True),
        Step(f"it {odds} of the {row['reached']} draws that reached the day"),
        Step(f"of seat fees {_usd(row, 'retained'):,.2f} USD are kept where it renews, on '{row['plan_after']}'"),
    ]
    return as_part(f"Renewal on {row['day']}: {row['plan']} to {row['plan_after']}", steps)
