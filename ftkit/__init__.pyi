# Made by tools/stub.py

from collections.abc import Callable
from ftkit.config.foreign.read import Converted
from ftkit.config.settings import LoraArgs as LoraArgs
from ftkit.config.settings import RunConfig as RunConfig
from ftkit.data.agreement import Merged
from ftkit.data.example import Example as Example
from ftkit.data.examples import Examples as Examples
from ftkit.data.read.guess import Guess
from ftkit.data.recipe import Recipe as Recipe
from ftkit.data.review import Review as Review
from ftkit.data.splits.sets import Splits
from ftkit.evaluation.judgements import Judgements as Judgements
from ftkit.evaluation.leaderboard import Leaderboard
from ftkit.evaluation.summary import Summary
from ftkit.launch.create import Runs
from ftkit.panels.columns import ColumnsPanel
from ftkit.panels.form.panel import FormPanel
from ftkit.run.folder import Run as Run
from pathlib import Path
from typing import Any

__version__: str
__all__: list[str]
NOUNS: dict[str, str]
ROAD: dict[str, str]
OLD: dict[str, tuple[str, str]]
class Renamed(FutureWarning): ...

def sample(name: str = 'tickets') -> Path:
    """Return a shipped sample file. The README beside it says what is in each.
    
    Raises `ValueError`, with all names, for another one.
    
    Parameters:
        name='tickets'  `tickets`, `tickets_dirty` (with planted defects), `tickets_truth` (their list) …
    
    Returns:
        Path  A JSON lines file inside the installed package, or a compressed one
    
    Example:
        ft.load(ft.sample('tickets'))
    """
    ...

def guess_columns(
    source: Any,
    n: int = 200,
    *,
    encoding: str = '',
    header: Any = None,
    sep: str = '',
    quote: str | None = None,
) -> Guess:
    """Show the columns of a source, an inferred mapping, and how three rows would be read.
    
    Raises as `load` does.
    
    Parameters:
        source       As `load` takes it
        n=200        Rows to look at
        encoding=''  Of a text file
        header=None  Of a text table, as `load` takes it
        sep=''       As `load` takes it
        quote=None   As `load` takes it
    
    Returns:
        Guess
    
    Example:
        ft.guess_columns('questions.csv')
    """
    ...

def map_columns(
    source: Any,
    encoding: str = '',
    *,
    header: Any = None,
    sep: str = '',
    quote: str | None = None,
    instruction: str | None = None,
) -> ColumnsPanel:
    """Show the columns of a source, and let one say what they mean.
    
    Parameters:
        source            As `load` takes it: a file, a frame, a data set, dicts
        encoding=''       Of a text file
        header=None       Of a text table: does its first line name the columns? Or their names, where no line does
        sep=''            What stands between its cells
        quote=None        What its cells are quoted with, empty where quotes are part of the text
        instruction=None  For rows of text and label; one that names the labels where None, none where empty
    
    Returns:
        ColumnsPanel
    
    Example:
        ft.map_columns('questions.csv')
    """
    ...

def load(
    source: Any,
    limit: int | None = None,
    *,
    encoding: str = '',
    header: Any = None,
    sep: str = '',
    quote: str | None = None,
    columns: dict | None = None,
    label: str = '',
    instruction: str | None = None,
) -> Examples:
    """Read examples: prompt/completion, question/answer, text/label, chat, ShareGPT and other common columns.
    
    Raises `FileNotFoundError`, `Unreadable` where no row could be read, and `ValueError` for a wrong
    argument. See `guess_columns` for columns of other names.
    
    Parameters:
        source            A file (see `READERS`), folder, `*.csv`, list of these, `-`, frame, dicts, Hub `owner/name`
        limit=None        Rows to read at most; all where None
        encoding=''       Of a text file; worked out, and said in `.notes`, where empty
        header=None       Does a text table's first line name its columns? Or their names; noticed where None
        sep=''            What stands between its cells; noticed where empty
        quote=None        What its cells are quoted with, empty for nothing; noticed where None
        columns=None      What yours mean, such as `{'prompt': 'Frage', 'role:Kunde': 'user'}`
        label=''          The column that holds the label
        instruction=None  For text and label, as a system turn; None names the labels, empty for none
    
    Returns:
        Examples  With what could not be read in `.dropped` and what was assumed in `.notes`
    
    Example:
        examples = ft.load('rows.jsonl')
        ft.load('questions.csv', columns={'prompt': 'Frage', 'completion': 'Antwort'})
    """
    ...

