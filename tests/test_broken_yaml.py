"""Every file in tests/broken/yaml is refused where and in the words that its head says, and for nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from planshift.plans.documents import read_document
from planshift.problems import InputError

FOLDER = Path(__file__).parent / "broken" / "yaml"
CLAIM = re.compile(r"# refused: (.+)\n# at: (\d+:\d+)\n")


@pytest.mark.parametrize("name", sorted(file.stem for file in FOLDER.glob("*.yaml")))
def test_is_refused_where_and_in_the_words_that_its_head_names(name: str) -> None:
    file = FOLDER / f"{name}.yaml"
    claims = CLAIM.findall(file.read_text(encoding="utf-8", errors="replace"))
    assert claims, "the head must say '# refused: …' and, on the next line, '# at: LINE:COLUMN'"
    with pytest.raises(InputError) as refused:
        read_document(file)
    problems = refused.value.problems
    assert [f"{problem.place.line}:{problem.place.column}" for problem in problems] == [place for _, place in claims]
    for problem, (words, _) in zip(problems, claims, strict=True):
        assert words in str(problem)
