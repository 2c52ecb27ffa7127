"A result is of weights, rows and settings; a run goes on with what it began with; and a typo costs nothing."
import json, os, shutil, signal, subprocess, sys, time
from dataclasses import replace
from pathlib import Path

import ftkit as ft
import pytest
from faults_lib import settle
from ftkit.cli.main import main
from ftkit.evaluation.judge import _entry
from ftkit.evaluation.judgements import Judgements, start_session
from ftkit.evaluation.pairs import _source
from ftkit.evaluation.summary import Summary
from ftkit.evaluation.answer import _unchanged
from ftkit.sharing.card import model_card
from ftkit.run.lock import Held
from ftkit.run.process import process_start
from ftkit.sharing.report import report_html
from ftkit.run.files import checkpoints
from ftkit.run.folder import Run
from ftkit.run.sight import first_sight
from ftkit.launch.create import attach, create
from ftkit.launch.start import resume, start
from ftkit.provenance.stale import stale_results, weights_hash
import ftkit.base.files as base_files
import ftkit.training.checkpoint as training_checkpoint
import ftkit.training.work as training_work

@pytest.fixture(scope='module')
def base(own_cache):
    d = own_cache
    ft.load(ft.sample(), limit=60).split((.6, .2, .2)).save(d)
    from ftkit.model.names import resolve
    shutil.copytree(resolve('tiny-random'), d/'model')
    return d

@pytest.fixture(scope='module')
def cfg():
    return ft.RunConfig('model', 'train.jsonl', 'validation.jsonl', 'test.jsonl', max_length=1024,
                        max_steps=4000, num_train_epochs=900,
                        eval_steps=2, early_stopping_patience=0, learning_rate=3e-2, batch_size=4, samples=0,
                        threads=1)

def until(run, step):
    while run.status()['step']<step: time.sleep(.02); assert run.alive, (run, run.log_tail())
    return run

@pytest.fixture(scope='module')
def stopped(base, cfg):
    "A run that was stopped, evaluated and exported"
    run = until(start(create(cfg, base/'stopped', base=base)), 3)
    run.stop()
    assert settle(run)['state']=='stopped', run.log_tail()
    run.evaluate()
    run.export()
    run.report()
    return run

@pytest.fixture
def run(stopped, base, tmp_path):
    "A copy of it, that is there with all it was made of"
    for o in ('model', *(f'{k}.jsonl' for k in ('train', 'validation', 'test'))):
        (shutil.copytree if (base/o).is_dir() else shutil.copy)(base/o, tmp_path/o)
    return Run(shutil.copytree(stopped.path, tmp_path/'run', symlinks=True))

def held(run, *but):
    "Everything that a run holds, by what it holds"
    but = {'lock', 'log.txt', 'stop', *but}
    return {str(p.relative_to(run.path)):p.read_bytes() for p in sorted(run.path.rglob('*'))
            if p.is_file() and p.name not in but}

def change(path, old, new):
    was = path.read_text()
    path.write_text(was.replace(old, new, 1))
    assert path.read_text()!=was
    return lambda: path.write_text(was)

def said_everywhere(run, capsys):
    "What each place that shows an evaluation says of it: whether it is stale"
    def printed(*words): capsys.readouterr(); main([*map(str, words)]); return capsys.readouterr().out
    seen = dict(runs=printed('runs', run.path.parent), compare=printed('compare', run.path),
                summary=repr(Summary(run.summary())), panel=run.compare_answers().static_text(),
                picture=run.compare_answers().static_html(),
                 page=report_html(run),
                card=model_card(run, ''), told=str(stale_results(run)))
    return {k:'stale' in v.lower() for k,v in seen.items()}

