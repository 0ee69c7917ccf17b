"""Tables as people save them: what they say is read, what they do not say is asked about, and nothing counts twice."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from exports import importer
from planshift.plans.rates import RateCard
from planshift.problems import InputError
from planshift.usage.formats import ImportResult, import_usage

HEADER = (
    "user_email,product,model,total_prompt_tokens,total_completion_tokens,total_gross_spend_usd,"
    "total_uncached_input_tokens,total_cache_read_tokens,total_cache_write_5m_tokens,total_cache_write_1h_tokens"
)
OCTOBER = "spend-report-acme-2026-10-01-to-2026-10-31.csv"
# 120,000 × 2 + 10,000 × 10 and 180,000 × 2 + 5,000 × 10 dollars per million tokens.
MIRA = "mira@example.org,Chat,claude-sonnet-5-5,120000,10000,0.34,120000,0,0,0"
NOOR = "noor@example.org,Chat,claude-sonnet-5-5,180000,5000,0.41,180000,0,0,0"
BOTH = Decimal("0.75")

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes rows below a header."""

    def report(*rows: str, header: str = HEADER, name: str = OCTOBER, before: str = "", separator: str = ",") -> Path:
        text = before + "".join(f"{row}\n".replace(",", separator) for row in (header, *rows))
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return report


spend = importer("spend-report")


def refused(card: RateCard, *paths: Path, **options: Any) -> tuple[str, ...]:
    with pytest.raises(InputError) as caught:
        import_usage("spend-report", paths, card, **options)
    return tuple(f"{problem.fact} - {problem.remedy}" for problem in caught.value.problems)


def said(result: ImportResult, words: str) -> list[str]:
    return [text for text in (*result.summary.assumptions, *result.summary.warnings) if words in text]


# --- How a table is saved ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("separator", "name"), [(";", "semicolons"), ("\t", "tabs")])
def test_other_separators_are_read_and_said(card: RateCard, write: Write, separator: str, name: str) -> None:
    result = spend(card, write(MIRA, NOOR, separator=separator))
    assert result.summary.list_cost == BOTH
    assert len(said(result, f"cells are separated by {name}")) == 1


@pytest.mark.parametrize("separator", [",", ";", "|"])
def test_the_line_of_excel_names_the_separator(card: RateCard, write: Write, separator: str) -> None:
    path = write(MIRA, NOOR.replace(",180000,0,", ",x,0,"), before=f"sep={separator}\n", separator=separator)
    with pytest.raises(InputError) as caught:
        spend(card, path)
    assert [problem.place.line for problem in caught.value.problems] == [4]
    assert spend(card, write(MIRA, NOOR, before=f"sep={separator}\r\n", separator=separator)).summary.list_cost == BOTH


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_the_encoding_is_found_out(card: RateCard, write: Write, encoding: str) -> None:
    path = write(MIRA, NOOR, separator="\t")
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))
    result = spend(card, path)
    assert result.summary.list_cost == BOTH
    assert len(said(result, "the text is in UTF-16")) == encoding.startswith("utf-16")
    assert not path.read_bytes().startswith(codecs.BOM_UTF8) or encoding == "utf-8-sig"


# --- Numbers -------------------------------------------------------------------------------------------------------


def test_decimal_commas_are_read_and_what_stands_beside_them_has_its_thousands_marked(
    card: RateCard, write: Write
) -> None:
    rows = (
        MIRA.replace("0.34", "0.34"),
        "noor@example.org,Chat,claude-sonnet-5-5,1.234.567,5.000,2.52,1.234.567,0,0,0",
    )
    german = [row.replace(",", ";").replace("0.34", "0,34").replace("2.52", "2,52") for row in rows]
    path = write(*german, header=HEADER.replace(",", ";"))
    result = spend(card, path)
    assert int(result.rows["input_tokens"].sum()) == 1_354_567
    assert int(result.rows["output_tokens"].sum()) == 15_000
    assert result.summary.reported_cost == Decimal("2.86")
    assert len(said(result, "'0,34' is 0.34")) == 1


