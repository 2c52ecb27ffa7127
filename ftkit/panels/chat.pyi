# Made by tools/stub.py

from collections.abc import Callable
from ftkit.chat.session import Chat
from ftkit.panels.core import Panel
from ftkit.panels.turns import _Coming
from ftkit.run.folder import Run
from typing import Any

class ChatPanel(Panel):
    """A conversation on screen; `panel.chat` is the conversation itself"""
    chat: Chat
    coming: Any
    kept: Any
    errors: Any
    taken: Any
    held: bool
    changes: int
    def __init__(self, chat: Chat) -> None: ...
    def is_fair(self, n: int) -> bool:
        """Were the sides asked the same in a turn: had they said the same before?
        
        Parameters:
            n
        
        Returns:
            bool
        """
        ...
    def turn(self, n: int) -> dict:
        """Return one turn, answered or being answered
        
        Parameters:
            n
        
        Returns:
            dict  As the browser shows it
        """
        ...
    @property
    def n_turns(self) -> int: ...
    @property
    def stands(self) -> dict: ...
    @property
    def place(self) -> str: ...
    def draw(self):
        """Tell the browser everything: a view that opens in the middle of an answer has its beginning"""
        ...
    def tell(self, **more):
        """Tell the browser what has changed
        
        Parameters:
            more
        """
        ...
    def rest(self):
        """Nobody types: leave a picture of how things stand now"""
        ...
    def hear_state(self):
        """The conversation stands otherwise now: tell the views"""
        ...
    def begin(self, m: dict, n: int, text: str, ask: Callable):
        """Have a message answered in a thread, and show it at once
        
        Parameters:
            m     The message: `key`, and `text` unless the turn is asked once more
            n     Which turn it is about, from 0
            text  What is asked
            ask   Takes the function that is told of each piece, and comes back when the answers are complete
        """
        ...
    def follow_answer(self, o: _Coming):
        """Tell the views of an answer as it comes, until it is complete
        
        Parameters:
            o
        """
        ...
    def work(self, o: _Coming, ask: Callable):
        """Have a turn answered; the panel's lock is not held meanwhile
        
        Parameters:
            o
            ask
        """
        ...
    def unasked(self, o: _Coming, why: dict):
        """Say why a turn was not answered at all; the turns are as before, and what was typed is given back
        
        Parameters:
            o
            why
        """
        ...
    def set_all(self, news: dict):
        """Take settings for the turns to come, each for itself
        
        Parameters:
            news  Setting → text, as it was typed
        """
        ...
    def keep(self, m: dict):
        """Keep an answer as an example, a correction of it, or that it is the better one
        
        Parameters:
            m
        """
        ...
    def shut(self):
        """End the conversation and its process; what was said stays on screen"""
        ...
    def clear(self):
        """Begin a new conversation; what was kept stays in its file"""
        ...
    def hear_question(self, m: dict):
        """Obey what asks the models for an answer
        
        Parameters:
            m
        """
        ...
    def hear_settings(self, m: dict):
        """Obey what changes the turns to come
        
        Parameters:
            m
        """
        ...
    def hear(self, m: dict):
        """Obey one message from the browser, after checking its kind, types and values
        
        Parameters:
            m
        """
        ...
    @property
    def state_pill(self) -> tuple: ...
    def static_html(self) -> str: ...
    def static_text(self) -> str: ...

def chat_panel(run: Run, against: Any = 'base', system: str | None = None, **settings) -> ChatPanel:
    """Talk with what a run has learned, beside its base model or another run.
    
    Raises `ValueError` for a setting that cannot be, and for a run without weights.
    """
    ...
