# Made by tools/stub.py

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from ftkit.base.verbs import Rows
from ftkit.data.checks.report import Report
from ftkit.data.clean import Cleaned
from ftkit.data.example import Example
from ftkit.data.recipe import Recipe
from ftkit.data.review import Review
from ftkit.data.splits.sets import Splits
from ftkit.model.doctor.diagnosis import Diagnosis
from ftkit.model.tokens import TokenRows
from ftkit.panels.data import DataPanel
from ftkit.panels.review.panel import ReviewPanel
from ftkit.panels.tokens import TokenView
from ftkit.panels.tokens import TokensPanel
from pathlib import Path
from typing import Any
from typing import overload
import pandas
import polars
import pyarrow as pa

class Examples(Rows):
    """A read-only table of examples, and the rows of its source that could not be read"""
    table: pa.Table
    source: str
    dropped: tuple
    of_split: str
    notes: tuple
    def __init__(
        self,
        table: pa.Table,
        dropped: Iterable = (),
        source: str = '',
        notes: Iterable = (),
        of_split: str = '',
    ) -> None: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Example]: ...
    def batches(self, n: int = 4096) -> Iterator[list]:
        """All rows in order, some at a time: the quick way through a large table
        
        Parameters:
            n=4096  Examples at a time, at most
        
        Returns:
            Iterator[list]  of `Example`
        
        Example:
            for batch in examples.batches(1000): print(len(batch))
        """
        ...
    @overload
    def __getitem__(self, i: int) -> Example: ...
    @overload
    def __getitem__(self, i: slice | list | tuple | range) -> Examples: ...
    @property
    def rows_in(self) -> int: ...
    def __repr__(self) -> str: ...
    def column(self, name: str) -> pa.ChunkedArray:
        """One column. Raises `ValueError` naming the columns there are.
        
        Parameters:
            name
        
        Returns:
            pyarrow.lib.ChunkedArray
        
        Example:
            examples.column('label').value_counts()
        """
        ...
    def index(self, id: str) -> int:
        """The row of an id. Raises `KeyError`.
        
        Parameters:
            id
        
        Returns:
            int
        
        Example:
            examples[examples.index(examples[3].id)]
        """
        ...
    @property
    def fingerprint(self) -> str:
        """Names this very set of rows, in this order: the hash of all ids and all hashes"""
        ...
    def frame(self) -> 'polars.DataFrame':
        """The same table as a polars frame, for those who want to count and group
        
        Returns:
            polars.DataFrame
        
        Example:
            examples.frame().group_by('label').len()
        """
        ...
    def check(
        self,
        against: Examples | None = None,
        checks: Iterable[Callable] | str = ...,
        *,
        count_tokens: Callable | None = None,
        max_length: int | None = None,
        label: str = '',
        threshold: float = 0.5,
    ) -> Report:
        """Everything the checks find in a set of examples.
        
        Raises `ValueError` if no row has the column `label`, or a length or threshold makes no sense,
        `RuntimeError` naming the check where one fails.
        
        Parameters:
            against=None              Rows that must not stand in `examples` too, such as test rows
            checks=19 checks: unreadable, empty, role-orde…  Functions `Examples → Iterable[Issue]`, and names of checks
            count_tokens=None         Example → its length in tokens; words are counted where None
            max_length=None           Longest row, in tokens
            label=''                  Column of the class, where it is not `label`
            threshold=0.5             Similarity from which a row counts as one of `against`, from 0 to 1
        
        Returns:
            Report
        
        Example:
            report = examples.check()
            examples.check(max_length=2048, label='category')
        """
        ...
    def look(self, issues=None) -> DataPanel:
        """Show examples, with what was found beside them.
        
        Parameters:
            issues=None  What `check` gave
        
        Returns:
            DataPanel
        
        Example:
            examples.look(examples.check())
        """
        ...
    def near_duplicates(self, threshold: float = 0.5) -> list:
        """Find pairs of examples that share most of their wording, exact copies among them, as `near` does.
        
        Parameters:
            threshold=0.5  Jaccard similarity of word trigrams, above 0, at most 1
        
        Returns:
            list  of `(id, id, score)`, earlier row first
        
        Example:
            examples.near_duplicates(threshold=0.7)
        """
        ...
    def clean(self, recipe: Recipe | str | Path) -> Cleaned:
        """Apply a recipe. Raises `ValueError` as `load_recipe` does.
        
        Parameters:
            recipe  The chosen fixes, or their YAML file
        
        Returns:
            Cleaned  `examples`, `changes`, `rows_in`
        
        Example:
            cleaned = examples.clean(recipe)
            cleaned.examples
        """
        ...
    def review(
        self,
        path: str,
        issues=None,
        reviewer: str = '',
        seed: int = 42,
        size: int = 300,
        order: list | None = None,
    ) -> ReviewPanel:
        """Read examples one by one and decide on each: keep, drop, fix or unsure.
        
        Press `?` in the panel for its keys.
        
        Parameters:
            path         The file that decisions go to; it only grows
            issues=None  What `check` gave: marked in the text, to filter and sort by
            reviewer=''  Who decides; the user's login name where empty
            seed=42      Of the random order
            size=300     Rows to read in one sitting: the first ones in random order, or in that of `order`
            order=None   Ids, those to read first; `run.worst()` makes such an order
        
        Returns:
            ReviewPanel
        
        Example:
            examples.review('review.jsonl', report)
        """
        ...
    def apply_review(
        self,
        review: Review | str | Path | list,
        unsure: str = 'keep',
        reviewer: str = '',
    ) -> tuple[Examples, 'polars.DataFrame']:
        """Apply a review: return the examples that are kept, and what became of each decision.
        
        Rows without a decision stay, and what was decided on test rows goes into no other rows. Raises
        `ValueError` for an unknown `unsure` or `reviewer`, `FileNotFoundError` where there is no file.
        
        Parameters:
            review         The decisions, or their file, or several
            unsure='keep'  What becomes of rows with verdict unsure: keep or drop
            reviewer=''    Whose decisions count; everybody's where empty
        
        Returns:
            tuple[Examples, 'polars.DataFrame']  `(kept, decisions)`; of these one row for each decision
        
        Example:
            kept, decisions = examples.apply_review('review.jsonl')
        """
        ...
    def split(
        self,
        fractions: tuple = (0.8, 0.1, 0.1),
        seed: int = 42,
        threshold: float = 0.5,
        group: str = '',
        label: str = '',
        previous: dict | str | Path | None = None,
        near: bool = True,
        allow_leak: bool = False,
    ) -> Splits:
        """Divide examples by content, near duplicates together.
        
        Raises `ValueError` if the fractions make no sense, a column is not there, a split that was asked for
        gets no row, or rows stand in two splits.
        
        Parameters:
            fractions=(0.8, 0.1, 0.1)  Shares of train, validation and test; 0 leaves one out
            seed=42                   Another seed, other splits
            threshold=0.5             Jaccard similarity of word trigrams from which rows stay together, from 0 to 1
            group=''                  Column whose equal values stay in one split: conversation, customer, source
            label=''                  Column whose values get the same shares in every split
            previous=None             An earlier split, or its folder: its rows keep their place
            near=True                 False: rows go by their own hash alone, and near duplicates may part
            allow_leak=False          True to go on though rows stand in two splits
        
        Returns:
            Splits  `train`, `validation` and `test`
        
        Example:
            splits = examples.split()
            examples.split((0.7, 0.1, 0.2), group='customer')
        """
        ...
    def save(self, path: str | Path, force: bool = False) -> Path:
        """Write examples as JSON lines, in one step: beside the old file, then in its place.
        
        Raises `FileExistsError` before anything is written if a file would be lost that ftkit did not write.
        
        Parameters:
            path         A .jsonl file; for a dict a folder, which gets one file for each
            force=False  True to replace files that ftkit did not write, or that were edited since
        
        Returns:
            Path  `path`
        
        Example:
            examples.save('kept.jsonl')
            splits.save('data')
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
    def tokenize(self, tok: Any, max_length: int = 2048, cache: bool = True) -> TokenRows:
        """All rows as the trainer gets them, and what had to be cut or excluded.
        
        Raises `ValueError` if no row is left.
        
        Parameters:
            tok              A fast tokenizer with a chat template
            max_length=2048  Longest row, in tokens
            cache=True       Keep the rows in `cache_dir()/'rows'`, and take them from there
        
        Returns:
            TokenRows
        
        Example:
            examples.tokenize(tok, max_length=1024).tokens
        """
        ...
    def examine(
        self,
        tok: Any,
        max_length: int = 2048,
        batch_size: int = 8,
        eos_token: str = '',
        config: dict | None = None,
    ) -> Diagnosis:
        """Check all rows as the trainer gets them, and report what is wrong with them.
        
        Parameters:
            tok              A fast tokenizer with a chat template
            max_length=2048  Longest row, in tokens
            batch_size=8     Rows side by side in a forward pass
            eos_token=''     The end that is asked for, as the config says; empty for any
            config=None      What the model's `config.json` holds: its limits; None to leave them aside
        
        Returns:
            Diagnosis
        
        Example:
            diagnosis = examples.examine(tok, max_length=1024)
        """
        ...
    def plot(self, most: int = ..., dark: bool = False) -> Any:
        """Draw how long prompts and answers are, in characters. Raises `ValueError` if there are no examples.
        
        Parameters:
            most=4000   Rows looked at, at most
            dark=False  True for a dark page
        
        Returns:
            Any  A plotly figure
        
        Example:
            examples.plot()
        """
        ...
    def filter(self, keep: Callable, why: str = '') -> 'Examples':
        """Keep the rows that a function picks; the others are dropped, with a reason.
        
        Parameters:
            keep    Of an `Example`: true for those that stay
            why=''  Reason that the dropped ones get; the name of `keep` where empty
        
        Returns:
            Examples
        
        Example:
            examples.filter(lambda o: len(o.answer)<2000, 'answer is too long')
        """
        ...
    def shuffle(self, seed: int = 42) -> 'Examples':
        """Put the rows into a random order.
        
        Parameters:
            seed=42  Fixes the order
        
        Returns:
            Examples
        
        Example:
            examples.shuffle(seed=1)
        """
        ...
    def sample(self, n: int, seed: int = 42) -> 'Examples':
        """Draw rows at random, without replacement. Raises `ValueError` if there are not so many.
        
        Parameters:
            n        Rows
            seed=42  Fixes which
        
        Returns:
            Examples  In the order of the table
        
        Example:
            examples.sample(20)
        """
        ...
    def to_pandas(self) -> 'pandas.DataFrame':
        """The rows as a pandas frame: `id messages tools label line source`, then every extra column by its name.
        
        An extra column that has one of those names gets `extra.` before it.
        
        Returns:
            pandas.DataFrame
        
        Example:
            examples.to_pandas().label.value_counts()
        """
        ...

def loaded(examples: Any, by: str) -> Examples:
    """`examples`, if that is what they are. Raises `TypeError` saying how to get there."""
    ...
