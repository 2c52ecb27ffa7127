# Made by tools/stub.py

from collections.abc import Callable
from typing import Any

Point: Any

CURVE: int

def plain_number(o: Any) -> int | float | None:
    """Return what a log says where it is a number to count with: the log may be anybody's."""
    ...

class Every:
    """Numbers by step, to be summed up; where there are very many, every second, fourth, … stays"""
    most: int
    n: int
    seen: int
    steps: Any
    values: Any
    def __init__(self, most: int = 200000) -> None: ...
    def add(self, step: int, v: float | None): ...
    def extend(self, steps, values): ...
    def halve(self): ...
    def cut(self, step: int):
        """Forget what came behind a step
        
        Parameters:
            step
        """
        ...
    def median(self, real: bool = False) -> float | None: ...

class Curves:
    """Measurements of a run so far; `add` takes its events in order"""
    keep: float
    train: Any
    evals: Any
    rates: Any
    checkpoints: Any
    samples: Any
    progress: Any
    last: Any
    mean: float
    weight: float
    best: Any
    peak: Any
    attempt: Any
    of: Any
    rewound: bool
    units: Any
    added: int
    pace: Any
    log_ms: Any
    tokens: Any
    spent: dict
    def __init__(self, keep: float = 0.8) -> None: ...
    def add(self, e: dict) -> bool:
        """Take one event; kinds it does not know pass by
        
        Parameters:
            e
        
        Returns:
            bool  Did it add to what is measured?
        """
        ...
    def done(self, *stages):
        """Fill the bar of a stage whose result has come: the trainer does not report every bit of progress
        
        Parameters:
            stages
        """
        ...
    def after(self, curve: list, step: int) -> list:
        """Undo points that an event makes again: the step at which an attempt begins
        
        Parameters:
            curve
            step
        
        Returns:
            list  The curve, ready for a point at `step`
        """
        ...
    def add_train(self, step, e): ...
    def add_eval(self, step, e): ...
    def add_samples(self, step, e): ...
    def add_checkpoint(self, step, e): ...
    def add_sample(self, step, e): ...
    def spend(self, kind, e):
        """Add up where the time went, over all attempts
        
        Parameters:
            kind
            e
        """
        ...
    def shorten(self):
        """Of a curve that has become long the spikes stay, evenly over its steps"""
        ...
    @property
    def pieces(self) -> bool: ...
    def rewind(self, step: int):
        """Forget what was measured after `step`
        
        Parameters:
            step
        """
        ...
    def resettle(self):
        """Recompute what follows from the points, after some are gone"""
        ...
    @property
    def asked(self) -> list:
        """The prompts that were answered, in their order"""
        ...
    @property
    def sampled(self) -> list:
        """The steps at which prompts were answered; 0 is the base model"""
        ...
    def beside(self, step: int | None = None) -> list:
        """Each prompt with the base model's answer and the newest one, up to `step` if that is given
        
        Parameters:
            step=None
        
        Returns:
            list  of `(prompt, base's event or None, event or None)`
        """
        ...
    def read(self, block: bytes, hear: Callable = ...) -> tuple | None:
        """Take many events at once.
        
        Parameters:
            block          Whole lines of a log
            hear=<lambda>  Told events and what `add` said; of many steps two
        
        Returns:
            tuple | None  The least and the greatest training step among them
        """
        ...

def said(e: dict) -> str:
    """Return the text of an answer."""
    ...

def judged(e: dict | None) -> str:
    """Say how an answer ended, and whether it has the expected format."""
    ...

def thin(points: list, n: int = 2000, by: tuple = (1,)) -> list:
    """Thin out a curve but keep its spikes; first and last point stay."""
    ...

def coarser(points: list, unit: int, by: tuple = (1,)) -> list:
    """Keep the spikes of each stretch of steps, wherever the curve goes on; first and last point stay."""
    ...

def ticks(lo: float, hi: float, n: int = 4) -> list:
    """Place the ticks of an axis."""
    ...
