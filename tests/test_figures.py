"Figures hold the numbers they are of, keep names as text, and leave little in a notebook."
import base64, copy, json, pickle, re, subprocess, sys
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import ftkit as ft
import nbformat
import pytest
from ftkit.data.checks.issue import Issue
from ftkit.data.checks.report import Report
from ftkit.plots.look import CUT, distinct, literal, unmarked
from ftkit.plots.figure import MIME
from ftkit.plots.svg import figure_svg
from ftkit.plots.rows import plot_findings
from hypothesis import given, settings, strategies as st
from nbclient import NotebookClient

HOSTILE = (
    '<a href="https://example.com"><b>x</b></a> $x$ &lt;i&gt; \u202e\x00\ufffe '
    '</svg><script>alert(1)</script>')
SVG = '{http://www.w3.org/2000/svg}'
RUN = """import math
from pathlib import Path
import ftkit as ft
from ftkit.run.log import RunLog
from ftkit.data.splits.sets import Splits
rows = [dict(prompt=f'{i} {i*i}', completion='x'*i) for i in range(1, 60)]
Splits(dict(train=ft.load(rows[:50]), validation=ft.load(rows[50:]))).save('data')
cfg = ft.RunConfig('tiny-random', 'data/train.jsonl', 'data/validation.jsonl', num_train_epochs=60)
run = cfg.create(Path('runs')/NAME)
log = RunLog(run.path, 1)
for i in range(1, 701):
    log.event('train', step=i, of=700, loss=2/i+math.sin(i)/9, learning_rate=1e-4/i, tokens=i,
              tokens_per_s=8.)
    if i%35==0: log.event('eval', step=i, loss=abs(i-400)/1000+.123456789)"""

MEMORY = """from ftkit.model.shapes import config_of, shape_of; from ftkit.model.memory import estimate
estimate(shape_of(config_of('qwen2.5-0.5b')), device='cuda').plot().show()"""

def lines(fig): return {unmarked(o.name):(list(o.x), list(o.y)) for o in fig.data}
def issues(name): return [Issue(name, 'error', None, None, 'it is so')]

class Tags(HTMLParser):
    def __init__(self, text): super().__init__(); self.found = []; self.feed(text)
    def handle_starttag(self, tag, attrs): self.found.append(tag)

def code(*sources): return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(o) for o in sources])

def test_nothing_loads_plotly_before_a_figure_is_made():
    for o in ('ftkit', 'ftkit.plots.look, ftkit.plots.run'):
        out = subprocess.run([sys.executable, '-c', f"import {o}, sys\nprint('plotly' in sys.modules)"],
                             capture_output=True, text=True)
        assert out.stdout=='False\n', out.stderr

@pytest.fixture(scope='module')
def saved(tmp_path_factory):
    "A notebook with three figures, as it is saved after it was run, and the run it is of"
    d = tmp_path_factory.mktemp('figures')
    name = HOSTILE.replace('/', '|').replace('\x00', '')
    nb = code(f'NAME = {name!r}\n{RUN}\nrun.plot()', 'ft.load(rows).plot()', MEMORY)
    NotebookClient(nb, timeout=120, resources=dict(metadata=dict(path=str(d)))).execute()
    return nb, nbformat.writes(nb), ft.attach(d/'runs'/name)

def test_a_saved_notebook_with_three_figures_is_small(saved):
    nb,text,_ = saved
    shown = [o['data'] for c in nb.cells for o in c.outputs if 'data' in o]
    left = json.dumps(shown)
    assert [sorted(o) for o in shown] == [[MIME, 'image/svg+xml', 'text/plain']]*3
    assert len(text.encode())<200_000
    assert not [o for o in ('plotly.min.js', 'cdn.plot', '<script') if o in left]

def test_a_page_made_of_it_shows_the_svg(saved):
    from nbconvert import HTMLExporter
    page = HTMLExporter(template_name='basic', exclude_input=True).from_notebook_node(saved[0])[0]
    pictures = [base64.b64decode(o).decode() for o in re.findall(r'data:image/svg\+xml;base64,([\w+/=]+)',
        page)]
    titles = [next(ET.fromstring(o).iter(SVG+'text')).text.split()[:2] for o in pictures]
    assert titles[:2]==[['Run', '<a'], ['Lengths', 'of']] and titles[2][1]=='GiB,'
    assert '<script>alert' not in page

