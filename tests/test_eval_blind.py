"""Blind judgements: nothing tells whose an answer is, nothing decided is lost, and simulated people are
found out as they are."""
import json, random, shutil, signal, subprocess, sys

import pytest
import ftkit.cli.main as cli_main
from ftkit.base.files import write_json, write_text
from ftkit.data.example import Example
from ftkit.data.read.write import to_row
from ftkit.evaluation.gate import gate, kept_verdict
from ftkit.evaluation.judge import judge, judged_words, merge_judgements, sum_up
from ftkit.evaluation.judgements import Judgements, key_of
from ftkit.evaluation.score import Asked
from ftkit.evaluation.summary import summarize
from ftkit.evaluation.task import Task
from ftkit.provenance.stale import basis_of
from ftkit.run.folder import Run
from ftkit.run.log import RunLog
from ftkit.sharing.card import _judged
from ftkit.sharing.report import _judged as _shown

CONFIG = 'model: tiny-random\ntrain: t\ntest: t\neval_steps: 0\nearly_stopping_patience: 0\n'
HOSTILE = '</script><img src=x onerror=alert(1)>\x1b[31m\u202e {{7*7}} `rm`'

def example(i):
    return Example((dict(role='user', content=f'Question {i} {HOSTILE}'),
                    dict(role='assistant', content=f'Reply {i}.')), id=f'r{i}')

def made(path, tuned=lambda i: f'Long and friendly answer {i}.', base=lambda i: f'Short answer {i}.', n=120):
    "A run by hand, as an evaluation leaves it"
    (path/'adapter').mkdir(parents=True)
    (path/'adapter/adapter_model.safetensors').write_bytes(str(path.name).encode())
    (path/'config.yaml').write_text(CONFIG)
    rows = [example(i) for i in range(n)]
    write_text(path/'data.jsonl', ''.join(json.dumps(dict(split='test')|to_row(o))+'\n' for o in rows))
    RunLog(path, 1).status('finished', 'done', step=1, of=1)
    a,run = Asked(rows, [o.id for o in rows], Task('text')),Run(path)
    found = {k:a.score_all([dict(answer=f(i), stopped=True, tokens=3) for i in range(n)])
             for k,f in dict(base=base, tuned=tuned).items()}
    for k,o in found.items(): write_text(path/f'evals/test/{k}.jsonl', ''.join(json.dumps(r)+'\n' for r in o))
    write_json(path/'evals/test/summary.json', summarize(found, a, 'test')|dict(of=basis_of(run), opened=1,
        asked=dict(turns='all')))
    return run

@pytest.fixture(scope='module')
def first(tmp_path_factory): return made(tmp_path_factory.mktemp('blind')/'runs/zebra')

@pytest.fixture
def run(first, tmp_path): return Run(shutil.copytree(first.path, tmp_path/'runs/zebra'))

def person(s, p, rng, name='tuned', left=0., ties=0., most=10**6):
    """Judge as somebody who takes the answers of `name` with the chance p, and some left ones whatever
    they say"""
    sides = json.loads(key_of(s.path).read_text())['sides'] if key_of(s.path).exists() else s.sides
    for id in s.waiting()[:most]:
        mine = next(k for k,v in sides[id].items() if name in v)
        other = dict(left='right', right='left')[mine]
        side = 'left' if rng.random()<left else (other, mine)[rng.random()<p]
        s.decide(id, 'tie' if rng.random()<ties else side)
    return s

def test_names_are_nowhere_before_the_end(run):
    s = judge(run, ['base', 'reference'], n=60, reviewer='ann', seed=1)
    sides = json.loads(key_of(s.path).read_text())['sides']
    secret = ['tuned', '"base"', '"reference"', 'zebra', 'adapter', basis_of(run)['weights']]
    for id in s.waiting()[:30]:
        s.decide(id, random.Random(id).choice(['left', 'right', 'tie', 'both bad']), tags=dict(left=['tone']))
    o = sum_up(run)
    text = '\n'.join([json.dumps([s.page(o) for o in s.items]), json.dumps(s.page()), s.path.read_text(),
                      repr(s), json.dumps(o), repr(o),
                      s.to_pandas().to_csv(), s.path.name])
    assert not [o for o in secret if o in text] and 'results' not in o and not o['revealed']
    with pytest.raises(ValueError, match='not revealed yet'): s.names()
    assert {v for o in sides.values() for names in o.values() for v in names}=={'tuned', 'base', 'reference'}

