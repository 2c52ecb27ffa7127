"""Whatever ends a run: nothing is lost, and every state is explained.

`benchmarks/faults.py` does it a hundred times."""
import errno, json, os, random, resource, shutil, signal, subprocess, sys, time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import ftkit as ft
import pytest
import warm
from faults_lib import (JUMPY, disturbed, fill, make_rows, outcome, read_only, settle, small_disk, sound,
                        standing,
                        start_until)
from ftkit.model.names import resolve
from ftkit.run.files import checkpoints
from ftkit.run.folder import Run
from ftkit.launch.create import create
from ftkit.launch.start import mend, resume, start
import ftkit.training.checkpoint as training_checkpoint
import ftkit.training.work as training_work

@pytest.fixture(scope='module')
def base(own_cache): return own_cache

@pytest.fixture(scope='module')
def cfg(base): return make_rows(base)

@pytest.fixture(scope='module')
def whole(base, cfg):
    "The run that nobody disturbs, and the seconds that its process was there"
    resolve(cfg.model) # No other run waits for the model to be made
    run = start(create(cfg, base/'whole', base=base))
    t = time.monotonic()
    assert settle(run)['state']=='finished', run.log_tail()
    return run, outcome(run), time.monotonic()-t

def same(run, whole):
    o = run.status()
    assert o['state']=='finished', (o, run.log_tail(1500))
    now = outcome(run)
    for k in ('train', 'evals', 'best', 'adapter', 'sights'): assert now[k]==whole[1][k], k

def test_killed_and_resumed_it_is_the_run_that_was_never_disturbed(base, cfg, whole):
    with ThreadPoolExecutor(2) as pool:
        got = list(pool.map(lambda i: disturbed(cfg, base, base/f'k{i}', random.Random(i), 2, whole[2]*.5),
                            range(2)))
    for run,at in got: same(run, whole); sound(run, cfg)
    assert sum(len(at) for _,at in got)>=2

def test_the_trainer_outlives_its_parent_and_is_killed_with_nobody_to_say_so(base, cfg, whole):
    run = start_until(create(cfg, base/'orphan', base=base), 4)
    while not (pid := run.status()['pid']): time.sleep(.05)
    parent = int(Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[1]) if Path(
        '/proc/self/stat').exists() else 0
    if not parent: pytest.skip('there is no /proc here')
    os.kill(parent, signal.SIGKILL)
    os.kill(standing(run, 4), signal.SIGKILL)
    while run.alive: time.sleep(.05)
    o = run.status()
    assert (o['state'], o['why'])==('lost', 'lost') and 'without a word' in o['reason'], o
    settle(resume(run)); same(run, whole)

def test_a_signal_is_named(base, cfg):
    cfg = replace(cfg, max_steps=4000, num_train_epochs=1000) # It does not end before the signal comes
    run = start(create(cfg, base/'term', base=base))
    while run.status()['step']<4: time.sleep(.02); assert run.alive, run
    os.kill(run.status()['pid'], signal.SIGTERM)
    o = settle(run)
    assert (o['state'], o['why'])==('failed',
                                    'killed') and 'signal 15 (SIGTERM)' in o['reason'] and 'is kept' in o[
        'reason'], o
    sound(run, cfg)

def test_an_overfitting_set_stops_itself_at_its_best(base, cfg):
    ft.load(base/'train.jsonl', limit=8).save(base/'few.jsonl')
    run = ft.train(replace(cfg, train='few.jsonl', max_steps=400, num_train_epochs=400, learning_rate=.05,
                           early_stopping_patience=2, eval_steps=4, save_steps=0, samples=0),
                   base/'over', base=base, wait=True)
    o = run.status()
    assert (o['state'], o['why'])==('finished', 'early-stop') and o['best_step']<o['step']<400, o
    evals = {e['step']:e['loss'] for e in run.events() if e['kind']=='eval'}
    assert o['best_step']==min(evals, key=evals.get) and o['step']==o['best_step']+8
    for part in (f"lowest at step {o['best_step']}", '2 evaluations (8 steps)',
                 f"adapter of step {o['best_step']}"):
        assert part in o['reason'], o
    from safetensors.numpy import load_file
    kept,best = (load_file(p/'adapter_model.safetensors')
                 for p in (run.path/'adapter', run.path/f"checkpoints/checkpoint-{o['best_step']}"))
    assert all((kept[k]==best[k]).all() for k in best)

