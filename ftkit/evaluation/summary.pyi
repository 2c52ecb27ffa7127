# Made by tools/stub.py

from collections.abc import Iterator
from ftkit.evaluation.score import Asked
from typing import Any

def summarize(found: dict, a: Asked, split: str = '', headline: str = '') -> 'Summary':
    """Summarize each model by what its metrics come to, with intervals, and the difference of tuned and base."""
    ...

def why_unreadable(summary: dict) -> str:
    """Say why a summary cannot be shown, and how to renew it."""
    ...

class Summary(dict):
    """The results of an evaluation, printed as a table"""
    def __repr__(self) -> str: ...
    def table(self) -> Iterator[str]:
        """Yield the values, a line each
        
        Returns:
            Iterator[str]
        """
        ...
    def parts(self) -> tuple:
        """Say all there is to say, in lines: what counts first, in words
        
        Returns:
            tuple  `(above, table, below)`, lists of str
        """
        ...
    def lines(self) -> list: ...
    def more_lines(self) -> Iterator[str]:
        """Yield what stands below the table: how sure models are, what they forgot and recite, room for answers
        
        Returns:
            Iterator[str]
        """
        ...
    def opening(self) -> Iterator[str]:
        """Yield the headline and what it says, in words
        
        Returns:
            Iterator[str]
        """
        ...
    def no_better(self) -> Iterator[str]:
        """Say where a model does not beat the commonest training answer, of JSON field by field
        
        Returns:
            Iterator[str]  Nothing where all is better, or there is no such answer
        """
        ...
    def to_pandas(self) -> Any:
        """Return every value as a pandas frame, one a row.
        
        Its columns: `model metric field value low high n`, shares from 0 to 1.
        
        Returns:
            Any
        """
        ...
    def classes_frame(self, model: str = '') -> Any:
        """Return the table of labels as a pandas frame: `label support predicted precision recall f1`.
        
        Raises `ValueError` if there is none.
        
        Parameters:
            model=''  Whose answers; if empty the only one's, or those of `tuned`
        
        Returns:
            Any
        """
        ...
    def confusion_frame(self, model: str = '') -> Any:
        """Return the confusion matrix as a pandas frame, references by answers.
        
        Raises `ValueError` if there is none.
        
        Parameters:
            model=''  Whose answers; if empty the only one's, or those of `tuned`
        
        Returns:
            Any
        """
        ...

def measured(summary: dict) -> list:
    """List what a summary measures, line by line."""
    ...
