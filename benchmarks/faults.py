"""Kill runs at random moments, resume them, and compare each with the run that nobody disturbed.

    python benchmarks/faults.py                 # 100 kills; a table, and faults.json with --json FILE
    python benchmarks/faults.py --kills 10 --jobs 1
    python benchmarks/faults.py --warm --light  # forked from one that has the libraries; smaller updates

A run of the tiny random model (11 updates, dropout, warm-up, early stopping, a checkpoint every second
update) is killed with `kill -9`, the process or its whole group, after a random time; half the time it is
resumed before anybody could say how it ended. Each run is killed up to `--each` times. It must end with the
same adapter, bit for bit, the same losses and each step once. The other faults (full disk, read-only folder,
clock that jumps, two starters, damaged and moved folders) are in `tests/test_faults.py`; folders and files
made by strangers in `test_security.py`, `test_run_folders.py`, `test_limits.py` and `test_linear.py`; results
of other weights in `test_stale.py`; files of others in `test_outputs.py`. `--all` runs them too, and tries
the folders and files of `hostile.py`; `--hostile` tries these alone."""
import argparse, json, os, random, subprocess, sys, tempfile, time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

OTHERS = ('faults', 'security', 'run_folders', 'limits', 'linear', 'stale', 'outputs') # What `--all` adds
TESTS = Path(__file__).resolve().parents[1]/'tests'
sys.path[:0] = [str(TESTS), str(TESTS/'warm')]

def one(o, cfg, base, want, seconds, i):
    "One run, killed and resumed: `(number, what it was at, what differs, its status)`"
    from faults_lib import disturbed, outcome, sound
    run,at = disturbed(cfg, base, base/f'run{i}', random.Random(o.seed*100_000+i), o.each, seconds*1.2)
    try:
        sound(run, cfg)
        now = outcome(run)
        bad = [k for k in want if now[k]!=want[k]]
    except (AssertionError, OSError, ValueError) as e: bad = [f'{type(e).__name__}: {str(e)[:300]}']
    return i,at,bad,run.status()

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--kills', type=int, default=100, help='kills in all, at least')
    p.add_argument('--each', type=int, default=5, help='kills of one run, at most')
    p.add_argument('--jobs', type=int, default=2, help='runs at a time')
    p.add_argument('--seed', type=int, default=0)
    p.add_argument('--warm', action='store_true', help='import the libraries once for all processes')
    p.add_argument('--light', action='store_true', help='4 rows an update instead of 16, on one thread')
    p.add_argument('--all', action='store_true', help='the other faults too')
    p.add_argument('--hostile', action='store_true',
                   help='only folders and files made by strangers, as hostile.py does')
    p.add_argument('--json', default='', metavar='FILE')
    o = p.parse_args()
    strangers = [sys.executable, str(Path(__file__).with_name('hostile.py'))]
    if o.hostile: return subprocess.run([*strangers, *(['--json', o.json] if o.json else [])]).returncode
    with tempfile.TemporaryDirectory(prefix='ftkit-faults-') as d:
        base = Path(d)
        os.environ['FTKIT_CACHE'] = str(base/'cache')
        import ftkit as ft
        from faults_lib import make_rows, outcome
        if o.warm:
            import warm
            warm.use()
        cfg,t = make_rows(base, o.light),time.monotonic()
        whole = ft.train(cfg, base/'whole', base=base, wait=True)
        seconds,want = time.monotonic()-t,outcome(whole)
        print(f'undisturbed: {whole.status()["reason"]} ({seconds:.0f} s)', flush=True)
        seen,kills,wrong,runs,t = Counter(),0,[],0,time.monotonic()
        work = partial(one, o, cfg, base, want, seconds)
        with ThreadPoolExecutor(o.jobs) as pool:
            while kills<o.kills:
                for i,at,bad,s in pool.map(work, range(runs, runs+o.jobs)):
                    kills += len(at)
                    seen.update(a.split()[0]+(' '+a.split()[1] if a.startswith('progress') else '')
                                for a in at)
                    if bad or s['state']!='finished':
                        wrong.append(dict(run=i, at=at, bad=bad, state=s['state'], reason=s['reason']))
                    print(
                        f"run {i:3}: killed {len(at)} times at {', '.join(at) or 'no time'}; "
                        f"{'the same' if not bad else bad}", flush=True)
                runs += o.jobs
        took = time.monotonic()-t
    print(
        f'\n| kills | runs | the same to the last bit | wall time |\n|---|---|---|---|\n| {kills} | {runs} | '
        f'{runs-len(wrong)} | {took/60:.1f} min |')
    print('\nlast event before the kill: ' + ', '.join(f'{k} {v}' for k,v in seen.most_common()))
    res = dict(kills=kills, runs=runs, same=runs-len(wrong), minutes=round(took/60, 2), at=seen, wrong=wrong)
    code = int(bool(wrong))
    files = [str(TESTS/f'test_{k}.py') for k in OTHERS]
    if o.all: code |= subprocess.run(strangers).returncode
    if o.all: code |= subprocess.run([sys.executable, '-m', 'pytest', '-q', *files]).returncode
    if o.json: Path(o.json).write_text(json.dumps(res, indent=1)+'\n')
    return code

if __name__=='__main__': sys.exit(main())