def test_an_evaluation_and_a_resumed_run_wait_for_each_other_and_the_old_one_is_stale_in_the_end(run, capsys):
    had,first = run.evaluate(),weights_hash(run)
    assert not any(said_everywhere(run, capsys).values()) and had['of']['weights']==first
    resume(run)
    with pytest.raises(RuntimeError, match='may replace its adapter'): run.evaluate(again=True)
    with pytest.raises(RuntimeError, match='may replace its adapter'): run.export()
    assert run.evaluate()==had # Of the adapter that is there still
    until(run, run.status()['step']+3)
    run.stop(); settle(run)
    assert weights_hash(run)!=first
    assert all(said_everywhere(run, capsys).values()), said_everywhere(run, capsys)
    assert 'the export is stale' in str(stale_results(run))
    assert 'report.html is stale' in str(stale_results(run))
    with pytest.raises(ValueError, match='stale=True'): run.answers()
    with pytest.raises(RuntimeError, match='differ from those that were evaluated'): run.export()
    (run.path/'evals/test.status.json').unlink()
    child = subprocess.Popen([sys.executable, '-m', 'ftkit.cli.main', 'eval', str(run.path)],
                             stdout=subprocess.PIPE, text=True)
    try:
        at_work = lambda: json.loads((run.path/'lock').read_text() or '{}')
        while at_work().get('doing')!='evaluates': time.sleep(.01); assert child.poll() is None
        worker = at_work()['pid']
        os.kill(worker, signal.SIGSTOP) # Slow enough to be met
        try:
            for verb in (resume, Run.delete):
                with pytest.raises(Held, match='which evaluates it now'): verb(run)
        finally: os.kill(worker, signal.SIGCONT)
    finally: out = child.communicate()[0]
    assert child.returncode==0 and 'is stale: it is of the weights' in out and 'Asking again' in out, out
    assert run.summary()['stale']=='' and run.summary()['of']['weights']==weights_hash(run)
    assert run.summary()['opened']==2

def test_what_people_found_of_flags_stands_beside_these_answers_and_no_others(run, capsys):
    def sentence(i):
        return dict(v=1, item=f's{i}', row='r', hash=f'h{i}', messages=[], answer='One. Two.', start=0, end=4)
    key = dict(sources=[_entry(run, _source(run, 'test', 'tuned', 'tuned'))], population=[6, 40],
               flags={f's{i}':['cut_off']*(i%2) for i in range(12)})
    start_session(run.path/'judgements/test-1.jsonl', 'sentences', [*map(sentence, range(12))], key)
    s = Judgements(run.path/'judgements/test-1.jsonl', 'ann')
    for i in range(12): s.decide(f's{i}', ('fine', 'fault')[i%2])
    def printed(*words): capsys.readouterr(); main([*map(str, words)]); return capsys.readouterr().out
    def shown():
        panel = run.compare_answers()
        return [repr(run.evaluate()), printed('eval', run.path), printed('eval', run.path, '--json'),
                report_html(run), model_card(run, ''), panel.static_text(), panel.static_html(),
                str(panel.verdict())]
    words = 'Flags of tuned answers, judged unseen by ann 12: precision 100 %'
    assert not any(words in o for o in shown()) # They are hidden until the end
    s.reveal()
    assert all(words in o for o in shown()) and stale_results(run)==[]
    answers = run.path/'evals/test/tuned.jsonl'
    change(answers, '"answer": "', '"answer": "Other. ')
    panel = run.compare_answers()
    seen = report_html(run),model_card(run, ''),panel.static_text(),panel.static_html()
    assert not any(words in o for o in seen) and run.judged_flags()==[]
    assert words in repr(run.evaluate()) # What was rewritten is asked again, and is what was judged
    (run.path/'adapter/adapter_model.safetensors').write_bytes(b'trained again')
    assert [o for o in stale_results(run) if o.startswith('the judged flags test-1 are stale: it is of')]
    assert 'the judged flags test-1 are stale' in report_html(run)
    assert words not in report_html(run)+model_card(run, '') and run.judged_flags()==[]

