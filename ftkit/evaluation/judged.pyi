# Made by tools/stub.py

from collections.abc import Iterator
from ftkit.evaluation.judgements import Judgements
from pathlib import Path
from typing import Any

def settled_verdict(said: dict) -> str:
    """Settle what several people say of an item: by more than half of them."""
    ...

def sampled_share(values: list, drawn: int, clusters: list | None = None) -> dict:
    """Estimate a share from a sample that may have been left early."""
    ...

def flag_recall(flagged: dict, unflagged: dict, sizes: tuple, elsewhere: dict | None = None) -> dict:
    """Estimate which share of all faults is flagged."""
    ...

class Judged(dict):
    """What a session of judgements comes to"""
    def __repr__(self) -> str: ...
    def lines(self) -> Iterator[str]:
        """Yield the verdict, line by line
        
        Returns:
            Iterator[str]
        """
        ...
    def to_pandas(self) -> Any:
        """Return judgements as a pandas frame, one item a row: `item row verdict winner loser left right people`.
        
        Raises `ValueError` before the session is revealed.
        
        Returns:
            Any
        """
        ...

def judged_of(*files: Judgements | str | Path) -> Judged:
    """Sum up what people judged. Raises `ValueError` for files of several sessions."""
    ...
