"""Whatever becomes of a file, reading it ends in a result or in a sentence: never in a traceback, never in silence."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzzing import EDITS, NASTY, NUMBERS, Edit, edited, readers

READERS = readers()
KEPT = sorted((Path(__file__).parent / "fuzz").glob("*/*"))
"""Files that once ended in a traceback, in a folder named as their reader is."""
EXAMPLES = 8
"""So many files of each reader, about a minute for all of them; `make fuzz` tries for as long as it is told to."""

edits = st.lists(
    st.tuples(st.sampled_from(EDITS), st.integers(0, 1 << 20), st.integers(0, max(256, len(NASTY), len(NUMBERS)))),
    min_size=1,
    max_size=4,
)


def fault(name: str, data: bytes) -> str:
    """What goes wrong when a reader has these bytes."""
    with tempfile.TemporaryDirectory() as folder:
        return READERS[name].fault(Path(folder), data)


@pytest.mark.parametrize("name", READERS)
def test_the_file_that_is_changed_is_read_as_it_stands(name: str, tmp_path: Path) -> None:
    reader = READERS[name]
    answer = reader.answer(tmp_path, reader.victim.read_bytes())
    assert (answer.status, answer.err) == (0, "")


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(changes=edits)
def test_a_changed_file_ends_in_a_result_or_a_sentence(name: str, changes: list[Edit]) -> None:
    assert fault(name, edited(READERS[name].victim.read_bytes(), changes)) == ""


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_file_that_once_broke_its_reader_does_so_no_more(path: Path) -> None:
    assert fault(path.parent.name.replace("_", " "), path.read_bytes()) == ""
