"""Takes sample values and the fill of each column while the rows of a file go by."""

from __future__ import annotations

from typing import TypedDict

from services.upload.model.rows import Row
from shared.contract.date_order import date_evidence, merged_evidence

#: Sample values of a column.
SAMPLES = 8
#: Characters of a sample, fewer in a table so wide that all samples together have more than `SAMPLES_LENGTH`.
SAMPLE_LENGTH, LEAST_LENGTH, SAMPLES_LENGTH = 120, 40, 40_000
FIRST_ROWS = 10


class ColumnSamples(TypedDict):
    """What the rows show of a column: sample values, the share of filled rows, the evidence of the order of dates."""

    samples: list[str]
    fill: float
    dates: dict[str, int]


class Sampler:
    """Sees the rows in batches; its memory does not grow with the file."""

    def __init__(self, width: int) -> None:
        self.rows = 0
        self.length = max(LEAST_LENGTH, min(SAMPLE_LENGTH, SAMPLES_LENGTH // max(width, 1)))
        self.filled = [0] * width
        self.samples: list[dict[str, None]] = [{} for _ in range(width)]
        self.dates: list[dict[str, int]] = [{} for _ in range(width)]
        self.first_rows: list[Row] = []

    def add(self, rows: list[Row]) -> None:
        """Add a batch of rows, each as wide as the table."""
        if len(self.first_rows) < FIRST_ROWS:
            fresh = rows[: FIRST_ROWS - len(self.first_rows)]
            self.first_rows += [[cell[: self.length] for cell in row] for row in fresh]
        for index, cells in enumerate(zip(*rows, strict=True)):
            self.filled[index] += len(cells) - cells.count("")
            self.dates[index] = merged_evidence([self.dates[index], date_evidence(cells)])
            samples = self.samples[index]
            if len(samples) < SAMPLES:
                for cell in cells:
                    if cell:
                        samples[cell[: self.length]] = None
                        if len(samples) == SAMPLES:
                            break
        self.rows += len(rows)

    def column(self, index: int) -> ColumnSamples:
        """Give what the rows so far show of a column."""
        share = round(self.filled[index] / self.rows, 4) if self.rows else 0.0
        return {"samples": list(self.samples[index]), "fill": share, "dates": self.dates[index]}
