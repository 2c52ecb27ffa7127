# Made by tools/stub.py

from ftkit.data.examples import Examples
from ftkit.model.doctor.tokenizer import Marks
from functools import cached_property
from typing import Any

class Diagnosis:
    """The doctor's findings in a set of rows"""
    seen: list
    marks: Marks
    used: set
    closing: str
    max_length: int
    batch_size: int
    how: str
    def __init__(
        self,
        seen: list,
        marks: Marks,
        used: set,
        max_length: int = 2048,
        batch_size: int = 8,
        closing: str = '',
        how: str = '',
    ) -> None: ...
    @cached_property
    def findings(self) -> list: ...
    def __repr__(self) -> str: ...
    @property
    def rows(self) -> int: ...
    def at(self, max_length: int) -> 'Diagnosis':
        """The same rows at another `max_length`, without tokenizing again
        
        Parameters:
            max_length
        
        Returns:
            Diagnosis
        
        Example:
            diagnosis.at(512)
        """
        ...
    def errors(self, overruled: str = '') -> list:
        """List the findings that block a run. Raises `ValueError` for a name that is not a finding.
        
        Parameters:
            overruled=''  Comma-separated names of findings
        
        Returns:
            list  of `Finding`
        
        Example:
            diagnosis.errors()
        """
        ...
    def data(self) -> dict:
        """For JSON: `rows`, `findings`
        
        Returns:
            dict
        
        Example:
            diagnosis.data()
        """
        ...
    def plot(self, max_length: int = 0, dark: bool = False) -> Any:
        """Draw what each `max_length` cuts. Raises `ValueError` if there are no rows, or some are cut already.
        
        Parameters:
            max_length=0  To mark; that of `examine` if 0
            dark=False    True for a dark page
        
        Returns:
            Any  A plotly figure
        
        Example:
            diagnosis.plot()
        """
        ...

def examine(
    examples: Examples,
    tok: Any,
    max_length: int = 2048,
    batch_size: int = 8,
    eos_token: str = '',
    config: dict | None = None,
) -> Diagnosis:
    """Check all rows as the trainer gets them, and report what is wrong with them."""
    ...
