"""A gate ships what its rules let through, and says why not; a leaderboard compares runs on the rows they
share."""
import hashlib, json, shutil

import ftkit as ft
import pytest
from ftkit.base.files import write_json, write_text
from ftkit.data.example import Example
from ftkit.data.read.write import to_row
from ftkit.evaluation.gate import count_reviewed, gate, kept_verdict
from ftkit.evaluation.kept import _keep, answers
from ftkit.evaluation.leaderboard import leaderboard
from ftkit.evaluation.score import Asked
from ftkit.evaluation.summary import summarize
from ftkit.evaluation.task import Task
from ftkit.provenance.stale import basis_of, stale_results
from ftkit.run.folder import Run
from ftkit.run.log import RunLog

CONFIG = (
    'model: tiny-random\ntrain: ../train.jsonl\ntest: ../test.jsonl\neval_steps: 0\nearly_stopping_patience: '
    '0\n')

def example(i, text='q'):
    return Example((dict(role='user', content=f'{text}{i}'), dict(role='assistant', content='ab'[i%2])),
                   id=f'r{i}', line=i)

def made(path, right, base=60, n=100, answer=None, train=40):
    "A run by hand: as if `right` of `n` test rows were answered as the reference has it"
    (path/'adapter').mkdir(parents=True)
    (path/'adapter/adapter_model.safetensors').write_bytes(path.name.encode())
    (path/'config.yaml').write_text(CONFIG)
    rows = dict(train=[example(i, 't') for i in range(train)], test=[example(i) for i in range(n)])
    write_text(path/'data.jsonl', ''.join(json.dumps(dict(split=k)|to_row(o))+'\n' for k,v in rows.items()
                                          for o in v))
    RunLog(path, 1).status('finished', 'all done', step=4, of=4)
    a = Asked(rows['test'], [o.id for o in rows['test']], Task('label', ('a', 'b'), commonest='a'))
    def said(k):
        return a.score_all([dict(answer=(answer or 'ab'[i%2]) if i<k else 'ba'[i%2], stopped=True, tokens=2)
                            for i in range(n)])
    found,run = dict(base=said(base), tuned=said(right)),Run(path)
    for k,o in found.items(): write_text(path/f'evals/test/{k}.jsonl', ''.join(json.dumps(r)+'\n' for r in o))
    write_json(path/'evals/test/summary.json', summarize(found, a, 'test')|dict(of=basis_of(run), opened=1,
        asked=dict(turns='all')))
    return run

def changed(run, **more):
    "Its evaluation with something else in it"
    path = run.path/'evals/test/summary.json'
    write_json(path, json.loads(path.read_text())|more)
    return run

@pytest.fixture(scope='module')
def first(tmp_path_factory): return made(tmp_path_factory.mktemp('gate')/'runs/faq', 93)

@pytest.fixture
def run(first, tmp_path): return Run(shutil.copytree(first.path, tmp_path/'runs/faq'))

def rules(tmp_path, text):
    (tmp_path/'gate.yaml').write_text(text)
    return tmp_path/'gate.yaml'

@pytest.mark.parametrize('text,code,outcome', [
    ('accuracy: {at_least: 0.85}', 0, 'ship'),
    ('accuracy: {at_least: 0.9}', 4, 'cannot tell'),       # 93 of 100: from 86 to 97
    ('accuracy: {at_least: 0.98}', 1, 'do not ship'),
    ('difference.accuracy: {at_least: 0.2}', 0, 'ship'),
    ('difference.accuracy: {at_least: 0.5}', 1, 'do not ship'),
    ('not_stopped: {at_most: 0.05}', 0, 'ship'),
    ('not_stopped: {at_most: 0.01}', 4, 'cannot tell'),    # None of 100: at most 3.7 %
    ('not_a_label: {at_least: 0, at_most: 0.1}\nmacro_f1: {at_least: .5}', 0, 'ship'),
    ('better_than_commonest: true', 0, 'ship'),
    ('forgetting: {at_most: 0.02}', 4, 'cannot tell'),
    ('reviewed: 10', 4, 'cannot tell'), ('reviewed: 0', 0, 'ship'),
    ('accuracy: {at_least: 0.98}\nreviewed: true', 1, 'do not ship')])
