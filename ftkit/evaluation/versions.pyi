# Made by tools/stub.py

from collections.abc import Iterator
from dataclasses import dataclass
from ftkit.data.example import Example
from ftkit.run.folder import Run
from pathlib import Path
import pandas

def deciding(summary: dict) -> str:
    """Name the score that says of one answer whether it is right; of free text, how good it is."""
    ...

@dataclass
class _Said:
    """A case of a run, and what its tuned model answered"""
    ex: Example
    cluster: str
    answer: str
    score: float | None
    def asks(self): ...
    def whole(self): ...

class RowsCompared(dict):
    """Rows of two runs: `split metric runs common fixed broken difference edited only`"""
    def __repr__(self) -> str: ...
    def lines(self, n: int = 10) -> Iterator[str]:
        """Yield the comparison in words: what it comes to, then the rows
        
        Parameters:
            n=10  Rows of each kind at most
        
        Returns:
            Iterator[str]
        
        Example:
            print(*compared.lines(), sep='\\n')
        """
        ...
    def to_pandas(self) -> 'pandas.DataFrame':
        """Return the rows as a pandas frame, one row a row: `what id line asks reference before after`.
        
        `what` is fixed, broken, edited, or `only` with the name of a run.
        
        Returns:
            pandas.DataFrame
        
        Example:
            compared.to_pandas()
        """
        ...

def compare_rows(
    run: Run | str | Path,
    other: Run | str | Path,
    split: str = 'validation',
) -> RowsCompared:
    """List the rows that the next version of a run has fixed, and those that it has broken.
    
    Rows are paired by content. Raises `ValueError` for a run and itself, and where an evaluation does not
    stand.
    """
    ...
