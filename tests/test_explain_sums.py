"""Every number of an explanation adds up: on the examples, and on drawn scenarios, to the nano-dollar."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import planshift
from command import EXAMPLES
from engine import as_scenario, months_of
from oracle.scenarios import Rows, Scenario, scenarios
from planshift.billing import account, simulation
from planshift.billing.charges import CreditCharge, SeatCharge
from planshift.billing.ledger import AMOUNTS, Ledger
from planshift.billing.money import dollars
from planshift.billing.scenario import read_scenario
from planshift.billing.simulation import simulate
from planshift.explanation.charges import purchase_steps, seat_steps
from planshift.explanation.choices import open_choices
from planshift.explanation.explain import replayed
from planshift.explanation.explanation import Step, Words
from planshift.explanation.question import Question
from planshift.explanation.replay import MemberMonth, Replay
from planshift.explanation.run import explain_run
from planshift.explanation.usage import month_steps
from planshift.impact import compare
from planshift.plans.catalogue import Catalogue, load_catalogue
from planshift.reports.saved_run import read_run

NAMES = sorted(path.stem for path in EXAMPLES.glob("*.yaml"))

drawn = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)


@cache
def catalogue() -> Catalogue:
    """Read once; a fixture would be printed whole with every falsified example."""
    return load_catalogue()


def replay_of(name: str) -> Replay:
    """The run of an example, day by day."""
    return Replay(simulate(read_scenario(EXAMPLES / f"{name}.yaml", catalogue()), by_day=True))


def check_sums(steps: Sequence[Step]) -> None:
    """Level 0 adds up to every total, and parts of a lower level to the step that they are parts of."""
    running = Decimal(0)
    for step in (step for step in steps if step.level == 0 and step.amount is not None):
        assert step.amount is not None
        if step.total:
            assert step.amount == running, step.text
        else:
            running += step.amount
    for level in (0, 1):
        for whole, parts in _parts(steps, level):
            if whole.amount is not None and parts:
                assert whole.amount == sum(parts), whole.text


def _parts(steps: Sequence[Step], level: int) -> Iterator[tuple[Step, list[Decimal]]]:
    for place, step in enumerate(steps):
        if step.level == level:
            below = steps[place + 1 :]
            until = next((number for number, other in enumerate(below) if other.level <= level), len(below))
            yield step, [part.amount for part in below[:until] if part.level == level + 1 and part.amount is not None]


def amounts_shown(steps: Sequence[Step]) -> dict[str, Decimal]:
    """The amounts of level 0 by what they are."""
    main = [step for step in steps if not step.level]
    return {step.text.partition(":")[0].partition(",")[0]: step.amount or Decimal(0) for step in main}


def check_row(month: MemberMonth) -> None:
    """The calculation of a row has every number of the row, to the nano-dollar."""
    steps = month_steps(month)
    check_sums(steps)
    shown = amounts_shown(steps)
    row = {name: dollars(month.amount(name)) for name in AMOUNTS}
    assert shown["asked for"] == row["demand"]
    assert shown["metered"] == row["metered"]
    assert shown["billed"] == row["billed"]
    assert -shown.get("not available", Decimal(0)) == row["unavailable"]
    assert -shown.get("included in the seat", Decimal(0)) == row["included"]
    assert -shown.get("stopped by the member's limit", Decimal(0)) == row["blocked_member_limit"]
    assert -shown.get("stopped by the organization's limit", Decimal(0)) == row["blocked_organization_limit"]
    assert -shown.get("stopped because the credits were used up", Decimal(0)) == row["blocked_credits"]
    assert -shown.get("stopped", Decimal(0)) == row["blocked_allowance"]
    for name in AMOUNTS:
        assert sum(day.amount(name) for day in month.days) == month.amount(name), name


@pytest.mark.parametrize("name", NAMES)
def test_every_member_and_month_of_every_example_adds_up(name: str) -> None:
    replay = replay_of(name)
    for month, plan in replay.spans():
        for member in replay.ledger.members:
            check_row(MemberMonth(replay, member, month, plan))


@pytest.mark.parametrize("name", NAMES)
def test_every_line_of_every_example_is_explained(name: str) -> None:
    replay = replay_of(name)
    for line in replay.ledger.lines():
        found = explain_run(replay, Question(line.day, line.kind, line.line), "run")
        assert found.amount == line.amount
        part = next(iter(found.parts.values()))
        assert sum(step.amount for step in part if step.amount is not None and not step.level) == line.amount


@pytest.mark.parametrize("name", NAMES)
def test_every_example_can_be_explained_in_every_language(name: str) -> None:
    """Every label that the examples need is there, with its values; the amounts are those of the English one."""
    english = replay_of(name)
    spans, lines = english.spans(), english.ledger.lines()
    questions = [Question(), Question(month=spans[0][0])]
    questions += [Question(line.day, line.kind, line.line) for line in lines[:3]]
    questions += [Question(member=member, month=month) for member in english.ledger.members for month, _ in spans]
    for question in questions:
        said = explain_run(english, question, "run")
        for language in ("de", "it"):
            found = explain_run(replace(english, words=Words(language)), question, "run")
            assert found.title != said.title
            shown, wanted = ([(one.amount, one.level, one.rule) for one in of.steps] for of in (found, said))
            assert shown == wanted


@pytest.mark.parametrize("name", NAMES)
def test_the_overview_of_every_example_adds_up(name: str) -> None:
    bills = planshift.simulate(EXAMPLES / f"{name}.yaml")
    found = explain_run(replay_of(name), Question(), "run")
    for steps in found.parts.values():
        check_sums(steps)
    assert found.amount == bills.tables["invoices"]["amount"].sum()


@drawn
@given(drawn_one=scenarios(), data=st.data())
def test_drawn_scenarios_add_up(drawn_one: tuple[Scenario, Rows], data: st.DataObject, tmp_path: Path) -> None:
    replay = Replay(simulate(as_scenario(*drawn_one, catalogue(), tmp_path), by_day=True))
    check_some(replay, data)


@settings(drawn, max_examples=25)
@given(drawn_one=scenarios(counterfactual=True), data=st.data())
def test_drawn_counterfactuals_add_up(drawn_one: tuple[Scenario, Rows], data: st.DataObject, tmp_path: Path) -> None:
    scenario = as_scenario(*drawn_one, catalogue(), tmp_path)
    check_some(Replay(simulate(scenario, counterfactual=True, by_day=True), counterfactual=True), data)


def check_some(replay: Replay, data: st.DataObject) -> None:
    """Some months of some members, and every line that is not for usage."""
    if replay.ledger.members:
        for _ in range(3):
            month, plan = data.draw(st.sampled_from(replay.spans()))
            check_row(MemberMonth(replay, data.draw(st.sampled_from(replay.ledger.members)), month, plan))
    for line, charge in replay.lines():
        if isinstance(charge, SeatCharge):
            assert seat_steps(replay, charge)[-1].amount == line.amount
    purchases = [(line, invoice) for line, invoice in replay.lines() if isinstance(invoice, CreditCharge)]
    if purchases:
        line, invoice = data.draw(st.sampled_from(purchases))
        steps = purchase_steps(replay, invoice)
        assert [step.amount for step in steps if step.amount is not None] == [line.amount]


@settings(drawn, max_examples=12)
@given(drawn_one=scenarios(), data=st.data())
def test_every_question_about_a_drawn_scenario_has_an_answer(
    drawn_one: tuple[Scenario, Rows], data: st.DataObject, tmp_path: Path
) -> None:
    replay = Replay(simulate(as_scenario(*drawn_one, catalogue(), tmp_path), by_day=True))
    questions = [Question(), Question(month=data.draw(st.sampled_from(replay.spans()))[0])]
    lines = [line for line, _ in replay.lines()]
    if lines:
        line = data.draw(st.sampled_from(lines))
        questions += [Question(invoice=line.day), Question(line.day, line.kind, line.line)]
    if replay.ledger.members:
        member = data.draw(st.sampled_from(replay.ledger.members))
        questions += [Question(member=member), Question(member=member, month=replay.spans()[-1][0])]
    for question in questions:
        found = explain_run(replay, question, "run")
        for steps in found.parts.values():
            check_sums(steps)
        json.dumps(found.facts())


# --- how often it bills ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_run_day_by_day_is_the_run(name: str) -> None:
    scenario = read_scenario(EXAMPLES / f"{name}.yaml", catalogue())
    whole, daily = simulate(scenario).ledger, replay_of(name).ledger
    assert daily.lines() == whole.lines()
    assert months_of(daily) == months_of(whole)
    assert daily.alerts() == whole.alerts()
    assert daily.stops() == whole.stops()
    for key, amounts in whole.usage.items():
        assert (daily.usage[key] == amounts).all()


QUESTIONS: Sequence[tuple[str, Mapping[str, str]]] = (
    ("simulate", {}),
    ("simulate", {"month": "2026-10"}),
    ("simulate", {"member": "ada", "month": "2026-10"}),
    ("simulate", {"invoice": "2026-11-01"}),
    ("renew", {"invoice": "2027-02-01", "member": "ada"}),
    ("renew", {"plan": "legacy_standard_premium"}),
    ("compare", {"plan": "enterprise", "member": "ada", "month": "2026-10"}),
)


@pytest.mark.usefixtures("no_pictures")
@pytest.mark.parametrize(("command", "question"), QUESTIONS)
def test_a_question_bills_once_and_once_for_each_other_choice(
    command: str, question: Mapping[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = EXAMPLES / "renewal_standard_premium.yaml"
    plans = [["legacy_standard_premium", "enterprise"]] if command == "compare" else []
    run_dir = getattr(planshift, command)(scenario, *plans).write(tmp_path / "run")
    bills = 0

    def counted(*args: Any, **options: Any) -> Ledger:
        nonlocal bills
        bills += 1
        return account.bill(*args, **options)

    monkeypatch.setattr(simulation, "bill", counted)
    monkeypatch.setattr(compare, "bill", counted)
    replay = replayed(read_run(run_dir), question.get("plan"))
    assert bills == 1
    planshift.explain(run_dir, **question)
    assert bills == 2 + sum(len(choice.taken.alternatives) for choice in open_choices(replay))
