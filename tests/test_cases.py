"""Every worked case comes out as it was reckoned by hand, every rule has one, and a case that is wrong is told."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from planshift.billing.cases import Case, case_problems, read_cases, run_cases
from planshift.plans.catalogue import Catalogue, load_catalogue
from planshift.plans.files import folder
from planshift.plans.rules import read_rules
from planshift.problems import InputError

FILES = sorted((folder("plans") / "cases").glob("*.yaml"))
CASES = [case for file in FILES for case in read_cases(file)]


@cache
def catalogue() -> Catalogue:
    return load_catalogue()


def name_of(case: Case) -> str:
    return f"{Path(case.document.name).stem}: {case.name}"


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_it_comes_out_as_reckoned_by_hand(case: Case) -> None:
    assert case_problems(case, catalogue()) == []


def test_every_rule_of_the_rulebook_has_a_case() -> None:
    assert {rule for case in CASES for rule in case.rules} == set(read_rules().rules)


def test_no_two_cases_have_one_name() -> None:
    names = [case.name for case in CASES]
    assert sorted(set(names)) == sorted(names)


def test_every_open_choice_has_a_case_for_each_alternative() -> None:
    """By what the contract, an event or a what-if of some case says."""
    words = " ".join(file.read_text(encoding="utf-8") for file in FILES)
    listed = {
        (path.rpartition(".")[2], str(alternative).replace("'", ""))
        for plan in catalogue().plans.values()
        for path, dated in plan.values.items()
        for _, entry in dated.entries
        for alternative in entry.alternatives
    }
    assert listed
    for key, alternative in listed:
        said = (f"{key}: {alternative}", f"{key}: {{value: {alternative},")
        assert any(text in words for text in said), (key, alternative)


HEAD = """\
kind: cases
title: One
cases:
  - name: ada uses 20 of 30
    rules: [C1]
    why: A limit of 15 lets 15 of 20 through.
"""
SCENARIO = """\
    scenario:
      contract:
        plan: enterprise
        channel: self_serve
        term_start: 2026-09-01
        seats: {enterprise: 20}
        credits: {initial: 30.00}
        spend_limits: {each_member: 15.00}
      horizon: {start: 2026-10-01, months: 1}
      members: {ada: enterprise}
      spend:
        - {date: 2026-10-05, user_id: ada, surface: chat, usd: 20}
"""

WRONG = [
    (
        "invoices: [[2026-10-01, enterprise, credit_purchase, 1, '', '', 1, 31.00]]",
        "21:18: case «ada uses 20 of 30»: invoices: "
        "expected [2026-10-01, enterprise, credit_purchase, 1, '', '', 1, 31.00], "
        "got [2026-10-01, enterprise, credit_purchase, 1, '', '', 1, 30.00] - mend the rule, or the case",
    ),
    ("invoices: []", "invoices: expected no more rows, got [2026-10-01, enterprise, credit_purchase"),
    (
        "members: [{month: 2026-10, plan: enterprise, user_id: ada, demand: 20, metered: 20, billed: 15}]",
        "expected [2026-10, enterprise, ada, 20.000000000, 20.000000000, 15.000000000], "
        "got [2026-10, enterprise, ada, 20.000000000, 20.000000000, 15.000000000, 5.000000000]",
    ),
    ("alerts: [[2026-10-05, ada, 0.75]]", "alerts: expected no more rows, got [2026-10-05, ada, 0.90]"),
    (
        "stops: [[ada, member limit, 2026-10-06, '', '']]",
        "expected [ada, member limit, 2026-10-06, '', ''], got [ada, member limit, 2026-10-05, '', '']",
    ),
    ("totals: {billed: 20}", "21:24: case «ada uses 20 of 30»: totals billed: expected 20.000000000, got 15.000000000"),
    ("standing: {credits: 5}", "standing credits: expected 5.000000000, got 15.000000000"),
    ("standing: {left: {ada: 5}}", "standing left ada: expected 5.000000000, got 0.000000000"),
    ("standing: {spent: {ben: 5}}", "standing spent ben: expected 5.000000000, got nobody"),
    ("refused: [nothing]", "expected a refusal, got a run"),
    ("warnings: [few seats]", "warnings: expected «few seats», got nothing more"),
]


def written(folder: Path, text: str) -> Path:
    file = folder / "one.yaml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(("expect", "words"), WRONG, ids=[expect.partition(":")[0] for expect, _ in WRONG])
def test_a_case_that_does_not_come_out_is_told_at_its_place(tmp_path: Path, expect: str, words: str) -> None:
    file = written(tmp_path, f"{HEAD}{SCENARIO}    expect:\n\n      {expect}\n")
    found = run_cases(catalogue(), [file])
    assert any(words in str(problem) for problem in found), found
    assert {problem.place.line for problem in found} == {21}


def test_a_refusal_that_nobody_expected_is_told_with_its_words(tmp_path: Path) -> None:
    text = HEAD + SCENARIO.replace("enterprise: 20", "enterprise: 19") + "    expect: {totals: {billed: 15}}\n"
    [problem] = run_cases(catalogue(), [written(tmp_path, text)])
    assert "case «ada uses 20 of 30» is refused: 19 seats are below the minimum" in problem.fact


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("channel: self_serve", "chanel: self_serve", "unknown key 'chanel' in 'contract' - did you mean 'channel'?"),
        ("surface: chat", "surface: chatt", "'chatt' is not a surface - did you mean 'chat'?"),
        ("user_id: ada", "user_id: adda", "'adda' is not a member - did you mean 'ada'?"),
        ("usd: 20", "usd: -20", "'usd' must be at least 0 (got -20)"),
        ("plan: enterprise", "plan: enterprize", "no plan 'enterprize' - did you mean 'enterprise'?"),
    ],
)
def test_a_slip_inside_a_case_is_told_at_its_place_in_the_file(tmp_path: Path, old: str, new: str, words: str) -> None:
    text = (HEAD + SCENARIO).replace(old, new) + "    expect: {totals: {billed: 15}}\n"
    [problem] = run_cases(catalogue(), [written(tmp_path, text)])
    line = next(number for number, line in enumerate(text.splitlines(), start=1) if new in line)
    assert words in f"{problem.fact} - {problem.remedy}"
    assert problem.place.line == line


def test_a_case_may_not_have_both_usage_and_spend(tmp_path: Path) -> None:
    row = "      usage: [{date: 2026-10-05, user_id: ada, surface: chat, model: claude-opus-5-5}]\n"
    file = written(tmp_path, f"{HEAD}{SCENARIO}{row}    expect: {{totals: {{billed: 15}}}}\n")
    with pytest.raises(InputError, match="cannot have the keys usage and spend together"):
        read_cases(file)
