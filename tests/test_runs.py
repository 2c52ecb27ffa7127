"The verbs of a run from a terminal: what they answer, and with which code they end."
import json, os, signal, subprocess, sys, time
from dataclasses import replace

import ftkit as ft
import pytest
import ftkit.training.fit as training_fit
import ftkit.training.work as training_work

@pytest.fixture(scope='module')
def place(tmp_path_factory):
    d = tmp_path_factory.mktemp('runs')
    ft.load(ft.sample(), limit=90).split((.6, .2, .2)).save(d)
    ft.load(ft.sample(), limit=6).save(d/'few.jsonl')
    cfg = ft.RunConfig('tiny-random', 'train.jsonl', 'validation.jsonl', max_length=1024, max_steps=4,
                       eval_steps=2, learning_rate=1e-2)
    cfg.save(d/'short.yaml')
    replace(cfg, max_steps=4000, num_train_epochs=1000, eval_steps=100,
            early_stopping_patience=0).save(d/'long.yaml')
    return d

def ftkit(place, *words, **kw):
    return subprocess.Popen([sys.executable, '-m', 'ftkit.cli.main', *map(str, words)], cwd=place, text=True,
                            stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, env=os.environ|dict(FTKIT_CACHE=str(place/'cache')), **kw)

def ran(place, *words):
    p = ftkit(place, *words)
    out,err = p.communicate(timeout=300)
    return p.returncode, out, err

def until(what, seconds=120):
    end = time.monotonic()+seconds
    while not what():
        assert time.monotonic()<end, f'not within {seconds} s'
        time.sleep(.05)

def step(place, name):
    p = place/name/'status.json'
    return json.loads(p.read_text())['step'] if p.exists() else 0

def test_a_run_is_trained_listed_compared_and_deleted(place):
    code,out,err = ran(place, 'train', 'short.yaml', '--out', 'a', '--price_per_hour', '3')
    assert code==0, err
    assert 'finished' in out and 'all 4 steps done' in out
    code,out,_ = ran(place, 'runs', '.', '--json')
    found = json.loads(out)
    assert code==0
    assert [(o['run'], o['state'], o['why'], o['step'], o['resumable']) for o in found]==[('a', 'finished',
        'finished', 4, False)]
    assert found[0]['cost']>0 and found[0]['elapsed_s']>0
    code,_,err = ran(place, 'resume', 'a')
    assert code==2 and 'has finished' in err
    code,out,_ = ran(place, 'compare', 'a', 'a', '--json')
    assert code==0 and json.loads(out)[0]['best_loss']==found[0]['best_loss']
    assert 'the adapter in this run is of that step' in ft.attach(place/'a').report().read_text()
    assert ran(place, 'delete', 'a')[0]==0 and not (place/'a').exists()
    code,_,err = ran(place, 'stop', 'a')
    assert code==2 and 'holds no run' in err

def test_stopped_from_another_terminal_and_resumed_and_stopped_at_once(place):
    name = f'b{time.monotonic_ns()}' # It may be repeated in one place
    p = ftkit(place, 'train', 'long.yaml', '--out', name)
    try:
        until(lambda: step(place, name)>=3)
        t = time.monotonic()
        code,out,err = ran(place, 'stop', name, '--json')
        assert code==0 and json.loads(out)['state'] in ('stopping', 'stopped'), err
        assert time.monotonic()-t<30
        out,err = p.communicate(timeout=120)
        assert p.returncode==0 and 'stopped by the user' in out, out+err
    finally: p.kill()
    run = ft.attach(place/name)
    o = run.status()
    assert (o['state'], o['why'], o['checkpoint'], o['resumable'])==('stopped', 'user', o['step'], True)
    assert (run.path/'adapter/adapter_model.safetensors').exists()
    at = o['step']
    p = ftkit(place, 'resume', name)
    try:
        until(lambda: step(place, name)>=at+3)
        code,out,_ = ran(place, 'stop', name, '--now')
        assert code==0 and 'lost' not in out, out
        p.communicate(timeout=60)
        assert p.returncode==0
    finally: p.kill()
    o = run.status()
    assert (o['state'], o['why'], o['attempt'])==('stopped', 'user-now',
                                                  2) and f'step {at} is kept' in o['reason'], o
    steps = [e['step'] for e in run.events() if e['kind']=='train']
    assert steps==list(range(1, len(steps)+1))

