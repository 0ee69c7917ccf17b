"""``planshift plans``: the plans, what they say, how they differ, and whether their files are in order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planshift.cli.console import bullets, heading, present, print_json, sentence, table, working
from planshift.cli.options import Json, On, Overlays, Plans, Quiet, read_day

if TYPE_CHECKING:
    from datetime import date

    from planshift.plans.plan import Plan
    from planshift.plans.rates import RateCard
    from planshift.plans.rules import Rule

app = typer.Typer(
    help="The plans: what they say, how they differ, and whether their files have errors.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

PlanId = Annotated[str, typer.Argument(metavar="ID", help="The id of a plan.")]
FirstPlan = Annotated[str, typer.Argument(metavar="A", help="The id of a plan.")]
SecondPlan = Annotated[
    str, typer.Argument(metavar="B", help="The id of another plan; the same id shows what --overlay changes.")
]
RuleId = Annotated[str | None, typer.Argument(metavar="ID", help="The id of a rule, such as S2 (default: list all).")]
All = Annotated[bool, typer.Option("--all", help="Also show the values that do not differ.")]
Files = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="FILES",
        help="Plans, rate cards, overlays, worked cases, scenarios, portfolios or usage (default: all plan files).",
    ),
]


@app.callback()
def plans_group() -> None:
    """The plans: what they say, how they differ, and whether their files have errors."""


@app.command("list", short_help="List the plans and the rate cards.")
def list_command(
    on: On = None, plans: Plans = None, overlay: Overlays = None, as_json: Json = False, quiet: Quiet = False
) -> None:
    """List the plans with their seat prices, and the rate cards."""
    from planshift.plans.catalogue import load_catalogue
    from planshift.reports.words import counted, listed

    day = read_day("--on", on)
    catalogue = load_catalogue(plans, overlay or ())
    rows = [_plan_facts(plan, day) for plan in catalogue.plans.values()]
    cards = [_card_facts(card) for card in catalogue.cards.values()]
    sold = [str(row["id"]) for row in rows if row["new_contracts"]]
    answer = f"{counted(len(rows), 'plan')}, open to new contracts: {listed(sold) or 'none'};"
    answer += f" {counted(len(cards), 'rate card')}."

    def details() -> None:
        when = f"on {day}" if day else "on the day each was last checked"
        names = ["id", "title", "kind", "new contracts", "seats, USD a month", "checked"]
        table(f"Plans {when}", names, [_plan_row(row) for row in rows])
        table(
            "Rate cards",
            ["id", "title", "models", "modifiers", "checked"],
            [[str(card[key]) for key in ("id", "title", "models", "modifiers", "checked")] for card in cards],
            numbers=["models", "modifiers"],
        )
        bullets("Overlays applied", [overlay.title for overlay in catalogue.overlays])

    def facts() -> dict[str, object]:
        titles = [overlay.title for overlay in catalogue.overlays]
        return {"answer": answer, "plans": rows, "rate_cards": cards, "overlays": titles}

    present(answer, facts, details, as_json=as_json, quiet=quiet)


def _plan_facts(plan: Plan, day: date | None) -> dict[str, object]:
    when = day or plan.checked
    sold = plan.find("new_contracts", when)
    return {
        "id": plan.id,
        "title": plan.title,
        "kind": plan.kind,
        "new_contracts": bool(sold and sold.value),
        "on": when.isoformat(),
        "seat_types": [_seat_facts(plan, seat, when) for seat in plan.seat_types],
        "checked": plan.checked.isoformat(),
    }


def _seat_facts(plan: Plan, seat: str, day: date) -> dict[str, object]:
    price = plan.find(f"seats.{seat}.price_usd_per_month", day)
    return {
        "id": seat,
        "title": plan.seat_titles[seat],
        "price_usd_per_month": price.text if price else None,
        "assumed": bool(price and price.assumed),
    }


def _plan_row(row: dict[str, object]) -> list[str]:
    seats = row["seat_types"]
    assert isinstance(seats, list)
    prices = [
        f"{seat['id']} {seat['price_usd_per_month'] or '-'}{' (assumed)' if seat['assumed'] else ''}" for seat in seats
    ]
    sold = "yes" if row["new_contracts"] else "no"
    return [str(row["id"]), str(row["title"]), str(row["kind"]), sold, ", ".join(prices), str(row["checked"])]


def _card_facts(card: RateCard) -> dict[str, object]:
    return {
        "id": card.id,
        "title": card.title,
        "models": len(card.models),
        "modifiers": len(card.modifiers),
        "checked": card.checked.isoformat(),
    }


@app.command("show", short_help="Describe a plan in plain sentences with sources.")
def show_command(
    plan_id: PlanId,
    on: On = None,
    plans: Plans = None,
    overlay: Overlays = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Describe a plan in plain sentences, each with its source or marked as assumed."""
    from dataclasses import asdict

    from planshift.plans.catalogue import load_catalogue
    from planshift.reports.plans.sentences import statements
    from planshift.usage.products import read_products

    day = read_day("--on", on)
    catalogue = load_catalogue(plans, overlay or ())
    plan = catalogue.plan(plan_id)
    when = day or plan.checked
    said = statements(plan, when, catalogue, read_products().titles)
    assumed = sum(statement.assumed for statement in said)
    answer = f"{plan.title} ({plan.id}) on {when}{'' if day else ', the day on which it was last checked'}:"
    answer += f" {len(said)} values, {assumed or 'none'} of them assumed."

    def details() -> None:
        topic = ""
        for statement in said:
            if statement.topic != topic:
                topic = statement.topic
                heading(topic)
            sentence(statement.cited, indent=2)

    def facts() -> dict[str, object]:
        values = [asdict(statement) for statement in said]
        return {"answer": answer, "id": plan.id, "title": plan.title, "on": when.isoformat(), "statements": values}

    present(answer, facts, details, as_json=as_json, quiet=quiet)


