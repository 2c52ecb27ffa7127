# Made by tools/stub.py

from collections.abc import Callable
from ftkit.data.checks.report import Report
from ftkit.data.examples import Examples
from ftkit.data.recipe import Recipe
from pathlib import Path
from typing import Any
from typing import NamedTuple

class Mend(NamedTuple):
    """A fix of the places that checks mark: checks name it by its setting"""
    f: Callable
    read: tuple = ...

MENDS: Any

class Change(NamedTuple):
    """A row that a fix changed"""
    id: str
    line: int
    fix: str

class Cleaned(NamedTuple):
    """The result of a recipe"""
    examples: Examples
    changes: tuple
    rows_in: int
    @property
    def rows_changed(self) -> int: ...
    def __repr__(self) -> str: ...

def clean(examples: Examples, recipe: Recipe | str | Path) -> Cleaned:
    """Apply a recipe. Raises `ValueError` as `load_recipe` does."""
    ...

def propose(report: Report) -> Recipe:
    """Propose a recipe for what was found: fixes that were not read often enough are listed, and not chosen."""
    ...