def test_counts_that_could_be_thousands_or_not_are_asked_about(card: RateCard, write: Write) -> None:
    row = MIRA.replace("120000", "120.000").replace("10000", "10.000")
    facts = refused(card, write(row))
    assert len(facts) == 3
    assert "total_prompt_tokens is 120.000, which could be 120000 with its thousands marked or 120" in facts[1]
    assert all(fact.endswith(("write 120000 or 120", "write 10000 or 10")) for fact in facts)


def test_a_comma_before_three_digits_is_asked_about_too(card: RateCard, write: Write) -> None:
    path = write(MIRA.replace(",", ";").replace("120000", "120,000"), header=HEADER.replace(",", ";"))
    assert "total_prompt_tokens is 120,000, which could be 120000" in refused(card, path)[0]


@pytest.mark.parametrize(("decimal", "tokens"), [("comma", 120_000), ("point", 120)])
def test_the_caller_can_say_how_decimals_are_marked(card: RateCard, write: Write, decimal: str, tokens: int) -> None:
    row = "mira@example.org,Chat,claude-sonnet-5-5,120.000,0,,120.000,0,0,0"
    assert int(spend(card, write(row), decimal=decimal).rows["input_tokens"].sum()) == tokens


def test_another_way_to_mark_decimals_is_refused(card: RateCard, write: Write) -> None:
    assert refused(card, write(MIRA), decimal="kommma") == (
        "'kommma' is no way to mark decimals - did you mean 'comma'?",
    )


def test_a_column_of_finer_amounts_has_three_decimals_without_a_question(card: RateCard, write: Write) -> None:
    rows = (MIRA.replace("0.34", "0.3401"), NOOR.replace("0.41", "1.234"))
    assert spend(card, write(*rows)).summary.reported_cost == Decimal("1.5741")
    assert "total_gross_spend_usd is 1.234" in refused(card, write(rows[1]))[0]


@pytest.mark.parametrize("written", ["$1,250.00", "1'250.00", "1 250.00", "US$1250.00", "1250.00 USD"])
def test_amounts_with_thousands_that_cannot_be_anything_else_are_read(
    card: RateCard, write: Write, written: str
) -> None:
    path = write(MIRA.replace(",", ";").replace("0.34", written), header=HEADER.replace(",", ";"))
    assert spend(card, path).summary.reported_cost == Decimal(1250)


# --- What is not read ----------------------------------------------------------------------------------------------


def test_columns_that_are_not_read_are_named_and_rows_that_differ_there_count(card: RateCard, write: Write) -> None:
    path = write(f"CC-10,{MIRA}", f"CC-20,{MIRA}", f"CC-20,{MIRA}", header=f"Cost Center,{HEADER}")
    result = spend(card, path)
    assert result.summary.list_cost == Decimal("0.68")
    assert result.summary.merged == 1
    assert len(said(result, "has a column that is not read: 'Cost Center'")) == 1


def test_a_column_of_days_under_another_name_is_named_as_such(card: RateCard, write: Write) -> None:
    result = spend(card, write(f"2026-10-12,{MIRA}", f"2026-10-13,{MIRA}", header=f"Period,{HEADER}"))
    assert result.summary.list_cost == result.summary.reported_cost == Decimal("0.68")
    assert len(said(result, "'Period' holds days, and usage is spread over the range all the same")) == 1


def test_the_same_report_again_is_merged_also_where_one_has_a_column_more(card: RateCard, write: Write) -> None:
    one = write(f"CC-10,{MIRA}", f"CC-20,{MIRA}", header=f"cost_center,{HEADER}")
    again = write(f"CC-10,{MIRA}", f"CC-20,{MIRA}", header=f"cost_center,{HEADER}", name=f"copy of {OCTOBER}")
    assert spend(card, one, again).summary.list_cost == Decimal("0.68")
    plain = write(MIRA, name=f"plain {OCTOBER}")
    assert spend(card, one, plain).summary.list_cost == Decimal("0.68")


def test_a_report_of_each_cost_centre_counts_once_each(card: RateCard, write: Write) -> None:
    one = write(f"CC-10,{MIRA}", header=f"cost_center,{HEADER}")
    other = write(f"CC-20,{MIRA}", header=f"cost_center,{HEADER}", name=f"other {OCTOBER}")
    assert spend(card, one, other).summary.list_cost == Decimal("0.68")


