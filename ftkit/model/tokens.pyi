# Made by tools/stub.py

from dataclasses import dataclass
from ftkit.data.examples import Examples
from pathlib import Path
from typing import Any
import pyarrow as pa

@dataclass(frozen=True)
class TokenRows:
    """The rows of a set as the trainer gets them"""
    table: pa.Table
    issues: tuple
    how: str
    lengths: list
    learned: int
    ends: tuple = ...
    def __len__(self) -> int: ...
    def __repr__(self) -> str: ...
    @property
    def tokens(self) -> int: ...
    @property
    def counts(self) -> dict: ...

class _Table:
    """Rows on their way into a table"""
    batches: Any
    rows: Any
    def __init__(self) -> None: ...
    def add(self, *row): ...
    def flush(self): ...
    def whole(self) -> pa.Table: ...

def rows_key(examples: Examples, tok: Any, max_length: int = 2048) -> str:
    """Name the rows that `tokenize` makes, by all that they depend on."""
    ...

def keep_rows(path: Path, rows: TokenRows) -> None:
    """Write tokenized rows in one step."""
    ...

def kept_rows(path: Path) -> TokenRows | None:
    """Read tokenized rows."""
    ...

def tokenize(examples: Examples, tok: Any, max_length: int = 2048, cache: bool = True) -> TokenRows:
    """All rows as the trainer gets them, and what had to be cut or excluded.
    
    Raises `ValueError` if no row is left.
    """
    ...

def pack(rows: TokenRows, max_length: int = 2048) -> TokenRows:
    """Put rows end to end, each into the fullest row that still has room, longest first.
    
    The collator must pass `position_ids` on, `use_cache=False` and no `attention_mask`: with a mask or a
    cache, transformers does not look for borders. Raises `ValueError` for a row longer than `max_length`.
    """
    ...
