# Made by tools/stub.py

from dataclasses import dataclass
from ftkit.config.settings import RunConfig
from ftkit.model.memory import Estimate
from pathlib import Path

@dataclass(frozen=True)
class Preflight:
    """Measured memory of a trial run, beside the estimate"""
    device: str
    method: str
    estimate: Estimate
    measured: dict
    state: str
    ended: str = ...
    reason: str = ...
    used: dict = ...
    ways: list = ...
    seconds: float = ...
    def __repr__(self) -> str: ...
    @property
    def ok(self) -> bool: ...
    @property
    def peak(self) -> int: ...
    @property
    def ratio(self) -> float: ...
    def data(self) -> dict:
        """As JSON holds it
        
        Returns:
            dict
        """
        ...

def keep(p: Preflight) -> None:
    """Keep the ratio for this device and method, which corrects the next estimate."""
    ...

def preflight(
    cfg: RunConfig,
    base: str | Path = '',
    steps: int = 3,
    limit_bytes: int = 0,
    free_bytes: int = 0,
) -> Preflight:
    """Try a config's longest rows in a process of its own.
    
    Raises `FileNotFoundError` or `ValueError` where the model's shape cannot be had.
    """
    ...