def test_sides_and_order_are_drawn_and_repeatable(run):
    a,b,c = (judge(run, seed=seed, again=True) for seed in (3, 3, 4))
    assert [*a.items]==[*b.items]!=[*c.items]
    assert [o['row'] for o in a.items.values()]!=sorted(o['row'] for o in a.items.values())
    left = sum('friendly' in o['left'] for o in a.items.values())
    assert 35<=left<=65 and len(a.items)==100

@pytest.mark.parametrize('p,left,ties,winner', [(.85, 0, 0, 'tuned'), (.15, 0, .2, 'base'),
                                                (.9, .3, 0, 'tuned')])
def test_a_known_preference_is_found(run, p, left, ties, winner):
    s = person(judge(run, seed=1, reviewer='ann'), p, random.Random(7), left=left, ties=ties)
    o = sum_up(run, reveal=True)
    c, = o['results']['comparisons']
    assert c['winner']==winner and o['decided'] and bool(ties)==bool(c['ties'])
    assert c['wins']+c['losses']+c['ties']==len(s.items)==100
    # All tuned answers are longer
    assert c['length']['longer']['k']==c['wins'] and c['length']['alike']['n']==0

def test_somebody_who_always_takes_the_left_favours_nobody_and_is_named(run):
    person(judge(run, seed=1, reviewer='bob'), .5, random.Random(1), left=1.)
    o = sum_up(run, reveal=True)
    assert not o['results']['comparisons'][0]['winner'] and o['people']['bob']['side']['p']<1e-9
    assert 'one side is favoured' in str(o)

def test_equals_are_rarely_told_apart(run):
    "A reviewer without a preference, looking after each judgement"
    from ftkit.evaluation.anytime import DECIDES, evidence
    rng,wrong = random.Random(0),0
    for _ in range(1000):
        wins,hit = 0,False
        for i in range(1, 101):
            wins += rng.random()<.5
            hit = hit or evidence(wins, i-wins)>=DECIDES
        wrong += hit
    assert wrong<=50

def test_the_interval_holds_the_truth_at_every_look():
    from math import log
    from ftkit.evaluation.anytime import DECIDES, _log_evidence, anytime_interval
    assert anytime_interval(9, 0)[0]>.5 and _log_evidence(9, 0, .5)>=log(DECIDES) # The same thing
    rng = random.Random(1)
    for p in (.5, .7, .9):
        missed = 0
        for _ in range(400):
            wins,out = 0,False
            for i in range(1, 101):
                wins += rng.random()<p
                out = out or _log_evidence(wins, i-wins, p)>=log(DECIDES)
            missed += out
        assert missed<=20, p

@pytest.mark.parametrize('left,p,at_least,at_most', [
    (0, .5, 0, .06), (0, .9, 0, .06), (.4, .6, .9, 1), (.4, .9, .9, 1), (.8, .6, .99, 1)])
def test_a_favoured_side_is_found_and_none_is_made_up(left, p, at_least, at_most):
    "A thousand people with a hundred judgements each: what they prefer says nothing of sides"
    from ftkit.evaluation.anytime import side_bias
    rng = random.Random(f'{left} {p}')
    def takes_left(): return rng.random()<left or (rng.random()<p)==(rng.random()<.5)
    found = 0
    for _ in range(1000):
        n = sum(takes_left() for _ in range(100))
        found += side_bias(n, 100-n)['p']<.05
    assert at_least<=found/1000<=at_most

