"""``planshift plans`` and ``planshift schema``: lists, sentences with their sources, differences, checks."""

import json
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from command import EXAMPLES, floats_in, run
from planshift.plans import schemas
from planshift.plans.catalogue import PUBLISHED, load_catalogue
from planshift.plans.files import folder
from planshift.reports.plans.sentences import OTHER, Statement, statements
from planshift.usage.products import read_products

PLANS = ["enterprise", "legacy_chat_claude_code", "legacy_standard_premium"]

CHEAPER = """\
kind: overlay
title: Seats for ten dollars
baseline: enterprise
from: 2027-01-01
changes:
  seats: {enterprise: {price_usd_per_month: {value: 10.00, assumed: true, note: A test.}}}
"""


@pytest.fixture
def cheaper(tmp_path: Path) -> Path:
    path = tmp_path / "cheaper.yaml"
    path.write_text(CHEAPER)
    return path


def said(plan_id: str, day: str = "") -> list[Statement]:
    catalogue = load_catalogue()
    plan = catalogue.plan(plan_id)
    return statements(plan, date.fromisoformat(day) if day else plan.checked, catalogue, read_products().titles)


# --- list -------------------------------------------------------------------------------------------------------------


def test_the_list_has_every_plan_and_says_which_is_sold() -> None:
    answer = run("plans", "list")
    assert answer.first == "3 plans, open to new contracts: enterprise; 1 rate card."
    assert [name for name in (*PLANS, "claude_api", "standard 40.00 (assumed)") if name not in answer.out] == []


def test_the_list_in_json() -> None:
    data = run("plans", "list", "--json").data
    assert [plan["id"] for plan in data["plans"]] == PLANS
    assert data["plans"][0]["seat_types"] == [
        {"id": "enterprise", "title": "Enterprise seat", "price_usd_per_month": "20.00", "assumed": False}
    ]
    assert data["plans"][0]["on"] == data["plans"][0]["checked"]
    assert floats_in(data) == []


def test_the_list_shows_the_price_of_the_day(cheaper: Path) -> None:
    prices = [
        run("plans", "list", "--overlay", cheaper, "--on", day, "--json").data["plans"][0]["seat_types"][0]
        for day in ("2026-12-31", "2027-01-01")
    ]
    assert [price["price_usd_per_month"] for price in prices] == ["20.00", "10.00"]


# --- show -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("plan_id", PLANS)
def test_every_value_of_a_plan_is_said_in_a_sentence_of_its_own(plan_id: str) -> None:
    found = said(plan_id)
    assert sorted(statement.path for statement in found) == sorted([*load_catalogue().plan(plan_id).values, "rates"])
    assert [statement.path for statement in found if statement.topic == OTHER] == []


@pytest.mark.parametrize("plan_id", PLANS)
def test_every_sentence_has_a_source_or_is_marked_as_assumed(plan_id: str) -> None:
    found = said(plan_id)
    assert [statement.path for statement in found if not (statement.source or statement.assumed)] == []
    assert [statement.path for statement in found if statement.assumed and "[assumed: " not in statement.cited] == []


def test_a_plan_is_read_out() -> None:
    answer = run("plans", "show", "enterprise")
    checked = load_catalogue().plan("enterprise").checked
    assert answer.first.startswith(
        f"Enterprise, usage-based (enterprise) on {checked}, the day on which it was last checked: "
    )
    assert (
        "  Enterprise seat: 20.00 USD a month, 240.00 USD for the 12 months of a term, paid when it starts."
        " [Plans and pricing]" in answer.out.splitlines()
    )
    assert any("it could be: whole_months or days]" in line for line in answer.out.splitlines())


def test_a_plan_that_ends_says_what_becomes_of_it() -> None:
    answer = run("plans", "show", "legacy_standard_premium")
    assert "the contract goes on as Enterprise, usage-based" in answer.out
    assert "Standard seat becomes Enterprise seat and Premium seat becomes Enterprise seat" in answer.out


