# Made by tools/stub.py

from collections.abc import Iterator
from dataclasses import dataclass
from ftkit.evaluation.metric import Metric
from ftkit.run.folder import Run
from typing import Any

@dataclass
class _Rows:
    """Rows that a run was asked"""
    keys: list
    references: list
    clusters: list

@dataclass
class _Entry:
    """A model and its answers"""
    name: str
    model: str
    run: Run
    summary: dict
    rows: list
    asked: _Rows

@dataclass
class _Case:
    answer: str

def difference_of(a: _Entry, b: _Entry, m: Metric) -> dict:
    """Compare two models on the rows that both answered."""
    ...

class Leaderboard(dict):
    """Runs side by side: `task split headline against lines notes`"""
    def __repr__(self) -> str: ...
    def lines(self) -> Iterator[str]:
        """Yield the table, line by line, the best first
        
        Returns:
            Iterator[str]
        """
        ...
    def to_pandas(self) -> Any:
        """Return the table as a pandas frame, one model a row.
        
        Its columns: `name model run value low high n`, and of the difference `diff diff_low diff_high p p_holm
        gained lost common words`.
        
        Returns:
            Any
        """
        ...

def leaderboard(
    runs: list,
    split: str = 'test',
    headline: str = '',
    against: str = 'first',
) -> Leaderboard:
    """Compare the tuned models of runs, and each base model they began with, on the rows they have in common.
    
    Raises `ValueError` for runs of different tasks, and evaluations that are missing, stale or damaged.
    """
    ...
