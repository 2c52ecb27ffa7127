# Made by tools/stub.py

from collections import Counter
from collections.abc import Callable
from collections.abc import Iterable
from ftkit.config.settings import RunConfig
from ftkit.data.examples import Examples
from ftkit.data.review import Review
from ftkit.evaluation.gate import GateVerdict
from ftkit.evaluation.judged import Judged
from ftkit.evaluation.judgements import Judgements
from ftkit.evaluation.likeness import Likeness
from ftkit.evaluation.summary import Summary
from ftkit.evaluation.versions import RowsCompared
from ftkit.evaluation.worst import Worst
from ftkit.panels.chat import ChatPanel
from ftkit.panels.evals import EvalsPanel
from ftkit.panels.monitor.panel import MonitorPanel
from ftkit.run.curves import Curves
from ftkit.run.files import Tail
from ftkit.sharing.drift import Drift
from ftkit.sharing.push import Pushed
from ftkit.sharing.serve import Served
from ftkit.sharing.verify import Verified
from pathlib import Path
from typing import Any
import pandas

children: dict

def how_far(status: dict) -> str:
    """Say how far a run is."""
    ...

def said_why(status: dict) -> str:
    """Return the reason for a run's state, ready to be shown."""
    ...

class Run:
    """One run, read from its folder"""
    path: Any
    given: Path
    def __init__(self, path: str | Path) -> None: ...
    def __repr__(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def config(self) -> RunConfig: ...
    def status(self) -> dict:
        """Return the run's status: `v state reason why step of best_step best_loss attempt pid pid_start group
        host boot t elapsed_s cost checkpoint resumable silent_s`.
        
        `silent_s` is above 0 if its process exists and reports nothing.
        
        Returns:
            dict
        
        Example:
            run.status()['state']
        """
        ...
    @property
    def alive(self) -> bool: ...
    def tail(self) -> Tail:
        """Follow its log: each call of `new` gives what came since.
        
        Returns:
            Tail
        
        Example:
            run.tail()
        """
        ...
    def events(self) -> list:
        """Every event, each step once
        
        Returns:
            list
        
        Example:
            [o['loss'] for o in run.events() if o['kind']=='train']
        """
        ...
    def curves(self) -> Curves:
        """Read what it measured so far, in bounded memory, however long it is
        
        Returns:
            Curves
        
        Example:
            run.curves()
        """
        ...
    def history(self) -> 'pandas.DataFrame':
        """Return what was measured, as a pandas frame, one optimizer step a row.
        
        Its columns are named as in transformers' `log_history`: `step loss learning_rate grad_norm … eval_loss`.
        A step that a resumed run made again is there once.
        
        Returns:
            pandas.DataFrame
        
        Example:
            run.history().eval_loss.min()
        """
        ...
    @property
    def environment(self) -> dict:
        """Read what training found: device, dtype, rows per micro-batch, pinned model …; empty before it began"""
        ...
    @property
    def record(self) -> dict:
        """Read what was there when the run was created: versions, machine, where the rows came from"""
        ...
    def rows(self, split: str) -> Examples:
        """The exact rows of this run. Raises `ValueError` for what is not a split.
        
        Parameters:
            split  train, validation or test
        
        Returns:
            Examples
        
        Example:
            run.rows('validation')
        """
        ...
    def summary(self, split: str = 'test') -> dict | None:
        """Read the evaluation on a split, with `stale`: why it no longer describes the run; None if there was none
        
        Parameters:
            split='test'
        
        Returns:
            dict | None
        
        Example:
            run.summary()
        """
        ...
    def log_tail(self, n: int = 4000) -> str:
        """The end of what the libraries printed.
        
        Parameters:
            n=4000  Characters at most
        
        Returns:
            str
        
        Example:
            print(run.log_tail())
        """
        ...
    def open_test(self, by: str) -> int:
        """Count a look at the test rows, in the run and beside the file they came from.
        
        Parameters:
            by  What looks at the test rows, such as `evaluation`
        
        Returns:
            int  How often they have been opened by now, in this run and before it
        
        Example:
            run.open_test('my own script')
        """
        ...
    @property
    def test_opened(self) -> Counter:
        """Count how often the test rows were opened: before this run, and since"""
        ...
    def start(self, again: bool = False) -> Run:
        """Start training in its own process. What is thrown away goes when the new attempt is about to train.
        
        Raises `RuntimeError` if it is running, has finished or has kept something, `ValueError` if its config
        cannot be read or its rows are not those it was made with, `OSError` where its folder cannot be
        written.
        
        Parameters:
            again=False  True to throw away the adapter and checkpoints of an earlier attempt, and their results
        
        Returns:
            Run  At once, while training goes on
        
        Example:
            run.start()
        """
        ...
    def resume(self, elsewhere: bool = False) -> Run:
        """Go on from the newest complete checkpoint, or from the start where there is none, in a new attempt.
        
        On the same kind of machine with the same versions, a CPU gives the adapter of a run that was never
        disturbed, to the last bit. Raises `RuntimeError` if it is running or has finished, `ValueError` if
        config, rows or model are not those it began with, `OSError` where its folder cannot be written.
        
        Parameters:
            elsewhere=False  True if its process is known to have ended on another machine, unseen from here
        
        Returns:
            Run  At once, while training goes on
        
        Example:
            run.resume()
        """
        ...
    def stop(self, now: bool = False, wait_s: float = 0.0) -> bool:
        """Ask a run to stop: after the step it is in, keeping its best weights, or at once.
        
        Raises `RuntimeError` if it was never started, `OSError` where its folder cannot be written.
        
        Parameters:
            now=False   True ends its process at once; the best checkpoint is kept, and the run can be resumed
            wait_s=0.0  Seconds to wait for the run to say that it has heard
        
        Returns:
            bool  True if it has
        
        Example:
            run.stop()
        """
        ...
    def wait(self, every: float = 0.5, say: Callable = ...) -> Run:
        """Wait for a run, telling how it goes: for scripts and terminals.
        
        Parameters:
            every=0.5                 Seconds between looks
            say=<built-in function print>  Called with a line of text now and then
        
        Returns:
            Run  Once it has ended
        
        Example:
            run.wait()
        """
        ...
    def delete(self) -> None:
        """Remove a run with all it holds, also one that is half made.
        
        Raises `RuntimeError` while it is trained, or somebody is at work with it.
        
        Example:
            run.delete()
        """
        ...
    def compare(self, *others: Run | str | Path) -> list:
        """Compare this run with others: results, and the settings that differ.
        
        Parameters:
            others  Runs, or their folders
        
        Returns:
            list  As `compare_runs` gives it
        
        Example:
            run.compare('runs/second')
        """
        ...
    def watch(self, every_s: float = 0.5) -> Run:
        """Wait for a run and show it. The first interrupt asks it to stop, a second one detaches.
        
        Parameters:
            every_s=0.5  Time between looks, in seconds
        
        Returns:
            Run  The same, when it has ended or was let go
        
        Example:
            run.watch()
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
    def evaluate(
        self,
        split: str | Path = 'test',
        again: bool = False,
        *,
        task: str | None = None,
        headline: str | None = None,
        turns: str | None = None,
        max_new_tokens: int | None = None,
        schema: dict | str | Path | None = None,
        general: bool | None = None,
        checker: Callable | str | Path | None = None,
    ) -> Summary:
        """Let base and tuned model answer the same held-out prompts and score the answers, in a separate process.
        
        What an earlier evaluation found is given back if it is of the weights, rows and settings that are there
        now; else they are asked again. Raises `ValueError` if the run has no such rows or no adapter,
        `RuntimeError` if it is at work, or if the process failed.
        
        Parameters:
            split='test'         Rows: `test`, `validation` while you try things out, or a file of others
            again=False          True to answer once more though it was done
            task=None            Kind of answer, one of `TASKS`; as the config says where None
            headline=None        Metric that decides; as the config says where None
            turns=None           Of a conversation `all` answers or the `last`; as the config says where None
            max_new_tokens=None  Of an answer; as the config says where None
            schema=None          JSON Schema of the answers, or its file; inferred where None
            general=None         False to leave out how likely general text has become
            checker=None         `(source, sentence)` → probability of support, or a model's folder
        
        Returns:
            Summary
        
        Example:
            run.evaluate()
            run.evaluate('validation')
        """
        ...
    def answers(self, split: str = 'test', stale: bool = False) -> dict:
        """Read every answer of an evaluation. Empty if there was none. Raises `ValueError` if it is stale.
        
        Parameters:
            split='test'  Rows that were answered
            stale=False   True to have them though they are not of the run as it is now
        
        Returns:
            dict  Model → list of dict with `id`, `answer`, `stopped`, `tokens` and the `scores` of each metric
        
        Example:
            run.answers('test')
        """
        ...
    def score(self, answers: Any, split: str = 'test', **more) -> Summary:
        """Score answers to the rows of a run that were made elsewhere. Raises as `score` does.
        
        Parameters:
            answers       As for `score`
            split='test'  Whose rows were answered
            more          `task`, `headline`, `turns` and `schema`, as for `score`; as the config says where left out
        
        Returns:
            Summary
        
        Example:
            run.score({'tuned': 'mine.jsonl'})
        """
        ...
    def ask(
        self,
        prompts: Any,
        model: str = 'tuned',
        system: str | None = None,
        max_new_tokens: int = 0,
    ) -> Any:
        """Answer a prompt, or a list of them, greedily. The model stays in memory: `forget` gives it back.
        
        Raises `ValueError` for what is not a prompt, another model or a run that has kept nothing.
        
        Parameters:
            prompts           A text, messages or an `Example`; or a list of texts or of `Example`
            model='tuned'     Or `base`, the model as it was before training
            system=None       System prompt where a prompt brings none; None for that of all training rows
            max_new_tokens=0  An answer is cut off after this many; 0 for as many as in an evaluation
        
        Returns:
            Any  The answer, a str; a list of them for a list
        
        Example:
            run.ask('Where is my parcel?')
        """
        ...
    def gate(
        self,
        rules: dict | str | Path | None = None,
        split: str = 'test',
        review: Review | str | Path | list | None = None,
    ) -> GateVerdict:
        """Decide by rules whether a run may be shipped, and keep the verdict with it.
        
        Raises `ValueError` for rules that cannot be meant, a run without weights, and rows that it has not.
        
        Parameters:
            rules=None    Name → bounds, or a YAML file of them; those of the task where None
            split='test'  Whose evaluation is judged
            review=None   Decisions on the training rows; looked for where None
        
        Returns:
            GateVerdict  `outcome` is `ship`, `do not ship` or `cannot tell`; `rules` says why
        
        Example:
            run.gate()
            run.gate('rules.yaml')
        """
        ...
    def judge(
        self,
        against: Any = 'base',
        split: str = 'test',
        n: int = 100,
        *,
        seed: int | None = None,
        name: str = '',
        reviewer: str = '',
        rubric: str = '',
        again: bool = False,
    ) -> Judgements:
        """Compare answers blindly: draw pairs, hide whose they are, take decisions. Raises as `sources_of` does.
        
        Parameters:
            against='base'  `base`, `reference`, another run or its folder, or a list of them
            split='test'    Rows that were answered
            n=100           Pairs at most, drawn at random
            seed=None       Draws rows, order and sides; drawn itself where None
            name=''         Of the session; found where empty
            reviewer=''     Who judges; the user's login name where empty
            rubric=''       What to go by, shown above each pair
            again=False     True for a new session though one is open
        
        Returns:
            Judgements
        
        Example:
            session = run.judge(n=50, name='ann')
        """
        ...
    def judged(self, name: str = '', reveal: bool = False, files: tuple = ()) -> Judged:
        """Say what people judged; with names once it is revealed, which ends the session.
        
        Parameters:
            name=''       Of the session; the newest where empty
            reveal=False  True to end it and read whose answers they were
            files=()      Copies judged elsewhere, summed up with it
        
        Returns:
            Judged  As `judged_of` has it, with `name`, and `stale` in words
        
        Example:
            run.judged()
        """
        ...
    def merge_judgements(self, *files: str | Path, name: str = '') -> int:
        """Append what others decided. Raises `ValueError` for another session, or one that is revealed.
        
        Parameters:
            files    Copies of its file, judged elsewhere
            name=''  Of the session; the newest where empty
        
        Returns:
            int  Decisions that were new
        
        Example:
            run.merge_judgements('bens.jsonl')
        """
        ...
    def grade(
        self,
        which: str = 'random',
        split: str = 'test',
        n: int | None = None,
        *,
        model: str = 'tuned',
        rubric: str = 'Could this answer be sent as it is?',
        seed: int | None = None,
        name: str = '',
        reviewer: str = '',
    ) -> Judgements:
        """Grade answers one at a time, pass or fail. Raises as `draw_answers` does.
        
        Parameters:
            which='random'            Answers: a `random` sample, all `flagged`, or the `worst` first
            split='test'              To which rows
            n=None                    Answers at most; all flagged ones, or 100, where None
            model='tuned'             Whose answers: `tuned`, `base` or `reference`
            rubric='Could this answer be sent as it is?'  What passes
            seed=None                 Draws rows and order; drawn itself where None
            name=''                   Of the session; found where empty
            reviewer=''               Who grades; the user's login name where empty
        
        Returns:
            Judgements
        
        Example:
            run.grade('worst', n=30)
        """
        ...
    def judge_flags(
        self,
        split: str = 'test',
        n: int = 60,
        *,
        flags: tuple = ...,
        model: str = 'tuned',
        rubric: str = '',
        seed: int | None = None,
        name: str = '',
        reviewer: str = '',
    ) -> Judgements:
        """Judge flagged and unflagged sentences, without the flags. Raises as `draw_sentences` does.
        
        Parameters:
            split='test'              Rows whose answers are looked at
            n=60                      Sentences at most, half of them flagged
            flags=('unsupported_', 'low_support')  Names of flags begin so; all where empty
            model='tuned'             Whose answers: `tuned`, `base` or `reference`
            rubric=''                 What a fault is; where empty, by the flags
            seed=None                 Draws sentences and order; drawn itself where None
            name=''                   Of the session; found where empty
            reviewer=''               Who judges; the user's login name where empty
        
        Returns:
            Judgements
        
        Example:
            run.judge_flags(n=30)
        """
        ...
    def worst(self, split: str = 'train', n: int | None = None) -> Worst:
        """List rows, those that the model disagrees with most first, to be read and mended.
        
        Raises `ValueError` for the test rows, and where nothing was measured.
        
        Parameters:
            split='train'  `train`: by first sight; `validation`: by what the trained model says
            n=None         Rows at most; those not seen are in `unseen` in any case
        
        Returns:
            Worst  `rank row id line value reasons …` of each, and `.unseen`
        
        Example:
            worst = run.worst('validation', n=20)
        """
        ...
    def likeness(self, ids: str | Iterable, split: str = 'validation', n: int = 5) -> Likeness:
        """Find the training rows most like some rows in wording: likeness, and no cause.
        
        Raises `ValueError` for another split, and for an id that is not there.
        
        Parameters:
            ids                 Of rows, or one
            split='validation'  Of which split they are: `train` or `validation`
            n=5                 Training rows for each, at most
        
        Returns:
            Likeness  of dict: `id asks answer words`, and in `like` the rows with `likeness` and `same_answer`
        
        Example:
            run.likeness(worst[0]['id'])
        """
        ...
    def compare_rows(self, other: Run | str | Path, split: str = 'validation') -> RowsCompared:
        """List the rows that the next version of a run has fixed, and those that it has broken.
        
        Rows are paired by content. Raises `ValueError` for a run and itself, and where an evaluation does not
        stand.
        
        Parameters:
            other               The run that came after it, or its folder
            split='validation'  Rows; `test` only where you mean to open it, which is counted
        
        Returns:
            RowsCompared  `common`, `fixed`, `broken`, `difference` with its interval and `words`, `edited`, `only`
        
        Example:
            compared = run.compare_rows('runs/second')
        """
        ...
    def judged_flags(self, split: str = 'test') -> list:
        """Return precision and recall of flags, by what people judged of the answers that are there now.
        
        Parameters:
            split='test'  Rows that were answered
        
        Returns:
            list  of dict: `name model people judged precision recall flags words`, the oldest first
        
        Example:
            run.judged_flags()
        """
        ...
    def judged_words(self) -> list:
        """Say in a line each what people judged of a run's answers.
        
        Returns:
            list  of text, one for each session in which something was judged
        
        Example:
            run.judged_words()
        """
        ...
    def compare_answers(self) -> EvalsPanel:
        """Show base against tuned, and the rows behind it.
        
        Returns:
            EvalsPanel
        
        Example:
            run.compare_answers()
        """
        ...
    def export(
        self,
        form: str = 'adapter',
        folder: str | Path = '',
        quant: str = 'f16',
        force: bool = False,
        accept: bool = False,
        pre: str = '',
    ) -> Path:
        """Write a run in one of its forms, with card and settings, and check that it answers as evaluated.
        
        Raises `ValueError` if the run has kept nothing or the form is none, `FileExistsError` if the folder holds
        something else, `RuntimeError` if the answers differ, are of other weights, or the run is at work.
        
        Parameters:
            form='adapter'  `adapter` (all weights after full fine-tuning), `merged`, `vllm`, `gguf` or `ollama`
            folder=''       Where to put it; inside the run if empty
            quant='f16'     Numbers of a GGUF: `f32`, `f16`, `bf16`, `q8_0`, `q5_1`, `q5_0`, `q4_1` or `q4_0`
            force=False     True to replace files that were edited, and to keep what else is there
            accept=False    True to export what has no threshold, or could not be compared
            pre=''          How llama.cpp cuts text, by its name for it; empty to recognise it
        
        Returns:
            Path  The folder
        
        Example:
            run.export()
            run.export('gguf', quant='q8_0')
        """
        ...
    def verify(self, url: str, model: str = '', key: str = '', heard: Callable = ...) -> Verified:
        """Ask a server what was asked in the evaluation, and compare. Test prompts are sent to it.
        
        Raises `ValueError` where nothing was evaluated or the address is none, `RuntimeError` with what the
        server says.
        
        Parameters:
            url             Of a server that speaks OpenAI's protocol, such as `http://127.0.0.1:8000/v1`
            model=''        By which name it is served; empty where there is one only
            key=''          Of the server; empty for what the variable OPENAI_API_KEY holds, if anything
            heard=<lambda>  Called after each answer
        
        Returns:
            Verified  `prompts answers_equal first_difference prompt_tokens stopped apart tuned base headline …`
        
        Example:
            run.verify('http://127.0.0.1:8000/v1')
        """
        ...
    def serve(self, port: int = 0, host: str = '127.0.0.1', key: str = '') -> Served:
        """Serve a run's newest export in OpenAI's protocol. It ends with this process.
        
        Raises `ValueError` where nothing can be served, `RuntimeError` with what the server said if it fails.
        
        Parameters:
            port=0            To listen at; 0 for a free one
            host='127.0.0.1'  This machine alone; `0.0.0.0` for whoever reaches it, with a key
            key=''            That is asked for; made if the server listens beyond this machine
        
        Returns:
            Served  `url model by key`, and `stop()`
        
        Example:
            with run.serve() as served: print(served.url)
        """
        ...
    def push(
        self,
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
        
        Parameters:
            name            On the Hub, with its owner, such as `mira/faq`
            form='adapter'  Of the export: `adapter`, `merged`, `vllm`, `gguf` or `ollama`
            upload=False    True to upload it; else it is said what would be
            quant=''        Of a GGUF, such as `q8_0`; the newest if empty
            public=''       The name once more to let everybody read it; private if empty
            force=False     True to put it beside files that are in the repository already
        
        Returns:
            Pushed  `name public url commit folder form files head warnings`
        
        Example:
            run.push('mira/faq')
        """
        ...
    def pack(
        self,
        out: str | Path,
        *,
        private: bool = False,
        recipe: str | Path = '',
        data: str | Path = '',
        force: bool = False,
    ) -> Path:
        """Pack a run into one file: without checkpoints and caches, with a hash of everything.
        
        Raises `RuntimeError` while the run is at work, `FileExistsError` for a file that may not be replaced.
        
        Parameters:
            out            File to make, such as `run.zip`
            private=False  True to leave out all that quotes a row, and keep hashes of it
            recipe=''      By which its rows were cleaned, to be carried and replayed
            data=''        The file that the rows came from, before they were cleaned, reviewed and split
            force=False    True to replace a file that ftkit did not write, or that was edited since
        
        Returns:
            Path  `out`
        
        Example:
            run.pack('first.zip', private=True)
        """
        ...
    def notebook(
        self,
        path: str | Path = '',
        *,
        private: bool = False,
        recipe: str | Path = '',
        data: str | Path = '',
        check: bool = False,
        repeats: int = 0,
        force: bool = False,
    ) -> Path:
        """Write a notebook that carries a run out again, and the folder it needs.
        
        Raises `ValueError` without an evaluation, `RuntimeError` for a stale one or while the run is at work,
        `FileExistsError` for what may not be replaced.
        
        Parameters:
            path=''        The notebook; `repeat.ipynb` inside the run if empty. Its folder lies beside it
            private=False  True to leave out all that quotes a row, and keep hashes of it
            recipe=''      By which the rows were cleaned, to be carried and replayed
            data=''        The file that the rows came from, before they were cleaned, reviewed and split
            check=False    True to ask again now, so that its outputs have the whole table
            repeats=0      Times to ask again now, to record how far values spread
            force=False    True to replace what was edited, or is something else
        
        Returns:
            Path  `path`
        
        Example:
            run.notebook('repeat.ipynb')
        """
        ...
    def rerun(self, *, train: bool = False, rows: str | Path = '', model: str | Path = '') -> Drift:
        """Carry out a record again, and say what differs, level by level.
        
        Raises `ValueError` or `FileNotFoundError` for what is not a record, or is damaged.
        
        Parameters:
            train=False  True to train once more, too
            rows=''      `data.jsonl` of the run, where the record leaves rows out
            model=''     Folder of the model, where it is another here
        
        Returns:
            Drift
        
        Example:
            run.rerun()
        """
        ...
    def chat(self, against: Any = 'base', system: str | None = None, **settings) -> ChatPanel:
        """Talk with what a run has learned, beside its base model or another run.
        
        Raises `ValueError` for a setting that cannot be, and for a run without weights.
        
        Parameters:
            against='base'  What answers beside it: `base`, another run, or None for one column
            system=None     System prompt; the run's own if None
            settings        Of sampling: `temperature`, `top_p`, `top_k`, `max_new_tokens`, `seed`; greedy without
        
        Returns:
            ChatPanel  Its `chat` is the conversation, for a script
        
        Example:
            run.chat()
        """
        ...
    def kept_examples(self) -> Examples:
        """Read what was kept of a chat as training rows, the newest of several to one prompt.
        
        Raises `FileNotFoundError` where nothing was kept yet.
        
        Returns:
            Examples  Of a preference the better answer; lines that are not rows are in `.dropped`, with the reason
        
        Example:
            run.kept_examples().save('from_chats.jsonl')
        """
        ...
    def kept_preferences(self) -> list:
        """Read which of two answers was kept as the better one. It says what it cannot read.
        
        Returns:
            list  of dict: `prompt chosen rejected`, lists of messages, as trl's DPOTrainer takes them
        
        Example:
            run.kept_preferences()
        """
        ...
    def plot(self, *others: Any, most: int = ..., dark: bool = False) -> Any:
        """Draw the losses, learning rates and samples of runs. Raises `ValueError` where nothing was measured yet.
        
        Parameters:
            others      More of them, to lay over it
            most=600    Points of a curve at most; 0 for as many as there are
            dark=False  True for a dark page
        
        Returns:
            Any  A plotly figure
        
        Example:
            run.plot()
        """
        ...
