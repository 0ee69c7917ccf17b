"""The spend-limits export becomes the limits of a scenario, and what a scenario cannot say is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from command import run
from planshift.billing.money import nano
from planshift.billing.scenario import read_scenario
from planshift.plans.catalogue import load_catalogue
from planshift.problems import InputError
from planshift.usage.limits_export import SpendLimits, read_limits

SEATS = ("standard", "premium", "enterprise")
SCENARIO = """\
title: Lantern Works
contract:
  plan: enterprise
  channel: sales_assisted
  term_start: 2026-10-01
  seats: {enterprise: 50}
LIMITS
horizon: {start: 2026-10-01, months: 1}
members: {ada@example.org: enterprise, '007': enterprise, 'no': enterprise}
"""


def row(name: str, amount: str | None, source: str = "user", **more: Any) -> dict[str, Any]:
    return {
        "scope": {"type": "user", "user_id": f"user_{name}"},
        "actor": {"type": "user_actor", "user_id": f"user_{name}", "email_address": f"{name}@Example.org"},
        "amount": amount,
        "currency": "USD",
        "period": "monthly",
        "source": {"type": source, **more.pop("tier", {})},
        "spend_limit_id": "spl_1",
        "period_to_date_spend": "31402.5",
        **more,
    }


def of_tier(name: str, amount: str, tier: str) -> dict[str, Any]:
    return row(name, amount, "seat_tier", tier={"seat_tier": tier})


def export(folder: Path, *rows: dict[str, Any], **fields: Any) -> Path:
    path = folder / "limits.json"
    path.write_text(json.dumps({"data": rows, "next_page": None, **fields}), encoding="utf-8")
    return path


def limits(folder: Path, *rows: dict[str, Any], **fields: Any) -> SpendLimits:
    return read_limits([export(folder, *rows, **fields)], SEATS)


def test_every_level_in_dollars(tmp_path: Path) -> None:
    organization = {**row("", "1000000"), "scope": {"type": "organization"}, "actor": None}
    found = limits(
        tmp_path, organization, of_tier("ada", "50000", "enterprise_standard"), row("ben", "12345"), row("cleo", None)
    )
    assert found.settings == {
        "organization": "10000.00",
        "seat_types": {"standard": "500.00"},
        "members": {"ben@example.org": "123.45", "cleo@example.org": "unlimited"},
    }
    assert found.assumptions == ("The seat tier 'enterprise_standard' is the seat type 'standard'.",)
    assert found.warnings == ()


def test_a_limit_of_the_organization_for_each_member(tmp_path: Path) -> None:
    alike = limits(tmp_path, row("ada", "5000", "organization"), row("ben", "5000", "organization"))
    assert alike.settings == {"each_member": "50.00"}
    apart = limits(tmp_path, row("ada", "5000", "organization"), row("ben", "6000", "organization"))
    assert apart.settings == {"members": {"ada@example.org": "50.00", "ben@example.org": "60.00"}}


def test_a_tier_without_a_seat_type_is_its_members(tmp_path: Path) -> None:
    found = limits(tmp_path, of_tier("ada", "5000", "gold"), of_tier("ben", "5000", "gold"))
    assert found.settings == {"members": {"ada@example.org": "50.00", "ben@example.org": "50.00"}}
    assert found.warnings == (
        "Limits of the seat tier 'gold' (2 rows) are its members' own here: no seat type has its name.",
    )


def test_what_a_scenario_cannot_say_is_named(tmp_path: Path) -> None:
    group = {**row("", "900"), "scope": {"type": "rbac_group", "rbac_group_id": "grp_1"}}
    found = limits(
        tmp_path,
        row("ada", "5000", "rbac_group"),
        row("ada", "300", period="daily"),
        row("ben", "900", period="weekly"),
        group,
        {**row("", "900"), "scope": {"type": "slack_channel"}},
    )
    assert found.settings == {"members": {"ada@example.org": "50.00"}}
    said = " ".join(found.warnings)
    for words in (
        "Limits that members have from a group (1 row) are their own here",
        "Limits of the period 'daily' (1 row) are left out",
        "Limits of the period 'weekly' (1 row) are left out",
        "Limits of groups are left out, because a scenario has no groups: grp_1.",
        "Limits of the scope 'slack_channel' (1 row) are not understood and left out.",
    ):
        assert words in said


def test_a_last_page_that_is_missing_is_said(tmp_path: Path) -> None:
    assert "The last page is missing" in limits(tmp_path, row("ada", "5000"), next_page="abc").warnings[0]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([row("ada", "5000", currency="EUR")], "the limit is in EUR - limits of a scenario are in US dollars"),
        ([row("ada", "5000"), row("ada", "6000")], "'ada@example.org' has another monthly limit in a row before"),
        ([{"scope": {"type": "user"}}], "the row has no amount"),
        ([row("ada", "500", period="daily")], "no monthly limit is in the export"),
    ],
)
def test_what_is_no_limit_is_refused(tmp_path: Path, rows: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(InputError) as caught:
        limits(tmp_path, *rows)
    assert words in str(caught.value)


def test_what_is_written_is_read_by_a_scenario(tmp_path: Path) -> None:
    names = [{**row("", "5000"), "scope": {"type": "user", "user_id": name}, "actor": {}} for name in ("007", "no")]
    out = tmp_path / "limits.yaml"
    answer = run("usage", "limits", export(tmp_path, row("ada", None), *names), "-o", out)
    assert answer.first == "Monthly spend limits of 3 members, from 3 rows of the export."
    indented = "".join(f"  {line}\n" for line in out.read_text(encoding="utf-8").splitlines())
    (tmp_path / "s.yaml").write_text(SCENARIO.replace("LIMITS\n", indented), encoding="utf-8")
    members = read_scenario(tmp_path / "s.yaml", load_catalogue()).contract.limits.members
    assert {name: members[name] for name in ("007", "no")} == {"007": nano(50), "no": nano(50)}
    assert members["ada@example.org"] > nano(10**6)
    assert run("usage", "limits", tmp_path / "limits.json", "-o", out).status == 1
