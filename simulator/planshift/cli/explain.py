"""``planshift explain``: why an amount of a run is what it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planshift.cli.console import bullets, present, table, working
from planshift.cli.options import Json, Quiet

if TYPE_CHECKING:
    from planshift.explanation.explanation import Explanation, Step

RunDir = Annotated[
    Path, typer.Argument(metavar="RUN_DIR", help="A folder that simulate, renew, compare or forecast wrote.")
]
Invoice = Annotated[str | None, typer.Option("--invoice", metavar="DATE", help="The date of an invoice.")]
Kind = Annotated[
    str | None,
    typer.Option(
        "--kind", metavar="KIND", help="seat_fee, seat_addition, seat_credit, credit_purchase, usage or usage_minimum."
    ),
]
Line = Annotated[int | None, typer.Option("--line", metavar="N", help="The number of a line of the invoice.")]
Member = Annotated[
    str | None, typer.Option("--member", metavar="ID", help="A member; with --invoice, that member's line.")
]
Month = Annotated[str | None, typer.Option("--month", metavar="YYYY-MM", help="A month.")]
OfPlan = Annotated[
    str | None,
    typer.Option("--plan", metavar="ID", help="Which plan, in a comparison or a renewal."),
]
Account = Annotated[str | None, typer.Option("--account", metavar="ID", help="An account of a forecast.")]
Language = Annotated[
    str, typer.Option("--language", metavar="CODE", help="The language of the explanation: de, en, it.")
]


def explain(
    run_dir: RunDir,
    invoice: Invoice = None,
    kind: Kind = None,
    line: Line = None,
    member: Member = None,
    month: Month = None,
    plan: OfPlan = None,
    account: Account = None,
    language: Language = "en",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Explain an amount of a run: the rule, the plan value and its source, the quantities.

    Without a selection it gives an overview and says what to type next. Shows the calculation step by step, and where
    nothing is published, what each other choice would have given. The run is made again from the files named in its
    manifest.json: they must be there as they were. Of many draws, the first (draw 0) is explained. A renewal is
    explained on the new plan, or on the old one (--plan), a comparison side by side, or on one of its plans; a
    forecast, whose tables are means, in all, by --month or by --account.
    """
    from planshift.explanation.explain import explain as explained

    with working("Explaining", quiet=quiet):
        found = explained(
            run_dir,
            invoice=invoice,
            kind=kind,
            line=line,
            member=member,
            month=month,
            plan=plan,
            account=account,
            language=language,
        )
    say = found.words.say

    def details() -> None:
        sources = _numbered(found)
        for part, steps in found.parts.items():
            table(say("heading.part", part=part), ["USD", say("heading.step")], _rows(found, steps), numbers=["USD"])
        bullets(say("heading.rules"), [f"{rule}: {title}" for rule, title in found.rules.items()])
        bullets(say("heading.sources"), [f"{number}: {source}" for source, number in sources.items()])
        _choices(found)
        bullets(say("heading.next"), found.next)

    present(found.title, found.facts, details, as_json=as_json, quiet=quiet)


def _numbered(found: Explanation) -> dict[str, int]:
    """The sources that have an address, numbered; the others are short enough to stand where they are needed."""
    return {source: number for number, source in enumerate((s for s in found.sources if "https://" in s), start=1)}


def _rows(found: Explanation, steps: Sequence[Step]) -> Iterable[tuple[str, str]]:
    """Amount and text of every step; amounts below the first level stand in the text, so that the column adds up."""
    for step in steps:
        amount = "" if step.amount is None else found.words.cents(step.amount)
        text = _cited(found, step)
        if step.level:
            yield "", f"{'   ' * step.level}{f'{amount}  ' if amount else ''}{text}"
        else:
            yield f"= {amount}" if step.total else amount, text


def _cited(found: Explanation, step: Step) -> str:
    """The text of a step with its rule, and its source or the source's number and whether it assumes something."""
    source, words, sources = step.source, found.words, _numbered(found)
    if source in sources:
        assumed = words.assumed in source
        source = words.say("heading.source_assumed" if assumed else "heading.source", number=str(sources[source]))
    marks = "; ".join(mark for mark in (step.rule, source) if mark)
    return f"{step.text} [{marks}]" if marks else step.text


def _choices(found: Explanation) -> None:
    say = found.words.say
    said = [f"{choice.rule}, {choice.text}" if choice.rule else choice.text for choice in found.alternatives]
    bullets(say("heading.open"), said)
    if found.without_effect:
        bullets(say("heading.without_effect"), ["; ".join(found.without_effect)])
    bullets(say("heading.agreed"), found.agreed)
