"Run folders of any size and in any state: they are read, or it is said why not."
import json, math, os, time
from pathlib import Path

import ftkit as ft
import pytest
from ftkit.core import canonical
from ftkit.curves import Curves, events_in
from ftkit.panels.monitor import Follower, MonitorPanel
from ftkit.processes import RunLog
from ftkit.runs import Run, list_runs

def step(i, of): return dict(v=1, attempt=1, kind='train', step=i, of=of, loss=9. if i==777 else 1+math.sin(i)/3, lr=1e-4/i, grad_norm=1+math.cos(i),
                             epoch=i/1000, tokens=90*i, tokens_per_s=400.+i%9, memory_bytes=2**30+i, log_ms=.3, t=i/10)

def long_run(folder, n, every=500):
    "A run of `n` steps with a look at the validation rows now and then"
    log = RunLog(folder, 1, os.getpid())
    log.status('created')
    with open(Path(folder)/'events.jsonl', 'w') as f:
        for i in range(1, n+1):
            f.write(canonical(step(i, n))+'\n')
            if i%every==0: f.write(canonical(dict(v=1, attempt=1, kind='eval', step=i, loss=1+1/i, best=True, seconds=.5, t=i/10))+'\n')
    log.status('finished', 'all done', step=n, of=n)
    return Run(folder)

def test_a_long_log_is_read_at_once_and_in_bounded_memory(tmp_path):
    run = long_run(tmp_path/'long', 100_000)
    t = time.process_time()
    slow = [json.loads(o) for o in (run.path/'events.jsonl').read_bytes().splitlines()]
    by_line = time.process_time()-t # What reading alone takes, line by line, before anything is made of it
    n = len(slow)
    del slow
    t = time.process_time()
    f = Follower(run)
    assert time.process_time()-t<2*by_line+.5, (time.process_time()-t, by_line)
    c = f.curves
    assert (c.added, c.train[-1].step, c.last['step'], len(c.evals))==(100_000, 100_000, 100_000, 200) and n==100_200
    assert len(c.train)<=20_000 and 777 in {p.step for p in c.train}
    for k in (1, 2, 3): # Four times as long is not four times as much
        for block in run.tail().blocks(): c.read(block.replace(b'"step":', b'"step":%d' % k))
    kept = sum(map(len, (c.train, c.evals, c.pace.values, c.log_ms.values, c.tokens.values)))
    assert c.added==400_000 and kept<700_000 and len(c.train)<=20_000, kept

def test_zoom_reads_the_part_it_needs(tmp_path):
    run = long_run(tmp_path/'long', 60_000)
    f = Follower(run)
    assert [p.step for p in f.between(50_000, 50_400)]==list(range(50_000, 50_401))
    assert [p.loss for p in f.between(770, 780)]==[step(i, 1)['loss'] for i in range(770, 781)]
    p,sent = MonitorPanel(run),[]
    p.send = sent.append
    p.hear(dict(kind='ready'))
    while any(o.behind for o in p.follows): p.follow.pull()
    p.draw()
    p.hear({'kind':'zoom', 'view':'v', 'from':30_000, 'to':30_100})
    rows = sent[-1]['rows']
    assert [o[0] for o in rows if 30_000<=o[0]<=30_100]==list(range(30_000, 30_101)) and rows[0][0]==1 and rows[-1][0]==60_000
    assert [len(o) for o in rows if 30_000<=o[0]<=30_100]==[6]*101 # Each stands for itself

def test_a_short_run_has_the_curves_it_always_had(tmp_path):
    run = long_run(tmp_path/'short', 3000, 100)
    one = Curves()
    for e in events_in((run.path/'events.jsonl').read_bytes().splitlines()): one.add(e)
    many = run.curves()
    for k in ('train', 'evals', 'best', 'last', 'mean', 'peak'): assert getattr(one, k)==getattr(many, k), k

def test_report_and_compare_of_a_long_run(tmp_path):
    long_run(tmp_path/'a', 30_000)
    made = ft.create(cfg_in(tmp_path), tmp_path/'b', base=tmp_path)
    os.replace(tmp_path/'a/events.jsonl', made.path/'events.jsonl')
    found = ft.compare_runs([made])[0]
    assert (found['tokens'], found['tokens_per_s'])==(90*30_000, 404.)
    assert '<svg' in ft.report(made).read_text()

def cfg_in(folder):
    ft.save(ft.split(ft.load(ft.sample(), limit=60), (.6, .2, .2)), folder)
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
    for i,o in enumerate((dict(host=[]), dict(t=1e999), dict(elapsed_s='long'), dict(state=[]), dict(best_loss={}), dict(boot=3, state='running'))):
        made(f'odd{i}', json.dumps(good|o))
    (folder/'link').symlink_to('link')
    os.mkfifo(folder/'no-folder')
    d = made('events', json.dumps(good))
    os.mkfifo(d/'events.jsonl')
    return d

def test_one_bad_folder_hides_no_other_and_nobody_waits_for_a_pipe(tmp_path, capsys):
    from ftkit.cli import main
    d = bad_folders(tmp_path/'runs')
    t = time.monotonic()
    found = {Path(o['run']).name:o for o in list_runs(tmp_path/'runs')}
    assert time.monotonic()-t<20
    assert {k for k,o in found.items() if o['state']=='finished'}=={'good', 'events'}
    assert len(found)==15 and all(o['reason'] for o in found.values() if o['state']=='unreadable'), sorted(found)
    assert '8,589,934,592 bytes' in found['huge']['reason'] and 'nested too deeply' in found['deep']['reason']
    assert main(['runs', str(tmp_path/'runs')])==0 and len(capsys.readouterr().out.splitlines())>=15
    for read in (Follower, Run.events, Run.curves):
        with pytest.raises(ValueError, match='no plain file'): read(Run(d))
