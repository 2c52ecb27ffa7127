"The public face: what `ft` holds, the names it had before, and what Jupyter shows of both."
import importlib, inspect, re, subprocess, sys, warnings
from pathlib import Path

import ftkit as ft
import pytest
import ftkit.api as api

ROOT = Path(__file__).resolve().parents[1]

def fresh(code):
    "What `code` prints in a new Python, and what it says on the other channel"
    out = subprocess.run([sys.executable, '-c', code], cwd=ROOT, capture_output=True, text=True)
    assert out.returncode==0, out.stderr
    return out.stdout, out.stderr

def test_ft_holds_some_twenty_names_and_tab_shows_no_others():
    assert 18<=len(ft.__all__)<=26 and not {*ft.OLD} & {*ft.__all__}
    shown = "print([o for o in dir(ft) if not o.startswith('__')]==sorted(ft.__all__))"
    assert fresh(
        f"import ftkit as ft; {shown}; ft.load, ft.runs; import ftkit.run.folder, ftkit.data.checks.issue; "
        f"{shown}")[0]=='True\nTrue\n'

@pytest.mark.parametrize('jedi', [False, True])
def test_tab_in_ipython_shows_them(jedi):
    "Modules that were imported are not shown: `ftkit.run`, `ftkit.data`"
    import ftkit.data.examples, ftkit.run.folder
    from IPython.core.completer import IPCompleter, provisionalcompleter
    from IPython.core.interactiveshell import InteractiveShell
    assert {'run', 'data'}<=vars(ft).keys()
    c = IPCompleter(shell=InteractiveShell.instance(), namespace=dict(ft=ft), use_jedi=jedi)
    with provisionalcompleter():
        assert {o.text.rpartition('.')[2] for o in c.completions('ft.', 3)}=={*ft.__all__}

@pytest.mark.parametrize('name', ft.OLD)
def test_an_old_name_works_and_names_a_new_spelling_that_exists(name):
    where,new = ft.OLD[name]
    module,_,own = where.rpartition('.')
    ft._noticed.discard(name)
    with pytest.warns(ft.Renamed, match=re.escape(f'ft.{name} is now {new};')) as w:
        assert getattr(ft, name) is getattr(importlib.import_module(f'ftkit.{module}'), own)
        getattr(ft, name)
    assert len(w)==1 and w[0].filename==__file__ and own==name # Once, and where it is written
    found = new.removeprefix('ftkit.') if new.startswith('ftkit.') else ''
    if found:
        assert hasattr(importlib.import_module(f"ftkit.{found.rpartition('.')[0]}"), found.rpartition('.')[2])
    else: assert api.find_public(new) is not None

def test_every_name_of_before_is_there():
    "What `ft` held before verbs went to their nouns"
    before = """sample RunConfig LoraArgs load_config save_config plan PRESETS apply_preset example_config
        read_foreign to_axolotl to_llamafactory Example Examples load save guess_columns Unreadable
        near_duplicates suspects check Issue CHECKS Recipe propose clean load_recipe save_recipe Review apply
        merge share_dropped split check_splits load_splits overlap Splits tokenize rows_of TEMPLATES estimate
        estimate_run fits GPUS load_tokenizer load_model load_adapter release examine create start resume
        attach stop list_runs compare_runs delete_run Run train evaluate answers export script preflight look
        review columns tokens form panel watch report compare""".split()
    assert {*before}=={*ft.OLD}|({*ft.__all__}-{'map_columns', 'merge_reviews', 'runs', 'leaderboard',
                                                'score', 'metric', 'Judgements', 'help'})

def test_a_notice_is_seen_without_asking_and_runs_is_not_hidden():
    out,err = fresh(
        "import ftkit as ft; ft.cache = ft.list_runs('nowhere'), ft.list_runs\nimport "
        "ftkit.run.folder\nprint(ft.runs('nowhere'))")
    assert err.count('ft.list_runs is now ft.runs')==1
    assert out=='0 runs\n' # ftkit.run.folder hides it until modules move

@pytest.mark.parametrize('wide', [80, 100])
def test_the_list_is_along_the_road_and_as_wide_as_the_terminal(capsys, monkeypatch, wide):
    monkeypatch.setenv('COLUMNS', str(wide))
    made = [o for names in ft.ROAD.values() for o in names.split()]
    lines = api.listing().splitlines()
    names = [o for o in lines if re.match(r' {4}\S', o)]
    assert [o.split()[0] for o in names]==made and len(made)==len({*made})
    assert all(len(o.split())>2 for o in names) and max(map(len, lines))<=wide
    # What goes on below its beginning is no name
    assert all(o.startswith(' '*31) for o in lines if o[:1]==' ' and o not in names)
    assert ft.help() is None and capsys.readouterr().out==api.listing()+'\n'

def test_help_of_one_name(capsys):
    for what in ('train', 'ft.train', ft.train):
        ft.help(what)
        assert 'Folder of the new run' in capsys.readouterr().out
    ft.help(ft.Run)
    out = capsys.readouterr().out
    assert 'Its folder' in out and 'run.evaluate ' in out and 'examples.' not in out
    ft.help('watch')
    assert capsys.readouterr().out.startswith('run.watch')
    with pytest.raises(ValueError, match="Did you mean 'train'"): ft.help('trian')

def shown(o):
    "The text that `?` shows"
    from IPython.core import oinspect
    return f'{inspect.signature(o)}\n{oinspect.getdoc(o)}'

