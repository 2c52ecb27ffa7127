# Made by tools/stub.py

from ftkit.data.example import Example
from ftkit.data.examples import Examples
from ftkit.data.review import Review
from ftkit.panels.core import Panel
from ftkit.panels.review.state import ReviewRequest
from typing import Any

class ReviewPanel(Panel):
    """`examples` on screen, verdicts into `review`"""
    review: Review
    file: Any
    table: Any
    times: Any
    version: int
    request: Any
    pictured: Any
    known: Any
    def __init__(
        self,
        examples: Examples | dict,
        review: Review,
        issues=None,
        seed: int = 42,
        size: int = 300,
        order: list | None = None,
    ) -> None: ...
    def show(self, request: ReviewRequest):
        """Lay out the rows that were asked for
        
        Parameters:
            request
        """
        ...
    @property
    def at(self) -> int:
        """Find where to go on: the first row without a verdict"""
        ...
    def where(self, id: str) -> int | None:
        """The row of an id; those that the browser has are not looked for
        
        Parameters:
            id
        
        Returns:
            int | None
        """
        ...
    def by_chance(self, id: str) -> bool:
        """Was a row reached in random order, when it was first decided on?
        
        Parameters:
            id
        
        Returns:
            bool
        """
        ...
    def row(self, i: int, cut: int = 4000) -> dict:
        """One row for the browser
        
        Parameters:
            i
            cut=4000
        
        Returns:
            dict
        """
        ...
    def beside(self, ex: Example, cut: int) -> dict | None:
        """The row that a row is like, as far as it is in this data
        
        Parameters:
            ex
            cut
        
        Returns:
            dict | None
        """
        ...
    def some(self, start: int, n: int, most: int) -> dict:
        """Rows of the view, at least one, as many of `n` as fit into `most` bytes
        
        Parameters:
            start
            n
            most
        
        Returns:
            dict  A message
        """
        ...
    @property
    def progress(self) -> dict:
        """Report how far the review is, and what it says about the rest"""
        ...
    @property
    def trail(self) -> list:
        """The last decisions that can be taken back"""
        ...
    @property
    def place(self) -> str: ...
    def head(self):
        """Tell the browser what does not change with the view"""
        ...
    def draw(self, follows: bool = False):
        """Tell the browser which rows there are to see; `follows`: the first of them come unasked
        
        Parameters:
            follows=False
        """
        ...
    def opening(self) -> list:
        """Return the messages for a new view: the page to go on with, and what fits of the next ones
        
        Returns:
            list
        """
        ...
    def decide(self, m: dict):
        """Write one decision of the browser's, and say so when it is on disk
        
        Parameters:
            m
        """
        ...
    def undo(self, m: dict):
        """Take a decision of the browser's back
        
        Parameters:
            m
        """
        ...
    def saved(self, key: str, id: str, i: int | None):
        """Tell the browser that a decision is on disk, and what stands now
        
        Parameters:
            key
            id
            i
        """
        ...
    def unsaved(self, m: dict, why: str):
        """Tell the browser that a decision could not be written
        
        Parameters:
            m
            why
        """
        ...
    def requested(self, m: dict) -> ReviewRequest | None:
        """Read what the reader asks for, if all of it is known
        
        Parameters:
            m
        
        Returns:
            ReviewRequest | None
        """
        ...
    def rest(self):
        """The reader turned to something else: leave a picture of how things stand now"""
        ...
    def hear(self, m: dict):
        """Obey one message from the browser, after checking its kind, types and values
        
        Parameters:
            m
        """
        ...
    def decided_rows(self, n: int = 10) -> list:
        """The first rows that were decided on
        
        Parameters:
            n=10
        
        Returns:
            list  of lists, for `grid`
        """
        ...
    def static_html(self) -> str: ...
    def static_text(self) -> str: ...

def sample_estimate(k: int, n: int) -> str:
    """Describe what a sample says about the rest."""
    ...

def review(
    examples: Examples | dict,
    path: str,
    issues=None,
    reviewer: str = '',
    seed: int = 42,
    size: int = 300,
    order: list | None = None,
) -> ReviewPanel:
    """Read examples one by one and decide on each: keep, drop, fix or unsure.
    
    Press `?` in the panel for its keys.
    """
    ...