KILLED = """
import sys, time
from ftkit.evaluation.judgements import Judgements
s = Judgements(sys.argv[1], 'ann')
for id in s.waiting():
    s.decide(id, 'left', 'x'*3000)
    print(id, flush=True)
"""
def test_nothing_that_was_said_to_be_decided_is_lost_on_a_kill(run):
    s,said = judge(run, seed=1),[]
    while len(said)<90:
        child = subprocess.Popen([sys.executable, '-c', KILLED, str(s.path)], stdout=subprocess.PIPE,
                                 text=True)
        for _ in range(25):
            if line := child.stdout.readline().strip(): said.append(line)
        child.send_signal(signal.SIGKILL)
        said += child.stdout.read().split()
        child.wait()
    with open(s.path, 'ab') as f: f.write(b'{"v":1,"id":"torn')
    after = Judgements(s.path, 'ann')
    assert {*said}<={id for id in after.items if after.verdict(id)=='left'} and len(after.unread)==1
    if waits := after.waiting():
        after.decide(waits[0], 'tie')
        assert Judgements(s.path, 'ann').verdict(waits[0])=='tie'

def test_several_people_are_put_together(run, tmp_path):
    s = judge(run, seed=1, reviewer='ann', n=40)
    for who in ('bob', 'cem'): shutil.copy(s.path, tmp_path/f'{who}.jsonl')
    assert not key_of(tmp_path/'bob.jsonl').exists() # What is sent away has no key
    person(s, .9, random.Random(1))
    for who,seed in (('bob', 2), ('cem', 3)):
        other = Judgements(tmp_path/f'{who}.jsonl', who)
        other.sides = json.loads(key_of(s.path).read_text())['sides']
        person(other, .9, random.Random(seed), most=30)
    assert merge_judgements(run, tmp_path/'bob.jsonl', tmp_path/'cem.jsonl')==60
    assert merge_judgements(run, tmp_path/'bob.jsonl')==0
    o = sum_up(run, reveal=True)
    assert {k:v['n'] for k,v in o['people'].items()}==dict(ann=40, bob=30, cem=30)
    assert len(o['agreement']['pairs'])==3 and o['agreement']['alpha']>.3 and o['conflicts']
    assert o['judged']==40
    # A pair counts once
    assert o['results']['comparisons'][0]['wins']+o['results']['comparisons'][0]['losses']<=40

def test_what_is_decided_after_the_end_is_not_taken(run):
    s = judge(run, seed=1, reviewer='ann')
    person(s, 1., random.Random(1), most=5)
    sum_up(run, reveal=True)
    with pytest.raises(ValueError, match='after the session was revealed'):
        Judgements(s.path, 'ann').decide(Judgements(s.path, 'ann').waiting()[0], 'left')
    with pytest.raises(ValueError, match='stands'): Judgements(s.path, 'ann').undo()
    assert judge(run, seed=1).path!=s.path # A new session, with an order of its own

def test_results_belong_to_weights(run):
    person(judge(run, seed=1, reviewer='ann'), .9, random.Random(1))
    sum_up(run, reveal=True)
    assert gate(run, dict(blind=True))['outcome']=='ship' and not sum_up(run)['stale']
    (run.path/'adapter/adapter_model.safetensors').write_bytes(b'trained again')
    assert 'of the weights' in sum_up(run)['stale'] and str(sum_up(run)).startswith('STALE')
    assert 'stale' in judged_words(run)[0]
    with pytest.raises(ValueError, match='stale'): judge(run)

@pytest.mark.parametrize('rule,p,end,outcome', [
    (True, .9, True, 'ship'), (True, .1, True, 'do not ship'), (True, .9, False, 'cannot tell'),
    (True, .5, True, 'cannot tell'),
    (dict(at_least=.3), .6, True, 'ship'), (dict(against='reference'), .9, True, 'cannot tell'),
    (dict(name='gone'), .9, True, 'cannot tell')])
def test_a_gate_reads_blind_judgements(run, rule, p, end, outcome):
    person(judge(run, seed=1, reviewer='ann'), p, random.Random(11))
    if end: sum_up(run, reveal=True)
    o = gate(run, dict(blind=rule))
    assert o['outcome']==outcome, str(o)
    assert ('ann 100' in o['rules'][0]['words'])==(end and outcome!='cannot tell' or p==.5)

