# Made by tools/stub.py

from collections.abc import Iterator
from ftkit.data.examples import Examples
from ftkit.panels.review.panel import ReviewPanel
from ftkit.run.folder import Run
from pathlib import Path
from typing import Any
import pandas

class Worst(list[dict]):
    """Rows, those that the model disagrees with most first; of each a dict"""
    unseen: list
    split: str
    examples: Examples
    by: str
    of: str
    def __init__(
        self,
        rows: list,
        unseen: list,
        split: str,
        examples: Examples,
        by: str,
        of: str = '',
    ) -> None: ...
    def __repr__(self) -> str: ...
    def lines(self, n: int = 10) -> Iterator[str]:
        """Yield the list in words, the worst first
        
        Parameters:
            n=10  Rows at most
        
        Returns:
            Iterator[str]
        
        Example:
            print(*worst.lines(5), sep='\\n')
        """
        ...
    def to_pandas(self) -> 'pandas.DataFrame':
        """Return the list as a pandas frame, one row a row: first those that are listed, then those not seen.
        
        Its columns: `rank row id line value reasons seen`, then the numbers that the reasons are made of.
        
        Returns:
            pandas.DataFrame
        
        Example:
            worst.to_pandas()
        """
        ...
    def as_json(self) -> dict:
        """Return the list, and what is not seen, as one object
        
        Returns:
            dict  As JSON has it
        
        Example:
            worst.as_json()
        """
        ...
    def review(self, path: str, reviewer: str = '', issues=None, size: int = 300) -> ReviewPanel:
        """Read the rows worst first and decide on each: keep, drop, fix or unsure.
        
        `examples.apply_review` makes the next version of the data of what is decided.
        
        Parameters:
            path         The file that decisions go to; it only grows
            reviewer=''  Who decides; the user's login name where empty
            issues=None  What `check` gave, to be shown as well
            size=300     Rows to read in one sitting: the first ones
        
        Returns:
            ReviewPanel
        
        Example:
            worst.review('review.jsonl')
        """
        ...
    def plot(self, dark: bool = False) -> Any:
        """Draw how much the model disagrees with each row, worst first. Raises `ValueError` where none was seen.
        
        Parameters:
            dark=False  True for a dark page
        
        Returns:
            Any  A plotly figure
        
        Example:
            worst.plot()
        """
        ...

def answer_disagreement(tuned: dict, base: dict) -> float | None:
    """Measure how much a model disagrees with an answer: by its label's chance, else loss above the base's."""
    ...

def worst(run: Run | str | Path, split: str = 'train', n: int | None = None) -> Worst:
    """List rows, those that the model disagrees with most first, to be read and mended.
    
    Raises `ValueError` for the test rows, and where nothing was measured.
    """
    ...
