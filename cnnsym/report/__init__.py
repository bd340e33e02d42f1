"""What was found out about claims, as text for a terminal and as plain data for JSON."""

from cnnsym.report.as_json import document, experiment_row, page_row, rows, unjudged_rows
from cnnsym.report.measured import measured_line, measured_page
from cnnsym.report.plain import plain, plain_statement
from cnnsym.report.text import line, page, summary

__all__ = [
    "document",
    "experiment_row",
    "line",
    "measured_line",
    "measured_page",
    "page",
    "page_row",
    "plain",
    "plain_statement",
    "rows",
    "summary",
    "unjudged_rows",
]
