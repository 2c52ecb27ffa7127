"""Each notebook of the workshop, with a tiny model: as it is found it says what to look at, and with its
solutions put in place that it is right."""
import os, shutil, subprocess, sys

import nbformat, pytest

import workshop

REAL, TINY = "MODEL = 'smollm2-135m-instruct'", "MODEL = 'tiny-random'"
FASTER = 'learning_rate=2e-3', 'learning_rate=.5' # So that the tiny model's validation loss turns
EXERCISES = ['01_faults', '02_mask', '03_leak', '04_overfit', '05_judge', '06_decide']

def opened(name): return nbformat.read(workshop.SOURCE/f'{name}.ipynb', as_version=4)

@pytest.fixture(scope='module')
def folder(trained):
    "What `make workshop` puts into notebooks/, with a tiny run"
    workshop.copy_notebooks(here := trained.path.parent/'notebooks')
    trained.pack(here/'prepared.zip')
    return here

def test_there_are_six(): assert [o.stem for o in workshop.exercises()]==EXERCISES

@pytest.mark.parametrize('name', EXERCISES)
def test_solutions_are_right_and_what_is_found_is_not(name, folder):
    nb = workshop.rehearsed(opened(name))
    for c in nb.cells: c.source = c.source.replace(REAL, TINY).replace(*FASTER)
    said = workshop.said(workshop.execute(nb, folder, timeout=120))
    assert said and all(o.startswith(workshop.NOT_YET) for o in said[::2]), said
    assert all(o.startswith(workshop.RIGHT) for o in said[1::2]), said

@pytest.mark.parametrize('name', EXERCISES)
def test_each_has_what_an_exercise_needs(name):
    nb = opened(name)
    text = [c.source for c in nb.cells if c.cell_type=='markdown']
    assert any('<details><summary>Hint' in o for o in text) and 'minutes' in text[0]
    assert sum(c.source.count('smollm2') for c in nb.cells)<=1, 'the model is named in one place'
    for answer,solution,check in workshop.parts(nb):
        hidden = nb.cells[solution]
        assert nb.cells[answer].source.startswith('# ✎') and answer<check<solution
        # Not run by Run All, and not seen by accident
        assert hidden.cell_type=='raw' and hidden.metadata.jupyter.source_hidden

def test_minutes_add_up_to_ninety():
    "In the instructor's page, which says the same of each exercise as its notebook"
    text = (workshop.SOURCE/'README.md').read_text(encoding='utf-8')
    rows = [[c.strip(' `') for c in o.split('|')[1:-1]] for o in text.splitlines() if o.startswith('|')]
    plan = {name.removesuffix('.ipynb'):int(n) for name,n,*_ in rows if n.isdigit()}
    assert sum(plan.values())==90
    words = dict(zip(EXERCISES, 'Fifteen Thirteen Twelve Eighteen Twelve Twelve'.split()))
    numbers = dict(Twelve=12, Thirteen=13, Fifteen=15, Eighteen=18)
    for o in EXERCISES:
        assert plan[o]==numbers[words[o]] and f'> {words[o]} minutes' in opened(o).cells[0].source

# Whatever is typed is answered

@pytest.fixture(scope='module')
def checking(folder):
    sys.path.insert(0, str(workshop.SOURCE))
    try:
        import checking
        yield checking
    finally: sys.path.remove(str(workshop.SOURCE))

ODD = [None, '', 'x', 3, .5, {}, set(), [], ['a'], {'a': 1}, {1, 2}, {'accuracy': {'at_least': 2}}, len]

def test_odd_answers_are_told_what_to_look_at(checking, folder, tmp_path, monkeypatch, capsys):
    import ftkit as ft
    monkeypatch.chdir(tmp_path)
    dirty,splits = ft.load(ft.sample('tickets_dirty')),ft.load(ft.sample('tickets')).split((.7, .1, .2))
    rows,few = checking.page(dirty),ft.load(ft.sample('tickets'), limit=5)
    run,found = ft.attach(shutil.copytree(folder.parent/'run', 'run')),checking.scattered(splits)
    verdict,judged = run.gate(),run.judge('reference', n=2) and run.judged()
    for o in ODD:
        for said,args in ((checking.found_by_eye, (o, rows)), (checking.really_wrong, (o, dirty)),
                          (checking.broken, (o, few, 'tiny-random')),
                          (checking.mended, (o, few, 'tiny-random')),
                          (checking.caught, (o, found)), (checking.kept_step, (o, run)),
                          (checking.concluded, (o, judged)), (checking.rules_first, (o, run)),
                          (checking.decided, (o, o, verdict))):
            said(*args)
            assert capsys.readouterr().out.startswith(workshop.NOT_YET), (said.__name__, o)

def test_a_template_that_cannot_be_filled_is_no_traceback(checking, folder, capsys):
    import ftkit as ft
    few = ft.load(ft.sample('tickets'), limit=5)
    for o in ('{{ x', '{% generation %}', 'no marks', checking.GOOD.replace('generation', 'generated')):
        for said in (checking.broken, checking.mended):
            said(o, few, 'tiny-random')
            assert capsys.readouterr().out.startswith(workshop.NOT_YET), o

# The folder

def test_scripts_name_the_python_that_the_wheels_are_for(tmp_path):
    workshop.copy_scripts(tmp_path)
    assert {o.name for o in tmp_path.iterdir()}=={'README.md', 'install.sh', 'start.sh'}
    for o in tmp_path.iterdir(): assert '@PYTHON@' not in o.read_text() and '@SYSTEM@' not in o.read_text()
    for o in ('install.sh', 'start.sh'): subprocess.run(['sh', '-n', tmp_path/o], check=True)
    none = subprocess.run([tmp_path/'install.sh'], env=dict(os.environ, PATH='/nowhere', PYTHON='no-python'),
                          capture_output=True, text=True) if shutil.which('sh') else None
    assert none.returncode

def test_wheels_are_not_fetched_where_they_are(tmp_path, monkeypatch):
    (tmp_path/f'torch-{workshop.pinned("torch")}+cpu-cp311-x.whl').touch()
    monkeypatch.setattr(workshop, 'pip', lambda *a: pytest.fail(f'{a} was fetched'))
    assert workshop.fetch_torch(tmp_path)==f'{workshop.pinned("torch")}+cpu'

def test_a_missing_run_says_what_makes_it(checking, tmp_path):
    with pytest.raises(FileNotFoundError, match='make workshop'): checking.prepared(tmp_path/'prepared')
