# Made by tools/stub.py

from collections.abc import Callable
from ftkit.run.folder import Run
from pathlib import Path
import urllib.error, urllib.parse, urllib.request

class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req, fp, code, msg, headers, newurl): ...

def goes_with(said: list, tuned: list, base: list) -> dict:
    """Tell which of two models gave some answers."""
    ...

LEAST_TUNED: float

MOST_ASTRAY: float

class Verified(dict):
    """What a server answers beside what was evaluated; `.wrong` says what is not the same"""
    def __repr__(self) -> str: ...
    @property
    def wrong(self) -> list:
        """List what shows that a server does not serve what was evaluated."""
        ...
    def lines(self) -> list:
        """Say what was found, in words.
        
        Returns:
            list  of str
        """
        ...

def verify(
    run: Run | str | Path,
    url: str,
    model: str = '',
    key: str = '',
    heard: Callable = ...,
) -> Verified:
    """Ask a server what was asked in the evaluation, and compare. Test prompts are sent to it.
    
    Raises `ValueError` where nothing was evaluated or the address is none, `RuntimeError` with what the
    server says.
    """
    ...
