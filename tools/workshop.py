"""A folder for a workshop without a network: wheels, the demo model, notebooks, and a run that is trained.

    python tools/workshop.py                 # as `make workshop`: everything goes to workshop/
    python tools/workshop.py FOLDER          # or elsewhere
    python tools/workshop.py FOLDER --try    # sit through it, solutions in place: minutes and memory of each

The wheels are those of constraints.txt, with a build of torch without CUDA, for the Python and the system
that run this. What is there already is not fetched again."""
import argparse, copy, os, platform, shutil, subprocess, sys, tempfile, threading, time
from pathlib import Path

from install import CPU_INDEX, PINS, PIP, needs_cuda, pinned, say

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT/'nbs'/'workshop'
RIGHT, NOT_YET = 'Right.', 'Not yet.' # What checking cells begin with

def exercises(folder=SOURCE): return sorted(Path(folder).glob('[0-9]*.ipynb'))

# The folder

def pip(*args):
    "Run pip; what it said is shown where it failed"
    got = subprocess.run([*PIP, *map(str, args)], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if not got.returncode: return
    sys.exit('\n'.join([f'pip {args[0]} failed:', *(got.stdout+got.stderr).splitlines()[-20:],
                        'Run the same command again: what was fetched is not fetched twice.']))

def fetch_torch(wheels):
    "The pinned torch, in a build without CUDA"
    want = f"torch=={pinned('torch')}"
    if not [*wheels.glob(f'torch-{pinned("torch")}[+-]*.whl')]:
        say(f'{want} for the CPU, some 200 MB')
        apart = ['--index-url', CPU_INDEX] if platform.system()!='Darwin' and needs_cuda(want) else []
        pip('download', '--no-deps', '--dest', wheels, *apart, want)
    return next(wheels.glob('torch-*.whl')).name.split('-')[1]

def fetch_wheels(wheels):
    "All that an installation needs; returns the name of ftkit's own wheel"
    from ftkit.model.demo import _PINNED
    wheels.mkdir(parents=True, exist_ok=True)
    for o in wheels.glob('ftkit-*.whl'): o.unlink()
    say("ftkit's own wheel")
    pip('wheel', '--no-deps', '--wheel-dir', wheels, ROOT)
    own, = wheels.glob('ftkit-*.whl')
    with tempfile.TemporaryDirectory() as tmp:
        keep = Path(tmp)/'keep.txt'
        keep.write_text(f'torch=={fetch_torch(wheels)}\n') # This build, and no other
        say('the other wheels, some 300 MB')
        pip('download', '--only-binary=:all:', '--dest', wheels, '--find-links', wheels, '-c', PINS, '-c',
            keep, f'{own}[train]', 'jupyterlab', 'ipykernel')
    say('the demo model, 93 MB')
    pip('download', '--no-deps', '--dest', wheels, _PINNED)
    return own.name

def train_run(pack):
    "The run of exercises 5 and 6, trained on rows of the sample, evaluated, packed"
    import ftkit as ft
    say('training and evaluating the run of exercises 5 and 6, some ten minutes')
    with tempfile.TemporaryDirectory() as tmp:
        splits = ft.load(ft.sample('tickets')).sample(388).split((.62, .12, .26), label='label')
        run = ft.train(splits, Path(tmp)/'prepared', wait=True, model='smollm2-135m-instruct', max_length=512,
                       batch_size=8, num_train_epochs=2, learning_rate=2e-3, samples=0)
        run.evaluate()
        run.pack(pack)

def copy_notebooks(folder):
    "The exercises and what checks them, without the outputs of whoever tried them"
    folder.mkdir(parents=True, exist_ok=True)
    for o in [*exercises(), SOURCE/'checking.py']: shutil.copy(o, folder/o.name)

def copy_scripts(folder):
    "What installs and starts it, with the Python that the wheels are for"
    about = dict(PYTHON=f'{sys.version_info[0]}.{sys.version_info[1]}',
                 SYSTEM=f'{platform.system()} {platform.machine()}')
    for o in (SOURCE/'offline').iterdir():
        text = o.read_text(encoding='utf-8')
        for k,v in about.items(): text = text.replace(f'@{k}@', v)
        (folder/o.name).write_text(text, encoding='utf-8')
        if o.suffix=='.sh': (folder/o.name).chmod(0o755)

def size(folder): return sum(o.stat().st_size for o in Path(folder).rglob('*') if o.is_file())

def prepare(folder):
    "Make the folder"
    folder.mkdir(parents=True, exist_ok=True)
    fetch_wheels(folder/'wheels')
    say('notebooks and scripts')
    copy_notebooks(folder/'notebooks')
    copy_scripts(folder)
    shutil.copy(SOURCE/'README.md', folder/'INSTRUCTOR.md')
    pack = folder/'notebooks'/'prepared.zip'
    if not pack.exists(): train_run(pack)
    say(f'{folder} is ready: {size(folder/"wheels")/1e6:,.0f} MB of wheels. Copy it to each machine; its '
        'README.md says the rest')

# Sitting through it

def tagged(cell, tag): return tag in cell.metadata.get('tags', ())

def parts(nb):
    "`(answer, solution, check)` of each exercise, as places of cells"
    at = [[i for i,c in enumerate(nb.cells) if tagged(c, tag)] for tag in ('answer', 'solution', 'check')]
    return [*zip(*at, strict=True)]

def put_in(nb):
    "A copy with its solutions put in place"
    res = copy.deepcopy(nb)
    for answer,solution,_ in parts(nb): res.cells[answer].source = nb.cells[solution].source
    return res

def rehearsed(nb):
    "A copy in which each answer is first checked as it is found, and then once more with its solution"
    res,cells,done = copy.deepcopy(nb),[],0
    for answer,solution,check in parts(nb):
        again = copy.deepcopy(nb.cells[answer:check+1])
        again[0].source = nb.cells[solution].source
        cells += [*copy.deepcopy(nb.cells[done:check+1]), *again]
        done = check+1
    res.cells = cells+copy.deepcopy(nb.cells[done:])
    for i,c in enumerate(res.cells): c.id = f'c{i}' # A cell that is there twice
    return res

def said(nb):
    "What each checking cell said"
    return [''.join(o.get('text', '') for o in c.outputs) for c in nb.cells if tagged(c, 'check')]

def execute(nb, folder, timeout=1800):
    "Run a notebook in a folder; a cell that fails raises"
    from nbclient import NotebookClient
    NotebookClient(nb, timeout=timeout, kernel_name='python3', coalesce_streams=True,
                   resources=dict(metadata=dict(path=str(folder)))).execute()
    return nb

class Memory(threading.Thread):
    "The most that this environment's processes took at one time, training included, in bytes"
    def __init__(self): super().__init__(daemon=True); self.most,self.over = 0,threading.Event()
    def run(self):
        while not self.over.wait(.3): self.most = max(self.most, self.now())
    def now(self): # Pages that processes share are counted once
        import psutil
        total = 0
        for p in psutil.process_iter():
            try:
                if not p.cmdline() or not p.cmdline()[0].startswith(sys.prefix): continue
                o = p.memory_full_info()
                total += getattr(o, 'pss', o.rss)
            except psutil.Error: continue
        return total

def sit_through(folder):
    "Run each notebook of a folder with its solutions; minutes, memory and what the checking cells said"
    import nbformat
    os.environ |= dict(FTKIT_CACHE=str(folder/'cache'), HF_HUB_OFFLINE='1') # As start.sh has it
    bad = 0
    with tempfile.TemporaryDirectory() as tmp:
        here = shutil.copytree(folder/'notebooks', Path(tmp)/'notebooks')
        for path in exercises(here):
            memory,start = Memory(),time.time()
            memory.start()
            nb = execute(put_in(nbformat.read(path, as_version=4)), here)
            memory.over.set()
            right = [o.startswith(RIGHT) for o in said(nb)]
            bad += right.count(False)
            print(f'{path.stem:12} {(time.time()-start)/60:5.1f} min  {memory.most/2**30:4.1f} GiB at most  '
                  f'{right.count(True)} of {len(right)} right', flush=True)
    return bad

def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument('folder', nargs='?', type=Path, default=ROOT/'workshop')
    args.add_argument('--try', dest='sit', action='store_true', help='run its notebooks with their solutions')
    o = args.parse_args()
    sys.exit(bool(sit_through(o.folder.resolve())) if o.sit else prepare(o.folder.resolve()))

if __name__=='__main__': main()
