"""The documentation site in _docs/: docs/, the tutorials, and what is made from the code.

    python tools/make_docs.py            # make it; what Sphinx warns of is an error
    python tools/make_docs.py --pages    # write its pages to build/docs alone; no Sphinx is needed

A link in a page is written as it reads on GitHub. Here it leads to the page that stands for that file, and to
GitHub where there is none."""
import os, posixpath, re, shutil, subprocess, sys
from contextlib import contextmanager
from pathlib import Path

import nbformat
from docs_pages import made, toctree
from readme import AWAY, LINK, ROOT, settings, shown

PAGES, HTML, SITE = ROOT/'build'/'docs', ROOT/'build'/'html', ROOT/'_docs'
PLACES = { # File of the repository: its page, where that is not what `place` says
    'README.md':'index.md', 'docs/index.md':'index.md', 'docs/api.md':'api/index.md', 'docs/img':'img',
    'docs/recipes.md':'project/recipes.md', 'docs/decisions.md':'project/decisions.md',
    'benchmarks/README.md':'project/benchmarks.md', 'CHANGELOG.md':'project/changelog.md',
    'CONTRIBUTING.md':'project/contributing.md', 'SECURITY.md':'reference/security.md',
    'nbs/tutorials':'tutorials/index.md', 'nbs/workshop':'tutorials/index.md',
    'ftkit/cli/parser.py':'cli/index.md', 'ftkit/model/doctor/findings.py':'reference/findings.md',
    'tests/test_mistakes.py':'reference/mistakes.md'}
MADE = {'docs/api.md', 'docs/checks.md'} # Their pages say more, and are made from the code
EXECUTED = {'nbs/tutorials/data.ipynb'}  # They need neither a model nor a network
GREY = '#808a94', 'var(--pst-color-text-muted)' # Of panels' pictures, and as it can be read in light and dark
PICTURES = { # What a cell shows in a notebook that is not executed here: its last line, and the picture
    r'\.look\(':'data', r'\.tokens\(':'tokens', r'\bft\.form\(':'form', r'\.(panel|watch)\(':'monitor',
    r'\.review\(':'review', r'\.compare_answers\(':'evals'}

def sources():
    "Everything of the repository that has a page, or lies beside one"
    for folder,pattern in (('docs', '*.md'), ('docs/guide', '*.md'), ('docs/img', '*.png'),
                           ('nbs/tutorials', '*.ipynb'), ('nbs/workshop', '**/*.ipynb')):
        for o in sorted((ROOT/folder).glob(pattern)):
            if not any(k.startswith('.') for k in o.parts): yield o.relative_to(ROOT).as_posix()
    yield from ('benchmarks/README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md')

def place(name):
    "The page of a file of the repository; empty if it has none"
    if name in PLACES: return PLACES[name]
    if m := re.fullmatch(r'docs/((?:guide|img)/.+)', name): return m[1]
    if m := re.fullmatch(r'docs/([^/]+\.md)', name): return f'reference/{m[1]}'
    m = re.fullmatch(r'nbs/(?:tutorials/|(workshop/))(.+\.ipynb)', name)
    return f"tutorials/{m[1] or ''}{m[2]}" if m else ''

def away(name):
    "Where a file or a folder of the repository is on GitHub"
    cfg = ini()
    kind = 'tree' if (ROOT/name).is_dir() else 'blob'
    return f"{cfg['git_url']}/{kind}/{cfg['branch']}/{name}"

def ini():
    from configparser import ConfigParser
    cfg = ConfigParser(delimiters=['='], interpolation=None)
    cfg.read(ROOT/'settings.ini', encoding='utf-8')
    return cfg['DEFAULT']

def relinked(text, name):
    """Links of a file of the repository as they read on its page

    Raises `FileNotFoundError` for one that leads nowhere."""
    here = posixpath.dirname(place(name))
    def fix(m):
        head,to = m.groups()
        if AWAY.match(to): return m[0]
        to,sharp,anchor = to.partition('#')
        to = posixpath.normpath(posixpath.join(posixpath.dirname(name), to))
        if not (ROOT/to).exists(): raise FileNotFoundError(f'{name} links to {to}, which is not there.')
        page = place(to)
        if not page: return head+away(to)+(sharp+anchor)
        return head+posixpath.relpath(page, here or '.')+(sharp+anchor)
    parts = re.split(r'(^```.*?^```[^\n]*$|^(?:    [^\n]*\n)+)', text, flags=re.M|re.S)
    return ''.join(o if i%2 else LINK.sub(fix, o) for i,o in enumerate(parts))

# Notebooks

@contextmanager
def renamed(name):
    "Whoever makes the site is called otherwise in what it shows"
    was = os.environ.get('LOGNAME')
    os.environ['LOGNAME'] = name
    try: yield
    finally:
        if was is None: del os.environ['LOGNAME']
        else: os.environ['LOGNAME'] = was

def executed(nb):
    "Run a notebook in a folder of its own, and keep what a reader without a kernel sees"
    import tempfile
    from nbclient import NotebookClient
    with tempfile.TemporaryDirectory() as folder:
        where = dict(metadata=dict(path=folder))
        with renamed('ann'): NotebookClient(nb, timeout=300, resources=where).execute()
    for c in nb.cells:
        if c.cell_type!='code': continue
        c.outputs = [o for o in c.outputs if o.get('name')!='stderr']
        for data in (o.data for o in c.outputs if 'data' in o):
            data.pop('application/vnd.jupyter.widget-view+json', None)
            if 'text/html' in data:
                data.pop('text/plain', None)
                data['text/html'] = data['text/html'].replace(*GREY)
    nb.metadata.pop('widgets', None)
    return nb