def test_ctrl_c_asks_to_stop(place):
    p = ftkit(place, 'train', 'long.yaml', '--out', 'c', start_new_session=True)
    try:
        until(lambda: step(place, 'c')>=2)
        p.send_signal(signal.SIGINT)
        out,err = p.communicate(timeout=120)
    finally: p.kill()
    assert p.returncode==0 and ft.attach(place/'c').status()['why']=='user', out+err

@pytest.mark.parametrize('twice', [False, True])
def test_ctrl_c_in_a_terminal(place, twice):
    "A terminal sends it to every process in the foreground: once asks the run to stop, twice detaches"
    pexpect,name = pytest.importorskip('pexpect'),f'tty{twice}'
    p = pexpect.spawn(sys.executable, ['-m', 'ftkit.cli.main', 'train', 'long.yaml', '--out', name],
                      cwd=str(place), encoding='utf-8',
                      env=os.environ|dict(FTKIT_CACHE=str(place/'cache')), timeout=120, dimensions=(24, 120))
    try:
        p.expect(r'step [\d,]+ of 4,000')
        until(lambda: step(place, name)>=2)
        run = ft.attach(place/name)
        pid = run.status()['pid']
        if twice: os.kill(pid, signal.SIGSTOP) # A long step
        p.sendintr()
        if twice:
            try:
                p.expect('Interrupt again')
                p.sendintr()
                p.expect('Detached')
            finally: os.kill(pid, signal.SIGCONT)
        p.expect(pexpect.EOF)
        p.close()
        assert p.exitstatus==0 and p.signalstatus is None
        until(lambda: not run.alive)
        assert run.status()['why']=='user' and run.status()['resumable']
    finally: p.close(force=True)

def test_what_is_wrong_is_told_by_the_code(place):
    (place/'bad.yaml').write_text((place/'short.yaml').read_text().replace('learning_rate: 0.01',
        'learning_rate: much'))
    code,_,err = ran(place, 'train', 'bad.yaml', '--out', 'd')
    assert code==2 and 'learning_rate' in err and not (place/'d').exists()
    code,out,err = ran(place, 'train', 'short.yaml', '--out', 'e', '--train', 'few.jsonl', '--max_length',
                       '64')
    assert code==1 and ft.attach(place/'e').status()['why']=='blocked', out+err
    page = ft.attach(place/'e').report().read_text() # Its rows were never tokenized for training
    assert 'training did not begin' in page and 'nothing-to-learn' in page

def test_the_page_says_which_whole_model_is_kept(place, monkeypatch, tmp_path):
    run = ft.train(replace(ft.load_config(place/'short.yaml'), method='full', learning_rate=1e-3, samples=0,
                           max_steps=2), place/'w', base=place, wait=True)
    assert 'the model in this run is of that step' in run.report().read_text()
    monkeypatch.chdir(tmp_path) # Its config trains again from anywhere
    again = ft.train(ft.load_config(run.path/'config.yaml'), place/'w2', wait=True)
    assert again.status()['best_loss']==run.status()['best_loss']
    assert again.rows('train').fingerprint==run.rows('train').fingerprint
    (run.path/'model/model.safetensors').write_bytes(b'another')
    assert 'is of that step' not in run.report().read_text()

def test_a_limit_of_money(place):
    run = ft.train(replace(ft.load_config(place/'long.yaml'), price_per_hour=36_000., max_cost=30.,
                           save_steps=1), place/'f', base=place, wait=True)
    o = run.status()
    assert (o['state'], o['why'])==('stopped', 'cost') and o['cost']>=30 and 'max_cost=30' in o['reason'], o

