"Every panel, filled with rows of ours: for what must hold of all of them."
import atexit
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from ftkit.base.system import sample
from ftkit.config.settings import RunConfig
from ftkit.data.checks.report import check
from ftkit.data.read.load import load
from ftkit.evaluation.judgements import Judgements
from ftkit.panels.chat import ChatPanel
from ftkit.panels.columns import ColumnsPanel
from ftkit.panels.data import DataPanel
from ftkit.panels.evals import EvalsPanel
from ftkit.panels.form.panel import FormPanel
from ftkit.panels.judge import JudgePanel
from ftkit.panels.monitor.panel import MonitorPanel
from ftkit.panels.review.panel import review
import test_panel_chat, test_panel_columns, test_panel_evals, test_panel_form, test_panel_judge
import test_panel_monitor, test_panel_review, test_panel_tokens

@cache
def dirty(): return load(sample('tickets_dirty'), limit=40)
@cache
def found(): return check(dirty())

def look(folder): return DataPanel(dirty(), found())

def form(folder):
    test_panel_form.rows(folder/'train.jsonl', 40)
    cfg = RunConfig('smollm2-135m-instruct', 'train.jsonl', 'validation.jsonl', learning_rate=1e-3)
    return FormPanel(cfg, folder/'config.yaml')

def run(name, n, **state):
    res = test_panel_monitor.Run(name)
    res.go(1, n)
    res.state |= state
    return res

def monitor(folder): return MonitorPanel(run('faq-run', 60))
def runs(folder):
    ended = dict(state='failed', reason='The loss is not a number since step 80.', resumable=True)
    return MonitorPanel([run('lr-2e-4', 60), run('lr-1e-3', 80, **ended)])

@cache
def answered(name):
    "An evaluated run: it is scored once, and only read"
    folder,rows = Path(mkdtemp()),test_panel_evals
    atexit.register(rmtree, folder)
    if name=='evals': return rows.Run(folder, rows.tickets(60))
    return rows.Run(folder, rows.intents(60, 6), opened=3, calibration=dict(tuned=rows.sure(60)))

def evals(folder): return EvalsPanel(answered('evals'))
def labels(folder): return EvalsPanel(answered('labels'))

def judged(session): return JudgePanel(Judgements(session, 'ann'))
def judge(folder): return judged(test_panel_judge.session(folder/'test-1.jsonl', 4))
def grade(folder): return judged(test_panel_judge.single(folder/'test-1.jsonl', 'answers'))
def sentences(folder): return judged(test_panel_judge.single(folder/'test-1.jsonl', 'sentences'))

def chat(folder):
    told = test_panel_chat.Told(name='faq-run')
    said = {o:dict(answer=test_panel_chat.LONG, end='length', tokens=7, seconds=.5) for o in told.sides}
    turn = dict(user='Where is my parcel?', system='Be brief.', settings=told.settings, answers=said)
    told.turns = [turn, turn]
    return ChatPanel(told)

def worst(folder):
    rows = dirty()
    return test_panel_review.worst_of(rows, [30, 7, 12], [3]).review(folder/'review.jsonl', 'ann')

def reviewed(folder): return review(dirty(), folder/'r.jsonl', found(), 'ann')

def columns(folder): return ColumnsPanel(test_panel_columns.faq(folder))
def tokens(folder): return test_panel_tokens.panel(max_length=200)

PANELS = dict( # How each is made, in a folder of its own, and what it says once it is there
    look=(look, '1–20 of'), review=(reviewed, '1–20 of'), columns=(columns, '3 of 3 rows read'),
    tokens=(tokens, 'row 1 of 61'), form=(form, 'not saved'), monitor=(monitor, 'step 60 of 120'),
    runs=(runs, 'lr-1e-3'), evals=(evals, '1–20 of 60'), labels=(labels, '1–20 of 60'),
    judge=(judge, 'Which answer is better?'), grade=(grade, 'Is this answer good enough?'),
    sentences=(sentences, 'Is there a fault'), chat=(chat, 'Retry'), worst=(worst, 'of 3'))
