# Made by tools/stub.py

from anywidget import AnyWidget
from dataclasses import dataclass
from typing import Any

def short(text: object, n: int = 160) -> str:
    """Return the beginning of a text on one line; `…` marks that there is more."""
    ...

class Html(str):
    """Text that is HTML already"""

def h(tag: str, *kids, **attrs) -> Html:
    """Make one HTML element."""
    ...

INK: Any

def pill(look: str, word: str) -> Html:
    """Show a state as a coloured dot and a word."""
    ...

def grid(head: list, rows: list, even: bool = False) -> Html:
    """Make a table that needs no style sheet."""
    ...

def page(title: str, place: str, state: Html, *parts) -> Html:
    """Lay out a panel's static picture: one heading line, then its parts."""
    ...

def left_out(n: int, shown: int, one: str, where: str = '') -> str:
    """Say how many more there are than are shown, and what gives all."""
    ...

def imports(file: str) -> list:
    """List what a browser file imports."""
    ...

def in_order(file: str, asked: tuple = ()) -> list:
    """List a browser file after all that it imports, each once."""
    ...

def scoped(file: str, top: bool = False) -> str:
    """Give a browser file a scope of its own, and what it imports."""
    ...

def module(name: str) -> str:
    """Return a panel's browser module, joined with what it imports."""
    ...

def css(*more) -> str:
    """Return the style sheet of all panels."""
    ...

def error(e: BaseException) -> dict:
    """Describe an exception for a panel."""
    ...

class Panel(AnyWidget):
    """One anywidget on top, which also leaves a static rendering"""
    key: Any
    shown: bool
    lock: Any
    def __init__(self) -> None: ...
    def answer(self, m: dict):
        """Obey a message from the browser; what goes wrong is shown, never lost
        
        Parameters:
            m
        """
        ...
    def send(self, content, buffers=None):
        """Send a message to the browser, or keep it while somebody collects them
        
        Parameters:
            content
            buffers=None
        """
        ...
    def opening(self) -> list:
        """Return the messages for a new view
        
        Returns:
            list  of messages
        """
        ...
    def refuse(self, m):
        """Say that a message was not understood
        
        Parameters:
            m
        """
        ...
    def hear(self, m: dict): ...
    def draw(self):
        """Tell the browser how things stand"""
        ...
    def static_html(self) -> str: ...
    def static_text(self) -> str: ...
    def bundle(self) -> tuple:
        """Live view, HTML and text, as one output; a picture over 50 KB gives way to its text.
        
        Returns:
            tuple  `(data, metadata)`
        """
        ...
    def refresh(self):
        """Put a new picture into the notebook's output; the live view stays"""
        ...

def also_with_next_cell(show):
    """Show again, with the next cell, what a thread shows between two cells.
    
    JupyterLab puts it in its place; nbclient, and so nbconvert and papermill, skips it, since it belongs to
    no running cell.
    """
    ...

@dataclass(frozen=True)
class Pager:
    """The page of rows that is on screen"""
    n: int
    size: int = ...
    page: int = ...
    @property
    def rows(self) -> range: ...
    def turn(self, by: int) -> Pager:
        """`by` pages on, stopping at either end
        
        Parameters:
            by
        
        Returns:
            Pager
        """
        ...
    def said(self) -> dict:
        """First and last row, from 1, and how many there are
        
        Returns:
            dict  For `pager` in `panel.js`
        """
        ...
