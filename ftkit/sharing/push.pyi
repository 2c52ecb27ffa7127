# Made by tools/stub.py

from ftkit.run.folder import Run
from pathlib import Path

class Pushed(dict):
    """What is uploaded of a run, or would be: files, the head of the card, warnings"""
    def __repr__(self) -> str: ...
    def lines(self) -> list:
        """Say what was, or would be uploaded.
        
        Returns:
            list  of str
        """
        ...

def push(
    run: Run | str | Path,
    name: str,
    form: str = 'adapter',
    upload: bool = False,
    quant: str = '',
    public: str = '',
    force: bool = False,
) -> Pushed:
    """Upload a run's export to the Hub, or only say what would be uploaded.
    
    Raises `ValueError` where there is no export of the present weights, or the repository is not for it, and
    `OSError` where the upload fails or is not complete.
    """
    ...
