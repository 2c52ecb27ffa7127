# Made by tools/stub.py

from dataclasses import dataclass
from ftkit.data.examples import Examples
from ftkit.panels.core import Panel
from typing import Any

@dataclass(frozen=True)
class Meaning:
    """The chosen meaning of the columns"""
    names: tuple
    said: dict = ...
    def of(self, name: str) -> str:
        """Return the meaning of a column; empty if it is only kept
        
        Parameters:
            name
        
        Returns:
            str
        """
        ...
    def choose(self, name: str, target: str) -> Meaning:
        """Let a column mean `target`, or nothing where that is empty
        
        Parameters:
            name
            target
        
        Returns:
            Meaning
        """
        ...

class ColumnsPanel(Panel):
    """The columns of `source`; `columns` is what they mean, as `load` takes it"""
    source: Any
    how: Any
    instruction: str | None
    guess: Any
    meaning: Any
    settled: set
    def __init__(self, source: Any, encoding: str = '', instruction: str | None = None, **how) -> None: ...
    def read(self): ...
    @property
    def columns(self) -> dict: ...
    @property
    def line(self) -> str:
        """The line of Python that loads the source with these columns"""
        ...
    def examples(self, limit: int | None = None) -> Examples:
        """All rows, read with the chosen columns. Raises as `load` does.
        
        Parameters:
            limit=None
        
        Returns:
            Examples
        """
        ...
    @property
    def place(self) -> str: ...
    @property
    def state(self) -> tuple: ...
    def views(self) -> list:
        """The first rows as they would read
        
        Returns:
            list  of dict
        """
        ...
    @property
    def asked(self) -> str | None: ...
    def draw(self):
        """Tell the browser how rows read now"""
        ...
    def lay_out(self):
        """Tell the browser which columns there are"""
        ...
    def hear(self, m: dict):
        """Obey one message from the browser, after checking its kind, types and values
        
        Parameters:
            m
        """
        ...
    def choose(self, name: str, target: str):
        """Let a column mean `target`, and show what comes of it
        
        Parameters:
            name
            target
        """
        ...
    def instruct(self, words: str | None):
        """Give rows of text and label other words, none where empty, those that name the labels where None
        
        Parameters:
            words
        """
        ...
    def static_html(self) -> str: ...
    def static_text(self) -> str: ...

def columns(
    source: Any,
    encoding: str = '',
    *,
    header: Any = None,
    sep: str = '',
    quote: str | None = None,
    instruction: str | None = None,
) -> ColumnsPanel:
    """Show the columns of a source, and let one say what they mean."""
    ...
