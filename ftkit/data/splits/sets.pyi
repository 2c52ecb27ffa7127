# Made by tools/stub.py

from ftkit.data.examples import Examples
from pathlib import Path
from typing import Any

def overlap(splits: dict, threshold: float = 0.5) -> list:
    """Rows that stand, exactly or nearly, in a split before theirs as well."""
    ...

NAMES: tuple

class Splits(dict[str, Examples]):
    """Named `Examples` that share no row: `{'train': …, 'validation': …, 'test': …}`"""
    near: int
    record: Any
    dropped: tuple
    leaks: tuple
    notes: tuple
    def __init__(
        self,
        parts: dict,
        near: int = 0,
        dropped: tuple = (),
        leaks: tuple = (),
        record: dict | None = None,
        notes: tuple = (),
    ) -> None: ...
    @property
    def overlap(self) -> dict:
        """Count the rows that are, exactly or nearly, in an earlier split as well."""
        ...
    def __repr__(self) -> str: ...
    def save(self, path: str | Path, force: bool = False) -> Path:
        """Write examples as JSON lines, in one step: beside the old file, then in its place.
        
        Raises `FileExistsError` before anything is written if a file would be lost that ftkit did not write.
        
        Parameters:
            path         A .jsonl file; for a dict a folder, which gets one file for each
            force=False  True to replace files that ftkit did not write, or that were edited since
        
        Returns:
            Path  `path`
        
        Example:
            examples.save('kept.jsonl')
            splits.save('data')
        """
        ...
