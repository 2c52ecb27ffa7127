# Made by tools/stub.py

from ftkit.evaluation.judged import Judged
from ftkit.evaluation.judgements import Judgements
from ftkit.panels.core import Panel
from ftkit.run.folder import Run
from typing import Any

class JudgePanel(Panel):
    """A session of judgements on screen, decisions into its file"""
    session: Judgements
    run: Run | None
    file: Any
    kind: Any
    order: Any
    pictured: Any
    def __init__(self, session: Judgements, run: Run | None = None) -> None: ...
    @property
    def place(self) -> str: ...
    @property
    def can_reveal(self) -> bool: ...
    def said(self, id: str) -> dict | None:
        """Return a decision as the browser shows it
        
        Parameters:
            id
        
        Returns:
            dict | None  Of an item; None where nothing is decided
        """
        ...
    @property
    def progress(self) -> dict:
        """Report how far the session is"""
        ...
    def told(self) -> str:
        """Say whether judging more would change anything, and not in whose favour
        
        Returns:
            str  Empty where there is nothing to tell
        """
        ...
    @property
    def trail(self) -> list: ...
    @property
    def unread(self) -> str: ...
    def head(self):
        """Tell the browser what does not change from item to item"""
        ...
    def item(self, id: str, most: int = ...) -> dict:
        """Return one item for the browser: what was asked, the answers, what is decided
        
        Parameters:
            id
            most=4000
        
        Returns:
            dict
        """
        ...
    def some(self, start: int, n: int) -> dict: ...
    def fault(self, m: dict) -> str:
        """Explain what is wrong with a decision
        
        Parameters:
            m
        
        Returns:
            str  Empty if it can be obeyed
        """
        ...
    def decide(self, m: dict):
        """Write one decision of the browser's, and say so when it is on disk
        
        Parameters:
            m
        """
        ...
    def written(self, m: dict, write):
        """Do what writes, and tell the browser how it went
        
        Parameters:
            m
            write
        """
        ...
    def undo(self, m: dict): ...
    def unsaved(self, m: dict, why: str): ...
    def result(self) -> Judged: ...
    def revealed(self) -> dict:
        """Return what was found, with names
        
        Returns:
            dict  A message
        """
        ...
    def named(self, row: dict, k: str) -> str:
        """Name what is at a side, with its answer
        
        Parameters:
            row
            k
        
        Returns:
            str  A cell of the table
        """
        ...
    def reveal(self): ...
    def rest(self):
        """The reader turned to something else: leave a picture of how things stand now"""
        ...
    def hear(self, m: dict):
        """Obey one message from the browser, after checking its kind, types and values
        
        Parameters:
            m
        """
        ...
    def quiet_lines(self) -> list:
        """Say how far it is; once it is revealed, what it comes to
        
        Returns:
            list  of text
        """
        ...
    @property
    def state(self) -> tuple: ...
    def static_text(self) -> str: ...
    def static_html(self) -> str: ...

def judge_panel(session: Judgements) -> JudgePanel:
    """Judge by keyboard: press `?` in the panel for its keys."""
    ...