def test_what_changes_later_is_said_at_the_end(cheaper: Path) -> None:
    answer = run("plans", "show", "enterprise", "--overlay", cheaper, "--on", "2026-12-01")
    assert answer.out.splitlines()[-1] == (
        "  From 2027-01-01 on: Enterprise seat: list price of a seat, US dollars a month: 10.00."
        " [what-if: Seats for ten dollars; assumed: A test]"
    )


def test_a_value_that_does_not_hold_yet_is_said_so() -> None:
    first, _ = load_catalogue().plan("enterprise").values["seats.enterprise.price_usd_per_month"].entries[0]
    before = first - timedelta(days=1)
    assert f"not in force yet on {before}" in run("plans", "show", "enterprise", "--on", before).out


def test_a_plan_in_json() -> None:
    data = run("plans", "show", "enterprise", "--json").data
    assert {"topic", "text", "path", "source", "assumed", "note", "alternatives"} == set(data["statements"][0])
    assert floats_in(data) == []


# --- diff -------------------------------------------------------------------------------------------------------------


def test_only_what_differs_is_shown() -> None:
    data = run("plans", "diff", "enterprise", "legacy_chat_claude_code", "--json").data
    paths = {row["path"]: row for row in data["values"]}
    assert "proration" not in paths
    assert (paths["new_contracts"]["one"], paths["new_contracts"]["other"]) == ("yes", "no")
    assert paths["seats.chat.price_usd_per_month"]["one"] == "-"
    assert paths["seats.chat.price_usd_per_month"]["label"] == "Chat seat: list price of a seat, US dollars a month"


def test_all_values_are_shown_on_request() -> None:
    data = run("plans", "diff", "enterprise", "legacy_chat_claude_code", "--all", "--json").data
    assert "proration" in [row["path"] for row in data["values"] if not row["differs"]]


def test_a_plan_does_not_differ_from_itself() -> None:
    answer = run("plans", "diff", "enterprise", "enterprise")
    assert "differ in no values" in answer.first
    assert answer.out.count("\n") == 1


def test_a_plan_beside_itself_shows_what_a_what_if_changes(cheaper: Path) -> None:
    answer = run("plans", "diff", "enterprise", "enterprise", "--overlay", cheaper, "--on", "2027-06-01")
    assert "differ in 1 value of" in answer.first
    assert "10.00 (assumed)" in answer.out


# --- check ------------------------------------------------------------------------------------------------------------


def test_the_shipped_plans_are_in_order() -> None:
    answer = run("plans", "check")
    assert (answer.status, answer.err) == (0, "")
    assert answer.first.startswith("No errors found: 3 plans, 1 rate card")


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_examples_are_in_order(example: Path) -> None:
    assert run("plans", "check", example).first == "No errors found: 1 scenario."


