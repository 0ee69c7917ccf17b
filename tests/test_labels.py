"""The labels: the same in every language, all of them used, and a loader that takes nothing else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest

from planshift.impact.answers import recommend as rec
from planshift.impact.answers.capability import CAUSES
from planshift.impact.answers.levels import WhatIfSpec, shipped_levels
from planshift.impact.bridge import STEPS
from planshift.plans.catalogue import load_catalogue
from planshift.plans.files import folder
from planshift.plans.plan import plain, read_overlay
from planshift.plans.rules import read_rules
from planshift.problems import InputError
from planshift.reports.page import labels
from planshift.reports.page.labels import LANGUAGES, Label, placeholders, read_labels
from planshift.reports.page.rests import assumed_said
from planshift.reports.plans.names import named

PACKAGE = Path(labels.__file__).parent
EXPLANATION = PACKAGE.parent.parent / "explanation"
EXPLAIN = PACKAGE.parent.parent / "cli" / "explain.py"
KEY = re.compile(r"[a-z_]+(?:\.[a-zA-Z_0-9]+)+\.?")
TOPS = {key.partition(".")[0] for key in read_labels("en")}
WITHOUT_WORDS = re.compile(r"(?:\{\w+\}|\W)*")
ALIKE = {"page.scenario", "assumed.surfaces.instead", "explain.window.amount", "explain.choice.amount"}
"""What says the same in several languages, as the word is the same."""
PUT_TOGETHER = {"swings.", "assumed.", "names.rules."}
"""Groups whose keys come from paths of plans and ids of rules; tests below hold them against the shipped files."""


def sources() -> Iterator[str]:
    """Every text that may ask for a label: in templates, and in strings of the package."""
    for path in sorted((folder("reports") / "templates").glob("*.j2")):
        yield from re.findall(r"'([^']*)'", path.read_text(encoding="utf-8"))
    for path in sorted((*PACKAGE.glob("*.py"), *(PACKAGE.parent / "charts").glob("*.py"))):
        yield from strings(ast.parse(path.read_bytes()))
    for path in (*sorted(EXPLANATION.glob("*.py")), EXPLAIN):
        yield from said_of_explanations(ast.parse(path.read_bytes()))


def said_of_explanations(module: ast.Module) -> Iterator[str]:
    """The labels that an explanation says: from below `explain`, and names of plans, seats and measures in full."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name) and node.args:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            if name in ("say", "name"):
                yield from (text if name == "name" else f"explain.{text}" for text in strings(node.args[0]))


