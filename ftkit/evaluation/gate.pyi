# Made by tools/stub.py

from collections.abc import Iterator
from ftkit.data.review import Review
from ftkit.run.folder import Run
from pathlib import Path
from typing import Any

def find_reviews(run: Run) -> list:
    """Find files of decisions on the training rows of a run."""
    ...

def odd_answers(run: Run, split: str, summary: dict) -> str:
    """Say what is damaged in the answers of an evaluation. Raises `ValueError` for a line that is."""
    ...

EXIT_CODES: Any

class GateVerdict(dict):
    """What a gate says of a run: `outcome`, and of each rule what was asked and found"""
    def __repr__(self) -> str: ...
    def lines(self) -> Iterator[str]:
        """Yield the verdict, line by line
        
        Returns:
            Iterator[str]
        """
        ...
    def to_pandas(self) -> Any:
        """Return the rules as a pandas frame, one a row: `rule bound outcome value low high n words next`.
        
        Returns:
            Any
        """
        ...

def kept_verdict(run: Run | str | Path) -> GateVerdict | None:
    """Read the last verdict, with `stale`: why it no longer holds. Raises `ValueError` if it is damaged."""
    ...

def gate(
    run: Run | str | Path,
    rules: dict | str | Path | None = None,
    split: str = 'test',
    review: Review | str | Path | list | None = None,
) -> GateVerdict:
    """Decide by rules whether a run may be shipped, and keep the verdict with it.
    
    Raises `ValueError` for rules that cannot be meant, a run without weights, and rows that it has not.
    """
    ...
