"""Every portfolio in tests/broken/portfolio is refused where and in the words that its head says, and for nothing else.

A head says ``# refused: words`` and ``# at: place`` for each mistake, in the order in which they are told. A place is
``line:column`` of the portfolio, or a file of accounts beside it with its row and column.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from planshift.plans.catalogue import Catalogue, load_catalogue
from planshift.portfolio.load import read_portfolio
from planshift.problems import InputError, Problem

FOLDER = Path(__file__).parent / "broken" / "portfolio"
CLAIM = re.compile(r"# refused: (.+)\n# at: (\S+)\n")
NAMES = sorted(file.stem for file in FOLDER.glob("*.yaml"))


@cache
def catalogue() -> Catalogue:
    return load_catalogue()


def refused(name: str) -> tuple[Problem, ...]:
    """The mistakes of a portfolio of the folder."""
    with pytest.raises(InputError) as error:
        read_portfolio(FOLDER / f"{name}.yaml", catalogue())
    return error.value.problems


@pytest.mark.parametrize("name", NAMES)
def test_is_refused_where_and_in_the_words_that_its_head_names(name: str) -> None:
    file = FOLDER / f"{name}.yaml"
    claims = CLAIM.findall(file.read_text(encoding="utf-8"))
    assert claims, "the head must say '# refused: …' and, on the next line, '# at: …'"
    problems = refused(name)
    places = [str(problem.place).removeprefix(f"{file}:").removeprefix(f"{FOLDER}/") for problem in problems]
    assert places == [place for _, place in claims]
    for problem, (words, _) in zip(problems, claims, strict=True):
        assert words in f"{problem.fact} - {problem.remedy}".replace(f"{FOLDER}/", "")


@pytest.mark.parametrize("name", NAMES)
def test_every_refusal_says_what_to_do(name: str) -> None:
    for problem in refused(name):
        assert len(problem.fact.split()) > 2, problem
        assert len(problem.remedy.split()) > 1, problem


def test_no_file_of_accounts_is_there_that_no_portfolio_names() -> None:
    words = " ".join(file.read_text(encoding="utf-8") for file in FOLDER.glob("*.yaml"))
    assert [file.name for file in FOLDER.glob("*.csv") if f"[{file.name}]" not in words] == []