def test_numbers_are_those_of_the_run(saved):
    run = saved[2]
    seen,history = lines(run.plot(most=0)),run.history()
    assert seen['train']==(history.step.tolist(), history.loss.tolist())
    valid = history.dropna(subset='eval_loss')
    assert seen['validation']==(valid.step.tolist(), valid.eval_loss.tolist())
    best = valid.loc[valid.eval_loss.idxmin()]
    assert seen['best']==([best.step], [best.eval_loss])
    rate = next(v for k,v in seen.items() if k.endswith('learning rate'))
    assert rate==(history.step.tolist(), history.learning_rate.tolist())
    few = lines(run.plot())['train']
    assert len(few[0])<=600 and set(zip(*few))<=set(zip(*seen['train'])) and max(few[1])==history.loss.max()

def test_the_svg_has_the_same_points(saved):
    "Pixels are a straight line of the numbers, to the tenth of a pixel they are written with"
    fig = saved[2].plot()
    steps,losses = lines(fig)['validation']
    dots = [o for o in ET.fromstring(fig.svg()).iter(SVG+'circle') if o.get('r')=='2.5']
    assert len(dots)==len(steps)==20
    for values,key in ((steps, 'cx'), (losses, 'cy')):
        at = [float(o.get(key)) for o in dots]
        lo,hi = values.index(min(values)),values.index(max(values))
        slope = (at[hi]-at[lo])/(values[hi]-values[lo])
        assert all(abs(at[lo]+slope*(v-values[lo])-p)<=.21 for v,p in zip(values, at))

def test_a_figure_can_be_copied_pickled_and_restyled(saved):
    fig = saved[2].plot()
    for o in (copy.deepcopy(fig), pickle.loads(pickle.dumps(fig)),
              fig.update_layout(title='Mine', width=900)):
        assert type(o) is type(fig) and o.data==fig.data
    assert 'viewBox="0 0 900 ' in fig.svg() and '>Mine<' in fig.svg()

def test_hostile_names_are_text():
    fig = plot_findings(Report(issues(HOSTILE), ft.load([dict(prompt='x', completion='y')])))
    sent = json.dumps(fig._repr_mimebundle_()[MIME], ensure_ascii=False)
    assert not [o for o in ('<b>', '<a ', '<script', '$x$', '\u202e', '\x00') if o in sent]
    root = ET.fromstring(fig.svg())
    assert {o.tag.removeprefix(SVG) for o in root.iter()}<={'svg', 'rect', 'text', 'path'}
    assert any('<a href="https://example.com"><b>x</b>' in (o.text or '') for o in root.iter(SVG+'text'))
    assert set(Tags(fig.svg()).found)<={'svg', 'rect', 'text', 'path'} # To a browser too

@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(max_size=80), max_size=4))
def test_any_name_is_shown_and_told_apart(names):
    assert all(not set('<>$') & set(o) for o in distinct(names)) and len(set(distinct(names)))==len(names)
    assert all(unmarked(literal(o))==o for o in names if o.isalnum() and o.isascii() and len(o)<=CUT)
    report = Report([i for o in names for i in issues(o)], ft.load([dict(prompt='x', completion='y')]))
    fig = plot_findings(report)
    ET.fromstring(fig.svg())
    assert sum(sum(o.x) for o in fig.data)==len(names)

def test_figures_of_plotlys_own_are_drawn():
    import plotly.express as px
    import plotly.graph_objects as go
    bars = figure_svg(px.bar(x=['a', 'b', 'a'], y=[1, 2, 3], color=['u', 'u', 'v']))
    assert {'a', 'b', 'u', 'v'}<={o.text for o in ET.fromstring(bars).iter(SVG+'text')}
    dots = figure_svg(px.scatter(x=[1, 10, 100], y=[3., float('nan'), 5.], log_x=True))
    assert len([*ET.fromstring(dots).iter(SVG+'circle')])==2
    assert 'not drawn here: pie' in figure_svg(go.Figure(go.Pie(values=[1])))
