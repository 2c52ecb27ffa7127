# Made by tools/stub.py

from collections.abc import Iterable
from ftkit.data.review import Review
from ftkit.panels.judge import JudgePanel
from pathlib import Path
from typing import Any

JUDGED: Any

TAGS: Any

def key_of(path: str | Path) -> Path:
    """Name the file that says whose answer is whose."""
    ...

def start_session(
    path: str | Path,
    kind: str,
    items: list,
    key: dict,
    split: str = 'test',
    rubric: str = '',
    tags: Iterable = ...,
) -> 'Judgements':
    """Write a new session and its key. Raises `FileExistsError` where there is one."""
    ...

class Judgements(Review):
    """A session of judgements: its items, and the decisions on them"""
    def read(self) -> None:
        """Take in the whole file. Raises `ValueError` where its first line is none of a session."""
        ...
    def decide( # type: ignore[override]
        self,
        id: str,
        verdict: str = '',
        comment: str = '',
        *,
        tags: dict | None = None,
        seconds: float | None = None,
        t: float | None = None,
        key: str = '',
    ) -> bool:
        """Append one decision, on disk when this returns. Raises `ValueError` for one that could not be read back.
        
        Parameters:
            id            Of an item
            verdict=''    One of `JUDGED` of its kind; empty to skip it
            comment=''    Why
            tags=None     Side, or `answer` → list of reasons
            seconds=None  How long it was looked at
            t=None        When, in seconds since 1970; now where None
            key=''        Of this decision; made where empty
        
        Returns:
            bool  False if the file had this key already
        
        Example:
            session.decide(session.waiting()[0], 'tie', 'both are right')
        """
        ...
    def waiting(self) -> list:
        """List what this reviewer has still to judge, in order, skipped ones last.
        
        Returns:
            list  of ids
        
        Example:
            len(session.waiting())
        """
        ...
    def page(self, id: str = '') -> dict:
        """Return all that a page shows of an item: no name of a source, nor anything to tell one by.
        
        Parameters:
            id=''  Of an item; the next one that waits where empty
        
        Returns:
            dict  `item`, or None; `mine`, the decision on it; `done of skipped pace kind rubric tags verdicts`
        
        Example:
            session.page()
        """
        ...
    def reveal(self) -> bool:
        """Write down that the key is read from now on; nothing more can be decided in this file.
        
        Returns:
            bool  False if it was revealed before
        
        Example:
            session.reveal()
        """
        ...
    def names(self) -> dict:
        """Read the key. Raises `ValueError` before the session is revealed, and for the key of another one.
        
        Returns:
            dict  As it was given to `start_session`
        
        Example:
            session.names()
        """
        ...
    def undo(self, which: str = '', key: str = '') -> str | None:
        """Append a line that takes a decision back. Raises `ValueError` once the session is revealed.
        
        Parameters:
            which=''  The key of a decision; the last one of this reviewer that stands where empty
            key=''    Of this undoing; made where empty
        
        Returns:
            str | None  The id of the item; None where there is nothing to take back
        
        Example:
            session.undo()
        """
        ...
    def __repr__(self) -> str: ...
    def panel(self) -> JudgePanel:
        """Judge by keyboard: press `?` in the panel for its keys.
        
        Returns:
            JudgePanel
        
        Example:
            session.panel()
        """
        ...
