# Made by tools/stub.py

from ftkit.config.settings import RunConfig
from ftkit.data.examples import Examples
from ftkit.panels.monitor.panel import MonitorPanel
from ftkit.run.folder import Run
from pathlib import Path
from typing import Any
import pandas

def copied_rows(folder: str | Path, split: str) -> Examples | None:
    """Read the copy of a split that a run keeps, for a config that is used again when its files are gone."""
    ...

def create(
    cfg: RunConfig,
    path: str | Path = '',
    base: str | Path = '',
    allow_leak: bool = False,
    review: str | Path | list | None = None,
) -> Run:
    """Make a run's folder with everything it needs to start.
    
    Raises `FileExistsError` if there is a run already, `FileNotFoundError` for missing rows, `ValueError`
    for rows in two splits and edited test rows, and as `check_names` and `check_machine` do.
    """
    ...

def attach(path: str | Path) -> Run:
    """An existing run, running or not. Raises `FileNotFoundError` if there is none, `Linked` for links in it."""
    ...

def as_run(run: Any) -> Run:
    """The run that is meant. Raises as `attach` does."""
    ...

class Runs(list[dict]):
    """Runs of a folder, newest sign of life first: of each its status as a dict, with its path as `run`"""
    def __repr__(self) -> str: ...
    def to_pandas(self) -> 'pandas.DataFrame':
        """The same as a pandas frame, one run a row: `run state why reason step of best_step best_loss …`.
        
        Returns:
            pandas.DataFrame
        
        Example:
            runs.to_pandas()[['run', 'state', 'best_loss']]
        """
        ...
    def panel(self, *others: Run | str | Path) -> MonitorPanel:
        """Show runs, live; return at once.
        
        Parameters:
            others  More of them
        
        Returns:
            MonitorPanel
        
        Example:
            run.panel()
            runs.panel()
        """
        ...
    def report(self, path: str | Path = '', force: bool = False) -> Path:
        """Write runs as one page of HTML and SVG.
        
        A notebook shows them too; page and cell are made again when runs at work have ended.
        
        Parameters:
            path=''      Where to; if empty `report.html` inside the run, `compared.html` beside the first one
            force=False  True to replace a file that ftkit did not write, or that was edited since
        
        Returns:
            Path  Of the page
        
        Example:
            runs.report()
            run.report()
        """
        ...
    def compare(self) -> list:
        """Compare runs: their results, and the settings that differ.
        
        Results are `run state reason step of best_step best_loss tokens tokens_per_s elapsed_s cost`.
        
        Returns:
            list  of dict: a run's results, `stale`, and `config`: what differs
        
        Example:
            runs.compare()
        """
        ...

def list_runs(folder: str | Path = 'runs') -> Runs:
    """List all runs of a folder, newest sign of life first."""
    ...
