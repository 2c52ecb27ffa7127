# Made by tools/stub.py

from collections.abc import Iterator
from pathlib import Path
from typing import Any

INNER: tuple

MARKS: tuple

WRITING: str

CHECKPOINT: Any

AGAIN: str

def checkpoints(run: str | Path) -> dict:
    """The checkpoints a run can go on from. Raises `Linked` if their folder is a link."""
    ...

def newest_checkpoint(run: str | Path) -> int | None:
    """Find the checkpoint a run would resume from."""
    ...

def goes_on_from(run: str | Path) -> int | None:
    """Find where this attempt resumes: at the newest checkpoint, unless the run was started again."""
    ...

def newest(events: list) -> list:
    """Each step once: where an attempt begins at a step, what earlier ones wrote behind it no longer counts."""
    ...

class Tail:
    """Reads what has been added to a file of JSON lines, a whole line at a time"""
    path: Path
    at: int
    within: int
    def __init__(self, path: str | Path) -> None: ...
    def new(self) -> list:
        """Return the lines added since the last call.
        
        Returns:
            list  of dict; a line still being written waits for the next call
        """
        ...
    def each(self) -> Iterator:
        """The same, one by one.
        
        Returns:
            Iterator  of dict
        """
        ...
    def blocks(self) -> Iterator:
        """The same as it stands there, a MB at a time. A line that is longer than that is not a event.
        
        Raises `ValueError` for a line without end.
        
        Returns:
            Iterator  of bytes: whole lines
        """
        ...

def cached_file_hash(path: str | Path, whole: bool = True) -> str:
    """A name for what a file holds; read again only if it has changed."""
    ...