@pytest.fixture
def here(monkeypatch, place):
    "Trains in this process, so that something can be made to go wrong"
    monkeypatch.setenv('FTKIT_CACHE', str(place/'cache'))
    handlers = {o:signal.getsignal(o) for o in (signal.SIGTERM, signal.SIGINT)}
    def run(name, wrong, **changes):
        made = replace(ft.load_config(place/'short.yaml'),
                       **dict(max_steps=8, samples=0)|changes).create(place/name, base=place)
        before = training_fit.build
        def build(*args, **kw):
            trainer = before(*args, **kw)
            wrong(trainer)
            return trainer
        monkeypatch.setattr(training_fit, 'build', build)
        training_work.run_training(made.path)
        monkeypatch.setattr(training_fit, 'build', before)
        return made
    yield run
    for k,v in handlers.items(): signal.signal(k, v)

def at_step(n, what):
    "A callback that does something after a step"
    import transformers
    class At(transformers.TrainerCallback):
        def on_step_end(self, args, state, control, model=None, **kw):
            if state.global_step==n: what(model)
    return At()

def poison(model):
    next(p for p in model.parameters() if p.requires_grad).data.fill_(float('nan'))

# Between looks, at a look, before the first
@pytest.mark.parametrize('step, kept', [(5, 4), (4, 2), (1, None)])
def test_weights_that_are_no_numbers_end_the_run_at_the_last_good_checkpoint(here, step, kept):
    # Slow enough that each look is the best
    run = here(f'nan{step}', lambda t: t.add_callback(at_step(step, poison)), learning_rate=2e-3)
    o = run.status()
    assert (o['state'], o['why'])==('failed', 'diverged'), o
    assert f'step {kept} is kept' in o['reason'] if kept else 'nothing is kept' in o['reason'], o
    assert o['checkpoint']==kept and (run.path/'adapter').exists()==bool(kept)
    if kept:
        from safetensors.numpy import load_file
        import numpy as np
        assert all(np.isfinite(v).all()
                   for v in load_file(run.path/'adapter/adapter_model.safetensors').values())

def test_out_of_memory_says_what_would_take_less(here):
    def full(model):
        raise RuntimeError(
            "[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: you tried to "
            "allocate 9 bytes")
    run = here('oom', lambda t: t.add_callback(at_step(3, full)))
    o = run.status()
    assert (o['state'], o['why'])==('failed',
                                    'memory') and 'out of memory' in o['reason'] and 'step 2 is kept' in o[
        'reason'], o

def test_nothing_to_learn_never_trains(here):
    run = here('none', lambda t: None, max_length=64, train='few.jsonl',
               ignore_findings='nothing-to-learn,answer-cut')
    o = run.status()
    assert o['state']=='failed' and o['step']==0 and not (run.path/'adapter').exists(), o

def test_who_holds_the_memory_is_named():
    from ftkit.config.settings import RunConfig
    from ftkit.model.shapes import config_of
    from ftkit.model.names import resolve
    from ftkit.training.failure import NoRoom, holders, look_for_room
    config = config_of(resolve('tiny-random'))
    cfg = RunConfig('tiny-random', 'a', 'b')
    assert look_for_room(cfg, config, 100)==''
    with pytest.raises(NoRoom, match='Most is held by: process [0-9]+'):
        look_for_room(cfg, config, 100, free=1000)
    held = [o[2] for o in holders()]
    assert len(held)==3 and held==sorted(held, reverse=True)

def test_a_record_that_is_gone_or_damaged_is_said(place, tmp_path):
    run = ft.load_config(place/'short.yaml').create(tmp_path/'a', base=place)
    (run.path/'record.json').write_text('{"half')
    with pytest.raises(ValueError, match='record.json is damaged'): run.report()
    (run.path/'record.json').unlink()
    with pytest.raises(ValueError, match='record.json is missing'): run.report()
    with pytest.raises(RuntimeError, match='never started'): run.stop()
