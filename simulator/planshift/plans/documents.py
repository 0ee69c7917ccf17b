"""One strict reader for every YAML file that people write: values, each with its place, and all mistakes at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, TypeAlias

import yaml

from planshift.plans.files import read_text
from planshift.plans.scalars import RefusedError, Scalar, plain, shown
from planshift.problems import InputError, Place, Problem

Key: TypeAlias = str | date
Value: TypeAlias = "Scalar | list[Value] | dict[Key, Value]"
Step: TypeAlias = str | int | date
_Path: TypeAlias = tuple[str | int, ...]

DEEPEST = 40

# The C parser is about five times as fast; both give the same events.
_LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Document:
    """A file's data and the place of everything in it.

    Whole numbers are ``int``, other numbers ``Decimal``, dates ``date``; keys are text or dates. ``values`` and
    ``keys`` hold the places by path, where a date counts as its ISO text.
    """

    name: str
    data: dict[Key, Value]
    values: Mapping[_Path, Place] = field(repr=False, compare=False)
    keys: Mapping[_Path, Place] = field(repr=False, compare=False)

    def place(self, *keys: Step) -> Place:
        """The place of the value at this path, or of the nearest ancestor that the file has."""
        return self._nearest(self.values, keys)

    def key_place(self, *keys: Step) -> Place:
        """The place of the last key of this path (of a list's item: where it begins), or of the nearest ancestor."""
        return self._nearest(self.keys, keys)

    def _nearest(self, places: Mapping[_Path, Place], keys: tuple[Step, ...]) -> Place:
        path = tuple(key.isoformat() if isinstance(key, date) else key for key in keys)
        for length in range(len(path), 0, -1):
            if path[:length] in places:
                return places[path[:length]]
        return self.values.get((), Place(self.name))


def read_document(path: Path | str) -> Document:
    """The document in a file; raises InputError with every mistake of its YAML."""
    return parse_document(read_text(path), str(path))


def parse_document(text: str, name: str) -> Document:
    """The document in a text, whose places name the file ``name``; raises InputError with every mistake."""
    document, problems = compose(text, name)
    if document is None or problems:
        raise InputError(problems)
    return document


def compose(text: str, name: str) -> tuple[Document | None, list[Problem]]:
    """The document as far as it can be read, and every mistake of its YAML.

    A value that is refused stands in the data as its text. None where nothing can be said of the whole: bad syntax,
    several documents, no mapping.
    """
    text = text.removeprefix("\ufeff")
    bad = _UNSEEN.search(text)
    if bad:
        line, column = text.count("\n", 0, bad.start()) + 1, bad.start() - text.rfind("\n", 0, bad.start())
        fact = f"the character U+{ord(bad.group()):04X} cannot be seen"
        return None, [Problem(Place(name, line, column), fact, "delete it, or write it in double quotes as an escape")]
    builder = _Builder(text, name)
    document = builder.document()
    return document, builder.problems


# What the C parser refuses without a place, and the line breaks that editors do not count.
_UNSEEN = re.compile("[^\t\n\r -~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_CUT_NUMBER = re.compile("[0-9],$")


class _StopError(Exception):
    """Nothing more can be read; the problem says why."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem


class _Builder:
    """Builds data from YAML events, gathering problems.

    Events and not composed nodes, because only events still show anchors and aliases.
    """

    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name
        self.problems: list[Problem] = []
        self.values: dict[_Path, Place] = {}
        self.keys: dict[_Path, Place] = {}
        self.spans: list[tuple[int, int]] = []
        self.events: Iterator[yaml.Event] = iter(yaml.parse(text, Loader=_LOADER))

    @cached_property
    def lines(self) -> list[str]:
        """The lines as the parsers count them."""
        return re.split("\r\n|\r|\n", self.text)

    def document(self) -> Document | None:
        """The document, or None after a mistake that leaves nothing to look at."""
        try:
            data = self._whole()
        except _StopError as stop:
            self.problems.append(stop.problem)
            return None
        except yaml.YAMLError as error:
            self.problems.append(syntax_problem(error, self.lines, self.name))
            return None
        self._tabs()
        return Document(self.name, data, self.values, self.keys)

    def _whole(self) -> dict[Key, Value]:
        next(self.events)
        start = next(self.events)
        if isinstance(start, yaml.StreamEndEvent):
            raise self._empty()
        event = next(self.events)
        data = self._value(event, (), 0)
        next(self.events)
        after = next(self.events)
        if not isinstance(after, yaml.StreamEndEvent):
            fact = "a second document begins with '---'"
            raise _StopError(Problem(self._place(after), fact, "keep one document a file"))
        if data is None and not self.problems:
            raise self._empty()
        if not isinstance(data, dict):
            what = "list" if isinstance(data, list) else "single value"
            fact = f"the file must be keys with values (got a {what})"
            raise _StopError(Problem(self._place(event), fact, "begin with a line like 'title: …'"))
        return data

    def _empty(self) -> _StopError:
        return _StopError(Problem(Place(self.name, 1, 1), "the file is empty", "write its keys, such as 'title: …'"))

    def _place(self, event: yaml.Event) -> Place:
        assert event.start_mark is not None  # the parsers mark every event
        return Place(self.name, event.start_mark.line + 1, event.start_mark.column + 1)

    def _problem(self, event: yaml.Event, fact: str, remedy: str) -> None:
        self.problems.append(Problem(self._place(event), fact, remedy))

    def _value(self, event: yaml.Event, path: _Path, depth: int) -> Value:
        """The value that begins with an event; reads up to its end."""
        # A repeated key's values are checked but not kept, and the first one's places stay.
        self.values.setdefault(path, self._place(event))
        if depth > DEEPEST:
            fact = f"nested more than {DEEPEST} deep"
            raise _StopError(Problem(self._place(event), fact, "check the indentation or brackets"))
        self._named(event)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path, depth)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        return None

    def _named(self, event: yaml.Event) -> None:
        """Reports an alias, an anchor or a tag."""
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if isinstance(event, yaml.AliasEvent):
            fact = f"{shown(f'*{anchor}')} repeats another value"
            self._problem(event, fact, "write the value out, or quote the text")
        elif anchor is not None:
            self._problem(event, f"{shown(f'&{anchor}')} names a value for repeating", "remove it, or quote the text")
        if tag is not None:
            short = tag.replace("tag:yaml.org,2002:", "!!") if tag.startswith("tag:yaml.org,2002:") else tag
            self._problem(event, f"the tag {shown(short)} is not read", "remove it, or quote the text")

    def _sequence(self, path: _Path, depth: int) -> list[Value]:
        items: list[Value] = []
        for event in self.events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            here = (*path, len(items))
            self.keys.setdefault(here, self._place(event))
            items.append(self._value(event, here, depth + 1))
        return items

    def _mapping(self, path: _Path, depth: int) -> dict[Key, Value]:
        data: dict[Key, Value] = {}
        names: set[str] = set()
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._key(event, path, depth)
            # '2026-10-01' and 2026-10-01 are one key: a schema and a reader would take them for the same.
            name = key.isoformat() if isinstance(key, date) else key
            here = (*path, name)
            if name in names:
                first = self.keys[here].line
                self._problem(event, f"duplicate key {shown(name)} (first on line {first})", "keep one of the two")
                self._value(next(self.events), here, depth + 1)
                continue
            names.add(name)
            self.keys.setdefault(here, self._place(event))
            data[key] = self._value(next(self.events), here, depth + 1)
        return data

    def _key(self, event: yaml.Event, path: _Path, depth: int) -> Key:
        """The key that an event is; what cannot be a key is reported and stands as text."""
        if not isinstance(event, yaml.ScalarEvent):
            what = "an alias" if isinstance(event, yaml.AliasEvent) else "a list or a mapping"
            self._problem(event, f"{what} cannot be a key", "write the key as text")
            self._value(event, (*path, "?"), depth + 1)
            return f"?{len(self.problems)}"
        self._named(event)
        self._span(event)
        if event.style or event.tag is not None:
            return event.value
        try:
            key = plain(event.value)
        except RefusedError as refused:
            fact, remedy = refused.fact, refused.remedy
        else:
            if isinstance(key, (str, date)):
                return key
            what = "nothing" if key is None else "true or false" if isinstance(key, bool) else "a number"
            fact, remedy = f"{shown(event.value)} is {what}", f"quote it: {shown(event.value)}"
        place = self._place(event)
        before = self.lines[place.line - 1][: place.column - 1]
        if event.value[:1].isdigit() and _CUT_NUMBER.search(before):
            fact, remedy = f"the comma before {shown(event.value)} begins a new key", "write decimals with a point"
        else:
            fact = f"the key {fact}"
        self._problem(event, fact, remedy)
        return event.value

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        self._span(event)
        if event.style or event.tag is not None:
            return event.value
        try:
            return plain(event.value)
        except RefusedError as refused:
            self._problem(event, refused.fact, refused.remedy)
            return event.value

    def _span(self, event: yaml.ScalarEvent) -> None:
        """Keeps the lines of a text of several lines, which may begin with tabs."""
        if event.start_mark and event.end_mark and event.end_mark.line > event.start_mark.line:
            self.spans.append((event.start_mark.line, event.end_mark.line))

    def _tabs(self) -> None:
        """Reports lines indented with a tab that the parser let pass (it does so inside brackets)."""
        if "\t" not in self.text:
            return
        inside = {line for start, end in self.spans for line in range(start + 1, end + 1)}
        for number, line in enumerate(self.lines):
            column = tab_indent(line)
            if column and number not in inside:
                self.problems.append(Problem(Place(self.name, number + 1, column), *TAB))


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
