"Run folders of any size and in any state: they are read, or it is said why not."
import json, math, os, random, re, shutil, time
from dataclasses import replace
from pathlib import Path

import ftkit as ft
import pytest
from ftkit.base.files import canonical
from ftkit.run.curves import Curves
from ftkit.run.follow import events_in
from ftkit.panels.monitor.story import Follower
from ftkit.panels.monitor.panel import MonitorPanel
from ftkit.run.log import RunLog
from ftkit.run.folder import Run
from ftkit.launch.start import delete_run, resume, stop
from ftkit.provenance.source import model_of
from ftkit.launch.compare import compare_runs
from ftkit.launch.create import as_run, list_runs
import ftkit.cli.main as cli_main
import ftkit.launch.create as launch_create

def step(i, of):
    return dict(v=1, attempt=1, kind='train', step=i, of=of, loss=9. if i==777 else 1+math.sin(i)/3,
                learning_rate=1e-4/i, grad_norm=1+math.cos(i),
                epoch=i/1000, tokens=90*i, tokens_per_s=400.+i%9, memory_bytes=2**30+i, log_ms=.3, t=i/10)

def long_run(folder, n, every=500):
    "A run of `n` steps with a look at the validation rows now and then"
    log = RunLog(folder, 1, os.getpid())
    log.status('created')
    with open(Path(folder)/'events.jsonl', 'w') as f:
        for i in range(1, n+1):
            f.write(canonical(step(i, n))+'\n')
            if i%every==0:
                f.write(canonical(dict(v=1, attempt=1, kind='eval', step=i, loss=1+1/i, best=True, seconds=.5,
                                       t=i/10))+'\n')
    log.status('finished', 'all done', step=n, of=n)
    return Run(folder)

@pytest.fixture(scope='module')
def long(tmp_path_factory): return long_run(tmp_path_factory.mktemp('long')/'long', 60_000)

def test_a_long_log_is_read_at_once_and_in_bounded_memory(long):
    run = long
    t = time.process_time()
    slow = [json.loads(o) for o in (run.path/'events.jsonl').read_bytes().splitlines()]
    by_line = time.process_time()-t # What reading alone takes, line by line, before anything is made of it
    n = len(slow)
    del slow
    t = time.process_time()
    f = Follower(run)
    assert time.process_time()-t<4*by_line+1, (time.process_time()-t, by_line)
    c = f.curves
    assert (c.added, c.train[-1].step, c.last['step'], len(c.evals))==(60_000, 60_000, 60_000, 120)
    assert n==60_120
    assert len(c.train)<=20_000 and 777 in {p.step for p in c.train}
    for k in (1, 2, 3): # Four times as long is not four times as much
        for block in run.tail().blocks(): c.read(block.replace(b'"step":', b'"step":%d' % k))
    kept = sum(map(len, (c.train, c.evals, c.pace.values, c.log_ms.values, c.tokens.values)))
    assert c.added==240_000 and kept<700_000 and len(c.train)<=20_000, kept

def test_zoom_reads_the_part_it_needs(long):
    run,f = long,Follower(long)
    assert [p.step for p in f.between(50_000, 50_400)]==list(range(50_000, 50_401))
    assert [p.loss for p in f.between(770, 780)]==[step(i, 1)['loss'] for i in range(770, 781)]
    p,sent = MonitorPanel(run),[]
    p.send = sent.append
    p.hear(dict(kind='ready'))
    while any(o.behind for o in p.follows): p.follow.pull()
    p.draw()
    p.hear({'kind':'zoom', 'view':'v', 'from':30_000, 'to':30_100})
    rows = sent[-1]['rows']
    assert [o[0] for o in rows if 30_000<=o[0]<=30_100]==list(range(30_000, 30_101)) and rows[0][0]==1
    assert rows[-1][0]==60_000
    assert [len(o) for o in rows if 30_000<=o[0]<=30_100]==[6]*101 # Each stands for itself

