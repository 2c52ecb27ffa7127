# Made by tools/stub.py

from ftkit.panels.answers.pick import Pick
from ftkit.panels.core import Panel
from ftkit.run.folder import Run
from pathlib import Path
from typing import Any

class EvalsPanel(Panel):
    """An evaluation: base against tuned, and the rows behind it"""
    run: Run | str | Path
    split: str
    empty: Any
    summary: Any
    rows: Any
    lines: Any
    models: Any
    def __init__(self, run: Run | str | Path, split: str = 'test') -> None: ...
    def choose(self, pick: Pick):
        """Show the rows that a pick wants, from their first page
        
        Parameters:
            pick
        """
        ...
    @property
    def stale(self) -> str: ...
    @property
    def state(self) -> tuple: ...
    @property
    def place(self) -> str: ...
    def warnings(self) -> list:
        """List what to know before a number is believed
        
        Returns:
            list  of text
        """
        ...
    def verdict(self) -> list:
        """List what the headline says, and other findings in words
        
        Returns:
            list  of text
        """
        ...
    def head(self):
        """Tell the browser what stands above the rows"""
        ...
    def tables(self) -> dict: ...
    def lengths(self) -> dict | None: ...
    def picture(self):
        """Tell the browser the matrix"""
        ...
    def chosen(self) -> list:
        """Say in words which rows are shown
        
        Returns:
            list  of text
        """
        ...
    def flags(self) -> list:
        """List how many answers each metric marks, those that are there alone
        
        Returns:
            list  of `{'flag', 'name', 'judged', model: rows}`
        """
        ...
    def draw(self):
        """Tell the browser the page that is on screen"""
        ...
    def titled(self, row: dict) -> dict: ...
    def whole(self) -> dict | None: ...
    def asked_for(self, m: dict) -> Pick | None:
        """Return the pick that a message makes of the one there is
        
        Parameters:
            m
        
        Returns:
            Pick | None  None for what is no such choice
        """
        ...
    def hear(self, m: dict):
        """Obey one message from the browser, after checking its kind, types and values
        
        Parameters:
            m
        """
        ...
    def picked(self, p: Pick):
        """Show what a pick wants; what only changes how rows look keeps the page
        
        Parameters:
            p
        """
        ...
    def rows_html(self, n: int = 5): ...
    def flags_html(self): ...
    def static_html(self) -> str: ...
    def static_text(self) -> str: ...

def compare(run: Run | str | Path) -> EvalsPanel:
    """Show base against tuned, and the rows behind it."""
    ...