def test_a_question_mark_shows_what_parameters_mean():
    exs = ft.load(ft.sample(), limit=3)
    for o,says in ((ft.train, 'Folder of the new run'), (exs.check, 'Rows that must not stand in'),
                   (ft.Examples.check, 'Longest row'),
                   (exs.filter, 'Reason that the dropped ones get'), (ft.Run.start, 'throw away the adapter'),
                   (ft.RunConfig, 'Peak learning rate'),
                   (ft.LoraArgs, 'Dropout'), (ft.Run, 'Its folder'),
                   (ft.Run.compare, 'Runs, or their folders'), (ft.Run.evaluate, 'Returns:\n    Summary'),
                   (ft.load, "Example:\n    examples = ft.load('rows.jsonl')")):
        assert says in shown(o) and ' at 0x' not in shown(o), o
    assert re.search(r'= \d+ checks', shown(exs.check)) # Not every one of them with its address
    for o in (exs.check, exs.look, ft.Recipe.save): # The noun itself is no parameter
        assert not re.search('^    (examples|exs|recipe) ', shown(o), re.M), o

def test_no_public_name_shows_an_address():
    for names in ft.ROAD.values():
        for o in names.split(): assert ' at 0x' not in shown(api.find_public(o)), o

# Rows in a config

@pytest.fixture
def splits(): return ft.load(ft.sample(), limit=40).split((.5, .25, .25))

def test_a_config_holds_rows_and_a_run_is_made_of_them(splits, tmp_path):
    cfg = ft.RunConfig('tiny-random', **splits)
    run = cfg.create(tmp_path/'a')
    assert {k: len(run.rows(k)) for k in splits}=={k: len(v) for k,v in splits.items()}
    assert run.config.train==str(tmp_path/'a.rows/train.jsonl')
    assert ft.load_config(run.path/'config.yaml')==run.config
    assert cfg.train is splits['train'] and len(splits['train'])==22
    with pytest.raises(FileExistsError, match='holds a run already'): cfg.create(tmp_path/'a')

def test_rows_in_a_config_are_not_saved_and_it_says_so(splits, tmp_path):
    cfg = ft.RunConfig('tiny-random', splits['train'], validation='v.jsonl')
    for verb in (lambda: cfg.save(tmp_path/'c.yaml'), cfg.script, cfg.to_axolotl, cfg.to_llamafactory,
                 lambda: ft.form(cfg)):
        with pytest.raises(ValueError,
                           match=r"train holds 22 rows and names no file, so .*rows.save\('train.jsonl'\)"):
            verb()
    assert not (tmp_path/'c.yaml').exists()
    named = ft.RunConfig('tiny-random', splits['train'].save(tmp_path/'train.jsonl'), validation='v.jsonl')
    assert ft.load_config(named.save(tmp_path/'c.yaml')).train==named.train

def test_presets_and_changes_keep_the_rows(splits):
    from ftkit.config.presets import PRESETS
    cfg = ft.RunConfig('tiny-random', **splits).with_presets(next(iter(PRESETS)))
    assert cfg.train is splits['train']
    with pytest.raises(ValueError, match='columns is'):
        ft.RunConfig('tiny-random', **splits, columns='prompt=Frage')
    with pytest.raises(ValueError, match='it must be text'):
        ft.RunConfig('tiny-random', [dict(prompt='a', completion='b')])

def test_train_takes_rows_a_config_with_rows_or_its_file(splits, tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.import_module('ftkit.launch.train'), 'start', lambda run: run)
    few = dict(model='tiny-random', max_steps=2)
    made = [ft.train(splits, tmp_path/'a', **few), ft.train(ft.RunConfig(**few, **splits), tmp_path/'b')]
    made += [ft.train(made[0].path/'config.yaml', tmp_path/'c'),
             ft.train(str(made[0].path/'config.yaml'), tmp_path/'d', max_steps=1)]
    assert len({o.record['rows_hash'] for o in made})==1 and [o.config.max_steps for o in made]==[2, 2, 2, 1]
    with pytest.raises(ValueError, match="'dev' is not one of"):
        ft.train(dict(dev=splits['test']), tmp_path/'e', **few)

# Runs as a list

def test_runs_are_a_list_a_frame_and_have_verbs(splits, tmp_path, monkeypatch):
    cfg = ft.RunConfig('tiny-random', max_steps=2, **splits)
    for o in 'ab': cfg.create(tmp_path/'runs'/o)
    monkeypatch.chdir(tmp_path)
    runs = ft.runs()
    assert runs==list(runs) and len(runs[:1])==1 and type(runs[:1]) is type(runs)
    assert 'runs/a' in repr(runs) and 'created' in repr(runs)
    assert [*runs.to_pandas().run]==[o['run'] for o in runs] and ft.runs('nowhere').to_pandas().empty
    assert len(runs.compare())==2==len(runs.panel().follows) and runs.report().name=='compared.html'
    assert ft.attach('runs/a').compare('runs/b')[1]['run'].endswith('runs/b')

SPOKEN = [p for o in ('nbs', 'docs', 'benchmarks', 'tools', 'tests', 'ftkit') for p in (ROOT/o).rglob('*')
          if p.suffix in ('.ipynb', '.md', '.py', '.sh') and
          '.ipynb_checkpoints' not in p.parts] + [*ROOT.glob('*.md')]
# They speak of the names
ALLOWED = {'tests/test_face.py', 'docs/api.md', 'docs/decisions.md', 'nbs/910_api.ipynb', 'ftkit/api.py',
           'ftkit/__init__.py', 'CONTRIBUTING.md'}

def test_nothing_of_ours_uses_an_old_name():
    old = re.compile(r'(?:\\n|(?<![\w.]))ft\.(' + '|'.join(ft.OLD) + r')\b')
    found = [(p.relative_to(ROOT).as_posix(), m[0]) for p in SPOKEN
             for m in old.finditer(p.read_text(encoding='utf-8'))]
    assert [o for o in found if o[0] not in ALLOWED]==[]
