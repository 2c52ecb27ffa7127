"A list in a panel that ends early says how many more there are, and what gives all of them."
import html
from types import SimpleNamespace
from ftkit.base.lines import append_jsonl
from ftkit.base.system import sample
from ftkit.data.checks.issue import Issue
from ftkit.data.read.load import load
from ftkit.data.review import Review
from ftkit.evaluation.score import asked_of
from ftkit.evaluation.summary import summarize
from ftkit.panels.columns import columns
from ftkit.panels.data import look
from ftkit.panels.evals import compare
from ftkit.panels.monitor.picture import _answers_html
from ftkit.panels.review.panel import review

class Evaluated:
    "As much of a run as the panel asks for"
    name = 'first'
    def __init__(self, path, rows, base, tuned):
        self.path,self.examples,a = path,rows,asked_of(rows, rows)
        answers = dict(base=base, tuned=tuned)
        found = {k:a.score_all([dict(answer=o, stopped=True) for o in v]) for k,v in answers.items()}
        for k,v in found.items():
            for o in v: append_jsonl(path/f'evals/test/{k}.jsonl', o)
        self.found = summarize(found, a, 'test')
    def summary(self, split='test'): return self.found
    def judged_flags(self, split='test'): return []
    def rows(self, split): return self.examples

def shown(panel):
    "What a panel tells the browser when it opens, by kind; its picture; its text"
    sent = []
    panel.send = sent.append
    panel.hear(dict(kind='ready'))
    return {o['kind']:o for o in sent}, html.unescape(panel.static_html()), panel.static_text()

def widened(found, n):
    "A summary of three labels as if there were `n`, each but the last taken for the next one"
    names = [f'l{i}' for i in range(n)]
    row = next(iter(found['classes']['tuned'].values()))
    counts = [[int(j==(i+1)%n) for j in range(n+1)] for i in range(n-8)]+[[0]*(n+1)]*8
    matrix = dict(labels=names, columns=[*names, 'none'], counts=counts)
    return dict(classes={k:dict.fromkeys(names, row) for k in found['classes']},
                confusion={k:matrix for k in found['classes']})

def test_many_labels(tmp_path):
    rows = load([dict(text=f'Message {i}', label=f'l{i%3}') for i in range(30)])
    said = [o.answer for o in rows]
    run = Evaluated(tmp_path, rows, said, [*said[1:], 'l0'])
    run.found |= widened(run.found, 310)
    sent,picture,text = shown(compare(run))
    where = 'run.summary().classes_frame(), or ftkit eval RUN --json'
    assert len(sent['summary']['classes'])==300
    assert sent['summary']['rest']['classes']==f'and 10 more labels; all: {where}'
    pairs = 'and 294 more mistakes; all: run.summary().confusion_frame(), or ftkit eval RUN --json'
    assert len(sent['matrix']['mistakes'])==8 and sent['matrix']['rest']==pairs
    undrawn = ('The matrix of tuned, of 310 labels, is not drawn here. '
               'All of it: run.summary().confusion_frame()')
    assert sent['matrix']['undrawn'].startswith(undrawn)
    for o in (picture, text):
        assert undrawn in o and undrawn.replace('tuned', 'base') in o.replace("frame('base')", 'frame()')
        assert pairs in o and f'and 290 more labels; all: {where}' in o
    assert 'more tuned wrong rows; all: run.compare_answers()' in picture and len(picture.encode())<50_000

def test_a_matrix_of_some_labels_is_drawn_once_and_the_other_is_named(tmp_path):
    rows = load([dict(text=f'Message {i}', label=f'l{i%30}') for i in range(90)])
    said = [o.answer for o in rows]
    _,picture,text = shown(compare(Evaluated(tmp_path, rows, said, said)))
    for o in (picture, text):
        assert 'tuned: references (rows) by answers' in o and 'base: references (rows)' not in o
        assert "All of it: run.summary().confusion_frame('base')" in o and 'and 10 more labels' in o

def test_many_fields(tmp_path):
    answer = '{'+','.join(f'"f{i}":{{}}' for i in range(304))+'}'
    rows = load([dict(prompt=f'Order {n}', completion=answer.replace('{}', str(n))) for n in range(3)])
    said = [o.answer for o in rows]
    sent,picture,_ = shown(compare(Evaluated(tmp_path, rows, said, said)))
    where = "run.summary()['fields'], or ftkit eval RUN --json"
    of = len(sent['summary']['fields'])
    assert of==300 and sent['summary']['rest']['fields'].endswith(f'more fields; all: {where}')
    assert f'more fields; all: {where}' in picture

def test_findings_notes_and_dropped_rows():
    rows = load([dict(prompt=f'q{i}', completion=f'a{i}') for i in range(4)]+[dict(prompt='q')]*60)
    rows.notes = tuple(f'note {i}' for i in range(12))
    some = [Issue(f'check{i}', 'warning', None, None, 'about all') for i in range(55)]
    some += [Issue(f'row{i}', 'warning', rows[0].id, rows[0].line, 'about one') for i in range(25)]
    sent,picture,_ = shown(look(rows, some))
    assert sent['head']['rest']=='and 5 more findings; all: examples.check().to_pandas()'
    assert sent['head']['lost']=='60 dropped, the first 50 of them; all: examples.dropped'
    assert 'and 47 more findings; all: examples.check().to_pandas()' in picture
    assert 'and 4 more notes; all: examples.notes' in picture
    assert 'more checks; all: examples.check()' in picture

def test_many_columns_and_turns():
    talk = [dict(role=('user', 'assistant')[i%2], content=f'turn {i}') for i in range(12)]
    panel = columns([dict(messages=talk, **{f'c{i}':i for i in range(60)})]*3)
    sent,picture,text = shown(panel)
    assert len(sent['columns']['columns'])==61
    assert [o['rest'] for o in sent['preview']['rows']]==['and 4 more turns']*3
    assert 'and 11 more columns; all: this panel with a kernel' in picture and 'and 4 more turns' in picture
    assert 'c59: kept as it is' in text

def test_lines_of_a_review_that_cannot_be_read(tmp_path):
    (tmp_path/'r.jsonl').write_text('no json\n'*25)
    panel = review(load(sample('tickets_dirty')), str(tmp_path/'r.jsonl'), reviewer='ann')
    sent = shown(panel)[0]['head']
    assert (len(sent['unread']), sent['unread_n'])==(21, 25)
    assert sent['unread'][-1]=='and 5 more lines; all: review.unread'

def test_sample_prompts():
    def event(i): return dict(step=3, text=f'answer {i}', answer=f'answer {i}', kind='sample')
    found = SimpleNamespace(beside=lambda: [(f'prompt {i}', None, None) for i in range(6)])
    assert 'and 2 more prompts; all: run.report()' in str(_answers_html(found))
    found = SimpleNamespace(beside=lambda: [('prompt', None, None)]*4)
    assert 'more' not in str(_answers_html(found)) and len(_answers_html(found))==2
