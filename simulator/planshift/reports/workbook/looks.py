"""What the cells of a workbook look like, by name: blue on yellow is for changing, parentheses are negative."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

DARK, INK, PALE, RULE, QUIET = "#0B4F7D", "#222222", "#EAF2F8", "#B9C6D1", "#5F6B76"
INPUT_INK, INPUT_FILL = "#0000FF", "#FFF9C4"
GOOD, GOOD_FILL, BAD, BAD_FILL = "#00553E", "#DDF3EA", "#8A1F00", "#FBDCD0"
SERIES: Final = ("#0B4F7D", "#8CC7EC", "#D55E00", "#8A9099")
FAN_OUTER, FAN_INNER, FAN_LINE = "#C9E2F5", "#7DB6DF", "#062E4A"
RISE, FALL = "#3C9D82", "#D55E00"

MONEY: Final = '#,##0_);[Red](#,##0);"–"_)'
LESS: Final = '#,##0_);(#,##0);"–"_)'
CENTS: Final = '#,##0.00_);[Red](#,##0.00);"–"_)'
COUNT: Final = '#,##0_);[Red](#,##0);"–"_)'
MEAN_COUNT: Final = '#,##0.0_);[Red](#,##0.0);"–"_)'
MONTH: Final = "mmm yyyy"
DAY: Final = "yyyy-mm-dd"
SHARE: Final = "0.0%"

_TOTAL: Mapping[str, Any] = {"bold": True, "bg_color": PALE}
_LINE: Mapping[str, Any] = {"bottom": 4, "bottom_color": RULE}
_INPUT: Mapping[str, Any] = {
    "font_color": INPUT_INK,
    "bg_color": INPUT_FILL,
    "border": 1,
    "border_color": RULE,
}
_BASE: Mapping[str, Mapping[str, Any]] = {
    "less": {"num_format": LESS, "align": "right"},
    "money": {"num_format": MONEY, "align": "right"},
    "cents": {"num_format": CENTS, "align": "right"},
    "count": {"num_format": COUNT, "align": "right"},
    "mean_count": {"num_format": MEAN_COUNT, "align": "right"},
    "number": {"num_format": "0", "align": "center", "font_color": QUIET},
    "month": {"num_format": MONTH, "align": "left", "indent": 1},
    "day": {"num_format": DAY, "align": "left", "indent": 1},
    "share": {"num_format": SHARE, "align": "right"},
    "text": {"align": "left", "indent": 1},
    "check": {"align": "center", "bold": True},
}
"""Name → the number format and the alignment of a table's cells."""

_OTHERS: Mapping[str, Mapping[str, Any]] = {
    "title": {"bold": True, "font_size": 18, "font_color": DARK},
    "subtitle": {"font_size": 11, "font_color": QUIET},
    "note": {"font_size": 10, "italic": True, "font_color": QUIET},
    "section": {"bold": True, "font_size": 13, "font_color": DARK, "bottom": 2, "bottom_color": DARK},
    "band": {"bold": True, "align": "center", "font_color": DARK, "bg_color": PALE, "left": 1, "left_color": RULE},
    "header": {
        "bold": True,
        "font_color": "#FFFFFF",
        "bg_color": DARK,
        "text_wrap": True,
        "valign": "vcenter",
        "align": "center",
        "border": 1,
        "border_color": RULE,
    },
    "label": {"bold": True, "valign": "top"},
    "plain": {"valign": "top", "align": "left", "indent": 1},
    "plain_number": {"valign": "top", "align": "left", "indent": 1, "num_format": "#,##0"},
    "check_left": {"align": "left", "indent": 1, "bold": True},
    "link": {"font_color": DARK, "underline": 1, "valign": "top"},
    "wrapped": {"valign": "top", "indent": 1, "text_wrap": True},
    "mono": {"indent": 1, "font_name": "Consolas", "font_size": 9, "valign": "top"},
    "input_text": {
        "align": "left",
        "indent": 1,
        "font_color": INPUT_INK,
        "bg_color": INPUT_FILL,
        "border": 1,
        "border_color": RULE,
    },
    "input_money": {"num_format": "#,##0_);(#,##0);0_)", "align": "right", **_INPUT},
    "given": {"font_color": INPUT_INK, "align": "left", "indent": 1, **_LINE},
    "given_day": {"font_color": INPUT_INK, "num_format": DAY, "align": "left", "indent": 1, **_LINE},
    "given_count": {"font_color": INPUT_INK, "num_format": COUNT, "align": "right", **_LINE},
    "given_share": {"font_color": INPUT_INK, "num_format": SHARE, "align": "right", **_LINE},
    "good": {"font_color": GOOD, "bg_color": GOOD_FILL},
    "bad": {"font_color": BAD, "bg_color": BAD_FILL, "bold": True},
}
TOTAL: Final = "_total"
"""Behind a look's name: the same for a sum."""


class Looks:
    """The formats of one workbook, each made when it is first asked for."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        """The format of a look; a name that ends with ``_total`` is the look of a sum. Raises KeyError."""
        if name not in self._made:
            self._made[name] = self._book.add_format(dict(_properties(name)))
        return self._made[name]


def _properties(name: str) -> Mapping[str, Any]:
    if name in _OTHERS:
        return _OTHERS[name]
    if name.endswith(TOTAL):
        return {**_BASE[name.removesuffix(TOTAL)], **_LINE, **_TOTAL}
    return {**_BASE[name], **_LINE}
