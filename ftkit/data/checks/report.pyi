# Made by tools/stub.py

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from ftkit.data.checks.issue import Issue
from ftkit.data.examples import Examples
from ftkit.data.recipe import Recipe
from typing import Any
import pandas
import polars

class Report(Sequence):
    """The findings of all checks: a sequence of `Issue`, worst first"""
    examples: Examples
    issues: tuple
    def __init__(self, issues: Iterable, exs: Examples) -> None: ...
    def __len__(self) -> int: ...
    @property
    def counts(self) -> dict: ...
    @property
    def by_id(self) -> dict: ...
    def only(self, check: str) -> tuple[Issue, ...]:
        """Return the issues of one check
        
        Parameters:
            check
        
        Returns:
            tuple[Issue, ...]
        
        Example:
            report.only('near-duplicate')
        """
        ...
    def __repr__(self) -> str: ...
    def worst(self, n: int = 10) -> list[tuple]:
        """Find the examples with most against them: errors first, then warnings, then notes
        
        Parameters:
            n=10
        
        Returns:
            list[tuple]  of `(Example, its issues)`
        
        Example:
            for example, issues in report.worst(5): print(example, issues)
        """
        ...
    def frame(self) -> 'polars.DataFrame':
        """Return all issues as a polars frame, one a row
        
        Returns:
            polars.DataFrame
        
        Example:
            report.frame().group_by('check').len()
        """
        ...
    def to_pandas(self) -> 'pandas.DataFrame':
        """Return all issues as a pandas frame, one a row.
        
        Its columns: `check severity id line message span partner partner_line score`.
        
        Returns:
            pandas.DataFrame
        
        Example:
            report.to_pandas().check.value_counts()
        """
        ...
    def propose(self) -> Recipe:
        """Propose a recipe for what was found: fixes that were not read often enough are listed, and not chosen.
        
        Returns:
            Recipe  To be read before it is used: `print` or `save_recipe` shows each line with three of its rows
        
        Example:
            recipe = report.propose()
        """
        ...
    def plot(self, dark: bool = False) -> Any:
        """Draw how many issues each check found, by severity.
        
        Parameters:
            dark=False  True for a dark page
        
        Returns:
            Any  A plotly figure
        
        Example:
            report.plot()
        """
        ...

def check(
    examples: Examples,
    against: Examples | None = None,
    checks: Iterable[Callable] | str = ...,
    *,
    count_tokens: Callable | None = None,
    max_length: int | None = None,
    label: str = '',
    threshold: float = 0.5,
) -> Report:
    """Everything the checks find in a set of examples.
    
    Raises `ValueError` if no row has the column `label`, or a length or threshold makes no sense,
    `RuntimeError` naming the check where one fails.
    """
    ...