def test_exit_codes_say_what_the_worse_end_of_the_interval_says(run, tmp_path, ftkit, text, code, outcome):
    got,o,_ = ftkit('gate', run.path, '--rules', rules(tmp_path, text), '--json')
    assert (got, o['outcome'])==(code, outcome)
    for r in o['rules']:
        assert r.keys()=={'rule', 'bound', 'outcome', 'value', 'low', 'high', 'n', 'words', 'next'}
        assert r['words'] and bool(r['next'])==(r['outcome']!='met')
    assert kept_verdict(run)==o|dict(stale='') and json.loads((run.path/'gate.json').read_text())==o
    assert ftkit('gate', run.path, '--rules', tmp_path/'gate.yaml')[1].startswith(outcome.upper())

def test_the_intervals_are_those_of_the_evaluation(run):
    o, = gate(run, {'accuracy':dict(at_least=.9)})['rules']
    had = run.summary()['models']['tuned']['accuracy']
    assert all(o[k]==had[k] for k in ('value', 'low', 'high', 'n')) and 'about 380 rows' in o['next']

@pytest.mark.parametrize('text,words', [
    ('acuracy: {at_least: .9}',
     "gate.yaml line 1: acuracy: 'acuracy' was not measured. Did you mean 'accuracy'?"),
    ('\n\naccuracy: {at_lest: .9}',
     "gate.yaml line 3: accuracy: 'at_lest' is unknown. Did you mean 'at_least'?"),
    ('chrf: {at_least: 40}', 'is measured for text, and the answers are label'),
    ('field_right.urgency: {at_least: .9}', 'is measured for json'),
    ('difference.acuracy: {at_least: 0}', "Did you mean 'difference.accuracy'?"),
    ('accuracy: {at_least: 90}', 'For 90 % write 0.9'), ('accuracy: 0.9', 'Write a bound'),
    ('accuracy: {}', 'Write a bound'),
    ('accuracy: {at_least: .nan}', 'must be a number'), ('accuracy: {at_least: .inf}', 'must be a number'),
    ('accuracy: {at_least: true}', 'must be a number'), ("accuracy: {at_least: '0.9'}", 'must be a number'),
    (f'accuracy: {{at_least: 1{"0"*400}}}', 'must be a number'),
    ('accuracy: {at_least: 2026-11-30}', 'must be a number'),
    ('accuracy: {at_least: .9, at_most: .1}', 'Exchange them'),
    ('1: {at_least: .9}', 'not the name of a rule'),
    ('forgetting: {at_least: .1}', "'at_least' is unknown"), ('forgetting: {at_most: -1}', 'from 0 to 10'),
    ('reviewed: {at_least: 1.5}', 'a number of rows'), ('reviewed: {file: [a]}', 'must be a path'),
    ('reviewed: false', 'must be a number'),
    ('blind: {at_least: 50}', 'it is a share, from 0 to 1'), ('blind: false', 'Write true'),
    ('blind: {agianst: base}', "Did you mean 'against'"), ('better_than_commonest: false', 'Write true'),
    ('better_than_commonest: acuracy', "Did you mean 'accuracy'?"), ('', 'holds no rules'),
    ('- accuracy', 'holds no rules'),
    ('accuracy', 'holds no rules'), ('accuracy: {at_least: .9', 'not YAML'),
    ('accuracy: !!python/object:os.system {}', 'not YAML'),
    ('accuracy: {at_least: .9}\naccuracy: {at_least: .1}', 'comes twice'), ('? [a]\n: 1', 'must be a word'),
    ('<<: {a: 1}', 'merges keys'), ('a: &a [*a]', ''), ('[' * 5000, 'nested too deeply'), ('\x1b[2J: 1', '')])
def test_a_rule_that_cannot_be_meant_is_refused_with_its_place(first, tmp_path, ftkit, text, words):
    code,o,err = ftkit('gate', first.path, '--rules', rules(tmp_path, text), '--json')
    assert code==2 and 'gate.yaml' in o['error'] and words in o['error'] and '\x1b' not in err
    assert not (first.path/'gate.json').exists()

