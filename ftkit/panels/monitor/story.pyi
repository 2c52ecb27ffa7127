# Made by tools/stub.py

from ftkit.run.folder import Run
from typing import Any

def lasts(s: float | None) -> str:
    """Format a duration for people."""
    ...

def figure(x: float | None) -> str:
    """Format a measured number in few characters."""
    ...

def clip(text: object, n: int, end: bool = False) -> str:
    """Clip a text to its beginning, or its end; keep lines whole."""
    ...

def stage(e: dict) -> list:
    """Draw one progress bar."""
    ...

class Follower:
    """Reads a run's directory, and knows what it has read"""
    run: Run
    tail: Any
    curves: Any
    status: Any
    said: str
    last_story: Any
    asked: str
    asked_t: float
    attempt: Any
    t: float
    first: Any
    parts: Any
    behind: bool
    def __init__(self, run: Run, most_s: float = ...) -> None: ...
    def pull(self, most_s: float = ...) -> bool:
        """Read on, for so many seconds at most: a long log is read in several goes
        
        Parameters:
            most_s=inf
        
        Returns:
            bool  Is there anything new to show?
        """
        ...
    def note(self, end: int, size: int, steps: tuple | None):
        """Remember where steps are, to come back to a part of them
        
        Parameters:
            end
            size
            steps
        """
        ...
    def take(self, e: dict, added: bool):
        """Note what an event says beside its numbers
        
        Parameters:
            e
            added
        """
        ...
    def between(self, a: float, b: float) -> list:
        """All steps of a part of the curve, read again where the curve has only its spikes.
        
        The spikes alone, if that is too much to read.
        
        Parameters:
            a
            b
        
        Returns:
            list  of `Point`
        """
        ...
    @property
    def state(self) -> str: ...
    @property
    def ended(self) -> bool: ...
    @property
    def elapsed(self) -> float: ...
    def stop(self, now: bool = False):
        """Ask the run to stop
        
        Parameters:
            now=False
        """
        ...
    def resume(self):
        """Let an ended run go on. Raises as `ftkit.launch.start.resume` does."""
        ...
    def left(self) -> float | None: ...
    def time_tile(self) -> tuple: ...
    def loss_tiles(self) -> list: ...
    def tiles(self) -> list:
        """Return the key figures
        
        Returns:
            list  of `(name, value, small print)`
        """
        ...
    @property
    def pending(self) -> str:
        """The request that is not answered yet; a run that has ended can only be resumed"""
        ...
    @property
    def silent(self) -> bool: ...
    @property
    def why(self) -> str: ...
    def says(self) -> str:
        """Tell of the run, or of what was asked of it
        
        Returns:
            str
        """
        ...
    @property
    def look(self) -> str: ...
    @property
    def word(self) -> str:
        """Its state in a word or two"""
        ...
    def trouble(self) -> list | None: ...
    def empty(self) -> str:
        """Say why there are no curves yet
        
        Returns:
            str
        """
        ...
    def story(self) -> dict: ...
