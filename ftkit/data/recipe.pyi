# Made by tools/stub.py

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

class Offer(NamedTuple):
    """One line of a proposal"""
    setting: str
    value: str
    rows: int
    shown: tuple
    read: tuple
    @property
    def chosen(self) -> bool: ...
    @property
    def why(self) -> str: ...

SURE: int

def droppable(setting: str = 'drop') -> tuple:
    """Names of the checks that a list of a recipe may hold."""
    ...

@dataclass(frozen=True)
class Recipe:
    """Fixes to apply to examples, in this order"""
    normalize: bool = ...
    strip_markers: bool = ...
    mask: bool = ...
    cut_leading: bool = ...
    relabel: dict = ...
    relabel_rows: dict = ...
    keep_one: tuple = ...
    drop: tuple = ...
    label: str = ...
    max_length: int = ...
    offers: tuple = ...
    def __str__(self) -> str: ...
    def save(self, path: str | Path, force: bool = False) -> Path:
        """Write a recipe as YAML, in one step. Raises `FileExistsError` for a file that may not be replaced.
        
        Parameters:
            path         YAML file to write
            force=False  True to replace a file that ftkit did not write, or that was edited since
        
        Returns:
            Path  `path`
        
        Example:
            recipe.save('recipe.yaml')
        """
        ...

def recipe_yaml(recipe: Recipe) -> str:
    """Write a recipe as YAML; `recipe_from` gives an equal one back."""
    ...

def recipe_from(text: str, source: str = 'recipe') -> Recipe:
    """Read a recipe from YAML text. Raises `ValueError` naming `source` and key, or the line of broken YAML."""
    ...

def save_recipe(recipe: Recipe, path: str | Path, force: bool = False) -> Path:
    """Write a recipe as YAML, in one step. Raises `FileExistsError` for a file that may not be replaced."""
    ...

def load_recipe(path: str | Path) -> Recipe:
    """Read a recipe.
    
    Raises `ValueError` with file and key or line, `FileNotFoundError` if there is no such file.
    """
    ...