def test_what_there_is_not_is_refused(run, tmp_path, ftkit):
    assert ftkit('gate', run.path, '--rules', tmp_path/'none.yaml')[0]==2
    assert ftkit('gate', run.path, '--review', tmp_path/'none.jsonl')[0]==2
    assert ftkit('gate', tmp_path/'none')[0]==2
    assert "Did you mean 'test'?" in ftkit('gate', run.path, '--split', 'tset')[2]
    assert ftkit('gate', run.path, '--split', '../../faq/evals/test')[0]==2
    (tmp_path/'binary').write_bytes(b'\xff\xfe\x00')
    assert ftkit('gate', run.path, '--rules', tmp_path/'binary')[0]==2
    (run.path/'adapter/adapter_model.safetensors').unlink(); (run.path/'adapter').rmdir()
    assert 'no adapter yet' in ftkit('gate', run.path)[2]

def test_default_rules_ask_for_a_review_and_are_met_with_one(run, tmp_path, ftkit):
    code,o,_ = ftkit('gate', run.path, '--json')
    assert code==4 and o['default'] and [r['rule'] for r in o['rules'] if r['outcome']!='met']==['reviewed']
    assert {'better_than_commonest', 'difference.accuracy', 'not_a_label',
            'not_stopped'}<={r['rule'] for r in o['rules']}
    review = ft.Review(tmp_path/'runs/review.jsonl', 'ann')
    for ex in run.rows('train'): review.decide(ex, 'keep')
    code,o,_ = ftkit('gate', run.path, '--review', review.path, '--json')
    # There are no 200
    assert code==0 and o['rules'][-1]['words']=='at least 40 training rows: 40 of 40 reviewed'
    (run.path/'review.jsonl').write_bytes(review.path.read_bytes())
    assert ftkit('gate', run.path)[0]==0
    (run.path/'review.jsonl').unlink()
    review.path.rename(tmp_path/'runs/train.review.jsonl') # Beside the training file
    assert ftkit('gate', run.path)[0]==0
    assert ftkit('gate', run.path, '--rules',
                 rules(tmp_path, 'reviewed: {at_least: 41, file: runs/train.review.jsonl}'))[0]==1

def test_a_run_records_its_review_when_it_is_made(tmp_path):
    ft.load([dict(prompt=f'q{i}', completion=f'a{i}') for i in range(12)]).save(tmp_path/'train.jsonl')
    rows = ft.load(tmp_path/'train.jsonl')
    review = ft.Review(tmp_path/'review.jsonl', 'ann')
    for ex in rows[:5]: review.decide(ex, 'keep')
    ft.load([dict(prompt='Who?', completion='I.')]).save(tmp_path/'test.jsonl')
    cfg = ft.RunConfig('tiny-random', tmp_path/'train.jsonl', test=tmp_path/'test.jsonl', eval_steps=0,
                       early_stopping_patience=0)
    run = cfg.create(tmp_path/'runs/faq')
    had, = run.record['review']['files']
    assert (had['file'], had['sha256'])==('../../review.jsonl',
                                          hashlib.sha256(review.path.read_bytes()).hexdigest())
    (run.path/'adapter').mkdir()
    (run.path/'adapter/adapter_model.safetensors').write_bytes(b'weights')
    def rule(review=None, n=5): return gate(run, dict(reviewed=n), review=review)['rules'][-1]
    assert rule()['words']=='at least 5 training rows: 5 of 12 reviewed when the run was made'
    for ex in rows[5:7]: review.decide(ex, 'keep') # What came later is named
    assert rule(n=7)['value']==5 and 'name the file' in rule(n=7)['next']
    assert rule(review.path, 7)['outcome']=='met'
    review.path.unlink()                           # The record stands by itself
    assert rule()['outcome']=='met'
    from ftkit.sharing.card import _reviewed
    assert '5 of 12 training rows (`review.jsonl`' in _reviewed(run.record['review'])