@pytest.mark.parametrize('nth', [0, 1, 2]) # Before the old adapter is moved, between both, after
def test_killed_inside_the_publishing_of_an_adapter(run, nth):
    "It is the old one, none, or the new one, and the evaluation is stale unless it is the old one"
    import safetensors.torch # Before the fork, which is to be quick
    first,steps = weights_hash(run),[*checkpoints(run.path)]
    p = checkpoints(run.path)[steps[-1]]/'adapter_model.safetensors'
    from safetensors.numpy import load_file, save_file
    save_file({k:v+1 for k,v in load_file(p).items()}, p, metadata=dict(format='pt'))
    if not (pid := os.fork()):
        real,calls = os.replace,[0]
        def replace_(a, b):
            if Path(b).name.startswith(('.adapter.', 'adapter')):
                if calls[0]==nth: os.kill(os.getpid(), signal.SIGKILL)
                calls[0] += 1
            real(a, b)
        base_files.os.replace = replace_
        if nth==2:
            base_files.shutil.rmtree = lambda *a, **k: Path(a[0]).name.startswith('.adapter.old') and os.kill(
                os.getpid(), signal.SIGKILL)
        try: training_work.publish(run, steps[-1])
        finally: os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])==-signal.SIGKILL
    now = weights_hash(run)
    assert (now==first)==(nth==0) and (now=='')==(nth==1) and bool(run.summary()['stale'])==(nth>0)
    training_checkpoint.tidy(run.path) # As the next attempt does it first
    assert weights_hash(run)==(now or first) and not [*run.path.glob('.adapter.*')]
    assert bool(run.summary()['stale'])==(nth==2)

def test_what_it_is_of_may_change_in_other_ways(run):
    "Files copied in, rows, settings, the model: each is named"
    for p,old,new,why in ((run.path/'data.jsonl', '"split": "test"', '"split":  "test"',
                           'the rows in data.jsonl'),
                          (run.path/'config.yaml', "chat_template: ''", 'chat_template: chatml',
                           'chat_template was'),
                          (run.path.parent/'model/config.json', '"num_hidden_layers"', '"num_hidden_layers" ',
                           'the files of the model')):
        back = change(p, old, new)
        assert why in run.summary()['stale'], (p, run.summary()['stale'])
        back()
    assert run.summary()['stale']==''
    shutil.rmtree(run.path/'adapter')
    assert 'there is no adapter now' in run.summary()['stale']

def test_a_typo_costs_nothing(run):
    "Also one that is found only when the model is loaded"
    for begin in (resume, lambda r: start(r, again=True)):
        for old,new in (('learning_rate:', 'learning_rat:'), ('seed: 42', 'seed: many'),
                        ('method: lora', 'method: lora: full')):
            back,before = change(run.path/'config.yaml', old, new),held(run)
            with pytest.raises(ValueError, match='config.yaml'): begin(run)
            assert held(run)==before
            back()
    was,before = run.status(),held(run, 'config.yaml', 'status.json', 'events.jsonl', 'doctor.json',
                                   'token_issues.json')
    points = [e for e in run.events() if e['kind'] in ('train', 'eval')]
    for changes in (["chat_template: ''|chat_template: chatlm"], # Nothing can tell beforehand
                    ['all-linear|no_such_proj', 'max_length: 1024|max_length: 180',
                     "ignore_findings: ''|ignore_findings: nothing-to-learn,answer-cut"]):
        backs = [change(run.path/'config.yaml', *o.split('|')) for o in changes]
        o = settle(start(run, again=True))
        assert (o['state'], o['attempt'])==('failed', was['attempt']+1), o
        assert held(run, 'config.yaml', 'status.json', 'events.jsonl', 'doctor.json',
                    'token_issues.json')==before
        assert all(o[k]==was[k] for k in ('step', 'of', 'best_step', 'best_loss', 'checkpoint',
                                          'elapsed_s')), (o, was)
        assert [e for e in run.events() if e['kind'] in ('train', 'eval')]==points
        for back in reversed(backs): back()
        was = run.status()
    assert 'no_such_proj' in was['reason'], was
    assert run.summary()['stale']==''
    until(start(run, again=True), 1) # And without one it begins
    assert not any((run.path/k).exists() for k in ('evals', 'export', 'adapter'))
    run.stop(); o = settle(run)
    assert o['state']=='stopped'
    assert [e['step'] for e in run.events() if e['kind']=='train']==[*range(1, o['step']+1)]
    assert {e['step'] for e in first_sight(run) if e}<={*range(1, o['step']+1)}