def load_recipe(path: str | Path) -> Recipe:
    """Read a recipe.
    
    Raises `ValueError` with file and key or line, `FileNotFoundError` if there is no such file.
    
    Parameters:
        path  YAML file
    
    Returns:
        Recipe
    
    Example:
        recipe = ft.load_recipe('recipe.yaml')
    """
    ...

def merge_reviews(*reviews: Review | str | Path) -> Merged:
    """Compare the decisions of several reviewers: where they disagree, and how far they agree.
    
    Nothing is settled by it.
    
    Parameters:
        reviews  Or their files
    
    Returns:
        Merged
    
    Example:
        ft.merge_reviews('review.jsonl', 'bens.jsonl').conflicts
    """
    ...

def load_splits(folder: str | Path, threshold: float | None = None, allow_leak: bool = False) -> Splits:
    """Load splits from their files, and check them.
    
    Raises `FileNotFoundError` if there are none, `ValueError` for a leak.
    
    Parameters:
        folder            With some of train.jsonl, validation.jsonl and test.jsonl, split by whomever
        threshold=None    As for `check_splits`; that which they were split with where None
        allow_leak=False  As for `check_splits`
    
    Returns:
        Splits  With `.leaks`
    
    Example:
        splits = ft.load_splits('data')
    """
    ...

def load_tokenizer(
    name: str,
    revision: str = '',
    chat_template: str = '',
    pad_token: str = '',
    trust_remote_code: str = '',
    eos_token: str = '',
    special_tokens: str = '',
) -> Any:
    """Load a model's tokenizer.
    
    Raises `OSError` naming the model and what to do, `ValueError` for a pad or end token it lacks.
    
    Parameters:
        name                  As for `resolve`; a folder may hold the tokenizer's files alone
        revision=''           Branch, tag or commit of a Hub model
        chat_template=''      Chat template by name or `.jinja` file; empty for the tokenizer's own
        pad_token=''          Token to pad with; empty for the tokenizer's own
        trust_remote_code=''  The model's name again, to run code that comes with it
        eos_token=''          Token that ends an answer; empty for the tokenizer's own
        special_tokens=''     Special tokens it lacks, comma-separated
    
    Returns:
        Any  A fast tokenizer
    
    Example:
        tok = ft.load_tokenizer('smollm2-135m-instruct')
    """
    ...

def load_config(path: str | Path, quiet: bool = False) -> RunConfig:
    """Read a config, which remembers where it is: its paths start from its folder, wherever one works.
    
    Raises `ValueError` with file and key (or line), `FileNotFoundError` if there is no such file.
    
    Parameters:
        path         YAML file
        quiet=False  True to say nothing of old spellings, as for a run's own file
    
    Returns:
        RunConfig  Checked
    
    Example:
        cfg = ft.load_config('run.yaml')
    """
    ...

def form(cfg: RunConfig | None = None, path: str | Path | None = None, presets: tuple = ()) -> FormPanel:
    """Show a config as a form.
    
    Parameters:
        cfg=None    What to begin with
        path=None   YAML file that Save writes
        presets=()  Names of `PRESETS` to apply first, such as `('colab-t4', 'extraction')`
    
    Returns:
        FormPanel
    
    Example:
        ft.form(cfg)
    """
    ...

def read_foreign(path: str | Path) -> Converted:
    """Read a config of another tool. `dataset_info.json` is looked for in `dataset_dir`.
    
    Raises `ValueError` where it is none or asks for something else than supervised fine-tuning, `OSError`
    if it cannot be read.
    
    Parameters:
        path  A config of axolotl, LLaMA-Factory or ftkit, as YAML or JSON
    
    Returns:
        Converted  Paths are as seen from its folder
    
    Example:
        cfg, listed, kind = ft.read_foreign('axolotl.yaml')
    """
    ...

