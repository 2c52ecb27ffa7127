# Made by tools/stub.py

from dataclasses import dataclass
from ftkit.data.examples import Examples
from ftkit.panels.tokens import TokenView
from ftkit.panels.tokens import TokensPanel
from typing import Any

def message_text(m: dict) -> str:
    """Return the text of a message as a person would read it."""
    ...

@dataclass(frozen=True)
class Example:
    """One conversation to learn from: told this, answer that"""
    messages: tuple
    tools: Any = ...
    label: str | None = ...
    id: str = ...
    line: int = ...
    source: str = ...
    extra: dict = ...
    @property
    def hash(self) -> str:
        """Of the content alone: canonical JSON of messages, tools and label"""
        ...
    @property
    def prompt(self) -> tuple:
        """The messages before the last answer"""
        ...
    @property
    def answer(self) -> str:
        """Return the last message's text if the assistant says it, else an empty one"""
        ...
    @property
    def text(self) -> str:
        """All turns but the system's, which many rows share: what duplicates are looked for in"""
        ...
    def edit(self, **changes) -> 'Example':
        """A copy with other `messages`, `tools` or `label`; it keeps its id and has a new hash
        
        Parameters:
            changes
        
        Returns:
            Example
        """
        ...
    def tokens(self, model: str, max_length: int = 2048, **kwargs) -> TokenView | TokensPanel:
        """Show examples as the trainer gets them: one as a picture, many with a cut to drag and findings.
        
        Raises `ValueError` if nothing in a single one can be learned, `OSError` if the model cannot be opened.
        
        Parameters:
            model                 Hub id, local folder or built-in name
            max_length=2048       Longest row, in tokens
            revision=''           Branch, tag or commit of a Hub model
            chat_template=''      Chat template by name or `.jinja` file; empty for the tokenizer's own
            pad_token=''          Token to pad with; empty for the tokenizer's own
            trust_remote_code=''  The model's name again, to run code that comes with it
            eos_token=''          Token that ends an answer; empty for the tokenizer's own
            special_tokens=''     Special tokens it lacks, comma-separated
        
        Returns:
            TokenView | TokensPanel
        
        Example:
            examples.tokens('smollm2-135m-instruct')
            examples[0].tokens('smollm2-135m-instruct', max_length=512)
        """
        ...

def relabelled(ex: Example, label: str) -> Example:
    """Give a row another label."""
    ...
