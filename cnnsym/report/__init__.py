"""What was found out about claims, as text for a terminal and as plain data for JSON."""

from cnnsym.report.as_json import document, page_row, rows, unjudged_rows
from cnnsym.report.plain import plain, plain_relation
from cnnsym.report.text import line, page, summary

__all__ = ["document", "line", "page", "page_row", "plain", "plain_relation", "rows", "summary", "unjudged_rows"]
