# Made by tools/stub.py

from collections.abc import Sequence
from ftkit.data.example import Example
from pathlib import Path
from typing import Any
from typing import NamedTuple
import pandas

VERDICTS: tuple

class Unread(NamedTuple):
    """A line that holds no decision"""
    line: int
    reason: str

class Review:
    """Decisions on examples, each one a line on disk"""
    path: Path
    reviewer: Any
    def __init__(self, path: str | Path, reviewer: str = '') -> None: ...
    def read(self) -> None:
        """Take in the whole file
        
        Example:
            review.read()
        """
        ...
    @property
    def decisions(self) -> dict:
        """Return this reviewer's newest decision on each example"""
        ...
    def decision(self, id: str) -> dict | None:
        """Return this reviewer's newest decision on one example
        
        Parameters:
            id
        
        Returns:
            dict | None
        
        Example:
            review.decision(examples[0].id)
            session.decision(session.waiting()[0])
        """
        ...
    def verdict(self, id: str) -> str | None:
        """Return this reviewer's newest verdict on one example
        
        Parameters:
            id
        
        Returns:
            str | None
        
        Example:
            review.verdict(examples[0].id)
            session.verdict(session.waiting()[0])
        """
        ...
    @property
    def reviewers(self) -> list: ...
    def __repr__(self) -> str: ...
    def decide(
        self,
        id: str | Example,
        verdict: str,
        comment: str = '',
        *,
        label: str | None = None,
        messages: list | None = None,
        hash: str = '',
        order: str = 'other',
        seconds: float | None = None,
        t: float | None = None,
        split: str = '',
        key: str = '',
    ) -> bool:
        """Append one decision, on disk when this returns. Raises `ValueError` for one that could not be read back.
        
        Parameters:
            id             The example, or its id
            verdict        keep, drop, fix or unsure; empty for a comment alone
            comment=''     Why
            label=None     The label it should have
            messages=None  The conversation as it should be
            hash=''        Of the content that was judged; taken from the example where one is given
            order='other'  `random` if the row was reached in random order
            seconds=None   How long it was looked at
            t=None         When, in seconds since 1970; now where None
            split=''       The split that the example is of, where that is known
            key=''         Of this decision; made where empty
        
        Returns:
            bool  False if the file had this key already
        
        Example:
            review.decide(examples[0], 'drop', 'not for us')
            review.decide(examples[1], 'fix', label='refund')
        """
        ...
    def undo(self, which: str = '', key: str = '') -> str | None:
        """Append a line that takes a decision back.
        
        Parameters:
            which=''  The key of a decision; the last one of this reviewer that stands where empty
            key=''    Of this undoing; made where empty
        
        Returns:
            str | None  The id of the example; None where there is nothing to take back
        
        Example:
            review.undo()
        """
        ...
    @property
    def file_id(self) -> str:
        """Names the file, however it grows and wherever it is moved; a new file gets its first line"""
        ...
    def share_dropped(self) -> dict:
        """Estimate the share of all rows that would be dropped. `rate` is None if no row was reached at random.
        
        Returns:
            dict  As `wilson` gives it: `k` dropped of `n` rows reached in random order
        
        Example:
            review.share_dropped()
        """
        ...
    def to_pandas(self) -> 'pandas.DataFrame':
        """Every standing decision as a pandas frame, one a row, of all reviewers.
        
        It has the columns `id reviewer verdict`, and what else a decision says.
        
        Returns:
            pandas.DataFrame
        
        Example:
            review.to_pandas().verdict.value_counts()
            session.to_pandas()
        """
        ...

def wilson(k: int, n: int) -> dict:
    """Compute a share with its 95 % interval."""
    ...

def share_dropped(review: Review | str | Path) -> dict:
    """Estimate the share of all rows that would be dropped. `rate` is None if no row was reached at random."""
    ...

def pace(times: Sequence, pause: float = 300) -> float | None:
    """Estimate how fast somebody reads: over the last thirty decisions, without the breaks."""
    ...
