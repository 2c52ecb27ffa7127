# Made by tools/stub.py

from ftkit.panels.core import Panel
from ftkit.panels.monitor.story import Follower
from ftkit.run.folder import Run
from pathlib import Path
from typing import Any

class MonitorPanel(Panel):
    """Runs, live"""
    follows: Any
    sent: Any
    every_s: Any
    missed: int
    views: set
    seen: bool
    logs: Any
    thread: Any
    at_work: bool
    lock: Any
    def __init__(self, runs: Run | str | Path | list, every_s: float = 0.2) -> None: ...
    @property
    def follow(self) -> Follower: ...
    def wanted(self) -> bool:
        """Is there anything to come, and does anybody look?
        
        Before the first view has opened, the saved notebook does.
        
        Returns:
            bool
        """
        ...
    @property
    def ended(self) -> bool: ...
    @property
    def behind(self) -> bool: ...
    def attend(self):
        """Follow the runs in a thread, if that is wanted and no thread does it already"""
        ...
    def go_on(self):
        """Follow the runs, as the thread does while it is wanted"""
        ...
    def draw_changes(self):
        """Read on, and tell what is new of each run"""
        ...
    def leave_end(self):
        """The runs have ended: leave that in the saved notebook, and for browsers that have not come yet"""
        ...
    def pull(self, f) -> bool:
        """Read on; a folder on a network may be away for a while
        
        Parameters:
            f
        
        Returns:
            bool  Is there anything new to show?
        """
        ...
    def view_opened(self, view: str): ...
    def view_closed(self, view: str): ...
    def open_log(self, view: str, i: int):
        """Send a run's log to a view, and from now on what is added to it
        
        Parameters:
            view
            i
        """
        ...
    def pull_all(self): ...
    def hear(self, m: dict):
        """Obey one message from the browser, after checking its kind, types and values
        
        Parameters:
            m
        """
        ...
    def obey(self, m: dict, i: int, view: str):
        """Do what a view asks for of a run
        
        Parameters:
            m
            i
            view
        """
        ...
    def ask(self, i, act, ended):
        """Do what a button asks for, if the run still is as it was when it was pressed
        
        Parameters:
            i
            act
            ended
        """
        ...
    def whole(self) -> tuple: ...
    def static_html(self) -> str: ...
    def static_text(self) -> str: ...
    def run_whole(self, i: int) -> dict:
        """All of a run, as a view begins with it
        
        Parameters:
            i
        
        Returns:
            dict
        """
        ...
    def draw(self):
        """Tell the browser everything"""
        ...
    def is_told(self, i: int) -> bool:
        """Do the views know all there is? What did not fit into one update waits for the next
        
        Parameters:
            i
        
        Returns:
            bool
        """
        ...
    def draw_new(self, i: int) -> bool:
        """Tell the browser what is new, in one small message
        
        Parameters:
            i
        
        Returns:
            bool  Was there anything?
        """
        ...
    def draw_answers(self, i: int, step: int):
        """Send the answers at a step, and those of the base model
        
        Parameters:
            i
            step
        """
        ...
    def draw_log(self, view: str | None = None, n: int = 0):
        """The log to a view that opens it; what is added, to all that have it open
        
        Parameters:
            view=None
            n=0
        """
        ...
    def zoom(self, view: str, a: float | None = None, b: float | None = None):
        """More points of a part of the curves and few of the rest, to the view that looks at it
        
        Parameters:
            view
            a=None
            b=None
        """
        ...

def panel(runs: Run | str | Path | list, *others: Run | str | Path) -> MonitorPanel:
    """Show runs, live; return at once."""
    ...
