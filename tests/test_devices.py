"Two processes make the run that one makes; they stop, are killed and go on together."
import os, signal, time
from dataclasses import replace
from pathlib import Path

import ftkit as ft
import pytest
import warm
from faults_lib import standing, start_until
from ftkit.run.sight import first_sight
from ftkit.launch.create import create
from ftkit.launch.start import resume, start, wait

@pytest.fixture(scope='module')
def place(own_cache):
    d = own_cache
    ft.load(ft.sample(), limit=50).split((.6, .2, .2)).save(d)
    ft.load(d/'train.jsonl', limit=24).save(d/'train.jsonl')
    return d

@pytest.fixture(scope='module')
def cfg(place):
    n = len(ft.load(place/'train.jsonl'))
    batch = next(b for b in range(10, 30, 2) if n%b==0) # Whole updates: nothing has to be made up
    c = ft.RunConfig('tiny-random', 'train.jsonl', 'validation.jsonl', max_length=1024, max_steps=8,
                     num_train_epochs=9, eval_steps=3, learning_rate=1e-2,
                     # In bf16, sums of another order differ by more
                     batch_size=batch, sample_tokens=8, dtype='fp32')
    return replace(c, devices=2)

def losses(run):
    return [(e['kind'], e['step'], e['loss']) for e in run.events() if e['kind'] in ('train', 'eval')]

def quiet(_): pass

def processes(run):
    "The processes that train, forked by `warm` or started as usual"
    found = {'launcher' if rank is None else int(rank):pid for pid,(words,rank) in warm.processes().items()
             if 'ftkit.training.work' in words and str(run.path) in words}
    for p in Path('/proc').glob('[0-9]*'):
        try: words,env = (p/'cmdline').read_bytes().split(b'\0'),(p/'environ').read_bytes().split(b'\0')
        except OSError: continue
        if b'ftkit.training.work' in words and str(run.path).encode() in words:
            rank = next((int(o[5:]) for o in env if o.startswith(b'RANK=')), None)
            found['launcher' if rank is None else rank] = int(p.name)
    return found

@pytest.fixture(scope='module')
def pair(place, cfg):
    run = ft.train(cfg, place/'pair', base=place, wait=True)
    assert run.status()['state']=='finished', run.log_tail()
    return run

def test_two_processes_have_the_losses_of_one(place, cfg, pair):
    one = ft.train(replace(cfg, devices=1), place/'one', base=place, wait=True)
    a,b = losses(one),losses(pair)
    assert [o[:2] for o in a]==[o[:2] for o in b]
    # Sums of other order, in 32 bits
    assert all(abs(x[2]-y[2])<1e-4*x[2] for x,y in zip(a, b)), list(zip(a, b))
    assert [e['tokens'] for e in one.events() if e['kind']=='train']==[e['tokens'] for e in pair.events()
        if e['kind']=='train']
    assert pair.environment['processes']==2
    for x,y in zip(first_sight(one), first_sight(pair), strict=True): # Of the rows of both processes
        assert (x['step'], x['tokens'])==(y['step'], y['tokens']) and abs(x['loss']-y['loss'])<1e-4*x['loss']
    assert len([e for e in pair.events() if e['kind']=='sample' and e['step']==0])==2

def test_a_killed_process_ends_them_all_and_they_go_on_to_the_same_bits(place, cfg, pair):
    if not Path('/proc/self/stat').exists(): pytest.skip('there is no /proc here')
    run = create(cfg, place/'killed', base=place)
    for who,step,begin in ((1, 4, start), (0, 7, resume)):
        pid = standing(start_until(run, step, begin), step)
        found = processes(run)
        assert found[0]==pid, found
        os.kill(found[who], signal.SIGKILL)
        if who: os.kill(pid, signal.SIGCONT)
        until = time.monotonic()+90
        while run.alive or run.status()['state']=='lost' or processes(run):
            time.sleep(.05); assert time.monotonic()<until, processes(run)
        o = run.status()
        assert o['state']=='failed' and o['resumable'], o
    wait(resume(run), say=quiet)
    assert run.status()['state']=='finished' and run.status()['attempt']==3, run.log_tail()
    assert (run.path/'adapter/adapter_model.safetensors').read_bytes()==(
        pair.path/'adapter/adapter_model.safetensors').read_bytes()
    assert losses(run)==losses(pair) and first_sight(run)==first_sight(pair)

def test_they_stop_together_and_go_on(place, cfg, pair):
    run = start(create(replace(cfg, max_steps=4000, num_train_epochs=1000, eval_steps=50), place/'stopped',
                       base=place))
    while run.status()['step']<3: time.sleep(.02); assert run.alive, run.log_tail()
    assert run.stop(wait_s=20)
    wait(run, say=quiet)
    o = run.status()
    assert (o['state'], o['why'], o['checkpoint'])==('stopped', 'user', o['step']), o
    at = o['step']
    resume(run)
    while run.status()['step']<at+3: time.sleep(.02); assert run.alive, run.log_tail()
    assert run.stop(now=True, wait_s=30)
    until = time.monotonic()+30
    while processes(run): time.sleep(.1); assert time.monotonic()<until, processes(run)
    assert run.status()['why']=='user-now', run.status()
    steps = [e['step'] for e in run.events() if e['kind']=='train']
    assert steps==list(range(1, len(steps)+1))

def test_what_cannot_be_is_refused_beforehand(place, cfg):
    from ftkit.model.memory import here
    if here()=='cpu':
        with pytest.raises(ValueError, match='sharding: ddp'):
            create(replace(cfg, sharding='fsdp'), place/'f', base=place)
    with pytest.raises(ValueError, match='a divisor of batch_size'): replace(cfg, devices=7)
    with pytest.raises(FileNotFoundError, match='accelerate config'):
        create(replace(cfg, accelerate='no.yaml'), place/'g', base=place)