@pytest.fixture
def said(capsys):
    def go(*args):
        capsys.readouterr()
        code = cli_main.main([str(o) for o in args])
        out,err = capsys.readouterr()
        assert 'Traceback' not in out+err
        return code, json.loads(out) if '--json' in args else out, err
    return go

def test_the_command_line_starts_puts_together_and_sums_up(run, tmp_path, said):
    other = made(run.path.parent/'giraffe', tuned=lambda i: f'Another one {i}.')
    code,o,_ = said('judge', run.path, '--against', 'base', '--against', other.path, '--number', 30, '--seed',
                    3, '--json')
    assert (code, o['name'], o['items'], o['kind'])==(0, 'test-1', 30, 'pairs')
    shutil.copy(o['file'], tmp_path/'bob.jsonl')
    bob = Judgements(tmp_path/'bob.jsonl', 'bob')
    for id in bob.waiting(): bob.decide(id, 'left')
    code,o,_ = said('judge', run.path, '--merge', tmp_path/'bob.jsonl', '--json')
    assert (code, o['added'], o['judged'], o['revealed'])==(0, 30, 30, False) and 'results' not in o
    assert 'names stay hidden' in said('judge', run.path, '--sum-up')[1]
    assert 'giraffe' not in said('judge', run.path, '--sum-up')[1]
    o = said('judge', run.path, '--reveal', '--json')[1]
    assert [(c['first'], c['second']) for c in o['results']['comparisons']]==[('tuned', 'base'),
        ('tuned', 'giraffe'), ('base', 'giraffe')]
    assert abs(sum(o['results']['strengths'].values())-1)<1e-6
    for args,words in ((['--against', 'nowhere'], 'no run is there'), (['--number', 0], 'must be 1 or more'),
                       (['--against', 'base', '--flags'], 'Keep one'),
                       (['--name', '../x', '--again'], 'letters, digits'),
                       (['--sum-up', '--name', 'gone'], 'There are: test-1'),
                       (['--split', 'train'], 'no evaluation')):
        code,_,err = said('judge', run.path, *args)
        assert code==2 and (words in err or "Did you mean 'test-1'" in err), err

def test_hostile_names_and_damaged_files_are_said_not_obeyed(run, tmp_path):
    s = judge(run, seed=1, reviewer=HOSTILE, rubric=HOSTILE)
    s.decide(s.waiting()[0], 'left', HOSTILE, tags=dict(left=[HOSTILE]))
    o = sum_up(run, reveal=True)
    for text in (repr(o), repr(s), *judged_words(run)): assert '\x1b' not in text and '\u202e' not in text
    for line in ('[1]', '{"v":2}', '{"v":1,"id":3}', '{"v":1,"item":"x"}', 'null',
                 '{"v":1,"id":"x","reviewer":"a","key":"b","t":1,"verdict":"left"}', '"'*50):
        with open(s.path, 'a') as f: f.write(line+'\n')
    assert len(Judgements(s.path).unread)==7 and sum_up(run)['judged']==1
    key_of(s.path).write_text('{"v":1}')
    with pytest.raises(ValueError, match='damaged'): sum_up(run)
    key_of(s.path).unlink()
    assert judged_words(run)==[]
    (run.path/'judgements/link.jsonl').symlink_to(tmp_path/'elsewhere')
    with pytest.raises(ValueError, match='link'): judge(run)

SOURCE = 'The parcel of Anna Berg left Bremen on 3 May with 12 books, and it reached Oslo a week later. '*3