def test_a_short_run_has_the_curves_it_always_had(tmp_path):
    run = long_run(tmp_path/'short', 3000, 100)
    one = Curves()
    for e in events_in((run.path/'events.jsonl').read_bytes().splitlines()): one.add(e)
    many = run.curves()
    for k in ('train', 'evals', 'best', 'last', 'mean', 'peak'): assert getattr(one, k)==getattr(many, k), k

@pytest.mark.parametrize('odd', [{}, {700:'1e308', 701:'1e308', 3000:'-1e308'},
                                 {3:'1e999', 2600:'-1e999', 2601:'1e999', 3999:'1e999'}])
def test_many_steps_at_once_are_the_same_to_the_bit(odd):
    rng = random.Random(0)
    lines = [canonical(step(i, 4000)|dict(loss=rng.gauss(2, 1))) for i in range(1, 4001)]
    lines = [re.sub('"loss":[^,]+', '"loss":'+odd[i], o) if i in odd else o for i,o in enumerate(lines, 1)]
    one,many = Curves(),Curves()
    for e in events_in(o.encode() for o in lines): one.add(e)
    for k in range(0, 4000, 1500): many.read('\n'.join(lines[k:k+1500]).encode())
    for k in ('train', 'mean', 'weight', 'last', 'peak', 'added'):
        assert repr(getattr(one, k))==repr(getattr(many, k)), k

def test_attempts_by_the_ten_thousand_are_sorted_out_at_once():
    from ftkit.run.files import newest
    def slowly(events):
        res,attempt = [],None
        for o in events:
            if attempt is not None and (o['attempt']!=attempt or o.get('again')):
                res = [p for p in res if p['kind']=='state' or p.get('step', 0)<=o.get('step', 0)]
            attempt = o['attempt']
            res.append(o)
        return res
    rng = random.Random(1)
    for _ in range(200):
        events = [dict(kind=rng.choice(['state', 'train', 'eval']), attempt=rng.randrange(3),
                       n=i)|rng.choice([dict(step=rng.randrange(9)), {}, dict(step=4, again=True)])
                  for i in range(rng.randrange(30))]
        assert newest(events)==slowly(events)
    t = time.process_time()
    assert len(newest([dict(kind='train', attempt=i, step=i%2) for i in range(60_000)]))==30_001
    assert time.process_time()-t<2
    newest([dict(kind='train', attempt=i, step=o) for i,o in enumerate(([], None, 'x', {}, math.nan, 1))])

def test_report_and_compare_of_a_long_run(tmp_path, long):
    made = cfg_in(tmp_path).create(tmp_path/'b', base=tmp_path)
    shutil.copy(long.path/'events.jsonl', made.path)
    found = made.compare()[0]
    assert (found['tokens'], found['tokens_per_s'])==(90*60_000, 404.)
    assert '<svg' in made.report().read_text()

def cfg_in(folder):
    ft.load(ft.sample(), limit=60).split((.6, .2, .2)).save(folder)
    return ft.RunConfig('tiny-random', 'train.jsonl', 'validation.jsonl', max_length=1024, max_steps=4)

def bad_folders(folder):
    "One folder for each way in which a run's folder can be odd"
    good = dict(RunLog(folder, 1).now, state='finished')
    def made(name, status=None, **files):
        (d := folder/name).mkdir(parents=True)
        if status is not None: (d/'status.json').write_text(status)
        return d
    made('good', json.dumps(good))
    (made('directory')/'status.json').mkdir()
    os.mkfifo(made('pipe')/'status.json')
    (made('loop')/'status.json').symlink_to('status.json')
    made('deep', '['*200_000)
    made('deeper', '{"a":'*200_000)
    os.truncate(made('huge', ' ')/'status.json', 2**33)
    made('number', json.dumps(good|dict(step='9'*5000)).replace('"9', '9').replace('9"', '9'))
    for i,o in enumerate((dict(host=[]), dict(t=1e999), dict(elapsed_s='long'), dict(state=[]),
                          dict(best_loss={}), dict(boot=3, state='running'))):
        made(f'odd{i}', json.dumps(good|o))
    (folder/'link').symlink_to('link')
    os.mkfifo(folder/'no-folder')
    d = made('events', json.dumps(good))
    os.mkfifo(d/'events.jsonl')
    return d

