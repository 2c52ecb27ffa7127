# Made by tools/stub.py

from ftkit.data.example import Example
from ftkit.data.examples import Examples
from ftkit.model.rows import Row
from ftkit.panels.core import Html
from ftkit.panels.core import Panel
from typing import Any

def shown(piece: str) -> str:
    """A token in which nothing is invisible."""
    ...

LEARNED: Any

def box(id: int, piece: str, learn: int, role: str, special: int = 0) -> Html:
    """One token as a small box; its id, role and part in the loss on hover.
    
    A line break in it breaks the line after it.
    """
    ...

class TokenView:
    """One row's tokens; those with a line under them are learned"""
    row: Row
    model: str
    n: int
    def __init__(self, row: Row, model: str = '', n: int = 300) -> None: ...
    @property
    def counts(self) -> str: ...
    @property
    def state(self) -> tuple:
        """Its look and a word, as of any panel"""
        ...
    def body(self) -> tuple:
        """The legend, the tokens turn by turn, and what is not shown of them
        
        Returns:
            tuple  of `Html`
        """
        ...
    def __repr__(self) -> str:
        """The same as text: what is learned stands in brackets
        
        Returns:
            str
        """
        ...

def cuts_text(c: dict) -> str:
    """Describe the effect of a `max_length`."""
    ...

def token_lengths_svg(bins: dict, max_length: int, bars: int = 60) -> Html:
    """Draw the lengths of the rows, with a line at the cut."""
    ...

class TokensPanel(Panel):
    """The rows of a set as tokens, with a cut to drag and what the doctor found"""
    examples: Examples
    tok: Any
    model: str
    max_length: int
    found: Any
    cuts: Any
    bins: Any
    view: str
    order: Any
    at: int
    start: int
    def __init__(self, examples: Examples, tok: Any, model: str = '', max_length: int = 2048) -> None: ...
    @property
    def names(self) -> list: ...
    def ordered(self, view: str):
        """The rows of a view, in its order
        
        Parameters:
            view  Row numbers, as an array
        """
        ...
    def row(self) -> Row | None: ...
    @property
    def place(self) -> str: ...
    @property
    def state(self) -> tuple: ...
    def head(self):
        """Tell the browser what does not change with the row"""
        ...
    def draw(self):
        """Tell the browser the row on screen, a part of it"""
        ...
    def go(self, view: str, at: int = 0, start: int = 0):
        """Show a row of a view
        
        Parameters:
            view
            at=0
            start=0
        """
        ...
    def go_to_line(self, line: int):
        """Show the row of a line, or say that there is none
        
        Parameters:
            line
        """
        ...
    def cut_at(self, max_length: int):
        """Look at the same rows cut elsewhere
        
        Parameters:
            max_length
        """
        ...
    def hear(self, m: dict):
        """Obey one message from the browser, after checking its kind, types and values
        
        Parameters:
            m
        """
        ...
    def static_html(self) -> str: ...
    def static_text(self) -> str: ...

def tokens(
    examples: Example | Examples,
    model: str,
    max_length: int = 2048,
    **kwargs,
) -> TokenView | TokensPanel:
    """Show examples as the trainer gets them: one as a picture, many with a cut to drag and findings.
    
    Raises `ValueError` if nothing in a single one can be learned, `OSError` if the model cannot be opened.
    """
    ...
