"""Every file in tests/broken/plan is refused where and in the words that its head says, and for nothing else.

Each is a small plan with one mistake (``several_mistakes`` has more). What a schema can see is found when the file is
read, the rest when it is compared with the other plans.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from planshift.billing.scenario import read_scenario
from planshift.billing.simulation import simulate
from planshift.plans.catalogue import Catalogue, catalogue_problems, load_catalogue
from planshift.plans.plan import read_plan
from planshift.problems import InputError, Problem
from planshift.usage.products import read_products

FOLDER = Path(__file__).parent / "broken" / "plan"
CLAIM = re.compile(r"# refused: (.+)\n# at: (\S+)\n")


@cache
def catalogue() -> Catalogue:
    return load_catalogue()


def problems(file: Path) -> Sequence[Problem]:
    """What is wrong with a plan file among the shipped ones."""
    try:
        plan = read_plan(file)
    except InputError as error:
        return error.problems
    whole = replace(catalogue(), plans={**catalogue().plans, plan.id: plan})
    return catalogue_problems(whole, read_products().titles)


@pytest.mark.parametrize("name", sorted(file.stem for file in FOLDER.glob("*.yaml")))
def test_is_refused_where_and_in_the_words_that_its_head_names(name: str) -> None:
    file = FOLDER / f"{name}.yaml"
    claims = CLAIM.findall(file.read_text(encoding="utf-8"))
    assert claims, "the head must say '# refused: …' and, on the next line, '# at: …'"
    found = problems(file)
    places = [str(problem.place).removeprefix(f"{file}:").removeprefix(f"{FOLDER}/") for problem in found]
    assert places == [place for _, place in claims]
    for problem, (words, _) in zip(found, claims, strict=True):
        assert words in f"{problem.fact} - {problem.remedy}"


def test_the_shipped_plans_have_no_problem() -> None:
    assert catalogue_problems(catalogue(), read_products().titles) == []


def without_head(file: Path) -> list[str]:
    return [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


def test_the_plan_that_all_of_them_are_but_for_their_mistake_is_right(tmp_path: Path) -> None:
    lines = without_head(FOLDER / "named_otherwise.yaml")
    file = tmp_path / "another_name.yaml"
    file.write_text("\n".join(lines), encoding="utf-8")
    assert problems(file) == []


def test_a_plan_that_renews_on_itself_needs_no_seat_map(tmp_path: Path) -> None:
    text = "\n".join(line for line in without_head(FOLDER / "named_otherwise.yaml") if "seat_map" not in line)
    file = tmp_path / "another_name.yaml"
    file.write_text(text.replace("successor: {value: enterprise", "successor: {value: itself"), encoding="utf-8")
    assert problems(file) == []


@pytest.mark.parametrize("name", ["thresholds_not_rising", "seat_map_leaves_a_type_out", "usage_billing_off"])
def test_no_scenario_is_billed_by_a_broken_plan(name: str, tmp_path: Path) -> None:
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / f"{name}.yaml").write_bytes((FOLDER / f"{name}.yaml").read_bytes())
    file = tmp_path / "one.yaml"
    file.write_text(
        f"title: One\ncontract: {{plan: {name}, channel: self_serve, term_start: 2026-01-01, seats: {{chat: 5}}}}\n"
        "horizon: {start: 2026-01-01, months: 1}\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as refused:
        simulate(read_scenario(file, load_catalogue(tmp_path / "plans")))
    assert {Path(problem.place.file).stem for problem in refused.value.problems} == {name}


def test_a_folder_with_several_broken_plans_is_refused_with_the_mistakes_of_all(tmp_path: Path) -> None:
    for name in ("key_unknown", "price_below_zero"):
        (tmp_path / f"{name}.yaml").write_bytes((FOLDER / f"{name}.yaml").read_bytes())
    with pytest.raises(InputError) as refused:
        load_catalogue(tmp_path)
    assert {Path(problem.place.file).stem for problem in refused.value.problems} == {"key_unknown", "price_below_zero"}


def test_a_plan_that_only_assumes_needs_no_sources(tmp_path: Path) -> None:
    lines = "\n".join(without_head(FOLDER / "named_otherwise.yaml"))
    assumed = re.sub(r"reference: article", "assumed: true, note: Assumed.", lines)
    file = tmp_path / "another_name.yaml"
    file.write_text(re.sub(r"sources:\n.*\n", "sources: {}\n", assumed), encoding="utf-8")
    assert problems(file) == []


@pytest.mark.parametrize("nothing", ["{}", "[]", "''", "null"])
def test_no_remedy_removes_what_a_plan_then_lacks(nothing: str, tmp_path: Path) -> None:
    """Each key of a plan is left empty in turn; whoever does what is said is not told the opposite."""
    lines = without_head(FOLDER / "named_otherwise.yaml")
    keys = [line.partition(":")[0] for line in lines if line[:1].isalpha()]
    for key in keys:
        kept = _without(lines, key)
        file = tmp_path / "another_name.yaml"
        file.write_text("\n".join([*kept, f"{key}: {nothing}"]), encoding="utf-8")
        said = [problem.remedy for problem in problems(file)]
        file.write_text("\n".join(kept), encoding="utf-8")
        lacks = [problem.fact for problem in problems(file)]
        assert not (any("remove the key" in remedy for remedy in said) and lacks), (key, said, lacks)


def _without(lines: Sequence[str], key: str) -> list[str]:
    """The lines of a plan without a key and what stands below it."""
    kept, inside = [], False
    for line in lines:
        inside = line.startswith(f"{key}:") or (inside and not line[:1].isalpha())
        if not inside:
            kept.append(line)
    return kept
