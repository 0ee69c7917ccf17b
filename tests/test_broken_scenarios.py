"""Every file in tests/broken/scenario is refused where and in the words that its head says, and for nothing else.

A head says ``# refused: words`` and ``# at: place`` for each mistake, in the order in which they are told. A place is
``line:column`` of the scenario, or a file beside it with its line where the mistake is there.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from planshift.billing.scenario import read_scenario
from planshift.billing.simulation import simulate
from planshift.plans.catalogue import Catalogue, load_catalogue
from planshift.problems import InputError, Problem
from planshift.usage.measure import UsageSource, coverage, measure

FOLDER = Path(__file__).parent / "broken" / "scenario"
CLAIM = re.compile(r"# refused: (.+)\n# at: (\S+)\n")
HEADER = "date,user_id,surface,model,input_tokens,output_tokens\n"


@cache
def catalogue() -> Catalogue:
    return load_catalogue()


def place_from(problem: Problem, file: Path) -> str:
    """The place as a head writes it."""
    return str(problem.place).removeprefix(f"{file}:").removeprefix(f"{FOLDER}/")


@pytest.mark.parametrize("name", sorted(file.stem for file in FOLDER.glob("*.yaml")))
def test_is_refused_where_and_in_the_words_that_its_head_names(name: str) -> None:
    file = FOLDER / f"{name}.yaml"
    claims = CLAIM.findall(file.read_text(encoding="utf-8"))
    assert claims, "the head must say '# refused: …' and, on the next line, '# at: …'"
    with pytest.raises(InputError) as refused:
        simulate(read_scenario(file, catalogue()))
    problems = refused.value.problems
    assert [place_from(problem, file) for problem in problems] == [place for _, place in claims]
    for problem, (words, _) in zip(problems, claims, strict=True):
        assert words in f"{problem.fact} - {problem.remedy}".replace(f"{FOLDER}/", "")


def test_every_refusal_says_what_to_do() -> None:
    for file in FOLDER.glob("*.yaml"):
        with pytest.raises(InputError) as refused:
            simulate(read_scenario(file, catalogue()))
        for problem in refused.value.problems:
            assert len(problem.fact.split()) > 2, problem
            assert len(problem.remedy.split()) > 1, problem


def test_no_usage_file_is_there_that_no_scenario_names() -> None:
    words = " ".join(file.read_text(encoding="utf-8") for file in FOLDER.glob("*.yaml"))
    assert [file.name for file in (FOLDER.parent / "usage").iterdir() if f"usage/{file.name}" not in words] == []


def refusal(tmp_path: Path, text: bytes, name: str = "usage.csv") -> str:
    """What is said of a usage file when it is read."""
    path = tmp_path / name
    path.write_bytes(text)
    source = UsageSource(path)
    first, last = coverage(UsageSource(Path(__file__).parents[1] / "scenarios" / "renewal_demo_usage.csv"))
    with pytest.raises(InputError) as refused:
        measure(source, catalogue().cards["claude_api"], ["ada"], first, last)
    return str(refused.value).replace(f"{path}", name)


def test_a_letter_of_another_encoding_deep_in_a_large_file_is_refused(tmp_path: Path) -> None:
    rows = b"2026-10-05,ada,chat,claude-opus-5-5,1,1\n" * 1000
    said = refusal(tmp_path, HEADER.encode() + rows + "2026-10-05,José,chat,claude-opus-5-5,1,1\n".encode("latin-1"))
    assert said == "usage.csv: this is not text in UTF-8 - save it as CSV, UTF-8, or name it .parquet"


def test_usage_of_billions_is_refused_before_sums_leave_their_bits(tmp_path: Path) -> None:
    rows = b"2026-10-05,ada,chat,claude-opus-5-5,999999999999,999999999999\n" * 200
    said = refusal(tmp_path, HEADER.encode() + rows)
    assert "the rows come to 4,800,000,000 dollars, more than can be calculated with" in said


def test_one_mistake_made_a_thousand_times_is_told_in_one_line(tmp_path: Path) -> None:
    said = refusal(tmp_path, HEADER.encode() + b"2026-10-05,ada,chat,claude-opus-5-5,-1,1\n" * 1000)
    assert said.startswith("usage.csv:2: input_tokens must be a whole number (got '-1') - ")
    assert said.endswith(" (and 999 more of this kind, on lines 3, 4, 5, 6, 7, …)")
    assert len(said.splitlines()) == 1


def test_many_people_without_a_seat_are_one_mistake(tmp_path: Path) -> None:
    rows = "".join(f"2026-10-05,p{number % 40:02},chat,claude-opus-5-5,1,1\n" for number in range(400))
    said = refusal(tmp_path, (HEADER + "2026-10-05,ada,chat,claude-opus-5-5,1,1\n" + rows).encode())
    assert said.startswith("usage.csv:3: 40 people in 400 rows are not members: 'p00', 'p01', ")
    assert len(said.splitlines()) == 1


def test_two_people_without_a_seat_are_one_mistake_unless_they_are_misspelt(tmp_path: Path) -> None:
    rows = "".join(f"2026-10-05,{name},chat,claude-opus-5-5,1,1\n" for name in ("zoe", "adda", "tomo", "zoe"))
    lines = refusal(tmp_path, (HEADER + rows).encode()).splitlines()
    assert lines[0].startswith("usage.csv:2: 2 people in 3 rows are not members: 'zoe', 'tomo' - ")
    assert lines[1].startswith("usage.csv:3: 'adda' is not a member: ")
    assert lines[1].endswith(" - did you mean 'ada'?")
