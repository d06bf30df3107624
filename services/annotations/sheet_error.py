"""Why a file cannot be read as a table."""

from __future__ import annotations


class BadSheet(ValueError):
    """`code` names the reason, `details` what its words need (row, limit, kind).

    Codes: empty, too_large, too_many_rows, too_many_columns, one_column, old_excel, not_a_table,
    broken_workbook, open_quote, stray_quote, not_json, not_an_object.
    """

    def __init__(self, code: str, **details: int | str) -> None:
        super().__init__(code, details)
        self.code, self.details = code, details