def strings(tree: ast.AST) -> Iterator[str]:
    """The strings in it, and of those that are put together the beginning."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            first = node.values[0]
            if isinstance(first, ast.Constant) and len(node.values) > 1:
                yield str(first.value)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def asked_for() -> tuple[set[str], set[str]]:
    """The keys that are asked for by name, and the beginnings of those that are put together."""
    found = {text for text in sources() if KEY.fullmatch(text) and text.partition(".")[0] in TOPS}
    return {key for key in found if not key.endswith(".")}, PUT_TOGETHER | {key for key in found if key.endswith(".")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_labels_with_the_same_placeholders(language: str) -> None:
    english, other = read_labels("en"), read_labels(language)
    assert sorted(other) == sorted(english)
    for key, label in english.items():
        assert (other[key].placeholders, other[key].counted) == (label.placeholders, label.counted), key


@pytest.mark.parametrize("language", ["de", "it"])
def test_nothing_is_left_untranslated(language: str) -> None:
    english = read_labels("en")
    same = [key for key, label in read_labels(language).items() if label == english[key] and key not in ALIKE]
    said = [key for key in same if " " in (text := english[key].text("other")) and not WITHOUT_WORDS.fullmatch(text)]
    assert said == []


def test_every_label_is_asked_for() -> None:
    keys, prefixes = asked_for()
    unused = [key for key in read_labels("en") if key not in keys and not key.startswith(tuple(prefixes))]
    assert unused == []


def test_every_label_that_is_asked_for_is_there() -> None:
    keys, prefixes = asked_for()
    there = read_labels("en")
    groups = {f"{key}." for key in keys if key not in there} | prefixes
    assert sorted(group for group in groups if not any(name.startswith(group) for name in there)) == []


def under(prefix: str) -> set[str]:
    """The last parts of the keys right under a prefix."""
    return {key.removeprefix(prefix) for key in read_labels("en") if key.startswith(prefix)}


def test_there_is_a_label_for_everything_that_the_code_can_name() -> None:
    assert under("bridge.steps.") == under("bridge.whys.") == set(STEPS)
    assert under("can_do.causes.") == set(CAUSES)
    assert under("advice.whats.") == set(rec.KEYS)
    seats = {f"{rec.SEATS}.free", f"{rec.SEATS}.minimum"}
    assert under("advice.rules.") == set(rec.KEYS) - {rec.SEATS} | seats
    kinds = {rec.WORK_STOPPED, rec.SPENT_MORE, rec.MONEY_PARKED, rec.SEAT_FEES, rec.PURCHASES}
    assert under("advice.wrong.") == kinds


def test_the_shipped_plans_and_seats_have_names() -> None:
    plans = load_catalogue().plans.values()
    assert under("names.plans.") == {plan.id for plan in plans}
    seats = {seat for plan in plans for seat in plan.seat_titles}
    assert under("names.seats.") == under("explain.counted_seats.") == seats
    assert under("explain.channels.") == {channel for plan in plans for channel in plan.channel_titles}


def test_the_rules_are_called_in_english_what_their_file_calls_them() -> None:
    english = {rule: read_labels("en")[f"names.rules.{rule}"].text("other") for rule in under("names.rules.")}
    assert english == {rule.id: rule.title for rule in read_rules().rules.values()}


def test_every_choice_that_the_shipped_plans_leave_open_can_be_said_and_no_other() -> None:
    needed = set()
    for plan in load_catalogue().plans.values():
        for path, dated in plan.values.items():
            for entry in (entry for _, entry in dated.entries if entry.assumed and path in SAID | {"usage_discount"}):
                also = (Decimal("0.1"),) if path == "usage_discount" else ()
                values = product((entry.value, *entry.alternatives, *also), (False, True))
                needed |= {assumed_said(plan, path, value, bare=bare).key for value, bare in values}
            if named("seats.*.surfaces", path):
                needed |= {assumed_said(plan, path, ["chat"], bare=bare).key for bare in (False, True)}
    assert {f"assumed.{key}" for key in under("assumed.")} == needed
    titles = {path.replace(".", "_") for path in SAID} | {"usage_discount", "surfaces", "price", "included"}
    assert under("swings.") == titles | {"usage", "seats"}


def test_an_explanation_can_say_every_open_choice_and_no_other() -> None:
    groups = {"text", "amount", "nothing", "refused", "beside", "surfaces"}
    needed = {"credits_expiry_months.months"}
    entries = [
        (path, entry)
        for plan in load_catalogue().plans.values()
        for path, dated in plan.values.items()
        for _, entry in dated.entries
        if path in SAID
    ]
    for path, entry in entries:
        names = {plain(value) for value in (entry.value, *entry.alternatives) if isinstance(value, str)}
        needed |= {f"{path.replace('.', '_')}.{name}" for name in ("subject", *names)}
    assert {key for key in under("explain.choice.") if key.partition(".")[0] not in groups} == needed


SAID = {
    path
    for plan in load_catalogue().plans.values()
    for path, dated in plan.values.items()
    for _, entry in dated.entries
    if entry.alternatives and not named("seats.*.surfaces", path)
}
"""The paths of single values with other choices."""


def test_the_shipped_what_ifs_are_called_in_english_what_their_files_call_them() -> None:
    shipped = {path.stem: read_overlay(path).title for path in (folder("plans") / "overlays").glob("*.yaml")}
    shipped |= {one.key: one.title for one in shipped_levels().what_ifs if isinstance(one, WhatIfSpec)}
    english = {key: read_labels("en")[f"what_if.titles.{key}"].text("other") for key in under("what_if.titles.")}
    assert english == shipped


def test_a_language_that_we_do_not_have_is_an_error_that_says_which_we_have() -> None:
    with pytest.raises(InputError, match="there are no labels in the language 'fr' - use one of: de, en, it"):
        read_labels("fr")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: {one: a day}", "a label is a text, or has one text for 'one' and one for 'other' - write the text"),
        ("a: 12", "a label is a text"),
        ("a: ['x']", "a label is a text"),
        ("a: ''", "a label is a text"),
        ("a: 'from {0}'", "a placeholder cannot be read: '{0}' is no plain name - write {name}"),
        ("a: 'from {x!r}'", "a placeholder cannot be read"),
        ("a: 'from {x.y}'", "a placeholder cannot be read"),
        ("a: 'from {x'", "a placeholder cannot be read"),
        ("a: x\na: y", "duplicate key"),
    ],
)
def test_a_file_that_is_not_in_order_is_refused(
    text: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "en.yaml").write_text(f"{text}\n", encoding="utf-8")
    monkeypatch.setattr(labels, "folder", lambda _: tmp_path)
    with pytest.raises(InputError) as caught:
        labels.read_labels.__wrapped__("en")
    assert problem in str(caught.value)


def test_a_label_knows_its_placeholders() -> None:
    assert list(placeholders("from {low} to {high}, {low}")) == ["low", "high", "low"]
    assert Label({"one": "a day", "other": "{count} days in {month}"}).placeholders == {"count", "month"}
