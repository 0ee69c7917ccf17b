"""A session keeps what was read and measured, up to so many bytes, and nothing that has changed on the disk."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from planshift.billing.scenario import read_scenario
from planshift.impact.answers.answer import answer
from planshift.plans.catalogue import load_catalogue
from planshift.plans.files import folder
from planshift.usage import measure
from planshift.usage.session import Session, session

DEMO = folder("scenarios") / "renewal_demo.yaml"


def size(text: str) -> int:
    return len(text)


def test_what_nobody_has_asked_for_longest_goes_first() -> None:
    kept = Session(most=6)
    assert [kept.kept(key, lambda key=key: key * 3, size) for key in "ab"] == ["aaa", "bbb"]
    assert kept.kept("a", lambda: "new", size) == "aaa"
    assert kept.kept("c", lambda: "ccc", size) == "ccc"
    assert kept.kept("b", lambda: "new", size) == "new"
    assert kept.bytes == 6


def test_what_is_larger_than_a_session_is_not_kept() -> None:
    kept = Session(most=2)
    assert kept.kept("a", lambda: "aaa", size) == "aaa"
    assert kept.kept("a", lambda: "new", size) == "new"
    assert kept.bytes == 0


def test_a_session_within_another_is_the_same() -> None:
    with session() as outer, session(1) as inner:
        assert inner is outer


def test_answers_are_the_same_in_a_session_which_reads_its_usage_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in ("renewal_demo.yaml", "renewal_demo_members.csv", "renewal_demo_usage.csv"):
        shutil.copy(DEMO.parent / file, tmp_path)
    read: list[Path] = []
    blocks = measure.read_blocks

    def counted(path: Path, *rest: int, digests: bool = False) -> object:
        read.append(path)
        return blocks(path, *rest, digests=digests)

    monkeypatch.setattr(measure, "read_blocks", counted)
    scenario = read_scenario(tmp_path / DEMO.name, load_catalogue())
    alone = answer(scenario)
    read.clear()
    with session():
        assert answer(scenario) == alone
        assert len(read) == 1
        again = read_scenario(tmp_path / DEMO.name, load_catalogue())
        assert answer(again) == alone
        assert len(read) == 1
        usage = tmp_path / "renewal_demo_usage.csv"
        lines = usage.read_text(encoding="utf-8").splitlines(keepends=True)
        usage.write_text("".join(lines[: len(lines) // 2]), encoding="utf-8")
        fewer = answer(read_scenario(tmp_path / DEMO.name, load_catalogue()))
        assert fewer.range != alone.range
        assert len(read) == 2
