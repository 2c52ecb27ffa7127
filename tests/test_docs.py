"""The documentation: the code of the guide runs, its commands parse, its links lead somewhere, and what is
made from the code is whole. Sphinx itself is run by `make docs`."""
import argparse, posixpath, re, shlex, shutil
from pathlib import Path

import ftkit as ft
import make_docs
import pytest

ROOT = make_docs.ROOT
GUIDE = sorted((ROOT/'docs'/'guide').glob('*.md'))
TEXTS = [*GUIDE, *(ROOT/'docs'/o for o in ('index.md', 'faq.md', 'run-folder.md'))]
BLOCK = re.compile(r'(?:^<!-- (not run|refused): (.+?) -->\n)?^```(\w+)\n(.*?)^```$', re.M | re.S)
BEGINS = re.compile(r'^<!-- begins with: (rows|run) -->$', re.M)
NOT_RUN = { # Blocks that are only compiled: page, and why
    ('start', 'it trains a real model for minutes; the other pages run each of its lines'),
    ('train', 'the run above has ended, so there is nothing to stop or to resume'),
    ('evaluate', 'there is one run here'),
    ('export', 'each asks the prompts once more; tests/test_exports.py runs them'),
    ('export', 'it keeps a process with both models open until it is closed'),
    ('export', 'server'), ('export', 'network')}

def blocks(path):
    "`(mark, why, language, text, line)` of each block of a page"
    text = path.read_text(encoding='utf-8')
    for m in BLOCK.finditer(text): yield *m.groups(default=''), text.count('\n', 0, m.start(4))+1

def test_what_is_not_run_is_listed():
    found = {(o.stem, why) for o in GUIDE for mark,why,*_ in blocks(o) if mark=='not run'}
    assert found==NOT_RUN
    run = [o for p in GUIDE for o in blocks(p) if o[2]=='python' and o[0]!='not run']
    assert len(run)>30 # Most of what is shown

def rows(folder):
    exs = ft.load(ft.sample(), limit=60)
    exs.split((.7, .15, .15)).save(folder/'data')

@pytest.fixture
def folder(tmp_path, tiny_cache, monkeypatch):
    shutil.copytree(tiny_cache, tmp_path/'cache')
    monkeypatch.setenv('FTKIT_CACHE', str(tmp_path/'cache'))
    (tmp_path/'here').mkdir()
    monkeypatch.chdir(tmp_path/'here')
    return tmp_path/'here'

@pytest.mark.parametrize('page', GUIDE, ids=[o.stem for o in GUIDE])
def test_the_guide_runs(page, folder, request):
    "Its Python, in order, with a tiny random model in the place of the demo model"
    begins = BEGINS.findall(page.read_text(encoding='utf-8'))
    if begins==['rows']: rows(folder)
    if begins==['run']:
        (folder/'runs').mkdir()
        shutil.copytree(request.getfixturevalue('trained_once')/'run', folder/'runs'/'faq', symlinks=True)
    space = dict(__name__='guide')
    for mark,why,kind,text,line in blocks(page):
        if kind!='python': continue
        text = text.replace('smollm2-135m-instruct', 'tiny-random')
        code = compile('\n'*line+text, page.name, 'exec')
        if mark=='not run': continue
        if mark=='refused':
            with pytest.raises(Exception) as e: exec(code, space)
            assert type(e.value).__name__==why
        else: exec(code, space)
    if page.stem=='train': assert space['run'].status()['state']=='finished'

def commands(path):
    "`(line, words)` of each command in a page's shell blocks"
    for *_,kind,text,_ in blocks(path):
        if kind=='sh': yield from ((o, shlex.split(o, comments=True)) for o in text.splitlines() if o.strip())

@pytest.mark.parametrize('page', TEXTS, ids=[o.stem for o in TEXTS])
def test_commands_are_those_of_the_parser(page, capsys):
    from ftkit.cli.parser import parser
    for line,words in commands(page):
        assert words[0] in ('ftkit', 'make', 'pip', 'git'), line
        if words[0]=='make': assert f'\n{words[1]}:' in (ROOT/'Makefile').read_text()
        if words[0]!='ftkit': continue
        try: parser().parse_args(words[1:])
        except SystemExit: pytest.fail(f'{line}\n{capsys.readouterr().err}')

def test_every_command_of_the_road_is_in_the_guide():
    said = {o[1] for p in GUIDE for _,o in commands(p) if o[0]=='ftkit'}
    from ftkit.cli.parser import parser
    sub = next(o for o in parser()._actions if isinstance(o, argparse._SubParsersAction))
    assert set(sub.choices)-said<={'report', 'notebook'}

# The pages that are put together

@pytest.fixture(scope='module')
def pages(tmp_path_factory, tiny_cache):
    with pytest.MonkeyPatch.context() as m:
        m.setenv('FTKIT_CACHE', str(tiny_cache))
        return make_docs.whole(execute=False)

