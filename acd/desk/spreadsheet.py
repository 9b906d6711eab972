"""A report as XLSX and as CSV: every table of it, with numbers as numbers."""

import csv
import io
from collections.abc import Iterator

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from acd.desk.columns import COLUMNS, GROUP_NAMES, STATES, TREND_NAME, flow_name, heading_of
from acd.desk.figures import Figures, Placed
from acd.desk.report import Report

_MS_PER_DAY = 86_400_000
"""A spreadsheet's unit of time is the day."""

Row = tuple[str, str, Figures]


def rows(report: Report) -> Iterator[Row]:
    """Every line of figures: kind of group, member, figures; the whole first."""
    if report.total is None:
        return
    for name, figures in report.wholes.items():
        yield name, "", figures
    for group, members in report.groups.items():
        for what, figures in members.items():
            yield GROUP_NAMES[group], flow_name(what) if group == "flow" else what, figures
    for what, figures in _trend(report).items():
        yield TREND_NAME, what, figures


def _trend(report: Report) -> dict[str, Figures]:
    """Each flow's parts of the span, flow by flow."""
    return {
        f"{flow_name(flow)} {part}": figures
        for flow, parts in report.trend.items()
        for part, figures in parts.items()
    }


def as_csv(report: Report) -> str:
    """One table for everything; durations in milliseconds, shares 0 to 1, nothing where there is
    no figure.  Begins with the mark by which Excel knows UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["分组", "对象", *(column.heading for column in COLUMNS)])
    for group, what, figures in rows(report):
        values = [column.value(figures) for column in COLUMNS]
        writer.writerow([group, _plain(what), *("" if one is None else one for one in values)])
    if report.placed is not None:
        for name, count in report.placed.outcomes.items():
            if count:
                writer.writerow(["呼出", heading_of(name), count])
    for sentence in (report.sentence if report.total is None else "", report.tests_sentence):
        if sentence:
            writer.writerow([sentence])
    return "\ufeff" + text.getvalue()


def _plain(text: str) -> str:
    """Text that no spreadsheet takes for a formula (OWASP: CSV injection)."""
    return f"'{text}" if text[:1] in "=+-@\t\r" and text else text


def as_xlsx(report: Report) -> bytes:
    """A workbook: a summary with a chart, a sheet per group, the agents' hours."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False})
    forms = {
        "count": book.add_format({"num_format": "0"}),
        "share": book.add_format({"num_format": "0.0%"}),
        "ms": book.add_format({"num_format": "[h]:mm:ss"}),
    }
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet("汇总")
    sheet.write(0, 0, report.title, bold)
    sheet.write(1, 0, report.sentence)
    sheet.write(2, 0, f"生成时间 {report.made_at.isoformat(timespec='seconds')}")
    for n, remark in enumerate(report.remarks):
        sheet.write(3 + n, 0, remark)
    sheet.write(3 + len(report.remarks), 0, report.tests_sentence)
    if report.total is not None:
        top = 4 + len(report.remarks)
        _table(sheet, top, report.wholes, forms, bold)
        for group, found in report.groups.items():
            part = book.add_worksheet(GROUP_NAMES[group])
            named = {flow_name(k): one for k, one in found.items()} if group == "flow" else found
            _table(part, 0, named, forms, bold)
            if group == "part":
                _chart(book, sheet, top + len(report.wholes) + 2, len(found))
        _table(book.add_worksheet(TREND_NAME), 0, _trend(report), forms, bold)
    if report.placed is not None and report.placed.calls:
        _placed(book.add_worksheet("呼出"), report.placed, bold)
    if report.agents:
        _hours(book.add_worksheet("座席工时"), report, forms["ms"], bold)
    book.close()
    return target.getvalue()


def _table(
    sheet: Worksheet, top: int, members: dict[str, Figures], forms: dict[str, Format], bold: Format
) -> None:
    sheet.write(top, 0, "", bold)
    sheet.set_column(0, 0, 16)
    for n, column in enumerate(COLUMNS, 1):
        sheet.write(top, n, column.heading, bold)
    for line, (what, figures) in enumerate(members.items(), top + 1):
        sheet.write_string(line, 0, what)
        for n, column in enumerate(COLUMNS, 1):
            value = column.value(figures)
            if value is not None:
                number = value / _MS_PER_DAY if column.form == "ms" else value
                sheet.write_number(line, n, number, forms[column.form])
    sheet.freeze_panes(top + 1, 1)


def _chart(book: xlsxwriter.Workbook, sheet: Worksheet, top: int, count: int) -> None:
    keys = [column.key for column in COLUMNS]
    name = GROUP_NAMES["part"]
    chart = book.add_chart({"type": "column"})
    assert chart is not None
    for key in ("offered", "answered"):
        column = keys.index("outcome_answered" if key == "answered" else key) + 1
        chart.add_series(
            {
                "name": [name, 0, column],
                "categories": [name, 1, 0, count, 0],
                "values": [name, 1, column, count, column],
            }
        )
    chart.set_size({"width": 900, "height": 300})
    sheet.insert_chart(top, 0, chart)


def _placed(sheet: Worksheet, placed: Placed, bold: Format) -> None:
    for line, (name, count) in enumerate(placed.outcomes.items()):
        sheet.write(line, 0, heading_of(name), bold)
        sheet.write_number(line, 1, count)


def _hours(sheet: Worksheet, report: Report, form: Format, bold: Format) -> None:
    states = [*STATES, *sorted({s for one in report.agents.values() for s in one} - set(STATES))]
    sheet.write(0, 0, "座席", bold)
    for n, state in enumerate(states, 1):
        sheet.write(0, n, STATES.get(state, state), bold)
    for line, (agent, times) in enumerate(sorted(report.agents.items()), 1):
        sheet.write_string(line, 0, agent)
        for n, state in enumerate(states, 1):
            if state in times:
                sheet.write_number(line, n, times[state] / _MS_PER_DAY, form)