def test_one_bad_folder_hides_no_other_and_nobody_waits_for_a_pipe(tmp_path, capsys):
    from ftkit.cli.main import main
    d = bad_folders(tmp_path/'runs')
    t = time.monotonic()
    found = {Path(o['run']).name:o for o in list_runs(tmp_path/'runs')}
    assert time.monotonic()-t<20
    assert {k for k,o in found.items() if o['state']=='finished'}=={'good', 'events'}
    assert len(found)==15 and all(o['reason'] for o in found.values()
                                  if o['state']=='unreadable'), sorted(found)
    assert '8,589,934,592 bytes' in found['huge']['reason'] and 'nested too deeply' in found['deep']['reason']
    assert main(['runs', str(tmp_path/'runs')])==0 and len(capsys.readouterr().out.splitlines())>=15
    for read in (Follower, Run.events, Run.curves):
        with pytest.raises(ValueError, match='not a plain file'): read(Run(d))

# ---- Ends that cannot be said by the one who ends

CHILD = """import os, signal, sys, time
from ftkit.run.ending import working
def work(how):
    print('UserWarning: something', 'warnings.warn(', sep='\\n', file=sys.stderr, flush=True)
    if how=='kill': os.kill(os.getpid(), signal.SIGKILL)
    if how=='advice':
        raise RuntimeError('Weights only load failed. Re-running `torch.load` with `weights_only` set to '
                           '`False` will likely succeed')
    if how=='full': raise OSError(28, 'No space left on device')
    if how=='exit': os._exit(7)
    if how=='segv': os.kill(os.getpid(), signal.SIGSEGV)
    from ftkit.base.files import staged
    with staged(sys.argv[2]) as d:
        (d/'half').write_text('half')
        print('staged', flush=True)
        time.sleep(60)
sys.exit(working(work, sys.argv[1]))
"""

def worker(how, folder):
    import subprocess, sys
    with open(folder/'log.txt', 'ab') as log:
        return subprocess.Popen([sys.executable, '-c', CHILD, how, str(folder/'made')], stdout=log,
                                stderr=log, start_new_session=True)

@pytest.mark.parametrize('how, says', [('kill', r'killed by signal 9 \(SIGKILL\).*memory'),
                                       ('segv', 'SIGSEGV'), ('exit', 'ended with code 7'),
                                       ('full', 'the disk is full'),
                                       ('advice', 'was not opened: that could run code')])
def test_a_workers_end_is_told_as_what_it_was(tmp_path, how, says):
    from ftkit.evaluation.answer import finish
    (tmp_path/'told.json').write_text('{"text":"loading","done":0,"of":0}')
    with pytest.raises(RuntimeError, match=says) as e:
        finish(worker(how, tmp_path), tmp_path/'told.json', tmp_path/'log.txt')
    assert 'warn(' not in str(e.value) and 'weights_only' not in str(e.value)+(tmp_path/'log.txt').read_text()
    assert not (tmp_path/'told.json').exists()

@pytest.mark.parametrize('sig, left', [(15, False), (9, True)])
def test_what_was_half_made_goes(tmp_path, sig, left):
    from ftkit.base.files import tidy_staged
    p = worker('wait', tmp_path)
    while 'staged' not in (tmp_path/'log.txt').read_text(): time.sleep(.02); assert p.poll() is None
    os.kill(p.pid, sig)
    p.wait()
    assert bool([*tmp_path.glob('.made.*')])==left
    tidy_staged(tmp_path/'made') # As the next one does, and whoever waited for it
    assert not [*tmp_path.glob('.made.*')]

