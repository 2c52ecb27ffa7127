# Made by tools/stub.py

from dataclasses import dataclass
from ftkit.config.plan import Plan
from ftkit.config.subjects import _Answers
from ftkit.config.subjects import _Compute
from ftkit.config.subjects import _Evaluation
from ftkit.config.subjects import _Limits
from ftkit.config.subjects import _Machine
from ftkit.config.subjects import _Optimization
from ftkit.config.subjects import _Sources
from ftkit.config.subjects import _Tokens
from ftkit.config.subjects import _Training
from ftkit.launch.preflight import Preflight
from ftkit.model.memory import Estimate
from ftkit.run.folder import Run
from pathlib import Path
from typing import Any

SECTIONS: Any

@dataclass(frozen=True)
class LoraArgs:
    """Size and target layers of the adapter: what peft's `LoraConfig` takes, by its names"""
    r: int = ...
    lora_alpha: int = ...
    lora_dropout: float = ...
    target_modules: str = ...
    use_dora: bool = ...
    use_rslora: bool = ...
    modules_to_save: str = ...

@dataclass(frozen=True)
class RunConfig(_Answers, _Machine, _Evaluation, _Compute, _Optimization, _Limits, _Training, _Tokens, _Sources):
    """Configure a run: everything needed to repeat it"""
    early_stopping_patience: int = ...
    ignore_findings: str = ...
    lora: LoraArgs = ...
    base: str = ...
    def save(self, path: str | Path, force: bool = False) -> Path:
        """Write a config as YAML, its paths as seen from there.
        
        Raises `FileExistsError` for a file that may not be replaced.
        
        Parameters:
            path         YAML file to write
            force=False  True to replace a file that ftkit did not write, or that was edited since
        
        Returns:
            Path  `path`
        
        Example:
            cfg.save('run.yaml')
        """
        ...
    def with_presets(self, *names: str) -> RunConfig:
        """Apply presets to a config. Raises `ValueError` for an unknown name.
        
        Parameters:
            names  Of `PRESETS`; a later one wins
        
        Returns:
            RunConfig  A new one
        
        Example:
            cfg.with_presets('cpu-workshop', 'extraction')
        """
        ...
    def plan(self, n_rows: int, tokens: int = 0, size: int = 0) -> Plan:
        """Compute optimizer steps, warm-up, evaluations and tokens of a run, before it begins.
        
        Raises `ValueError` without rows.
        
        Parameters:
            n_rows    Training rows, as they are put into batches: packed ones where `packing` is on
            tokens=0  Tokens of one epoch, where they are counted
            size=0    Weights of the model, where they are known; what its name says if 0
        
        Returns:
            Plan
        
        Example:
            cfg.plan(n_rows=800)
        """
        ...
    def estimate(
        self,
        config: dict | None = None,
        rows: int = 0,
        device: str = 'auto',
        dtype: str = '',
        longest: int = 0,
        correct: bool = True,
    ) -> Estimate:
        """Estimate the memory of a run, corrected by what trials on this device measured.
        
        Raises as `shape_of` and `estimate` do.
        
        Parameters:
            config=None    What the model's `config.json` holds; it is looked for if not given
            rows=0         Rows in one forward pass; 0 for what `cfg` says, or 1
            device='auto'  `cuda`, `cpu`, or `auto` for what this machine has
            dtype=''       What `auto` stands for on the device; bf16 if empty
            longest=0      Tokens of the longest row, if known
            correct=True   False for the arithmetic alone, whatever was measured here
        
        Returns:
            Estimate  A `Corrected` one
        
        Example:
            estimate = cfg.estimate(device='cuda')
        """
        ...
    def script(self, base: str | Path = '') -> str:
        """Write a config as one plain script that trains the same weights.
        
        Raises `ValueError` where a script could not do the same: for packing, and rows of a shape that it does
        not read.
        
        Parameters:
            base=''  Folder that the script is run in, and the config's paths start from; its own if empty
        
        Returns:
            str  Python
        
        Example:
            print(cfg.script())
        """
        ...
    def preflight(
        self,
        base: str | Path = '',
        steps: int = 3,
        limit_bytes: int = 0,
        free_bytes: int = 0,
    ) -> Preflight:
        """Try a config's longest rows in a process of its own.
        
        Raises `FileNotFoundError` or `ValueError` where the model's shape cannot be had.
        
        Parameters:
            base=''        Folder that the config's paths start from; the config's own if empty
            steps=3        Optimizer steps on a CPU, whose heap grows for some of them; a GPU needs one
            limit_bytes=0  Main memory that the trial may take on a CPU, after its imports; 0 for all there is
            free_bytes=0   Memory a CPU has for it; 0 for what is free now
        
        Returns:
            Preflight  Also kept for `corrected`, if all went well
        
        Example:
            cfg.preflight(steps=2)
        """
        ...
    def create(
        self,
        path: str | Path = '',
        base: str | Path = '',
        allow_leak: bool = False,
        review: str | Path | list | None = None,
    ) -> Run:
        """Make a run's folder with everything it needs to start.
        
        Raises `FileExistsError` if there is a run already, `FileNotFoundError` for missing rows, `ValueError`
        for rows in two splits and edited test rows, and as `check_names` and `check_machine` do.
        
        Parameters:
            path=''           Folder of the new run; `runs/` and the time of day if empty
            base=''           Folder that the config's paths start from; the config's own if empty
            allow_leak=False  True to go on though rows stand in two splits
            review=None       Decisions on training rows; files beside the rows where None
        
        Returns:
            Run
        
        Example:
            run = cfg.create('runs/first')
        """
        ...
    def to_axolotl(self) -> tuple:
        """Write a config for `axolotl train`.
        
        Returns:
            tuple  `(config, listed)`: a dict to be saved as YAML; `(key, value, why)` of what has no counterpart
        
        Example:
            config, listed = cfg.to_axolotl()
        """
        ...
    def to_llamafactory(self) -> tuple:
        """Write a config for `llamafactory-cli train`, to be started in the config's folder.
        
        Returns:
            tuple  `(config, dataset_info, listed)`: the first to be saved as YAML, the second beside it
        
        Example:
            config, dataset_info, listed = cfg.to_llamafactory()
        """
        ...

SHORT: Any

TRACKERS: Any

def split_columns(text: str, name: str = 'columns') -> dict:
    """Read a column mapping. Raises `ValueError` if a part is not `known=COLUMN`, or a name comes twice."""
    ...

def load_args(cfg: RunConfig) -> dict:
    """Return the arguments with which `ftkit.load` reads the training rows of a config."""
    ...

def fields_of(cls: type = ..., prefix: str = '') -> list:
    """List the settings of a class with types, defaults and help."""
    ...

def declared(cls: type = ..., prefix: str = '') -> dict:
    """Return what is declared of each setting: section of the form, range, names in other tools."""
    ...

def flat(cfg: RunConfig) -> dict:
    """Return all settings, with dotted names."""
    ...

def config_from(d: dict, cls: type = ..., quiet: bool = False) -> RunConfig:
    """Make a config from a dict.
    
    Raises `ValueError` for an unknown key (with the nearest known one), a missing or a bad value.
    """
    ...