def test_a_full_disk_loses_nothing_and_is_said(base, cfg, whole):
    with small_disk(base/'disk') as d:
        if not d: pytest.skip('mounting a small disk is not allowed here')
        shutil.copytree(base, d/'base',
                        ignore=lambda p, names: [n for n in names if not n.endswith('.jsonl')])
        pid = standing(run := start_until(create(cfg, d/'run', base=d/'base'), 5), 5)
        filler = fill(d)
        os.kill(pid, signal.SIGCONT)
        o = settle(run)
        assert (o['state'], o['why'])==('failed', 'disk-full') and 'Free some room' in o['reason'], (o,
            run.log_tail(800))
        sound(run, cfg)
        shutil.rmtree(run.path/'checkpoints/.writing', ignore_errors=True) # As resume does it
        fill(d)
        with pytest.raises(OSError, match='free some room'): resume(run)
        assert run.status()['why']=='disk-full' # As before
        filler.unlink()
        settle(resume(run)); same(run, whole)

def said_of(run): return [e.get('text', '') for e in run.tail().new() if e['kind']=='state']

def test_a_disk_that_is_full_for_a_while_is_waited_for_with_words(base, cfg, whole):
    with small_disk(base/'short') as d:
        if not d: pytest.skip('mounting a small disk is not allowed here')
        shutil.copytree(base, d/'base',
                        ignore=lambda p, names: [n for n in names if not n.endswith('.jsonl')])
        pid = standing(run := start_until(create(cfg, d/'run', base=d/'base'), 3), 3)
        filler,panel = fill(d),run.panel() # What a panel needs is imported before one waits for it
        os.kill(pid, signal.SIGCONT)
        waits = lambda said: 'the disk is full: waiting' in said
        while not waits(run.status()['reason']): time.sleep(.02); assert run.alive, run
        o = run.status()
        assert o['state'] in ('running', 'stopping') and not o['silent_s']
        while not waits(panel.static_text()): # Now and then a byte or two may fit
            panel = run.panel(); assert run.alive, run
        filler.unlink()
        settle(run); same(run, whole)
        said = said_of(run)
        assert 'there is room on the disk again: going on' in said and 'disk' not in run.status()['reason']
        assert {e['attempt'] for e in run.events()}=={1} and (run.path/'reserve').stat().st_size>2**17

@pytest.mark.skipif(not hasattr(resource, 'prlimit'), reason='limits as Linux has them')
def test_limits_of_files_end_a_run_in_words_and_it_goes_on_without_them(base):
    def limit(kind, n):
        pid = run.status()['pid']
        resource.prlimit(pid, kind, (n or max(map(int, os.listdir(f'/proc/{pid}/fd')))+1,
                                     resource.prlimit(pid, kind)[1]))
    # It does not end before its limit comes
    cfg = replace(make_rows(base/'light', light=True), max_steps=4000, num_train_epochs=1000)
    run = start(create(cfg, base/'limits', base=base/'light'))
    for kind,n,words in ((resource.RLIMIT_NOFILE, 0, 'ulimit -n 4096, and go on with run.resume()'),
                         (resource.RLIMIT_FSIZE, 20_000, '(ulimit -f)')):
        at = run.status()['step']+2
        while run.status()['step']<at: time.sleep(.01); assert run.alive, run
        limit(kind, n)
        o = settle(run)
        assert (o['state'], o['why'])==('failed', 'error') and words in o['reason'] and o['resumable'], (o,
            run.log_tail(800))
        assert 'disk is full' not in o['reason']
        sound(run, cfg)
        resume(run)
    at = run.status()['step']+2
    while run.status()['step']<at: time.sleep(.01); assert run.alive, run
    assert run.stop(wait_s=60) and settle(run)['why']=='user' and run.status()['step']>=at, run.log_tail(800)
    sound(run, cfg)