# ---- Silence, and leftovers

def stopped_process():
    import signal, subprocess, sys
    p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], start_new_session=True)
    os.kill(p.pid, signal.SIGSTOP)
    return p

def test_a_stopped_trainer_is_not_responding(tmp_path, capsys):
    from ftkit.cli.main import main
    from ftkit.base.files import write_json
    from ftkit.run.process import process_start
    p = stopped_process()
    try:
        log = RunLog(tmp_path/'a', 1, p.pid)
        log.status('running', step=3, of=9)
        run = Run(tmp_path/'a')
        assert run.status()['silent_s']==0 and run.status()['reason']==''
        write_json(run.path/'status.json', log.now|dict(t=time.time()-7))
        o = run.status()
        assert o['state']=='running' and o['silent_s']>=7
        assert f'not responding for 7 s: a signal has stopped its process; kill -CONT {p.pid}' in o['reason']
        assert 'not responding' in repr(run) and main(['runs', str(tmp_path)])==0
        assert 'not responding for' in capsys.readouterr().out
        assert 'not responding' in run.panel().static_text()
        assert main(['stop', str(run.path), '--wait', '0'])==2
        assert 'not responding for' in (err := capsys.readouterr().err) and 'goes on' in err
        t = time.monotonic()
        from ftkit.run.process import end_group
        # It hears, though it was stopped
        assert end_group(p.pid, process_start(p.pid), 60.) and time.monotonic()-t<30
    finally: p.kill(); p.wait()

def test_a_slow_step_is_no_silence(tmp_path):
    from ftkit.base.files import write_json
    log = RunLog(tmp_path/'a', 1, os.getpid())
    log.status('running', step=3, of=9)
    write_json(tmp_path/'a/status.json', log.now|dict(t=time.time()-20))
    assert Run(tmp_path/'a').status()['silent_s']==0
    write_json(tmp_path/'a/status.json', log.now|dict(t=time.time()-50))
    assert 'not responding for 50 s' in Run(tmp_path/'a').status()['reason']
    write_json(tmp_path/'a/status.json', log.now|dict(t=time.time()-50, host='elsewhere'))
    assert Run(tmp_path/'a').status()['silent_s']==0

@pytest.mark.parametrize('at', ['config.yaml', 'data.jsonl', 'record.json', 'status.json'])
def test_a_half_made_run_is_named_made_anew_and_deleted(tmp_path, at, monkeypatch):
    import subprocess, sys
    cfg = cfg_in(tmp_path)
    cfg.save(tmp_path/'c.yaml')
    code = f"""import os, ftkit as ft
real = os.replace
def replace(a, b):
    if str(b).endswith({at!r}): os.kill(os.getpid(), 9)
    real(a, b)
os.replace = replace
ft.load_config('c.yaml').create('runs/a')"""
    for _ in range(2):
        assert subprocess.run([sys.executable, '-c', code], cwd=tmp_path).returncode==-9
        assert (tmp_path/'runs/a/lock').exists()
        o, = list_runs(tmp_path/'runs')
        assert o['state']=='unreadable' and 'half made' in o['reason']
    ft.Run(tmp_path/'runs/a').delete()
    assert not [*(tmp_path/'runs').iterdir()]
    subprocess.run([sys.executable, '-c', code], cwd=tmp_path)
    assert cfg.create(tmp_path/'runs/a', base=tmp_path).status()['state']=='created'