def test_a_review_that_is_named_is_recorded_and_one_of_other_rows_is_not(tmp_path):
    ft.load([dict(prompt=f'q{i}', completion=f'a{i}') for i in range(4)]).save(tmp_path/'train.jsonl')
    rows = ft.load(tmp_path/'train.jsonl')
    cfg = ft.RunConfig('tiny-random', tmp_path/'train.jsonl', eval_steps=0, early_stopping_patience=0)
    (tmp_path/'review.jsonl').write_text('not a decision\n')
    assert cfg.create(tmp_path/'a').record['review']=={}
    mine = ft.Review(tmp_path/'elsewhere/mine.jsonl', 'ann')
    mine.decide(rows[0], 'keep')
    assert cfg.create(tmp_path/'b', review=mine.path).record['review']['n']==1
    with pytest.raises(FileNotFoundError, match='no file'):
        cfg.create(tmp_path/'c', review=tmp_path/'none.jsonl')
    assert not (tmp_path/'c').exists()

def test_reviewed_rows_are_those_that_were_trained_on_as_decided(run, tmp_path):
    rows = run.rows('train')
    ann,bob = ft.Review(tmp_path/'a.jsonl', 'ann'),ft.Review(tmp_path/'b.jsonl', 'bob')
    for ex in rows[:10]: ann.decide(ex, 'keep')
    for ex in rows[:3]: bob.decide(ex, 'keep')        # Read twice is one row
    bob.decide(rows[3], 'drop')                       # They do not agree
    ann.decide(rows[4].id, 'keep', hash='0'*16)       # Of other content
    ann.decide(rows[5], 'drop')
    ann.decide(rows[6], '', 'a comment alone')
    ann.undo(ann.decision(rows[7].id)['key'])
    assert count_reviewed(rows, [ann.path, bob.path])==dict(n=5, of=40, changed=1, against=2)

def test_a_stale_evaluation_and_none_decide_nothing(run, ftkit):
    assert ftkit('gate', run.path)[0]==4 and stale_results(run)==[]
    (run.path/'adapter/adapter_model.safetensors').write_bytes(b'others')
    assert [o for o in stale_results(run)
            if o.startswith('the verdict of the gate is stale: it is of the weights')]
    assert repr(kept_verdict(run)).startswith('STALE')
    code,o,_ = ftkit('gate', run.path, '--json')
    assert code==4 and {r['outcome'] for r in o['rules']}=={'cannot tell'}
    assert 'stale' in o['rules'][0]['words']
    assert kept_verdict(run)['stale']==''
    (run.path/'evals/test/summary.json').unlink()
    assert kept_verdict(run)['stale']=='the evaluation on test is another one now'
    code,o,_ = ftkit('gate', run.path, '--json')
    assert code==4 and o['rules'][0]['words']=='there is no evaluation on test rows'
    write_json(run.path/'evals/test/summary.json', dict(v=1, of=basis_of(run)))
    assert ftkit('gate', run.path)[0]==4 and 'earlier ftkit' in repr(kept_verdict(run))

@pytest.mark.parametrize('more',
                         [dict(models=[]), dict(models={'tuned':{'accuracy':dict(value='x', low=0, high=1)}}),
                          dict(task='?'),
                          dict(models={'tuned':{'accuracy':dict(value=.5, low=0, high=1, n='many')}}),
                          dict(headline='none'),
                          dict(difference={'accuracy':1}), dict(forgetting=dict(texts=1)),
                          dict(opened='often')])
def test_a_damaged_evaluation_is_bad_input(run, ftkit, more):
    changed(run, **more)
    assert ftkit('gate', run.path)[0]==2

@pytest.mark.parametrize('text', ['', '[]', '{"v": 1}', '[' * 100_000, '{"v": NaN}', '\xff'])
def test_a_damaged_verdict_is_said_and_written_anew(run, ftkit, text):
    from ftkit.sharing.card import _gated
    from ftkit.sharing.report import _gated as in_report
    (run.path/'gate.json').write_text(text, encoding='latin-1')
    with pytest.raises(ValueError, match='gate.json of faq is damaged'): kept_verdict(run)
    assert 'damaged' in in_report(run) and 'cannot be read' in _gated(run)
    assert str(run.path) not in _gated(run)
    assert ftkit('gate', run.path)[0]==4 and kept_verdict(run)['stale']==''