def test_a_run_goes_on_only_with_what_it_began_with(run):
    for p,old,new,why in ((run.path/'data.jsonl', '"split": "train"', '"split":  "train"',
                           'data.jsonl has changed'),
                          (run.path/'config.yaml', 'learning_rate: 0.03', 'learning_rate: 0.01',
                           'learning_rate was 0.03 and is 0.01'),
                          (run.path.parent/'model/config.json', '"num_hidden_layers"', '"num_hidden_layers" ',
                           'its files have changed')):
        back,before = change(p, old, new),held(run)
        with pytest.raises(ValueError, match=why): resume(run)
        assert held(run)==before
        back()
    change(run.path/'config.yaml', 'num_train_epochs: 900', 'num_train_epochs: 800')
    run.stop() # Read once it is at work
    resume(run)
    run.stop(); settle(run)
    assert 'num_train_epochs was 900.0 up to step' in str([e.get('text') for e in run.tail().new()])

def test_a_model_that_changed_before_the_start_is_said_and_is_what_the_run_is_of(run):
    change(run.path.parent/'model/config.json', '"num_hidden_layers"', '"num_hidden_layers" ')
    assert 'files of the model' in run.summary()['stale']
    until(start(run, again=True), 1)
    run.stop(); settle(run)
    assert 'has changed since the run was made' in str([e.get('text') for e in run.tail().new()])
    _unchanged(run) # And an evaluation is not refused

def test_copies_in_a_run_are_nobodys_business(base, cfg):
    "Made while it is at work, of all there is"
    run = until(start(create(replace(cfg, max_steps=10, num_train_epochs=9), base/'copied', base=base)), 4)
    copy = dict(dirs_exist_ok=True, ignore=lambda *_: ['optimizer.pt'],
                copy_function=lambda a, b: Path(b).write_text('a copy'))
    while True: # The run tidies meanwhile
        p = [*checkpoints(run.path).values()][-1]
        try: whole = shutil.copytree(p, base/'one', **copy); break
        except (shutil.Error, FileNotFoundError): pass
    for name in ('checkpoint-4 (copy)', f'{p.name}.bak', 'checkpoint-0004', 'notes'):
        for to in (p.with_name(name), run.path/'evals'/name, run.path/name):
            shutil.copytree(whole, to, **copy)
        run.status(); run.summary()
    (run.path/'checkpoints/checkpoint-99').write_text('a file')
    (run.path/'.adapter.bak').mkdir()
    o = settle(run)
    assert (o['state'], o['why'])==('finished', 'finished') and o['checkpoint']==10, (o, run.log_tail())
    assert (run.path/'checkpoints/checkpoint-4 (copy)').is_dir() and (run.path/'.adapter.bak').is_dir()
    assert run.evaluate()['stale']=='' and ft.attach(run.path).status()['state']=='finished'
    shutil.copytree(run.path/'adapter', run.path/'adapter (copy)')
    shutil.copy(run.path/'adapter/adapter_model.safetensors', run.path/'adapter/x.safetensors')
    (run.path/'evals/test (copy)').mkdir(); (run.path/'evals/test/tuned.jsonl.bak').write_text('no json')
    assert run.summary()['stale']=='' and len(run.answers()['tuned'])==len(run.rows('test'))

def test_a_live_folder_that_is_moved_or_removed_ends_the_run_and_comes_back_nowhere(run):
    resume(run)
    until(run, run.status()['step']+2)
    there = attach(os.rename(run.path, p := run.path.with_name('moved')) or p)
    o = settle(there)
    assert (o['state'], o['why'])==('failed', 'moved') and str(p) in o['reason'] and o['resumable'], (o,
        there.log_tail())
    assert not run.path.exists() and 'moved' in repr(there)
    until(resume(there), o['checkpoint']+1)
    pid,start_ = (there.status()[k] for k in ('pid', 'pid_start'))
    while there.path.exists(): shutil.rmtree(there.path, ignore_errors=True)
    end = time.monotonic()+120
    while process_start(pid)==start_: time.sleep(.05); assert time.monotonic()<end
    assert not there.path.exists()