def test_a_folder_that_cannot_be_written_is_read_and_left_alone(base, cfg, whole):
    with read_only(whole[0].path, base/'ro') as d:
        if not d: pytest.skip('mounting is not allowed here')
        run = ft.attach(d)
        assert run.status()['state']=='finished' and len(run.events())==len(whole[0].events())
        assert 'finished' in run.panel().static_text()
        with pytest.raises(OSError, match='cannot be written'): run.stop()
        with pytest.raises(OSError, match='cannot be written'): start(run)
        with pytest.raises(OSError, match='cannot be written'): resume(run)

def test_a_clock_that_jumps_changes_nothing(base, cfg, whole, monkeypatch):
    if os.environ.get(warm.ADDRESS): monkeypatch.setenv(warm.FIRST, JUMPY)
    else:
        (base/'jumpy').mkdir()
        (base/'jumpy/sitecustomize.py').write_text(JUMPY)
        monkeypatch.setenv('PYTHONPATH', str(base/'jumpy'))
    run = ft.train(replace(cfg, max_minutes=30), base/'jump', base=base, wait=True)
    assert run.status()['state']=='finished' and outcome(run)['adapter']==whole[1]['adapter'], run
    t = [e['t'] for e in run.events()]
    assert t==sorted(t) and t[-1]<600 and run.status()['elapsed_s']<600