def test_a_run_that_cannot_be_made_leaves_nothing_and_a_users_folder_is_no_run(tmp_path, monkeypatch):
    cfg = cfg_in(tmp_path)
    def full(*_): raise OSError(28, 'No space left on device')
    with monkeypatch.context() as m, pytest.raises(OSError, match='No space'):
        m.setattr(launch_create, 'write_text', full)
        cfg.create(tmp_path/'runs/b', base=tmp_path)
    assert not (tmp_path/'runs/b').exists()
    (mine := tmp_path/'mine').mkdir()
    for name in ('config.yaml', 'data.jsonl'): (mine/name).write_text('mine')
    for lock in ('', 'mine', '{"pid'): # Nobody began a run here
        with pytest.raises(FileNotFoundError): delete_run(mine)
        with pytest.raises(FileExistsError): cfg.create(mine, base=tmp_path)
        (mine/'lock').write_text(lock)
    assert (mine/'data.jsonl').read_text()=='mine'

@pytest.mark.parametrize('name', ['x'*240, '/'.join(['y'*200]*20), os.fsdecode(b'caf\xe9')])
def test_a_path_that_cannot_work_fails_at_create(tmp_path, name):
    cfg = cfg_in(tmp_path)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(ValueError, match='Choose a'): cfg.create(tmp_path/name, base=tmp_path)
    assert sorted(tmp_path.iterdir())==before

def test_every_verb_takes_a_path(tmp_path):
    from ftkit.evaluation.process import answers, evaluate
    from ftkit.sharing.export import export
    from ftkit.plots.run import plot_run
    from ftkit.panels.monitor.panel import panel
    from ftkit.panels.monitor.watch import report, watch
    from ftkit.panels.evals import compare
    cfg_in(tmp_path).create(tmp_path/'a', base=tmp_path)
    for p in (tmp_path/'a', str(tmp_path/'a')):
        for verb,said in ((resume, 'never started'), (stop, 'never started')):
            with pytest.raises(RuntimeError, match=said): verb(p)
        for verb,said in ((evaluate, 'no adapter yet'), (export, 'no adapter yet'), (watch, 'not started'),
                          (plot_run, 'nothing was measured')):
            with pytest.raises(ValueError, match=said): verb(p)
        assert answers(p)=={} and report(p).exists() and panel(p).static_text() and compare(p) is not None
        assert compare_runs([p])[0]['state']==as_run(dict(run=p)).status()['state']=='created'
        run = ft.attach(p)
        assert run.compare(p)[1]['run']==str(tmp_path/'a') and len(run.panel(p).follows)==2
    with pytest.raises(FileNotFoundError, match='holds no run'): resume(tmp_path/'none')
    delete_run(str(tmp_path/'a'))
    assert not (tmp_path/'a').exists()

def test_nothing_is_deleted_under_an_evaluation(tmp_path):
    from ftkit.run.lock import holding
    run = cfg_in(tmp_path).create(tmp_path/'a', base=tmp_path)
    with holding(run.path, doing='evaluates'):
        with pytest.raises(RuntimeError, match='which evaluates it now'): run.delete()
    assert (run.path/'record.json').exists()

def test_caches_that_cannot_be_written_are_done_without(tmp_path, monkeypatch, capsys):
    from ftkit.model.names import load_tokenizer
    from ftkit.model.tokens import tokenize
    tok,rows = load_tokenizer('tiny-random'),ft.load(ft.sample(), limit=3)
    (tmp_path/'cache').write_text('a file where a folder should be')
    monkeypatch.setenv('FTKIT_CACHE', str(tmp_path/'cache'))
    for _ in range(2): assert len(tokenize(rows, tok))==3
    assert capsys.readouterr().err.count('tokenized rows cannot be kept in')==1
    from ftkit.data.gather import _spill_path
    p = _spill_path()
    assert p.exists(); p.unlink()

def test_a_run_that_is_being_made_is_no_run_yet(tmp_path, monkeypatch):
    cfg,seen,real = cfg_in(tmp_path),[],launch_create.package_versions
    monkeypatch.setattr(launch_create, 'package_versions', lambda: seen.append(list_runs(tmp_path/'runs')) or
                        real())
    cfg.create(tmp_path/'runs/a', base=tmp_path)
    assert seen==[[]] and [o['state'] for o in list_runs(tmp_path/'runs')]==['created']