# --- Totals --------------------------------------------------------------------------------------------------------

TOTAL = "Total,All,claude-sonnet-5-5,300000,15000,0.75,300000,0,0,0"


@pytest.mark.parametrize(
    "total", [TOTAL, TOTAL.replace("Total,All", ",Chat"), TOTAL.replace("Total,All,claude-sonnet-5-5", "Summe,,")]
)
@pytest.mark.parametrize("first", [True, False])
def test_a_row_that_adds_up_the_others_is_left_out(card: RateCard, write: Write, total: str, first: bool) -> None:
    rows = (total, MIRA, NOOR) if first else (MIRA, NOOR, total)
    result = spend(card, write(*rows))
    assert result.summary.list_cost == BOTH
    assert dict(result.summary.dropped) == {"the total of other rows": 1}
    assert len(said(result, f"the row on line {2 if first else 4} adds up other rows: a total")) == 1


def test_subtotals_and_their_total_are_left_out(card: RateCard, write: Write) -> None:
    mira = MIRA.replace("mira@example.org", "")
    noor = NOOR.replace("noor@example.org", "")
    result = spend(card, write(MIRA, mira, NOOR, noor, TOTAL))
    assert result.summary.list_cost == BOTH
    assert dict(result.summary.dropped) == {"the total of other rows": 3}


def test_a_person_whose_usage_is_the_sum_of_the_others_counts_and_is_named(card: RateCard, write: Write) -> None:
    result = spend(card, write(MIRA, NOOR, TOTAL.replace("Total,All", "tomo@example.org,Chat")))
    assert result.summary.list_cost == 2 * BOTH
    assert len(said(result, "the row on line 4 is the sum of all others; it is counted")) == 1


def test_two_people_with_the_same_figures_are_no_total(card: RateCard, write: Write) -> None:
    result = spend(card, write(MIRA, MIRA.replace("mira", "noor")))
    assert result.summary.list_cost == Decimal("0.68")
    assert not said(result, "total")


# --- The same days twice -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["spend-report-2026-10-15-to-2026-11-14.csv", "spend-report-2026-10-01-to-2026-10-31.csv"]
)
def test_an_organization_that_is_not_named_may_be_the_same_one(card: RateCard, write: Write, name: str) -> None:
    (fact,) = refused(card, write(MIRA), write(NOOR, name=name))
    assert "overlaps" in fact
    assert "if it is another organization's, name it spend-report-ORGANIZATION-" in fact


def test_reports_of_two_organizations_may_cover_the_same_days(card: RateCard, write: Write) -> None:
    other = write(NOOR, name=OCTOBER.replace("acme", "lantern"))
    assert spend(card, write(MIRA), other).summary.list_cost == BOTH


@pytest.mark.parametrize("month_first", [True, False])
def test_days_and_the_total_that_holds_them_count_twice(card: RateCard, write: Write, month_first: bool) -> None:
    days = write(f"2026-10-12,{MIRA}", f"2026-10-13,{NOOR}", header=f"Date,{HEADER}", name="daily.csv")
    files = (write(MIRA), days) if month_first else (days, write(MIRA))
    (fact,) = refused(card, *files)
    assert "its days 2026-10-12 to 2026-10-13 are in both" in fact
    assert "(2026-10-01 to 2026-10-31)" in fact


def test_days_outside_the_range_are_welcome(card: RateCard, write: Write) -> None:
    days = write(f"2026-11-02,{NOOR}", header=f"Date,{HEADER}", name="daily.csv")
    assert spend(card, write(MIRA), days).summary.list_cost == BOTH


# --- Reported and list cost ----------------------------------------------------------------------------------------


def test_a_cost_above_list_price_names_what_the_rows_do_not_show(card: RateCard, write: Write) -> None:
    fast = "noor@example.org,Claude Code,claude-opus-5-5,40000,6000,0.56,40000,0,0,0"
    (warning,) = said(spend(card, write(MIRA, fast)), "The export reports")
    assert warning.startswith("The export reports 0.90 USD where list prices come to 0.62, 45.2% more.")
    assert "fast mode (2 times the price)" in warning
    assert "US-only inference (1.1 times the price)" in warning
    assert "claude-opus-5-5 (2.00 times)" in warning
    assert "discount" not in warning