def test_links_are_put_to_the_pages_of_their_files():
    def made(text): return make_docs.relinked(text, 'docs/guide/data.md')
    code = 'as\n\n    [a](../checks.md)\n\nand\n\n```\n[b](../no.md)\n```\n'
    assert made(code+'[c](../checks.md#pii) [d](https://x.org) [e](#here)')==(
        code+'[c](../reference/checks.md#pii) [d](https://x.org) [e](#here)')
    assert made('[a](../../tests/test_mistakes.py) [b](../img/data.png)')==(
        '[a](../reference/mistakes.md) [b](../img/data.png)')
    assert made('[a](../../ftkit/static)').endswith('/tree/main/ftkit/static)')
    assert made('[a](../../nbs/tutorials/data.ipynb)')=='[a](../tutorials/data.ipynb)'
    with pytest.raises(FileNotFoundError, match='data.md links to docs/no.md, which'): made('[a](../no.md)')

def anchors(text):
    "As GitHub and MyST make them"
    text = re.sub(r'^```.*?^```', '', text, flags=re.M | re.S)
    found = re.findall(r'^#+ +(.+?) *$', text, re.M)
    named = re.findall(r'^:::\{py:\w+\} ([\w.]+)', text, re.M)
    def slug(o): return re.sub(r'[^\w\s-]', '', re.sub(r'[`*]', '', o).lower()).replace(' ', '-')
    return {*map(slug, found), *named}

def test_links_within_the_site_lead_somewhere(pages):
    lost = []
    for page,text in pages.items():
        if not page.endswith('.md'): continue
        bare = re.sub(r'^```.*?^```|`[^`\n]*`', '', text, flags=re.M | re.S)
        for _,to in make_docs.LINK.findall(bare):
            if re.match(r'[a-z]+:', to): continue
            to,_,anchor = to.partition('#')
            to = posixpath.normpath(posixpath.join(posixpath.dirname(page), to)) if to else page
            if to not in pages or anchor and to.endswith('.md') and anchor not in anchors(pages[to]):
                lost.append((page, to, anchor))
    assert lost==[]

def test_each_page_is_in_a_list_of_pages(pages):
    named = set()
    for page,text in pages.items():
        if not page.endswith('.md'): continue
        for tree in re.findall(r'^```\{toctree\}\n(.*?)^```', text, re.M | re.S):
            for o in tree.split():
                if not o.startswith(':'): named.add(posixpath.normpath(posixpath.join(
                    posixpath.dirname(page), o) if o[0]!='/' else o[1:]))
    assert {o.rpartition('.')[0] for o in pages if o.endswith(('.md', '.ipynb'))}-named=={'index'}

def test_the_api_has_every_name_and_what_its_parameters_mean(pages):
    api = ''.join(o for k,o in pages.items() if k.startswith('api/'))
    for names in ft.ROAD.values():
        for o in names.split(): assert re.search(rf'^:::\{{py:\w+\}} {re.escape(o)}\b', api, re.M), o
    assert '| `max_length` |' in api and '| `folder` | `\'\'` | Where to put it' in api
    assert ' at 0x' not in api

def test_every_check_has_an_example_and_no_figure_is_made_up(pages):
    import docs_pages
    from ftkit.data.checks.issue import CHECKS
    text = pages['reference/checks.md']
    assert re.findall(r'^## (.+)$', text, re.M)==[o.name for o in CHECKS]
    benchmarks = (ROOT/'benchmarks'/'README.md').read_text(encoding='utf-8')
    assert [o for o,_ in docs_pages.MEASURED.values() if o not in benchmarks]==[]
    assert {*docs_pages.MEASURED}<={o.name for o in CHECKS}

def test_every_finding_is_explained(pages):
    from ftkit.model.doctor.findings import _LOOKS
    from ftkit.model.doctor.tokenizer import ERRORS, MODEL_LIMITS, WARNINGS
    named = re.findall(r'^### (.+)$', pages['reference/findings.md'], re.M)
    assert named==[*ERRORS, *MODEL_LIMITS, *WARNINGS]
    assert all(words.__doc__ for *_,words in _LOOKS)

def test_every_mistake_is_there_with_its_way_out(pages):
    import test_mistakes
    text = pages['reference/mistakes.md']
    for stage,typed,_,step in test_mistakes.ALL:
        assert f'| `{typed}` |' in text and f'## {stage.capitalize()}\n' in text, typed
    assert '/tmp' not in text

def test_the_glossary_has_the_words_of_contributing(pages):
    words = (ROOT/'CONTRIBUTING.md').read_text(encoding='utf-8')
    words = words.partition('\n## Words\n')[2].partition('\n## ')[0]
    assert pages['reference/glossary.md'].count('\n  ')==len(re.findall(r'^\| ', words, re.M))-1

def test_every_file_of_a_run_is_described(trained_once):
    text = (ROOT/'docs'/'run-folder.md').read_text(encoding='utf-8')
    run = trained_once/'run'
    names = {o.name for o in run.iterdir()}|{o.name for o in (run/'evals'/'test').iterdir()}-{'test'}
    assert [o for o in names if o.removesuffix('.jsonl').split('.')[0] not in text]==[]
    from ftkit.run.folder import Run
    kinds = {o['kind'] for o in Run(run).events()}
    assert [o for o in kinds if f'| `{o}` |' not in text]==[]

def test_questions_are_short():
    text = (ROOT/'docs'/'faq.md').read_text(encoding='utf-8')
    some = re.split(r'^## ', text, flags=re.M)[1:]
    assert 12<=len(some)<=20 and all(o.splitlines()[0].endswith('?') and len(o.split())<90 for o in some)