def test_of_two_starters_one_wins(base, cfg):
    made = create(replace(cfg, max_steps=2, eval_steps=2, samples=0), base/'two', base=base)
    code = (
        'import sys\nfrom ftkit.launch.create import attach; from ftkit.launch.start import '
        'start\nstart(attach(sys.argv[1]))\nprint("started")')
    both = [subprocess.Popen([sys.executable, '-c', code, str(made.path)], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
            for _ in range(3)]
    said = [p.communicate(timeout=120) for p in both]
    assert sorted(out for out,_ in said)==['', '', 'started\n'], said
    assert all(not err or 'already' in err or 'held by process' in err or 'has finished' in err
               for _,err in said), said
    assert settle(made)['state']=='finished'
    assert {e['attempt'] for e in made.tail().new()}=={1}

def test_damaged_files_are_said_and_mended(base, cfg, whole):
    path = base/'damaged'
    shutil.copytree(whole[0].path, path)
    run = Run(path)
    with open(path/'events.jsonl', 'ab') as f:
        f.write(b'\xff\xfe\x00garbage\n{"v":1,"attempt":1,"kind":"train","st')
    assert len([e for e in run.events() if e['kind']=='train'])==len(whole[1]['train'])
    odd = json.dumps(json.loads((path/'status.json').read_text())|dict(step='x', t=None))
    for broken in ('', '{"v":1,"sta', '[]', 'null', '{"state":"dancing","v":99}', odd, None):
        if broken is None: (path/'status.json').unlink()
        else: (path/'status.json').write_text(broken)
        with pytest.raises(ValueError, match=r'run\.resume'): run.status()
        assert [o['state'] for o in ft.runs(base) if o['run']==str(path)]==['unreadable'] # And hides no other
        assert mend(ft.attach(path)).status()['state']=='finished'
    (path/'stop').write_text('{"half')
    (path/'lock').write_text('{"pid": 1, "pid_start": "0", "host": "elsewhere"}')
    with pytest.raises(RuntimeError, match='has finished'): start(run)

@pytest.mark.parametrize('how', ['gone', 'cut', 'rotten'])
def test_a_damaged_checkpoint_is_set_aside(base, cfg, whole, how):
    "The run goes on from the one before, or from the start, to the same bits"
    run = start_until(create(cfg, base/f'rot-{how}', base=base), 5)
    os.kill(standing(run, 5), signal.SIGKILL)
    while run.alive: time.sleep(.05)
    at = run.status()['checkpoint']
    assert at>=4
    p = run.path/f'checkpoints/checkpoint-{at}'/dict(gone='optimizer.pt', cut='adapter_model.safetensors',
                                                     rotten='adapter_model.safetensors')[how]
    if how=='gone': p.unlink()
    else:
        data = bytearray(p.read_bytes())
        data[-9] ^= 1
        p.write_bytes(data[:1000] if how=='cut' else data)
    settle(resume(run)); same(run, whole)
    said = [e['text'] for e in run.tail().new() if e['kind']=='state' and 'is damaged' in e.get('text', '')]
    assert len(said)==1 and f'step {at} is damaged' in said[0] and p.name in said[0]

def test_what_a_disk_cannot_read_is_damaged(tmp_path, monkeypatch):
    "And what one may not read is not: that can be mended"
    (tmp_path/'w').write_bytes(b'1234')
    (tmp_path/'ftkit.json').write_text(
        json.dumps(dict(files={'w':[4, training_checkpoint.file_sum(tmp_path/'w')]})))
    assert training_checkpoint.damage(tmp_path)==''
    def cannot(code): return lambda p: (_ for _ in ()).throw(OSError(code, os.strerror(code), str(p)))
    monkeypatch.setattr(training_checkpoint, 'file_sum', cannot(errno.EIO))
    assert 'cannot be read' in training_checkpoint.damage(tmp_path)
    monkeypatch.setattr(training_checkpoint, 'file_sum', cannot(errno.EACCES))
    with pytest.raises(PermissionError): training_checkpoint.damage(tmp_path)

@pytest.mark.parametrize('told', ['[]', '{', '['*100_000, '7', '{"files": []}', '{"files": {"w": 7}}',
                                  '{"files": {"w": [4]}}', '{"files": {"w": ["4", null]}}',
                                  '{"step": %s}' % ('9'*400), '{"best_step": []}', '{"looks": "x"}',
                                  '{"tokens": NaN}', '{"config": 7}'])
def test_what_a_checkpoint_does_not_say_of_itself_is_damaged(tmp_path, told):
    (tmp_path/'ftkit.json').write_text(told)
    assert 'ftkit.json' in training_checkpoint.damage(tmp_path)
    (tmp_path/'config.yaml').write_text('model: m\ntrain: t\nvalidation: v\n')
    (tmp_path/'checkpoints/checkpoint-3').mkdir(parents=True)
    (tmp_path/'checkpoints/checkpoint-3/ftkit.json').write_text(told)
    training_work.publish,was = lambda run, step, dtype: None,training_work.publish
    try: assert 'of step 3 is kept' in training_work.salvage(Run(tmp_path)) # Whatever is there
    finally: training_work.publish = was

def test_a_damaged_best_checkpoint_is_not_kept(base, cfg, whole, tmp_path):
    "Not only the newest is looked at: what would be kept in the end has to be whole too"
    from ftkit.training.checkpoint import exclude_damaged
    path = tmp_path/'copy'
    shutil.copytree(whole[0].path/'checkpoints', path/'checkpoints')
    oldest,newest_ = min(checkpoints(path)),max(checkpoints(path))
    if oldest==newest_:
        shutil.copytree(path/f'checkpoints/checkpoint-{newest_}', path/'checkpoints/checkpoint-1'); oldest = 1
    p = path/f'checkpoints/checkpoint-{oldest}/adapter_model.safetensors'
    p.write_bytes(p.read_bytes()[:-1])
    said, = exclude_damaged(path)
    assert f'step {oldest} is damaged' in said and [*checkpoints(path)]==[newest_]
    assert exclude_damaged(path)==[]

def test_a_moved_or_copied_run_resumes_where_it_stands_now(base, cfg, whole):
    run = start_until(create(cfg, base/'here', base=base), 5)
    os.kill(standing(run, 5), signal.SIGKILL)
    settle(run)
    (base/'far/away').mkdir(parents=True)
    shutil.move(run.path, base/'far/away/run')
    moved = ft.attach(base/'far/away/run')
    o = moved.status()
    assert o['resumable'] and o['checkpoint'], o
    (moved.path/'status.json').write_text(json.dumps({**o, 'state':'running', 'host':'another-machine',
                                                      't':time.time()}))
    with pytest.raises(RuntimeError, match='elsewhere=True'): resume(moved)
    settle(resume(moved, elsewhere=True)); same(moved, whole)