def test_a_cost_below_list_price_says_which_discount_it_would_be(card: RateCard, write: Write) -> None:
    (warning,) = said(
        spend(card, write(MIRA.replace("0.34", "0.30"), NOOR.replace("0.41", "0.36"))), "The export reports"
    )
    assert "12.0% less" in warning
    assert "a discount of 12.0%" in warning
    assert "batch processing (0.5 times the price)" in warning


def test_counts_a_thousand_times_too_small_are_named(card: RateCard, write: Write) -> None:
    row = "mira@example.org,Chat,claude-sonnet-5-5,120,10,0.34,120,0,0,0"
    (warning,) = said(spend(card, write(row)), "The export reports")
    assert "thousands of tokens read as single ones" in warning


def test_a_difference_that_rounding_can_make_is_none(card: RateCard, write: Write) -> None:
    rows = [f"p{number}@example.org,Chat,claude-sonnet-5-5,2000,0,0.00,2000,0,0,0" for number in range(20)]
    assert not said(spend(card, write(MIRA, *rows)), "The export reports")


def test_models_left_out_are_left_out_with_their_dollars(card: RateCard, write: Write) -> None:
    path = write(MIRA, NOOR.replace("sonnet-5-5", "sonata-1"))
    result = spend(card, path, skip_unknown_models=True)
    (warning,) = said(result, "Left out with the unknown model 'claude-sonata-1'")
    assert warning.endswith("1 row, 185,000 tokens, 0.41 USD as reported.")
    assert result.summary.unknown_models["claude-sonata-1"].reported == Decimal("0.41")


# --- Workbooks -----------------------------------------------------------------------------------------------------

Cells = Sequence[Sequence[object]]


def workbook(path: Path, *sheets: Cells) -> Path:
    book = openpyxl.Workbook()
    for number, rows in enumerate(sheets):
        sheet = book.active if number == 0 else book.create_sheet()
        assert isinstance(sheet, Worksheet)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def typed(row: str) -> list[object]:
    return [Decimal(cell) if cell.replace(".", "").isdigit() else cell for cell in row.split(",")]


def test_a_workbook_is_read_as_its_csv_would_be(card: RateCard, tmp_path: Path, write: Write) -> None:
    path = workbook(tmp_path / OCTOBER.replace(".csv", ".xlsx"), [HEADER.split(","), typed(MIRA), [], typed(NOOR)])
    result = spend(card, path)
    assert result.rows.equals(spend(card, write(MIRA, NOOR)).rows)
    assert result.summary.reported_cost == BOTH


def test_a_number_of_a_workbook_has_no_thousands_to_be_asked_about(card: RateCard, tmp_path: Path) -> None:
    row = typed(MIRA.replace("0.34", "1.234"))
    path = workbook(tmp_path / OCTOBER.replace(".csv", ".xlsx"), [HEADER.split(","), row])
    assert spend(card, path).summary.reported_cost == Decimal("1.234")


@pytest.mark.parametrize(
    ("sheets", "words"),
    [
        ([[["a"]], [["b"]]], "several sheets have cells: 'Sheet', 'Sheet1'"),
        ([[]], "the workbook has no cells"),
        ([[HEADER.split(","), ["=1+1"]]], "the formula '=1+1' has no value stored with it"),
        ([[HEADER.split(","), ["#N/A"]]], "the cell holds the error #N/A"),
    ],
)
def test_a_workbook_that_leaves_it_open_is_refused(
    card: RateCard, tmp_path: Path, sheets: Sequence[Cells], words: str
) -> None:
    path = workbook(tmp_path / OCTOBER.replace(".csv", ".xlsx"), *sheets)
    assert words in refused(card, path)[0]


def test_a_file_that_only_calls_itself_a_workbook_is_refused(card: RateCard, write: Write) -> None:
    assert "this is not an Excel workbook" in refused(card, write(MIRA, name=OCTOBER.replace(".csv", ".xlsx")))[0]