def test_a_mistyped_model_is_not_taken_for_the_one_that_was_meant_before(tmp_path, monkeypatch):
    monkeypatch.setattr(launch_create, 'check_names', lambda *a: None)
    (tmp_path/'model').mkdir()
    (tmp_path/'model/config.json').write_text('{}')
    run = replace(cfg_in(tmp_path), model='model').create(tmp_path/'runs/a', base=tmp_path)
    assert model_of(run)==str(tmp_path/'model')
    moved = (tmp_path/'runs/a').rename(tmp_path/'moved')
    assert model_of(ft.attach(moved))==str(tmp_path/'model')
    text = (moved/'config.yaml').read_text()
    (moved/'config.yaml').write_text(text.replace('/model', '/modle'))
    assert model_of(ft.attach(moved))=='../../modle'

def summarized(fields='a'):
    "An evaluation of one row of JSON, which both models answer rightly"
    from ftkit.evaluation.score import asked_of
    from ftkit.evaluation.summary import summarize
    text = json.dumps({fields:'x'})
    a = asked_of(ft.load([dict(prompt='Which?', completion=text)]), task='json')
    rows = a.score_all([dict(answer=text, stopped=True)])
    return summarize(dict(base=rows, tuned=rows), a, 'test')

@pytest.mark.parametrize('file,at,odd,said', [
    ('record.json', ('data', 'train', 'rows'), [], 'data.train.rows is []'),
    ('record.json', ('versions',), 3.5, 'versions is 3.5'),
    ('record.json', ('leaks',), None, 'leaks is None'), ('record.json', ('data',), 'x', "data is 'x'"),
    ('environment.json', ('tokens',), [1], 'tokens is [1]')])
def test_a_file_of_another_shape_is_told_by_its_first_odd_place(tmp_path, file, at, odd, said):
    run = cfg_in(tmp_path).create(tmp_path/'runs/a', base=tmp_path)
    (run.path/'evals/test').mkdir(parents=True)
    (run.path/'evals/test/summary.json').write_text(json.dumps(summarized()))
    (run.path/'environment.json').write_text('{"tokens":{"train":9},"learned":{"train":5},'
        '"counts":{"train":{"rows":1,"cut":0,"aside":0}},"mask":"marks"}')
    assert run.report().exists()
    p = run.path/file
    whole = o = json.loads(p.read_text())
    for k in at[:-1]: o = o[k]
    o[at[-1]] = odd
    p.write_text(json.dumps(whole))
    with pytest.raises(ValueError, match=re.escape(said)): run.report()
    assert cli_main.main(['report', str(run.path)])==2

def test_a_damaged_summary_is_told_in_its_place():
    for at,odd,said in ((('models', 'base', 'valid_json', 'value'), {}, 'models.base.valid_json.value is {}'),
                        (('difference', 'all_right'), 'x', "difference.all_right is 'x'"),
                        (('models', 'tuned'), [], 'models.tuned is []'),
                        (('headline',), 3, 'headline is 3'), (('models',), [], 'models is []')):
        found = summarized()
        assert 'tuned against base: ' in repr(found)
        o = found
        for k in at[:-1]: o = o[k]
        o[at[-1]] = odd
        assert said in repr(found) and 'again=True' in repr(found)

def test_an_evaluation_of_an_earlier_ftkit_is_told():
    from ftkit.evaluation.summary import Summary
    assert repr(Summary(v=1, split='test', rows=3,
                        models={})).startswith('An evaluation of an earlier ftkit.')