def train(
    what: RunConfig | str | Path | Examples | dict,
    path: str | Path = '',
    base: str | Path = '',
    wait: bool = False,
    review: str | Path | list | None = None,
    **settings,
) -> Run:
    """Create a run and start it, from a config or straight from rows.
    
    Rows are written into a folder beside the run. Raises as `create` and `RunConfig` do.
    
    Parameters:
        what         A config, or its file; or the rows, such as `examples.split()`, and the settings as keywords
        path=''      Folder of the new run; `runs/` and the time of day if empty
        base=''      Folder that the config's paths start from; the config's own if empty
        wait=False   True to return when it has ended; an interrupt then asks it to stop
        review=None  Decisions on training rows; files beside the rows where None
        settings     Of `RunConfig`
    
    Returns:
        Run
    
    Example:
        run = ft.train(cfg)
        run = ft.train(splits, model='smollm2-135m-instruct', max_steps=20)
    """
    ...

def attach(path: str | Path) -> Run:
    """An existing run, running or not. Raises `FileNotFoundError` if there is none, `Linked` for links in it.
    
    Parameters:
        path  Folder of a run
    
    Returns:
        Run
    
    Example:
        run = ft.attach('runs/first')
    """
    ...

def runs(folder: str | Path = 'runs') -> Runs:
    """List all runs of a folder, newest sign of life first.
    
    Parameters:
        folder='runs'  Where runs are kept
    
    Returns:
        Runs  of dict: each run's status with its path as `run`
    
    Example:
        runs = ft.runs()
    """
    ...

def leaderboard(
    runs: list,
    split: str = 'test',
    headline: str = '',
    against: str = 'first',
) -> Leaderboard:
    """Compare the tuned models of runs, and each base model they began with, on the rows they have in common.
    
    Raises `ValueError` for runs of different tasks, and evaluations that are missing, stale or damaged.
    
    Parameters:
        runs             Evaluated runs, or their folders
        split='test'     Rows that were answered
        headline=''      Metric to compare by; that of the first run if empty
        against='first'  What all are compared with: the `first` run, the `best`, or the name of one
    
    Returns:
        Leaderboard  `lines`: of each model `name model run value low high n`, and its `difference`
    
    Example:
        ft.leaderboard(['runs/first', 'runs/second'])
    """
    ...

def score(
    references: Any,
    answers: Any,
    *,
    task: str = '',
    train: Any = None,
    headline: str = '',
    turns: str = 'all',
    schema: dict | None = None,
) -> Summary:
    """Score answers that were made elsewhere; no model is needed.
    
    Raises `ValueError` where answers and references do not fit together.
    
    Parameters:
        references   As `ftkit.load` takes it, or JSON lines of `id` and `reference`
        answers      A file of answers, or a dict of them by name; those named `base` and `tuned` are compared
        task=''      Kind of answer: label, labels, json, short or text; inferred if empty
        train=None   Training rows, as `ftkit.load` takes them: they say what the task is; the references do if None
        headline=''  Metric that decides; the task's own if empty
        turns='all'  Of a conversation: `all` answers, or the `last`
        schema=None  JSON Schema of the answers; inferred if None
    
    Returns:
        Summary
    
    Example:
        ft.score('references.jsonl', {'tuned': 'answers.jsonl'}, task='short')
    """
    ...

def metric(name: str, title: str, *args, **about) -> Callable:
    """Declare a metric, below the others. Raises `ValueError` where its name is taken.
    
    Parameters:
        name   In files and frames
        title  In tables
        args   More of `Metric`
        about
    
    Returns:
        Callable  A decorator
    
    Example:
        @ft.metric('please', 'says please', tasks='text')
        def please(answer): return 'please' in answer.lower()
    """
    ...

def help(what: Any = None) -> None:
    """Print what there is, along the road; or what one name does, with what each parameter means.
    
    Parameters:
        what=None  A name, a function or a class; the whole list if not given
    
    Example:
        ft.help()
        ft.help('train')
    """
    ...
