"""What goes wrong with runs, on purpose: used by `tests/test_faults.py` (a quick choice) and
`benchmarks/faults.py` (many).

Every run here is the same small one, with dropout, warm-up and early stopping on, and it ends in the middle
of a pass."""
import hashlib, json, os, random, shutil, signal, subprocess, time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import ftkit as ft
import warm
from ftkit.run.log import WORKING
from ftkit.run.process import process_start
from ftkit.run.files import checkpoints
from ftkit.run.sight import first_sight
from ftkit.launch.create import create
from ftkit.launch.start import resume, start

def learned_hash(model):
    "A fingerprint of the weights of a model that are trained"
    import torch
    res = hashlib.sha256()
    for n,p in sorted(model.named_parameters()):
        if p.requires_grad:
            res.update(n.encode()+p.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().tobytes())
    return res.hexdigest()

def make_rows(folder, light=False):
    "Rows and config of every run here; a light one has half of the rows in an update and one thread"
    folder.mkdir(parents=True, exist_ok=True)
    ft.load(ft.sample(), limit=40 if light else 75).split((.7, .15, .15)).save(folder)
    cfg = ft.RunConfig('tiny-random', 'train.jsonl', 'validation.jsonl', max_length=1024, max_steps=11,
                       eval_steps=3,
                       learning_rate=1e-2, batch_size=8, num_train_epochs=9, save_steps=2, samples=1,
                       sample_tokens=16)
    if light: cfg = replace(cfg, batch_size=4, sample_tokens=4, threads=1)
    return replace(cfg, lora=replace(cfg.lora, lora_dropout=.1))

def settle(run, seconds=180):
    "Wait until nobody is at work, and somebody has said why"
    until = time.monotonic()+seconds
    while (o := run.status())['state'] in WORKING or o['state']=='lost' and time.monotonic()-until<-seconds+3:
        assert time.monotonic()<until, f'{run} still works after {seconds} s'
        time.sleep(.03)
    return o

def trained_run(folder, before=lambda rows: None):
    "An adapter in 32 bits that has learned to answer otherwise than its model, evaluated on few tokens"
    cfg = replace(make_rows(folder/'rows', light=True), test='test.jsonl', max_steps=4, eval_steps=2,
                  save_steps=0, dtype='fp32', learning_rate=.03, warmup_ratio=0)
    before(folder/'rows')
    run = start(create(cfg, folder/'run', base=folder/'rows'))
    assert settle(run)['state']=='finished', run.log_tail()
    run.evaluate(max_new_tokens=8, general=False)
    return run

STAND_STILL = """
if module=='ftkit.training.work':
    import os, signal
    from ftkit.run.log import RunLog
    was = RunLog.event
    def event(self, kind, **kw):
        was(self, kind, **kw)
        if (kind, kw.get('step'))==('train', {step}):
            self.beat(0.)
            os.kill(os.getpid(), signal.SIGSTOP)
    RunLog.event = event
"""

def start_until(run, step, begin=start):
    "Start it, or resume it: its process will stand still after this step, where it is forked by `warm`"
    os.environ[warm.FIRST] = STAND_STILL.format(step=step)
    try: begin(run)
    finally: del os.environ[warm.FIRST]
    return run

def standing(run, step):
    """The number of its process, once it has come to this step; a process that was started anew is at work
    meanwhile"""
    def there(o):
        if o['step']<step or not o['pid']: return False
        return not os.environ.get(warm.ADDRESS) or Path(f"/proc/{o['pid']}/stat").read_text().rpartition(')')[
            2].split()[0]=='T'
    while not there(o := run.status()): time.sleep(.02); assert run.alive, (run, run.log_tail(1500))
    return o['pid']

def outcome(run):
    "What must be the same, however often it was disturbed"
    train = [(e['step'], e['loss'], e['learning_rate'], e['grad_norm'], e['tokens']) for e in run.events()
             if e['kind']=='train']
    evals = [(e['step'], e['loss'], e['best']) for e in run.events() if e['kind']=='eval']
    return dict(adapter=(run.path/'adapter/adapter_model.safetensors').read_bytes(), train=train, evals=evals,
                sights=first_sight(run), best=(run.status()['best_step'], run.status()['best_loss']))

def sound(run, cfg):
    "Nothing is half there: raises `AssertionError`"
    o = run.status()
    assert o['reason'], o
    for step,p in checkpoints(run.path).items():
        held = json.loads((p/'ftkit.json').read_text())
        assert held['step']==step and (p/'adapter_model.safetensors').stat().st_size>1000 and (
            p/'optimizer.pt').exists(), p
    adapter = run.path/'adapter'
    assert not adapter.exists() or (adapter/'adapter_config.json').exists() and (
        adapter/'adapter_model.safetensors').exists()
    assert run.config.max_steps==cfg.max_steps and len(run.rows('train'))
    steps = [e['step'] for e in run.events() if e['kind']=='train']
    assert steps==sorted(set(steps)), steps

def kill(run, how, rng):
    "kill -9 of the trainer, its group, or its parent; what it was at"
    o = run.status()
    if not o['pid'] or process_start(o['pid'])!=o['pid_start']: return ''
    last = next(iter(run.tail().new()[-1:]), {})
    try:
        if how=='group': os.killpg(o['pid'], signal.SIGKILL)
        else: os.kill(o['pid'], signal.SIGKILL)
    except ProcessLookupError: return ''
    return f"{last.get('kind', 'begin')} {last.get('stage') or last.get('step', '')}".strip()

def disturbed(cfg, base, path, rng, kills, seconds):
    "A run that is killed `kills` times at random moments and resumed each time: `(run, what it was at)`"
    run,at = create(cfg, path, base=base),[]
    start(run)
    while len(at)<kills:
        until = time.monotonic()+rng.uniform(0, seconds)
        while run.alive and time.monotonic()<until: time.sleep(.02)
        if not run.alive: break
        if not (was := kill(run, rng.choice(['process', 'group']), rng)):
            time.sleep(.05) # Not begun yet
            continue
        at.append(was)
        if rng.random()<.5: settle(run); sound(run, cfg) # Else resumed before its parent has said a word
        while run.alive: time.sleep(.01)
        resume(run)
    settle(run)
    return run,at

@contextmanager
def small_disk(folder, mb=48):
    "A disk of a few megabytes; yields its folder, or None where mounting is not allowed"
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(['mount', '-t', 'tmpfs', '-o', f'size={mb}m', 'tmpfs', str(folder)],
                          capture_output=True)
    if done.returncode: yield None; return
    try: yield folder
    finally: subprocess.run(['umount', '-l', str(folder)])

@contextmanager
def read_only(folder, at):
    "The same folder, read-only, in another place; None where mounting is not allowed"
    at.mkdir(parents=True, exist_ok=True)
    if subprocess.run(['mount', '--bind', str(folder), str(at)], capture_output=True).returncode:
        yield None; return
    try:
        subprocess.run(['mount', '-o', 'remount,ro,bind', str(at)], check=True)
        yield at
    finally: subprocess.run(['umount', '-l', str(at)])

def fill(folder, leave=0):
    "Use up a disk, but for some bytes"
    p = folder/'filler'
    with open(p, 'ab') as f:
        for size in (2**20, 2**14, 2**9):
            try:
                while shutil.disk_usage(folder).free>leave+size: f.write(b'x'*size); f.flush()
            except OSError: pass
    return p

JUMPY = """
import time
real,n = time.time,[0]
def jumpy():
    n[0] += 1
    return real()+(7200 if n[0]//20%3==1 else -86400 if n[0]//20%3==2 else 0)
time.time = jumpy
"""