def illustrated(nb, up):
    "Put the pictures of docs/img behind the cells that open a panel, each once"
    cells,left = [],dict(PICTURES)
    for c in nb.cells:
        cells.append(c)
        last = c.source.splitlines()[-1:] if c.cell_type=='code' else []
        found = next((k for k in left if last and re.search(k, last[0])), None)
        if found:
            name = left.pop(found)
            cells.append(nbformat.v4.new_markdown_cell(
                f'![The panel of such a cell, from a run of another day]({up}img/{name}.png)'))
    nb.cells = cells
    return nb

def notebook(name, execute):
    "The text of a notebook's page"
    nb = nbformat.read(ROOT/name, as_version=4)
    for c in nb.cells:
        if c.cell_type=='markdown': c.source = relinked(c.source, name)
    nb = shown(nb)
    page = place(name)
    if name in EXECUTED and execute: nb = executed(nb)
    elif name not in EXECUTED: nb = illustrated(nb, posixpath.relpath('.', posixpath.dirname(page))+'/')
    nb.cells.insert(1, nbformat.v4.new_markdown_cell(
        f'*This page is a notebook: [{name}]({away(name)}). Its pictures were taken of runs of another day.*'
        if name not in EXECUTED else
        f'*This page is a notebook, as it ran when the page was made: [{name}]({away(name)}).*'))
    return nbformat.writes(nb)

def tutorials(names):
    "The page that lists the tutorials"
    order = ['quickstart', 'data', 'legal', 'clinic', 'support']
    def key(o): return 'workshop' in o, (order+[Path(o).stem]).index(Path(o).stem), o
    books = sorted((o for o in names if o.endswith('.ipynb')), key=key)
    listed = ''
    for o in books:
        text = next(c.source for c in nbformat.read(ROOT/o, as_version=4).cells if c.cell_type=='markdown')
        says = re.search(r'^> *(.+)$', text, re.M)
        title = re.search(r'^# *(.+)$', text, re.M)[1]
        says = f': {says[1]}' if says else ''
        listed += f"- [{title}]({posixpath.relpath(place(o), 'tutorials')}){says}\n"
    tree = '\n'.join(posixpath.relpath(place(o), 'tutorials').removesuffix('.ipynb') for o in books)
    return ('# Tutorials\n\nNotebooks that run from top to bottom. `make lab` opens the first in '
            f'JupyterLab.\n\n{listed}\n{toctree(tree.split())}')

# The whole

ORDER = {'reference':['settings', 'checks', 'findings', 'mistakes', 'faq', 'run-folder', 'glossary'],
         'project':['changelog', 'benchmarks', 'decisions', 'recipes', 'contributing']}

def listed(folder, texts):
    "The page that lists a folder of pages: those of `ORDER`, then what else is there"
    found = {Path(page).stem:re.search(r'^# +(.+)$', text, re.M)[1] for page,text in texts.items()
             if posixpath.dirname(page)==folder}
    names = sorted(found, key=lambda o: (ORDER[folder].index(o) if o in ORDER[folder] else 99, o))
    lines = [f'- [{found[o]}]({o}.md)' for o in names]
    if folder=='reference':
        lines.insert(0, '- [Command line and exit codes](../cli/index.md)')
        names.insert(0, '/cli/index')
    return f'# {folder.capitalize()}\n\n'+'\n'.join(lines)+f'\n\n{toctree(names)}'

def pages(execute=True):
    "Yield `(page, text, or the path of a file that is copied)`"
    names = [*sources()]
    for name in names:
        path = ROOT/name
        if name in MADE: continue
        if path.suffix=='.png': yield place(name), path
        elif path.suffix=='.ipynb': yield place(name), notebook(name, execute)
        else:
            text = settings() if name=='docs/settings.md' else path.read_text(encoding='utf-8')
            yield place(name), relinked(text, name)
    yield 'tutorials/index.md', tutorials(names)
    yield from made()

def whole(execute=True):
    "All pages by their place, lists of folders too"
    found = dict(pages(execute))
    texts = {k:o for k,o in found.items() if k.endswith('.md')}
    return found|{f'{o}/index.md':listed(o, texts) for o in ORDER}

def assemble(to=PAGES, execute=True):
    "Write all pages, and remove what was there"
    shutil.rmtree(to, ignore_errors=True)
    for page,text in whole(execute).items():
        (to/page).parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, Path): shutil.copy(text, to/page)
        else: (to/page).write_text(text, encoding='utf-8')
    return to

def main(args):
    print('→ writing the pages', flush=True)
    assemble()
    if '--pages' in args: return
    print('→ making the site', flush=True)
    shutil.rmtree(HTML, ignore_errors=True)
    done = subprocess.run([sys.executable, '-m', 'sphinx', '-q', '-b', 'html', '-W', '--keep-going', '-n',
                           '-c', ROOT/'docs', '-d', ROOT/'build'/'doctrees', PAGES, HTML])
    if done.returncode: sys.exit(done.returncode)
    shutil.rmtree(SITE, ignore_errors=True)
    HTML.rename(SITE)
    print(f'The site is in {SITE}: open index.html there. It asks nothing of any server.')

if __name__=='__main__': main(sys.argv[1:])
