"""How the pages for people are built: ``make site`` writes them to build/site."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from planshift.plans.files import folder
from planshift.plans.rules import Rule, read_rules
from planshift.version import __version__

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "planshift"
author = "The planshift maintainers"
project_copyright = "2026 The planshift maintainers"
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["README.md"]
html_theme = "furo"
html_title = "planshift"
html_show_sphinx = False
html_copy_source = False

myst_enable_extensions = ["attrs_block"]
myst_heading_anchors = 3
autodoc_typehints = "description"
autodoc_member_order = "bysource"
# Names that a signature shows and no page describes.
nitpicky = False

GENERATED = ("rules.md", "reference.md")
"""The pages that are made from the program before the others are read; git ignores them."""


def setup(app: Sphinx) -> None:
    """Write the generated pages once the builder is there."""
    app.connect("builder-inited", _generate)


def _generate(app: Sphinx) -> None:
    pages = dict(
        zip(GENERATED, ("\n".join(_rules()), (folder("reports") / "REFERENCE.md").read_text("utf-8")), strict=True)
    )
    for name, text in pages.items():
        path = Path(app.srcdir, name)
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, encoding="utf-8", newline="\n")


def _rules() -> Iterator[str]:
    rules = read_rules()
    yield "# The rules\n"
    yield "How the plans bill. Plan values, worked cases, invoice lines and explanations cite a rule by its id;"
    yield "`planshift plans rules ID` shows one, with the plan values that it reads.\n"
    for topic, title in rules.topics.items():
        yield f"## {title}\n"
        for rule in rules.rules.values():
            if rule.topic == topic:
                yield from _rule(rule)


def _rule(rule: Rule) -> Iterator[str]:
    yield f"### {rule.id} {rule.title}\n"
    yield f"{rule.says}\n"
    if rule.note:
        yield f"*Assumed.* {rule.note}\n"
    if rule.values:
        yield f"Plan values: {', '.join(f'`{path}`' for path in rule.values)}.\n"
    if rule.sources:
        yield f"Sources: {', '.join(f'[{source.title}]({source.address})' for source in rule.sources)}.\n"