def test_the_card_and_the_report_show_it(run):
    from ftkit.sharing.card import _gated
    from ftkit.sharing.report import _gated as in_report
    assert _gated(run)==in_report(run)==''
    gate(run, {'accuracy':dict(at_least=.85)})
    assert 'SHIP: faq on test rows' in _gated(run) and 'SHIP: faq on test rows' in in_report(run)
    o = json.loads((run.path/'gate.json').read_text())
    write_json(run.path/'gate.json', o|dict(run='```\n<script>alert(1)</script>'))
    assert _gated(run).count('```')==2 and '<script>' not in in_report(run)
    (run.path/'adapter/adapter_model.safetensors').write_bytes(b'others')
    assert 'stale' in _gated(run) and 'STALE' in in_report(run)

def test_looks_at_the_test_rows_are_told(run):
    for _ in range(4): run.open_test('a notebook')
    assert any('opened 4 times' in o for o in gate(run)['warnings'])
    assert any('opened 9 times' in o for o in gate(changed(run, opened=9))['warnings'])

def test_a_model_no_better_than_the_commonest_answer_is_told(tmp_path):
    run = made(tmp_path/'runs/a', 100, answer='a')         # Half of the references are `a`
    o = next(o for o in gate(run)['rules'] if o['rule']=='better_than_commonest')
    assert o['outcome']=='cannot tell' and '50 % by always giving' in o['words']

def test_it_is_a_verb_of_the_run(run):
    v = run.gate({'accuracy':dict(at_least=.85)})
    assert v['outcome']=='ship' and list(v.to_pandas().outcome)==['met']
    assert v['weights']==basis_of(run)['weights']

def test_runs_are_compared_on_common_rows(tmp_path, ftkit):
    a,b,c = (made(tmp_path/'runs'/k, *o) for k,o in dict(a=(150, 100, 200), b=(190, 100, 200),
                                                         c=(160, 100, 240)).items())
    board = ft.leaderboard([a, b.path, c])
    of = {o['name']:o for o in board['lines']}
    assert [o['name'] for o in board['lines']]==['b', 'a', 'c', 'base: tiny-random']
    assert of['a']['difference'] is None
    assert [of['b']['difference'][k] for k in ('gained', 'lost', 'common')]==[40, 0, 200]
    assert [of['c']['difference'][k] for k in ('gained', 'lost', 'common', 'left_out')]==[10, 0, 200, [0, 40]]
    had = a.summary()['difference']['accuracy'] # Of tuned and base, the other way round
    assert of['base: tiny-random']['difference']['value']==-had['value']
    assert of['base: tiny-random']['difference']['p']==had['p']
    got = ftkit('leaderboard', a.path, b.path, c.path, '--json')
    assert got[:2]==(0, board)
    assert ftkit('leaderboard', a.path, b.path, '--against',
                 'best')[1].splitlines()[0].endswith('difference to b')
    assert ftkit('leaderboard', a.path, '--split', 'validation')[0]==2
    assert 'c: 200 common rows; left out 40 of its own' in repr(board)
    assert sorted(o['difference']['p_holm'] for o in board['lines'] if o['difference'])[0]>=3*min(
        o['difference']['p'] for o in board['lines'] if o['difference'])*(1-1e-9)

def test_a_leaderboard_refuses_what_it_cannot_compare(tmp_path):
    a,b = made(tmp_path/'runs/a', 90),made(tmp_path/'runs/b', 80)
    with pytest.raises(ValueError, match='no evaluation on validation'): leaderboard([a, b], 'validation')
    with pytest.raises(ValueError, match='as label, b as json'): leaderboard([a, changed(b, task='json')])
    changed(b, task='label')
    (b.path/'evals/test/tuned.jsonl').write_text('{"id": "r0", "answer": "a"}\n')
    with pytest.raises(ValueError, match='scores is None'): leaderboard([a, b])
    (b.path/'evals/test/tuned.jsonl').write_text('{"id": "r0", "answer": "a", "scores": {}}\n')
    with pytest.raises(ValueError, match='not those to its test rows'): leaderboard([a, b])
    changed(b, models=1)
    with pytest.raises(ValueError, match='damaged'): leaderboard([a, b])
    (b.path/'adapter/adapter_model.safetensors').write_bytes(b'others')
    with pytest.raises(ValueError, match='damaged|stale'): leaderboard([a, b])

