"""A run of somebody else's, which one may read and not write: what reads it works, what writes says so,
and nothing crashes."""
import json, os, shutil, subprocess, sys, tempfile, textwrap
from pathlib import Path

import ftkit as ft
import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, 'setuid'), reason='users as Unix has them')
NOBODY = 65534

@pytest.fixture(scope='module')
def place():
    """A folder that everybody may enter, with a run that is done as far as can be seen, one of which
    nothing may be read, and one that is being made"""
    d = Path(tempfile.mkdtemp(prefix='ftkit-seen-')) # Not in pytest's, where nobody else gets in
    d.chmod(0o755)
    ft.load(ft.sample(), limit=60).split((.6, .2, .2)).save(d)
    run = ft.RunConfig('tiny-random', 'train.jsonl', 'validation.jsonl', max_length=1024,
                       max_steps=4).create(d/'runs/a', base=d)
    step = dict(v=2, attempt=1, kind='train', step=1, of=4, loss=2., learning_rate=1e-4, grad_norm=1.,
                epoch=.1, tokens=9, tokens_per_s=9.,
                memory_bytes=9, log_ms=.1, t=1.)
    (run.path/'events.jsonl').write_text(json.dumps(step)+'\n')
    o = json.loads((run.path/'status.json').read_text())
    (run.path/'status.json').write_text(json.dumps(o|dict(state='stopped', reason='stopped by the user',
                                                          attempt=1, step=1, of=4)))
    shutil.copytree(run.path, d/'runs/private')
    shutil.copytree(d/'runs', d/'warm/runs')
    shutil.copy(d/'train.jsonl', d/'warm')
    for folder,_,files in os.walk(d):
        os.chmod(folder, 0o555)
        for o in files: os.chmod(Path(folder)/o, 0o444)
    (d/'runs/private').chmod(0)
    yield d
    for folder,_,_ in os.walk(d): os.chmod(folder, 0o755)
    (d/'runs/private').chmod(0o755)
    shutil.rmtree(d)

READS = """
import ftkit as ft
run = ft.attach('a')
print(run, run.status()['state'], len(run.events()), len(run.rows('train')), run.config.max_steps,
      run.summary(), len(run.history()))
panel = run.panel()
assert 'stopped' in panel.static_text() and '<svg' in panel.static_html()
assert '<svg' in run.compare_answers().static_html()+panel.static_html()
assert run.compare()[0]['state']=='stopped'
print([(Path(o['run']).name, o['state']) for o in ft.runs('.')])
"""

WRITES = """
import ftkit as ft
run = ft.attach('a')
before = sorted((str(p), p.lstat().st_mtime_ns) for p in Path('a').rglob('*'))
def said(verb):
    try: verb()
    except (OSError, RuntimeError, ValueError) as e: return f'{type(e).__name__}: {e}'
    return 'nothing'
for name in ('start', 'resume', 'stop', 'report', 'evaluate', 'export', 'delete'):
    print(name, said(getattr(run, name)), sep='|')
print('create', said(lambda: run.config.create('b', base='a')), sep='|')
print('private', said(lambda: ft.attach('private')), sep='|')
assert before==sorted((str(p), p.lstat().st_mtime_ns) for p in Path('a').rglob('*'))
"""

def as_nobody(place, reads, writes, first=''):
    """Standard output and error of a python that has no rights and no home; where it could not even
    import, all is imported before"""
    code = f"""
import contextlib, importlib, os, pkgutil, sys
from pathlib import Path
import ftkit, pandas, polars, scipy.sparse.csgraph
{first}
def reads():
{textwrap.indent(reads, '    ')}
if not os.getuid():
    for o in pkgutil.walk_packages(ftkit.__path__, 'ftkit.'):
        if not o.name.endswith('__main__'): importlib.import_module(o.name)
    os.chdir({str(place/'warm/runs')!r})
    with open(os.devnull, 'w') as f, contextlib.redirect_stdout(f), contextlib.redirect_stderr(f): reads()
    os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})
os.chdir({str(place/'runs')!r})
reads()
{writes}
"""
    env = {k:v for k,v in os.environ.items() if k not in ('FTKIT_CACHE',
                                                          'XDG_CACHE_HOME')}|dict(HOME='/nonexistent')
    p = subprocess.run([sys.executable, '-B', '-c', code], env=env, capture_output=True, text=True,
                       timeout=60)
    return p.returncode, p.stdout, p.stderr

def test_it_is_read_and_what_would_write_says_so(place):
    code,out,err = as_nobody(place, READS, WRITES)
    assert code==0 and 'Traceback' not in err, err
    lines = out.splitlines()
    # What is in the other folder, and whether it is a run, nobody can say
    assert "[('a', 'stopped')]" in out, out
    said = dict(o.split('|', 1) for o in lines if '|' in o)
    for name in ('start', 'resume', 'stop', 'report', 'delete', 'create', 'private'):
        assert 'cannot be' in said[name] or 'ermission denied' in said[name], (name, said[name])
    for name in ('start', 'resume', 'stop'):
        assert 'cannot be written' in said[name] and 'copy it' in said[name], said[name]
    for name in ('evaluate', 'export'): assert 'no adapter' in said[name], said[name]

TOOL = """
import sys
from ftkit.cli.main import main
def tool(text):
    print(f'> {text}', flush=True); print(f'> {text}', file=sys.stderr, flush=True)
    try: code = main(text.split())
    except SystemExit as e: code = e.code
    print(f'= {code}', flush=True)
"""
SHOWS = '\n'.join(f'tool({o!r})' for o in ('runs .', 'compare a', 'report a', 'report private',
                                           'check ../train.jsonl'))
CHANGES = '\n'.join(f'tool({o!r})' for o in ('stop a', 'resume a', 'delete a'))

def test_the_command_line_says_it_with_its_exit_codes(place):
    code,out,err = as_nobody(place, SHOWS, CHANGES, TOOL)
    assert code==0 and 'Traceback' not in err and 'bug in ftkit' not in err, err
    codes = {o.split('\n', 1)[0]:int(o.rsplit('= ', 1)[1].split()[0]) for o in out.split('> ')[1:]}
    said = {o.split('\n', 1)[0]:o.split('\n', 1)[1] for o in err.split('> ')[1:]}
    assert codes['runs .']==codes['compare a']==0 and codes['check ../train.jsonl'] in (0, 1), codes
    assert codes['stop a']==0 and 'has ended already' in out+err
    for o in ('report a', 'resume a', 'delete a', 'report private'):
        assert codes[o]==2 and len(said[o].splitlines())<=2 and any(w in said[o] for w in ('cannot be',
            'ermission denied')), (o, codes[o], said[o])