@pytest.fixture
def made(tmp_path, monkeypatch):
    "A run in `project/runs/a`, of files in `project/data`, and a working directory elsewhere"
    monkeypatch.chdir(tmp_path)
    project = tmp_path/'project'
    rows = [dict(frage=f'What is {i} times {i}?', antwort=str(i*i)) for i in range(9)]
    for name,part in (('train', rows[:6]), ('validation', rows[6:8]), ('test', rows[8:])):
        (project/'data').mkdir(parents=True, exist_ok=True)
        (project/'data'/f'{name}.jsonl').write_text(''.join(json.dumps(o)+'\n' for o in part))
    (project/'own.jinja').write_text('{% for m in messages %}{{ m.content }}{% endfor %}')
    cfg = ft.RunConfig('tiny-random', 'data/train.jsonl', 'data/validation.jsonl', 'data/test.jsonl',
                       chat_template='own.jinja',
                       columns='prompt=frage,completion=antwort')
    cfg.save(project/'run.yaml')
    (tmp_path/'elsewhere').mkdir()
    monkeypatch.chdir(tmp_path/'elsewhere')
    return ft.load_config(project/'run.yaml').create(project/'runs/a')

def same_rows(a, b):
    return all(a.rows(k).fingerprint==b.rows(k).fingerprint for k in ('train', 'validation', 'test'))

@pytest.mark.parametrize('path', ('../project/runs/b', '../x/y/d'))
def test_the_config_of_a_run_makes_another_one_from_anywhere(made, path, capsys):
    again = ft.load_config(Path('../project/runs/a/config.yaml')).create(path)
    assert same_rows(made, again) and again.config==ft.load_config(again.path/'config.yaml')
    assert (again.path/again.config.train).resolve()==(made.path/made.config.train).resolve()
    said = capsys.readouterr().out
    assert (again.path/again.config.chat_template).is_file() and 'is gone' not in said
    assert 'has changed' not in said
    ft.load_config(again.path/'config.yaml').save('../saved.yaml')
    assert same_rows(made, ft.load_config('../saved.yaml').create('../e'))

def test_rows_that_are_gone_are_taken_from_the_run_and_it_is_said(made, capsys):
    shutil.rmtree('../project/data')
    again = ft.load_config(made.path/'config.yaml').create('again')
    said = capsys.readouterr().out
    assert same_rows(made, again) and said.count('is gone')==3
    assert 'its 6 rows are taken from the copy that the run a keeps in data.jsonl' in said
    assert same_rows(made, ft.load_config('again/config.yaml').create('third')) # And so on
    with pytest.raises(FileNotFoundError): ft.load_config('../project/run.yaml').create('fourth')

def test_rows_that_changed_since_are_used_as_they_are_and_it_is_said(made, capsys):
    file = made.path/made.config.train
    file.write_text(file.read_text()+json.dumps(dict(frage='What is 99 times 99?', antwort='9801'))+'\n')
    again = ft.load_config(made.path/'config.yaml').create('again')
    assert len(again.rows('train'))==7 and 'has changed since the run a was made' in capsys.readouterr().out
    copy = ft.load_config(made.path/'config.yaml')
    # Another file is no change
    replace(copy, train=str(file.with_name('test.jsonl')), test='').create('other')
    assert 'has changed' not in capsys.readouterr().out

def test_a_moved_run_is_used_again_and_an_explicit_base_goes_before(made, tmp_path):
    shutil.move(made.path, tmp_path/'elsewhere/a')
    (tmp_path/'elsewhere/own.jinja').write_text((tmp_path/'project/own.jinja').read_text())
    shutil.copytree(tmp_path/'project/data', tmp_path/'data')
    cfg = ft.load_config('a/config.yaml')
    again = replace(cfg, chat_template='../own.jinja').create('b')
    assert same_rows(Run(tmp_path/'elsewhere/a'), again)
    plain = ft.load_config(tmp_path/'project/run.yaml')
    (tmp_path/'own.jinja').write_text('x')
    assert (plain.create('c', base=tmp_path).path/'config.yaml').read_text().count(
        '../../data/train.jsonl')==1