@app.command("diff", short_help="Compare two plans value by value.")
def diff_command(
    one: FirstPlan,
    other: SecondPlan,
    on: On = None,
    show_all: All = False,
    plans: Plans = None,
    overlay: Overlays = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare two plans value by value; a plan with itself shows what --overlay changes."""
    from dataclasses import asdict

    from planshift.plans.catalogue import load_catalogue
    from planshift.reports.plans.names import differences, no_effect
    from planshift.reports.words import counted

    day = read_day("--on", on)
    catalogue = load_catalogue(plans, overlay or ())
    before = load_catalogue(plans) if one == other else catalogue
    first, second = before.plan(one), catalogue.plan(other)
    found = differences(first, second, day)
    unlike = [row for row in found if row.differs]
    many = f"{counted(len(unlike), 'value')} of {len(found)}"
    idle = "".join(f"{said} " for said in no_effect(catalogue, (one, other), day or second.checked))
    answer = f"{idle}{_called(first, second)} differ in {many}, {_when(first, second, day)}."

    def details() -> None:
        rows = [[row.label, row.one, row.other, row.path] for row in (found if show_all else unlike)]
        if rows:
            names = [first.id, second.id] if one != other else ["as it is", "what-if"]
            table("Values", ["what", *names, "where"], rows)

    def facts() -> dict[str, object]:
        values = [{**asdict(row), "differs": row.differs} for row in (found if show_all else unlike)]
        on_days = {"on": [(day or plan.checked).isoformat() for plan in (first, second)]}
        return {"answer": answer, "plans": [first.id, second.id], **on_days, "values": values}

    present(answer, facts, details, as_json=as_json, quiet=quiet)


def _called(first: Plan, second: Plan) -> str:
    if first.id == second.id:
        return f"{first.title}, as it is and under the what-if,"
    return f"{first.title} and {second.title}"


def _when(first: Plan, second: Plan, day: date | None) -> str:
    if day:
        return f"on {day}"
    if first.checked == second.checked:
        return f"on {first.checked}, the day on which they were last checked"
    return f"each on the day on which it was last checked ({first.checked}, {second.checked})"


@app.command("rules", short_help="List the rules that the plans bill by, or show one.")
def rules_command(rule_id: RuleId = None, plans: Plans = None, as_json: Json = False, quiet: Quiet = False) -> None:
    """List the rules that the plans bill by, or show one with its sources and the plan values that it reads."""
    from planshift.plans.rules import read_rules

    rules = read_rules()
    if rule_id is not None:
        _present_rule(rules.rule(rule_id), plans, as_json=as_json, quiet=quiet)
        return
    assumed = sum(rule.assumed for rule in rules.rules.values())
    answer = f"{len(rules.rules)} rules, {assumed} of them assumed in part or as a whole."

    def details() -> None:
        for topic, title in rules.topics.items():
            rows = [[rule.id, rule.title, _basis(rule)] for rule in rules.rules.values() if rule.topic == topic]
            table(title, ["rule", "what it says", "source"], rows)

    def facts() -> dict[str, object]:
        return {"answer": answer, "rules": [_rule_facts(rule) for rule in rules.rules.values()]}

    present(answer, facts, details, as_json=as_json, quiet=quiet)


def _present_rule(rule: Rule, plans: Path | None, *, as_json: bool, quiet: bool) -> None:
    from planshift.plans.catalogue import load_catalogue

    catalogue = load_catalogue(plans)
    read = {plan.id: list(rule.values_of(plan)) for plan in catalogue.plans.values()}
    answer = f"{rule.id} {rule.title}. {rule.says}"

    def details() -> None:
        bullets("Sources", [f"{source.title}: {source.address}" for source in rule.sources])
        bullets("Assumed", [rule.note] if rule.note else [])
        bullets("Plan values", [f"{plan}: {', '.join(paths)}" for plan, paths in read.items() if paths])

    def facts() -> dict[str, object]:
        return {"answer": answer, **_rule_facts(rule), "plan_values": read}

    present(answer, facts, details, as_json=as_json, quiet=quiet)


def _basis(rule: Rule) -> str:
    if not rule.assumed:
        return "published"
    return "assumed in part" if rule.sources else "assumed"


def _rule_facts(rule: Rule) -> dict[str, object]:
    from dataclasses import asdict

    return {**asdict(rule), "assumed": rule.assumed}


@app.command("check", short_help="Check plan files, or given files of any kind.")
def check_command(files: Files = None, plans: Plans = None, as_json: Json = False, quiet: Quiet = False) -> None:
    """Check plan files, or the given files of any kind: words, schema, meaning and worked cases.

    Every mistake is listed with its place and what to do; the exit status is 2 if there is one.
    """
    from planshift.problems import InputError

    with working("Checking", quiet=quiet):
        from planshift.inspection import inspect_files, inspect_plans

        found = inspect_files(files, plans) if files else inspect_plans(plans)
    error = InputError(found.problems)
    looked_at = dict(found.looked_at)
    if as_json:
        problems = [
            {"file": p.place.file, "line": p.place.line, "column": p.place.column, "fact": p.fact, "remedy": p.remedy}
            for p in error.problems
        ]
        print_json({"ok": not problems, "checked": looked_at, "problems": problems, "warnings": found.warnings})
        raise typer.Exit(2 if problems else 0)
    if error.problems:
        raise error
    sentence(_in_order(looked_at))
    if not quiet:
        bullets("Warnings", found.warnings)


def _in_order(looked_at: dict[str, int]) -> str:
    from planshift.reports.words import counted, listed

    plurals = {what: what.replace("file of", "files of") for what in looked_at if what.startswith("file of")}
    counts = [counted(number, what, plurals.get(what, "")) for what, number in looked_at.items()]
    return f"No errors found: {listed(counts)}."
