"""A run of two million steps, opened: `python benchmarks/long_runs.py [--steps 2000000] [--every 100]`.

Each view opens it in a process of its own: seconds until it shows something, seconds until all is read,
seconds that a core was at work for it (on a machine with other work the fairer figure), and the most
memory."""
import argparse, math, os, subprocess, sys, tempfile
from pathlib import Path
import ftkit as ft
from ftkit.base.files import canonical

OPEN = dict(
    panel='p = run.panel(); first = time.time()-t; p.static_text()',
    report='run.report(folder/"page.html"); first = time.time()-t',
    compare='run.compare(run); first = time.time()-t',
    zoom='from ftkit.panels.monitor.story import Follower; f = Follower(run); t = time.time(); n = '
         'len(f.between(1e5, 1.01e5)); first = time.time()-t')
CODE = """import resource, sys, time, ftkit as ft
from pathlib import Path
import ftkit.panels.monitor.story
folder = Path(sys.argv[1]); run = ft.attach(folder/'run'); t = time.time()
{}
print(first, time.time()-t, time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss/2**20)"""

def write(path, n, every):
    "As a trainer writes it"
    with open(path, 'w') as f:
        for i in range(1, n+1):
            f.write(canonical(dict(v=1, attempt=1, kind='train', step=i, of=n, loss=1+math.sin(i)/3,
                                   learning_rate=1e-4*(1-i/(n+1)), grad_norm=1+math.cos(i),
                                   epoch=i/1000, tokens=900*i, tokens_per_s=400.+i%9, memory_bytes=2**30+i,
                                   log_ms=.3, t=i/10))+'\n')
            if i%every==0:
                f.write(canonical(dict(v=1, attempt=1, kind='eval', step=i, loss=1+1/i, best=True, seconds=.5,
                                       t=i/10))+'\n')

def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument('--steps', type=int, default=2_000_000)
    p.add_argument('--every', type=int, default=100)
    o = p.parse_args()
    with tempfile.TemporaryDirectory() as d:
        folder = Path(d)
        ft.load(ft.sample(), limit=60).split((.6, .2, .2)).save(folder)
        run = ft.RunConfig('tiny-random', 'train.jsonl', 'validation.jsonl').create(folder/'run', base=folder)
        write(run.path/'events.jsonl', o.steps, o.every)
        print(f"{o.steps:,} steps, {os.path.getsize(run.path/'events.jsonl')/2**20:,.0f} MiB")
        for name,code in OPEN.items():
            got = subprocess.run([sys.executable, '-c', CODE.format(code), d], capture_output=True, text=True)
            if got.returncode: print(name, got.stderr[-500:]); continue
            first,whole,cpu,gib = map(float, got.stdout.split()[-4:])
            print(
                f'{name:10} first {first:6.2f} s, all {whole:6.1f} s ({cpu:.1f} s of a core), at most '
                f'{gib:.2f} GiB', flush=True)

if __name__=='__main__': main()