def test_grades_of_a_random_sample_have_an_interval_and_others_have_not(run, said):
    name = said('judge', run.path, '--grade', 'random', '--number', 40, '--seed', 1, '--json')[1]['name']
    s = Judgements(run.path/f'judgements/{name}.jsonl', 'ann')
    assert 'order' not in s.page()['item'] and s.page()['rubric']
    for i,id in enumerate(s.items):
        s.decide(id, ('pass', 'fail')[i%4==0], tags=dict(answer=['tone']) if i%4==0 else None)
    o = said('judge', run.path, '--reveal', '--json')[1]
    assert (o['results']['random']['rate'], o['results']['random']['whole'], o['results']['tags'])==(.75,
        True, dict(tone=10))
    s = run.grade('worst', n=10, reviewer='ann')
    for id in s.waiting(): s.decide(id, 'fail')
    o = run.judged(reveal=True)
    assert o['results']['random']['n']==0 and o['results']['failed']==10
    assert 'by a rubric' in judged_words(run)[-1]
    with pytest.raises(ValueError, match='n is 0'): run.grade('worst', n=0)
    assert sum('judged' in line for line in judged_words(run))==2

def test_flags_are_judged_without_being_seen(tmp_path, monkeypatch):
    "Simulated: of flagged sentences 80 % are faults, of others 10 %"
    import sys
    here = sys.modules[__name__]
    monkeypatch.setattr(here, 'example', lambda i: Example((dict(role='user', content=f'{SOURCE} Case {i}.'),
                        dict(role='assistant', content='The parcel reached Oslo.')), id=f'r{i}'))
    run = made(tmp_path/'runs/zebra',
               lambda i: f'The parcel left Bremen. It had {"77" if i%3==0 else "12"} books.', n=150)
    s = run.judge_flags(n=100, flags=('unsupported_numbers',), seed=1, reviewer='ann')
    flags = json.loads(key_of(s.path).read_text())['flags']
    assert sum(map(bool, flags.values()))==50 and 'unsupported' not in s.path.read_text()+json.dumps(s.page())
    order = [bool(flags[o]) for o in s.items]
    assert order!=sorted(order) and order!=sorted(order, reverse=True)
    rng = random.Random(0)
    for id in s.waiting(): s.decide(id, ('fine', 'fault')[rng.random()<(.8 if flags[id] else .1)])
    with pytest.raises(ValueError, match='not revealed'): s.names()
    r = run.judged(reveal=True)['results']
    truth = 50*.8/(50*.8+250*.1)
    assert r['population']==[50, 250] and r['precision']['low']<.8<r['precision']['high']
    assert r['recall']['low']<truth<r['recall']['high'] and r['flags']['unsupported_numbers']['n']==50

def test_card_and_report_say_who_judged(run):
    s = person(judge(run, n=20, seed=2, reviewer=f'ann {HOSTILE}'), .9, random.Random(1))
    s.reveal()
    words, = judged_words(run)
    assert 'judged blind by ann' in words and 'tuned against base' in words
    listed = _judged(run)
    assert listed.startswith('Answers judged by people:') and '\n- test-1: 20 pairs' in listed
    shown = _shown(run)
    assert 'Judged by people' in shown and '<img' not in shown and '\x1b' not in listed+shown
    gated = gate(run, dict(chrf=dict(at_least=0))) # No rule about them
    assert gated['judged']==run.judged_words()==[words]
    for o in (gated, kept_verdict(run)):
        assert 'judged by people: test-1: 20 pairs judged blind by ann' in repr(o) and '\x1b' not in repr(o)

@pytest.mark.parametrize('key', (
    {}, dict(sides=[]), dict(sources='tuned'), dict(sources=[7]), dict(same=[[1]]), dict(rows=None),
    dict(sides=dict(a='left'))))
def test_a_key_that_somebody_wrote_into_is_said(run, key):
    s = judge(run, n=5, seed=2, reviewer='ann')
    person(s, 1, random.Random(1))
    whole = json.loads(key_of(s.path).read_text())
    bare = {k:whole[k] for k in ('v', 'session', 'kind')}
    key_of(s.path).write_text(json.dumps(whole|key if key else bare))
    assert 'cannot be read' in judged_words(run)[0]
    with pytest.raises(ValueError, match='is damaged'): sum_up(run)
    assert 'cannot be read' in _judged(run)
