# Made by tools/stub.py

from collections.abc import Iterable
from ftkit.data.examples import Examples
from ftkit.run.folder import Run
from pathlib import Path
from typing import Any

def likest(train: Examples, rows: Examples, n: int = 5) -> list:
    """Find the training rows whose prompts are worded most like those of other rows: likeness, and no cause."""
    ...

LIKENESS: Any

class Likeness(list):
    """Of each row that was asked for the training rows most like it in wording; no cause"""
    def __repr__(self) -> str: ...
    def lines(self):
        """Yield the rows in words, after what likeness is"""
        ...

def likeness(
    run: Run | str | Path,
    ids: str | Iterable,
    split: str = 'validation',
    n: int = 5,
) -> Likeness:
    """Find the training rows most like some rows in wording: likeness, and no cause.
    
    Raises `ValueError` for another split, and for an id that is not there.
    """
    ...