def kept(run):
    "Its evaluation as `run.evaluate` keeps one"
    found,s = answers(run),{k:v for k,v in run.summary().items() if k!='stale'}
    _keep(run.path/'evals/test', found, s)
    return run

def test_answers_that_were_rewritten_are_believed_nowhere(run, ftkit):
    from ftkit.panels.evals import EvalsPanel
    from ftkit.sharing.card import _scores
    from ftkit.sharing.report import _tests
    assert kept(run).summary()['stale']=='' and gate(run, {'accuracy':dict(at_least=.8)})['outcome']=='ship'
    file = run.path/'evals/test/tuned.jsonl'
    was = file.read_text()
    file.write_text(was.replace('"answer": "a"', '"answer": "b"', 1))
    why = 'evals/test/tuned.jsonl was changed since its answers were scored'
    assert run.summary()['stale']==why
    assert kept_verdict(run)['stale']==why # What was said of the others is not said of these
    code,out,_ = ftkit('gate', run.path, '--json')
    assert code==4 and why in str(out)
    assert any(why in o for o in stale_results(run)) and why in _tests(run, run.summary(), 3)
    assert why in _scores(run.summary()) and EvalsPanel(run).state==('warn', 'stale')
    with pytest.raises(ValueError, match='was changed since'): answers(run)
    with pytest.raises(ValueError, match='was changed since'): leaderboard([run])
    file.write_text(was)
    assert run.summary()['stale']==''
    file.unlink()
    assert run.summary()['stale']=='evals/test/tuned.jsonl is gone'

def test_half_an_evaluation_is_said_in_the_report(run):
    from ftkit.sharing.report import _tests
    assert 'damaged' not in _tests(run, run.summary(), 3)
    (run.path/'evals/test/base.jsonl').unlink()
    assert 'damaged (base.jsonl has 0 answers to 100 rows)' in _tests(run, run.summary(), 3)

def test_a_report_puts_answers_beside_the_turn_that_they_answer(run):
    from ftkit.sharing.report import _tests
    def turn(role, text): return dict(role=role, content=text)
    talk = Example((turn('user', 'first?'), turn('assistant', 'one'), turn('user', 'second?'),
                    turn('assistant', 'two')), id='talk', line=1)
    rows = [dict(split='test')|to_row(o) for o in (talk, example(1))]
    write_text(run.path/'data.jsonl', ''.join(json.dumps(o)+'\n' for o in rows))
    for k in ('base', 'tuned'):
        said = [json.dumps(dict(id=id, answer=f'{k} to {id}'))+'\n' for id in ('talk#1', 'talk#2', 'r1')]
        write_text(run.path/f'evals/test/{k}.jsonl', ''.join(said))
    page = _tests(run, run.summary(), 10)
    rows = page.split('<tr>')[2:]
    assert len(rows)==3 and 'second?' not in rows[0] and 'tuned to talk#1' in rows[0]
    assert 'second?' in rows[1] and 'base to talk#2' in rows[1]
    assert 'q1' in rows[2] and 'tuned to r1' in rows[2]

def test_a_headline_of_which_less_is_better_is_judged_so():
    from ftkit.evaluation.rules import default_rules
    from ftkit.evaluation.summary import Summary
    sneers = dict(title='sneers', tasks=['label'], per='answer', aggregate='share', unit='%', drawn='bar',
                  higher_is_better=False, says='Does an answer sneer?')
    def of(v): return dict(sneers=dict(value=v, low=v-.01, high=v+.01, n=400))
    s = Summary(task='label', headline='sneers', commonest='a', own=dict(sneers=sneers), difference={},
                models=dict(tuned=of(.1), commonest=of(.5)))
    assert [*s.no_better()]==[] and default_rules(s).rules['difference.sneers']==dict(at_most=0)
    worse = Summary(s|dict(models=dict(tuned=of(.6), commonest=of(.5))))
    assert 'not shown to be better' in next(worse.no_better())
