"""Explanations worked by hand, from golden/explanations.yaml: quantities, rules, sources, and other choices."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

import planshift
from command import EXAMPLES
from planshift.explanation.explanation import Explanation, Step

CASES: list[Any] = yaml.safe_load((EXAMPLES.parent / "explanations.yaml").read_text(encoding="utf-8"))
KNOWN = {"name", "why", "run", "scenario", "changed", "usage", "what_if", "ask", "amount", "title", "begins", "says"}
KNOWN |= {"never", "steps", "last", "instead", "instead_says", "beside", "agreed", "without_effect"}
KNOWN |= {"without_effect_has"}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the run of every example."""
    folder = tmp_path_factory.mktemp("runs")
    for path in sorted(EXAMPLES.glob("*.yaml")):
        planshift.simulate(path).write(folder / path.stem)
    return folder


def run_of(case: Mapping[str, Any], runs: Path, folder: Path) -> Path:
    """The folder of the run that a case asks about: that of an example, or of a scenario written for it."""
    if not case.keys() & {"scenario", "changed", "what_if"}:
        return runs / str(case["run"])
    text = case.get("scenario") or (EXAMPLES / f"{case['run']}.yaml").read_text(encoding="utf-8")
    for old, new in case.get("changed", {}).items():
        assert old in text
        text = text.replace(old, new)
    files = {"scenario.yaml": text, "usage.csv": case.get("usage", ""), "what_if.yaml": case.get("what_if", "")}
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    overlays = [folder / "what_if.yaml"] if "what_if" in case else []
    return planshift.simulate(folder / "scenario.yaml", overlays=overlays).write(folder / "run")


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_a_worked_explanation(case: dict[str, Any], runs: Path, tmp_path: Path) -> None:
    assert case.keys() <= KNOWN
    found = planshift.explain(run_of(case, runs, tmp_path), **case["ask"])
    text = "\n".join(step.text for step in found.steps)
    assert case.get("title", found.title) == found.title
    assert found.title.startswith(case.get("begins", ""))
    assert Decimal(case.get("amount", found.amount)) == found.amount
    assert [said for said in case.get("says", ()) if said not in text] == []
    assert [said for said in case.get("never", ()) if said in text] == []
    for wanted in case.get("steps", ()):
        check_step(wanted, [step for step in found.steps if wanted["has"] in step.text])
    if "last" in case:
        assert found.steps[-1].text == case["last"]["text"]
        check_step(case["last"], [found.steps[-1]])
    said = of_choices(found, case)
    assert said == {key: case[key] for key in said}
    others = "\n".join(choice.text for choice in found.alternatives)
    assert [one for one in case.get("instead_says", ()) if one not in others] == []
    assert "without_effect_has" not in case or case["without_effect_has"] in found.without_effect


def check_step(wanted: Mapping[str, str], steps: list[Step]) -> None:
    """There is one such step, with the amount, the rule and the beginning of the source that it has to have."""
    (step,) = steps
    assert Decimal(wanted.get("amount", step.amount or 0)) == (step.amount or 0)
    assert wanted.get("rule", step.rule) == step.rule
    assert step.source.startswith(wanted.get("source", ""))


def of_choices(found: Explanation, case: Mapping[str, Any]) -> dict[str, object]:
    """What the explanation has of other choices, as far as a case says anything of them."""
    others = {
        choice.other: {name: [cents(amount) for amount in amounts] for name, amounts in choice.others.items()}
        for choice in found.alternatives
    }
    said: dict[str, object] = {
        "instead": {one.other: [one.rule, cents(one.amount), cents(one.difference)] for one in found.alternatives},
        "beside": {other: others.get(other) for other in case.get("beside", ())},
        "agreed": list(found.agreed),
        "without_effect": list(found.without_effect),
    }
    return {key: value for key, value in said.items() if key in case}


def cents(amount: Decimal | None) -> str:
    """An amount in whole cents."""
    return f"{amount:.2f}"
