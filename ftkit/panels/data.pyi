# Made by tools/stub.py

from ftkit.data.examples import Examples
from ftkit.panels.core import Html
from ftkit.panels.core import Panel
from functools import cached_property
from typing import Any

def counts_svg(counts: list, said: str = 'Rows by check') -> Html:
    """Rows by check as bars; the colour says how severe."""
    ...

def row_lengths_svg(o: dict) -> Html:
    """Two histograms on one scale."""
    ...

class DataPanel(Panel):
    """`examples` on screen, with the `issues` that a check found"""
    examples: Examples
    issues: tuple
    checked: Any
    want: Any
    at: Any
    by_id: Any
    rows: Any
    pager: Any
    def __init__(self, examples: Examples, issues=None, size: int = 20) -> None: ...
    @cached_property
    def lengths(self) -> dict | None: ...
    @cached_property
    def partners(self) -> set: ...
    @cached_property
    def counts(self) -> list: ...
    @cached_property
    def labels(self) -> list: ...
    def row(self, i: int, cut: int = 4000) -> dict: ...
    def on_screen(self) -> dict: ...
    def partner(self, id: str) -> int | None:
        """Return the number of a row that another one is like
        
        Parameters:
            id
        
        Returns:
            int | None  None for a row that no finding names, or that is not here
        """
        ...
    @property
    def whole(self) -> list:
        """Describe the whole set"""
        ...
    @property
    def place(self) -> str: ...
    @property
    def state(self) -> tuple: ...
    def draw(self, at: int = 0):
        """Tell the browser the page that is on screen; `at` is the row of it to choose
        
        Parameters:
            at=0
        """
        ...
    def rest_of_labels(self) -> str:
        """Say which labels and rows the figure does not show
        
        Returns:
            str  Empty where all rows have a label that is shown
        """
        ...
    def told_labels(self) -> dict | None:
        """Tell the browser how many rows have which label
        
        Returns:
            dict | None  None where no row has a label
        """
        ...
    def labels_html(self) -> list: ...
    def head(self):
        """Tell the browser what stands above the rows"""
        ...
    def ask(self, **news):
        """Show what a new request finds, from its first page
        
        Parameters:
            news
        """
        ...
    def search(self, text: str):
        """Show the rows that say this. Raises `ValueError` for a text that would take long to find
        
        Parameters:
            text
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

def look(examples: Examples, issues=None) -> DataPanel:
    """Show examples, with what was found beside them."""
    ...
