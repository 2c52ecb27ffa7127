"""What is too long for every day: many kills, a large file, cold processes, a loaded machine, the oldest
versions.

    python tools/test_long.py                # as `make test-long`; a table with the time of each at the end
    python tools/test_long.py loaded floors  # the ones that are named"""
import contextlib, os, re, subprocess, sys, tempfile, time
from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TIMES = os.environ.get('FTKIT_TIMES', '10')
ONCE_FLAKY = [f'tests/{o}' for o in (
    'browser_lab/test_quickstart.py::test_stop_button_of_the_panel', 'browser_lab/test_lifecycle.py',
    'browser_lab/test_monitor.py::test_three_monitors_stop_close_reopen_attach', 'test_monitor_saved.py',
    'test_frontends.py::test_a_notebook_that_is_only_executed',
    'test_runs.py::test_stopped_from_another_terminal_and_resumed_and_stopped_at_once')]
DATA_HALF = """import ftkit as ft, sys
assert 'site-packages' in ft.__file__, ft.__file__
dirty = ft.load(ft.sample('tickets_dirty'))
report = dirty.check()
cleaned = dirty.clean(report.propose()).examples
ft.Review('review.jsonl', 'ann').decide(cleaned[0], 'drop')
kept, _ = cleaned.apply_review('review.jsonl')
splits = kept.split()
storm = 'The storm had sunk two tugs, and the pilots stayed at home today.'
texts = ft.load([dict(prompt=f'Say it {i}', completion=storm) for i in range(5)])
said = ft.score(texts, ['The storm sank two tugs.']*5, task='text')['models']['answers']
forms = ft.load([dict(prompt=f'{i}', completion='{"a": %d}'%i) for i in range(5)])
wrong = ft.score(forms, ['{"a": 1}', '{"b": 1}']+['{"a": 2}']*3, task='json')['models']['answers']
valid = wrong['valid_schema']
assert 0<said['chrf']['value']<100 and valid['value']==.8
cfg = ft.RunConfig('tiny-random', 'a', 'b')
pictures = [dirty.look(report), cleaned.review('review.jsonl'), ft.form(cfg)]
assert all(len(o.static_html())>400 for o in pictures) and 'torch' not in sys.modules
assert len(kept)==len(cleaned)-1==len(kept.to_pandas()) and len(report.to_pandas())==len(report)
print({k:len(v) for k,v in splits.items()})"""

def say(text): print(f'\n→ {text}', flush=True)
def ok(*cmd, cwd=ROOT, **env):
    return subprocess.run([*map(str, cmd)], cwd=cwd, env=os.environ|env,
                          stdin=subprocess.DEVNULL).returncode==0
def python(*words, **kw): return ok(sys.executable, *words, **kw)
def benchmark(name, *words): return python(ROOT/'benchmarks'/f'{name}.py', *words)
def tests(*words, **env): return python('-m', 'pytest', '-q', '--color=no', *words, **env)

@contextlib.contextmanager
def busy(n=2):
    "Processes that take all the time they can get"
    work = [subprocess.Popen([sys.executable, '-c', 'while True: pass']) for _ in range(n)]
    try: yield
    finally:
        for p in work: p.kill(); p.wait()

def loaded():
    "Beside two busy loops, ten times each: stop buttons, saved notebooks, reopened panels"
    with busy():
        return tests('-v', '-k', 'not (whole_road and 6.31)', '-p', 'no:cacheprovider', *ONCE_FLAKY,
                     FTKIT_TIMES=TIMES)

def floors_of(*keys):
    "What settings.ini asks for, at the oldest version it accepts; torch is the one that is installed"
    cfg = ConfigParser(delimiters=['='], interpolation=None)
    cfg.read(ROOT/'settings.ini', encoding='utf-8')
    asked = [re.match(r'([\w-]+)>=([\w.]+)', o).groups() for k in keys for o in cfg['DEFAULT'][k].split()]
    return {name:low for name,low in asked if name!='torch'}

def floors():
    """The oldest versions that settings.ini accepts: the data half with its own, training with those of
    training"""
    with tempfile.TemporaryDirectory() as d:
        d = Path(d)
        if not ok(sys.executable, '-m', 'build', '--wheel', '--outdir', d, ROOT): return False
        wheel, = d.glob('*.whl')
        (d/'data.py').write_text(DATA_HALF)
        halves = dict(data=('', ('requirements',)), train=('[train]', ('train_requirements',)))
        return all([floor(d/k, f'{wheel}{extra}', floors_of(*keys)) for k,(extra,keys) in halves.items()])

def floor(env, wheel, versions):
    "One environment, made, filled and tried"
    env.mkdir()
    py,train = env/'venv/bin/python',wheel.endswith('[train]')
    (env/'floors.txt').write_text('\n'.join(f'{k}=={v}' for k,v in versions.items()))
    pip = [py, '-m', 'pip', 'install', '-q', '-c', env/'floors.txt']
    made = ok(sys.executable, '-m', 'venv', env/'venv') and (not train or ok(py, ROOT/'tools/install.py'))
    tried = [ROOT/'tools/wheel_smoke.py', ROOT] if train else [env.parent/'data.py']
    # The wheel, and no tree beside it
    return made and ok(*pip, wheel) and ok(py, *tried, cwd=env, PYTHONPATH='')

JOBS = { # name: (what, minutes on two quiet cores, function)
    'kills': ('a hundred kills at random moments', 6,
              lambda: benchmark('faults', '--warm', '--light', '--kills', '100')),
    'cold-kills': ('twenty kills of processes that were started as usual', 4,
                   lambda: benchmark('faults', '--kills', '20', '--seed', '7')),
    'cold': ('runs, faults, devices and front ends, each process started as usual', 12, lambda: tests(
        *(f'tests/test_{o}.py' for o in ('runs', 'faults', 'devices', 'frontends')), 'tests/browser_lab',
        FTKIT_COLD='1')),
    'loaded': ('what once failed on a loaded machine, ten times beside two busy loops', 40, loaded),
    'large': ('a file of 2 GB in bounded memory', 5,
              lambda: benchmark('memory_data', '--gb', '2', '--at-most', '1')),
    'floors': ('the oldest versions that are accepted', 5, floors)}

def main(wanted):
    if odd := [*{*wanted}-{*JOBS}]:
        sys.exit(f"{odd[0]} is none of these tests. There are: {', '.join(JOBS)}.")
    rows = []
    for name,(what,minutes,job) in JOBS.items():
        if wanted and name not in wanted: continue
        say(f'{name}: {what} (about {minutes} minutes)')
        start = time.time()
        rows.append((name, 'passed' if job() else 'FAILED', time.time()-start))
    say('summary')
    for name,result,secs in rows: print(f'  {name:<12} {result:<8} {secs/60:6.1f} min')
    sys.exit(any(o[1]=='FAILED' for o in rows))

if __name__=='__main__': main(sys.argv[1:])
