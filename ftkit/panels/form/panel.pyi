# Made by tools/stub.py

from ftkit.config.settings import RunConfig
from ftkit.panels.core import Html
from ftkit.panels.core import Panel
from ftkit.panels.form.state import Draft
from pathlib import Path
from typing import Any

class FormPanel(Panel):
    """A config as a form; `config` is what it says, or None while something is wrong; `run`: what it started"""
    path: Any
    saved: Any
    base: Any
    draft: Any
    place: Any
    run: Any
    tried: Any
    measured: str
    initial: Any
    def __init__(
        self,
        cfg: RunConfig | None = None,
        path: str | Path | None = None,
        presets: tuple = (),
    ) -> None: ...
    def read(self): ...
    def are_edits(self, edits: dict) -> bool:
        """Are these texts of known fields? Raises `ValueError` for one that is too long
        
        Parameters:
            edits
        
        Returns:
            bool
        """
        ...
    @property
    def yaml(self) -> str:
        """The config as it would be saved"""
        ...
    @property
    def code(self) -> str:
        """The script that does the same, or a comment that says why there is none"""
        ...
    @property
    def plan(self) -> tuple: ...
    @property
    def offer(self) -> dict:
        """Suggest settings where the run as it is cannot learn"""
        ...
    @property
    def cannot(self) -> dict:
        """List what this machine cannot run; it can be saved, for another machine"""
        ...
    @property
    def memory(self) -> dict:
        """As `memory_of`; only `says` where it is not known"""
        ...
    @property
    def trial(self) -> str:
        """Return what the last preflight found, with a word where the settings have changed since"""
        ...
    @property
    def state(self) -> tuple: ...
    def notes(self, name: str) -> str:
        """Return further notes below a field
        
        Parameters:
            name
        
        Returns:
            str
        """
        ...
    def fields(self) -> dict: ...
    def draw(self):
        """Tell the browser what was found in what is typed, and what follows from it"""
        ...
    def lay_out(self):
        """Tell the browser which fields there are"""
        ...
    def begin(self):
        """Create the run and start it. Raises as `create` does, and `ValueError` while an earlier one is at work."""
        ...
    @property
    def watching(self) -> str:
        """Return the line of Python that shows the run"""
        ...
    def tell(self):
        """Tell the browser how the run stands"""
        ...
    def measure(self):
        """Try the longest rows in a separate process, and report the measured memory"""
        ...
    def to(self, draft: Draft):
        """Another draft
        
        Parameters:
            draft
        """
        ...
    def look_at(self, place: str):
        """Estimate memory for another device
        
        Parameters:
            place
        """
        ...
    def save(self):
        """Write the config to the file that the form shows: Save is a click on it, so nobody is asked again"""
        ...
    def hear_yaml(self, text: str, apply: bool):
        """Read YAML, and say what it changes or what is wrong; take it over if asked
        
        Parameters:
            text
            apply
        """
        ...
    def hear(self, m: dict):
        """Obey one message from the browser, after checking its kind, types and values
        
        Parameters:
            m
        """
        ...
    def picture_of_memory(self) -> Html: ...
    def static_html(self) -> str: ...
    def static_text(self) -> str: ...

def form(cfg: RunConfig | None = None, path: str | Path | None = None, presets: tuple = ()) -> FormPanel:
    """Show a config as a form."""
    ...
