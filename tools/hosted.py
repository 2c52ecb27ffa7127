"""The tutorials as notebooks for hosted services: hosted/colab and hosted/kaggle, from nbs/tutorials.

    python tools/hosted.py            # write them
    python tools/hosted.py --check    # are they up to date?
    python tools/hosted.py --badges   # the lines of Markdown that open them"""
import json, re, sys
from pathlib import Path

from hosts import COLAB, HOSTS

ROOT = Path(__file__).resolve().parents[1]
TUTORIALS, HOSTED = ROOT/'nbs'/'tutorials', ROOT/'hosted'
REPO = 'https://github.com/ftkit/ftkit'
PACKAGE = f'ftkit[train] @ git+{REPO}' # Until it is on the package index
LEFT_OUT = {'data'} # Loads no model

def tutorials():
    "The names of the tutorials that are hosted"
    return sorted(o.stem for o in TUTORIALS.glob('*.ipynb') if o.stem not in LEFT_OUT)

BADGES = dict(
    colab=('Open in Colab', 'https://colab.research.google.com/assets/colab-badge.svg',
           'https://colab.research.google.com/github/{}'),
    kaggle=('Open in Kaggle', 'https://kaggle.com/static/images/open-in-kaggle.svg',
            'https://kaggle.com/kernels/welcome?src=https://github.com/{}'))

def badge(host, name):
    "Markdown: a picture that opens a tutorial on a host"
    says,picture,address = BADGES[host]
    file = f"{REPO.removeprefix('https://github.com/')}/blob/main/hosted/{host}/{name}.ipynb"
    return f'[![{says}]({picture})]({address.format(file)})'

def badges(name):
    "Markdown: one line with a badge for each host"
    return ' '.join(badge(o.name, name) for o in HOSTS)

# What is said and done on a host

SAYS = dict(
colab="""\
**On Colab.** This notebook was made for Colab and **not run there**: it was run with the versions that
Colab published on {date}, in classic Notebook 6, which draws panels as Colab's ipywidgets 7.7 does ([what
was tried, and what was not]({docs})). The next cell installs ftkit. PyTorch stays as it is; `datasets`,
`pyarrow` and `huggingface_hub` are upgraded, because TRL asks for it. If Colab asks to restart the
session, do so and go on with the cell after the next.

- A session takes its disk along when it ends. Tick *in_drive* below to work in Google Drive, in
  `MyDrive/ftkit`; Colab then asks for your leave. Without it everything is in `{runs}`.
- While a cell runs, clicks in panels wait until it has ended, and a panel does not repaint by itself. To
  follow a run use `run.watch()`: the ■ of its cell stops the run and keeps the best adapter. Afterwards
  `run.report()` is the same as a page.""",
kaggle="""\
**On Kaggle.** This notebook was made for Kaggle and **not run there**. Kaggle names few of its versions
({date}), and how its editor draws panels is not known to us ([what was tried, and what was not]({docs})).
Switch the internet on first (*Settings*), or nothing can be installed. The next cell installs ftkit.
PyTorch stays as it is; `datasets`, `pyarrow`, `transformers` and `huggingface_hub` are upgraded, because
TRL and ftkit ask for it.

- Runs go to `{runs}`, which Kaggle keeps with the version that you save.
- While a cell runs, clicks in panels wait until it has ended. If a panel stays empty, each of them has
  its numbers without one: `run.watch()` follows a run, and interrupting its cell stops the run and keeps
  the best adapter; `run.report()` is the same as a page; `print(panel.static_text())` is what a panel
  says.""")

INSTALL = """\
# torchao as it is here is too old for peft, which then refuses every adapter; nothing here needs it
%pip uninstall -q -y torchao
%pip install -q "{package}\""""

PLACE = dict(
colab="""\
in_drive = False #@param {{type:"boolean"}}
import os
if in_drive:
    from google.colab import drive
    drive.mount('/content/drive')
folder = '{kept}' if in_drive else '{runs}'
os.makedirs(folder, exist_ok=True)
%cd {{folder}}""",
kaggle='%cd {runs}')

# Said before a cell that calls it
AHEAD = [
    (r'\.panel\(', dict(colab='On Colab this panel shows the run as it is now, and stands still; '
                             '`run.watch()` below follows it.')),
    (r'\.watch\(', dict(colab='On Colab the ■ at the left of this cell is the interrupt.',
                        kaggle='On Kaggle the interrupt is the ■ of this cell, or *Run*, then *Interrupt*.'))]

# Notebooks

def cell(kind, name, source):
    o = dict(cell_type=kind, id=name, metadata={}, source=source.splitlines(True))
    return o if kind=='markdown' else o|dict(execution_count=None, outputs=[])

def opening(text, name):
    "The first cell, with the badges under its title"
    title,_,rest = text.partition('\n')
    return f'{title}\n\n{badges(name)}\n{rest}'

def notes(host, n, source):
    "What is said on a host before a cell"
    for pattern,says in AHEAD:
        if host.name in says and re.search(pattern, source):
            yield cell('markdown', f'host-{n}', says[host.name])

def hosted(host, name):
    "A tutorial as a notebook for a host"
    nb = json.loads((TUTORIALS/f'{name}.ipynb').read_text(encoding='utf-8'))
    first,*rest = nb['cells']
    known = dict(package=PACKAGE, runs=host.runs, kept=host.kept, date=host.date,
                 docs=f'{REPO}/blob/main/docs/hosts.md')
    cells = [cell('markdown', first['id'], opening(''.join(first['source']), name)),
             cell('markdown', 'host-says', SAYS[host.name].format_map(known)),
             cell('code', 'host-install', INSTALL.format_map(known)),
             cell('code', 'host-place', PLACE[host.name].format_map(known))]
    for n,o in enumerate(rest):
        source = ''.join(o['source'])
        if o['cell_type']=='code': cells += notes(host, n, source)
        cells.append(cell(o['cell_type'], o['id'], source))
    kernel = dict(display_name='Python 3', language='python', name='python3')
    return dict(cells=cells, metadata=dict(kernelspec=kernel), nbformat=4, nbformat_minor=5)

def made():
    "`{file: text}` of all of them"
    return {HOSTED/host.name/f'{name}.ipynb':json.dumps(hosted(host, name), ensure_ascii=False, indent=1)+'\n'
            for host in HOSTS for name in tutorials()}

def main(args):
    if '--badges' in args: return print('\n'.join(f'{name}: {badges(name)}' for name in tutorials()))
    files = made()
    old = [o for o,text in files.items() if not o.exists() or o.read_text(encoding='utf-8')!=text]
    over = [o for o in HOSTED.rglob('*.ipynb') if o not in files and '.ipynb_checkpoints' not in o.parts]
    if '--check' in args:
        if old+over: sys.exit(f"{' and '.join(str(o.relative_to(ROOT)) for o in old+over)}: not up to date. "
                              'Run: python tools/hosted.py')
        return
    for o in over: o.unlink()
    for o in old:
        o.parent.mkdir(parents=True, exist_ok=True)
        o.write_text(files[o], encoding='utf-8')

if __name__=='__main__': main(sys.argv[1:])
