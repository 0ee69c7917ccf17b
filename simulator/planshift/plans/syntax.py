"""A YAML parser's complaint in words for people: what stands there, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import yaml

from planshift.plans.scalars import shown
from planshift.problems import Place, Problem

TAB = ("a tab indents this line", "indent with spaces")

_TAB_INDENT = re.compile(r"( *)\t\s*[^\s#]")


class _Complaint(NamedTuple):
    """How a complaint is recognized (``context: problem`` in libyaml's words or PyYAML's), and what it becomes.

    ``from_start``: the place is where the trouble begins, not where the parser noticed it.
    """

    pattern: str
    fact: str
    remedy: str
    from_start: bool = False


# The first that fits decides.
_COMPLAINTS = [
    _Complaint("tab character|'.t' that cannot", "a tab stands where spaces must", "indent with spaces"),
    _Complaint("tag", "a tag '!…' is not read", "remove it, or quote the text", from_start=True),
    _Complaint("(alias|anchor): ", "text cannot begin with {found} unquoted", "quote the text", from_start=True),
    _Complaint("cannot start any token", "text cannot begin with {found} unquoted", "quote the text"),
    _Complaint(
        "quoted.*escape|escape.*quoted",
        "a backslash begins no escape that exists",
        r"write the text in 'single quotes', or the backslash as '\\'",
    ),
    _Complaint("quoted", "the quote is not closed", "close it", from_start=True),
    _Complaint(
        "mapping values",
        "a ': ' does not belong here",
        "indent the line like its neighbours, or quote a text that has ': ' in it",
    ),
    _Complaint(
        "simple key|expected ':'", "this line has no ': ' after its key", "write it like 'key: value'", from_start=True
    ),
    _Complaint(
        "sequence entries",
        "a list cannot begin on the line of its key",
        "begin it on the next line, or quote a text that begins with '- '",
    ),
    _Complaint(
        "flow (sequence|mapping)", "a bracket is not closed, or a comma is missing", "write the ',', ']' or '}'"
    ),
    _Complaint("node content", "a value must stand here (got {found})", "write one, or quote the text"),
    _Complaint(
        "block mapping|expected key",
        "this does not go on with the keys above",
        "indent it like the other keys, or quote a text as a whole",
    ),
    _Complaint(
        "block (collection|sequence)", "this does not go on with the list above", "begin it with '- ', indented alike"
    ),
    _Complaint(
        "block scalar", "a text block after '|' or '>' is not indented as a whole", "indent all its lines alike"
    ),
    _Complaint(
        "document start", "text stands after the end of the data", "check its indentation and the brackets above"
    ),
    _Complaint("directive|incompatible", "a line with '%' begins the file", "remove it"),
    _Complaint("", "the text is not YAML here", "check quotes, brackets and indentation"),
]


def tab_indent(line: str) -> int:
    """The column of the first tab that indents a line with content, 0 where there is none."""
    tab = _TAB_INDENT.match(line)
    return len(tab.group(1)) + 1 if tab else 0


def syntax_problem(error: yaml.YAMLError, lines: Sequence[str], name: str) -> Problem:
    """The problem that a parser's complaint about the file ``name`` with these lines is."""
    mark = getattr(error, "problem_mark", None)
    complaint = f"{getattr(error, 'context', None) or ''}: {getattr(error, 'problem', None) or ''}"
    kind = next(kind for kind in _COMPLAINTS if re.search(kind.pattern, complaint))
    if mark is None:
        return Problem(Place(name), "the text is not YAML", kind.remedy)
    column = tab_indent(_line(lines, mark.line))
    if column:
        return Problem(Place(name, mark.line + 1, column), *TAB)
    ended = not any(line.strip() for line in [_line(lines, mark.line)[mark.column :], *lines[mark.line + 1 :]])
    start = getattr(error, "context_mark", None)
    if start is not None and (kind.from_start or ended):
        mark = start
    found = shown(_line(lines, mark.line)[mark.column :][:1])
    return Problem(Place(name, mark.line + 1, mark.column + 1), kind.fact.replace("{found}", found), kind.remedy)


def _line(lines: Sequence[str], number: int) -> str:
    return lines[number] if number < len(lines) else ""
