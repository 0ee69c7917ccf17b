"""The labels: everything a page says, one YAML file a language in ``reports/labels/``, read strictly.

A label is a text with placeholders in braces, or one text each for ``one`` and for ``other`` numbers of something. Its
key is its path in the file, joined by dots.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec

from planshift.plans.documents import Document, Step, Value, read_document
from planshift.plans.files import folder
from planshift.problems import InputError, Problem, did_you_mean
from planshift.reports.words import listed

LANGUAGES: Mapping[str, str] = {"de": "de_DE", "en": "en_GB", "it": "it_IT"}
"""Language → the locale whose formats it is written in."""

COUNT = "count"
"""The placeholder whose number chooses between ``one`` and ``other``."""

_FORMS = frozenset({"one", "other"})
_WHAT = "a label is a text, or has one text for 'one' and one for 'other'"


@dataclass(frozen=True)
class Label:
    """A text for each form; a text without forms stands under ``other``."""

    forms: Mapping[str, str]

    @property
    def counted(self) -> bool:
        """Does its text depend on a number?"""
        return len(self.forms) > 1

    @property
    def placeholders(self) -> frozenset[str]:
        """The names in braces, in any form; COUNT among them where its text depends on a number."""
        names = {name for text in self.forms.values() for name in placeholders(text)}
        return frozenset({*names, COUNT} if self.counted else names)

    def text(self, form: str) -> str:
        """The text of a plural form; that for ``other`` where the form has none of its own."""
        return self.forms.get(form, self.forms["other"])


def check_packages(place: str, what: str, packages: Mapping[str, str]) -> None:
    """Nothing where packages of the extra ``report`` are installed, by what each is called; InputError where not."""
    absent = [name for module, name in packages.items() if find_spec(module) is None]
    if absent:
        fact = f"{what} needs {listed(absent)}, which {'is' if len(absent) == 1 else 'are'} not installed"
        raise InputError.at(place, fact, "pip install 'planshift[report]'")


@lru_cache
def read_labels(language: str) -> Mapping[str, Label]:
    """The labels of a language, by key; InputError for a language we do not have, or a file that is not in order."""
    if language not in LANGUAGES:
        fact = f"there are no labels in the language '{language}'"
        raise InputError.at("--language", fact, did_you_mean(language, LANGUAGES))
    document = read_document(folder("reports") / "labels" / f"{language}.yaml")
    found: dict[str, Label] = {}
    problems: list[Problem] = []
    for path, value in _leaves(document.data):
        problem, label = _label(document, path, value)
        found[".".join(map(str, path))] = label
        problems += problem
    if problems:
        raise InputError(problems)
    return found


def placeholders(text: str) -> Iterator[str]:
    """The names in braces, in order; ValueError for a brace that opens no plain name."""
    for _, name, form, conversion in string.Formatter().parse(text):
        if name is not None:
            if not name.isidentifier() or form or conversion:
                raise ValueError(f"'{{{name}}}' is no plain name")
            yield name


def _leaves(value: Value, path: tuple[Step, ...] = ()) -> Iterator[tuple[tuple[Step, ...], Value]]:
    """Every label with its path."""
    if isinstance(value, dict) and not (path and value.keys() <= _FORMS):
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    else:
        yield path, value


def _label(document: Document, path: tuple[Step, ...], value: Value) -> tuple[list[Problem], Label]:
    forms = value if isinstance(value, dict) else {"other": value}
    texts = {str(form): text for form, text in forms.items() if isinstance(text, str) and text.strip()}
    place = document.place(*path)
    if len(texts) != len(forms) or (isinstance(value, dict) and texts.keys() != _FORMS):
        return [Problem(place, _WHAT, "write the text")], Label({"other": ""})
    try:
        for text in texts.values():
            list(placeholders(text))
    except ValueError as error:
        return [Problem(place, f"a placeholder cannot be read: {error}", "write {name}")], Label({"other": ""})
    return [], Label(texts)
