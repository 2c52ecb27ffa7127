# Made by tools/stub.py

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

LEVELS: Any

DRIFTS: Any

@dataclass(frozen=True)
class Comparison:
    """One thing, recorded and now"""
    level: str
    what: str
    recorded: Any
    now: Any
    tolerance: str
    verdict: str
    why: str = ...

def compare_values(
    level: str,
    what: str,
    recorded: Any,
    now: Any,
    why: str = '',
    otherwise: str = 'drift',
) -> Comparison:
    """Compare what has to be equal."""
    ...

class Drift(list):
    """Comparisons of a record with what it comes to now, printed as a table"""
    name: str
    def __init__(self, lines: Any = (), name: str = '') -> None: ...
    @property
    def levels(self) -> dict:
        """Sum up each level that was looked at."""
        ...
    @property
    def outcome(self) -> str:
        """Say whether it is the same; where something drifted, that counts more than what cannot be told."""
        ...
    @property
    def cause(self) -> Comparison | None:
        """The first difference, where there is drift: of the first level that differs, its gravest."""
        ...
    def sentence(self) -> str:
        """Say in one line what was found.
        
        Returns:
            str
        """
        ...
    def table(self) -> Iterator[str]:
        """Yield a line for each comparison, and below it what there is to say
        
        Returns:
            Iterator[str]
        """
        ...
    def __repr__(self) -> str: ...
    def as_json(self) -> dict:
        """Return all of it as JSON can hold it.
        
        Returns:
            dict  `outcome cause levels lines`
        """
        ...
    def to_pandas(self) -> Any:
        """Return a pandas frame, one comparison a row: `level what recorded now tolerance verdict why`.
        
        Returns:
            Any
        """
        ...
