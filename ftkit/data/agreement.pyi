# Made by tools/stub.py

from collections.abc import Sequence
from ftkit.data.review import Review
from pathlib import Path
from typing import NamedTuple

def kappa(a: Sequence, b: Sequence) -> float:
    """Compute Cohen's kappa: agreement beyond chance. Raises `ValueError` if the lengths differ."""
    ...

def krippendorff_alpha(units: Sequence) -> float:
    """Compute Krippendorff's alpha for categories: agreement of any number of reviewers beyond chance."""
    ...

class Agreement(NamedTuple):
    """Agreement of two reviewers on the rows that both gave a verdict on"""
    a: str
    b: str
    n: int
    same: int
    kappa: float

class Merged(NamedTuple):
    """The decisions of all reviewers, side by side"""
    by_id: dict
    agreement: tuple
    unread: tuple
    @property
    def conflicts(self) -> dict:
        """The rows on which they want different things"""
        ...
    def __repr__(self) -> str: ...

def merge(*reviews: Review | str | Path) -> Merged:
    """Compare the decisions of several reviewers: where they disagree, and how far they agree.
    
    Nothing is settled by it.
    """
    ...
