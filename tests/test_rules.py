"""The rules stand in one file: what cites a rule cites one of them, and every one says where it comes from."""

import re
from pathlib import Path

import pytest

from command import run
from planshift.plans.catalogue import load_catalogue
from planshift.plans.files import folder
from planshift.plans.rules import matches, read_rules
from planshift.problems import InputError

ROOT = Path(__file__).resolve().parents[1]
RULES = read_rules()

CITED = re.compile(r"""(?:Rulebook|rule=["']|rules: \[|["'](?=[A-Z]\d(?:, [A-Z]\d)*["']))((?:,? ?[A-Z]\d\b)+)""")
"""Where ids of rules stand: after the word Rulebook, as the rule of a step or a case, or alone in quotes."""
CELLS = re.compile(r'"[A-Z]\d"')
"""What looks like the id of a rule and is a cell of a workbook."""


def cited() -> dict[str, set[str]]:
    """File → the ids of rules that it cites."""
    files = [
        *(ROOT / "simulator").rglob("*.py"),
        *(ROOT / "plans").rglob("*.yaml"),
        *(ROOT / "tests/oracle").rglob("*.py"),
    ]
    files += [*(ROOT / "reports" / "labels").glob("*.yaml"), *(ROOT / "reports").glob("*.yaml")]
    found = {}
    for file in files:
        text = file.read_text(encoding="utf-8")
        if "workbook" in file.parts:
            text = CELLS.sub("", text)
        ids = {one for hit in CITED.finditer(text) for one in re.findall(r"[A-Z]\d", hit.group(1))}
        if ids:
            found[file.relative_to(ROOT).as_posix()] = ids
    return found


def test_every_rule_that_is_cited_stands_in_the_file() -> None:
    unknown = {file: ids - set(RULES.rules) for file, ids in cited().items()}
    assert {file: ids for file, ids in unknown.items() if ids} == {}
    assert len(unknown) > 50, "hardly a file is found to cite a rule: does the pattern still fit?"


def test_every_plan_value_that_a_rule_reads_is_a_value_of_some_plan() -> None:
    paths = {path for plan in load_catalogue().plans.values() for path in plan.values}
    unread = {
        (rule.id, pattern)
        for rule in RULES.rules.values()
        for pattern in rule.values
        if not any(matches(path, pattern) for path in paths)
    }
    assert unread == set()


def test_a_star_stands_for_one_key() -> None:
    assert matches("seats.premium.surfaces", "seats.*.surfaces")
    assert not matches("seats.premium.old.surfaces", "seats.*.surfaces")


def test_every_source_has_an_address_that_a_plan_or_the_rate_card_cites_too() -> None:
    plans = "".join(
        path.read_text(encoding="utf-8") for path in folder("plans").rglob("*.yaml") if path.stem != "rules"
    )
    used = {source.address for rule in RULES.rules.values() for source in rule.sources}
    assert {address for address in used if address not in plans} == set()


def test_the_list_says_of_each_rule_whether_it_is_published() -> None:
    answer = run("plans", "rules")
    assert answer.status == 0
    assert answer.first == "39 rules, 13 of them assumed in part or as a whole."
    listed = [
        rule.id for rule in RULES.rules.values() if re.search(rf"^{rule.id} +\S.*(assumed|published)", answer.out, re.M)
    ]
    assert listed == list(RULES.rules)


def test_a_rule_is_shown_with_its_sources_and_the_values_that_it_reads() -> None:
    data = run("plans", "rules", "s2", "--json").data
    assert data["id"] == "S2"
    assert data["answer"].startswith("S2 Added seats are charged for the rest of the term.")
    assert data["plan_values"]["enterprise"] == ["proration"]
    assert [source["address"][:28] for source in data["sources"]] == ["https://support.claude.com/e"] * 2


def test_a_rule_that_is_not_there_is_refused_with_the_nearest() -> None:
    answer = run("plans", "rules", "S8")
    assert answer.status == 2
    assert "there is no rule of this id" in answer.err


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("topic: seats\n    says: At", "topic: seat\n    says: At", "there is no topic 'seat' - did you mean 'seats'?"),
        ("reference: [pricing_page, ", "reference: [price_page, ", "'price_page' is not among the sources"),
        (
            "    reference: plan_article\n",
            "",
            "say where it comes from (reference), or mark it assumed: true with a note",
        ),
        ("  P1:\n", "  Rule1:\n", "write a capital letter and a number, as in S2"),
    ],
)
def test_a_file_of_rules_that_is_wrong_is_refused(tmp_path: Path, old: str, new: str, says: str) -> None:
    text = (folder("plans") / "rules.yaml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "rules.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=re.escape(says)):
        read_rules(path)
    answer = run("plans", "check", path)
    assert answer.status == 2
    assert says in " ".join(answer.err.split())