def test_files_of_every_kind_can_be_checked(cheaper: Path) -> None:
    files = [
        folder("plans") / "enterprise.yaml",
        folder("plans") / "rates" / "claude_api.yaml",
        folder("plans") / "surfaces.yaml",
        cheaper,
        EXAMPLES / "limits_and_alerts.yaml",
        EXAMPLES / "usage_small.csv",
    ]
    assert run("plans", "check", *files, "--json").data == {
        "ok": True,
        "checked": {
            "plan": 1,
            "rate card": 1,
            "file of surfaces": 1,
            "overlay": 1,
            "scenario": 1,
            "usage file": 1,
        },
        "problems": [],
        "warnings": [],
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title: x\n", "the file does not say what it is"),
        ("kind: overlai\n", "'overlai' is not a kind of file - did you mean 'overlay'?"),
        (CHEAPER.replace("enterprise\n", "enterprize\n"), "no plan or rate card 'enterprize'"),
        (CHEAPER.replace("10.00", "20.00"), "the overlay changes nothing"),
        (CHEAPER.replace("from: 2027-01-01", "from: soon"), "from"),
        ("a: [", "a"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    path.write_text(text)
    answer = run("plans", "check", path)
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith(f"{path}:")
    assert message in answer.err


def test_the_mistakes_of_all_files_come_together(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text("title: x\n")
    answer = run("plans", "check", tmp_path / "b.yaml", tmp_path / "a.yaml", tmp_path / "c.yaml")
    assert [Path(line.split(":")[0]).name for line in answer.err.splitlines()] == ["a.yaml", "b.yaml", "c.yaml"]


def test_mistakes_in_json_have_status_2_as_well(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("title: x\n")
    answer = run("plans", "check", tmp_path / "a.yaml", "--json")
    data = json.loads(answer.out)
    assert (answer.status, data["ok"], len(data["problems"])) == (2, False, 1)
    assert set(data["problems"][0]) == {"file", "line", "column", "fact", "remedy"}


def test_own_plans_are_checked_with_the_shipped_ones(tmp_path: Path) -> None:
    text = (folder("plans") / PUBLISHED / "enterprise.yaml").read_text()
    (tmp_path / "enterprise.yaml").write_text(text.replace("billing: {value: always", "billing: {value: never"))
    answer = run("plans", "check", "--plans", tmp_path)
    assert answer.status == 2
    assert "cannot be switched off on a usage-based plan (Rulebook U6)" in answer.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["plans", "show", "enterprice"], "no plan 'enterprice' - did you mean 'enterprise'?"),
        (["plans", "diff", "enterprise", "legacy"], "no plan 'legacy'"),
        (["plans", "list", "--on", "yesterday"], "--on: 'yesterday' is not a date"),
        (["plans", "list", "--plans", "nowhere"], "nowhere: there is no such folder of plans"),
        (["plans", "check", "nowhere.yaml"], "nowhere.yaml: there is no such file"),
        (["schema", "plans"], "plans: there is no schema of this name - did you mean 'plan'?"),
    ],
)
def test_input_that_cannot_be_used_ends_with_status_2(words: list[str], message: str) -> None:
    answer = run(*words)
    assert (answer.status, answer.out) == (2, "")
    assert message in answer.err


# --- schema -----------------------------------------------------------------------------------------------------------


def test_the_schemas_are_listed() -> None:
    assert [entry["name"] for entry in run("schema", "--json").data["schemas"]] == list(schemas.names())
    assert run("schema", "--quiet").out.count("\n") == 1


@pytest.mark.parametrize("name", schemas.names())
def test_a_schema_is_printed_as_it_is_shipped(name: str) -> None:
    files = [folder(place) / "schema" / f"{name}.schema.json" for place in ("plans", "reports", "scenarios")]
    (shipped,) = [file.read_text(encoding="utf-8") for file in files if file.is_file()]
    assert run("schema", name).data == json.loads(shipped)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_file_of_ones_own_names_its_schema_where_editors_look(tmp_path: Path, ending: str) -> None:
    line = run("schema", "scenario", "--header").first
    address = line.removeprefix("# yaml-language-server: $schema=")
    assert Path(unquote(urlsplit(address).path)) == folder("scenarios") / "schema" / "scenario.schema.json"
    plain, named = tmp_path / "plain.yaml", tmp_path / "named.yaml"
    plain.write_bytes(f"title: Mine{ending}".encode())
    named.write_bytes(f"# yaml-language-server: $schema=old.json{ending}title: Mine{ending}".encode())
    for _ in range(2):
        assert run("schema", "scenario", "--for", plain, "--for", named).status == 0
        assert plain.read_bytes() == named.read_bytes() == f"{line}\ntitle: Mine{ending}".encode()
    before = plain.read_bytes()
    refused = run("schema", "plan", "--for", plain, "--for", tmp_path / "missing.yaml")
    assert (refused.status, plain.read_bytes()) == (2, before)
    assert run("schema", "--header").err.startswith("NAME: no schema is named - name one of: answers, cases")
