"Calibration beside scikit-learn's, and what is chosen on some rows tried on others."
import json, time
import numpy as np, pytest
from ftkit.evaluation.calibration import (abstention, accuracy_at, applied, brier, ece, expected_ece,
                                          fit_temperature, log_loss,
                                          reliability, softmax)
from ftkit.data.read.load import load
from ftkit.evaluation.constrained import calibrated
from ftkit.evaluation.given import score
from ftkit.evaluation.labels import class_table
from ftkit.evaluation.resample import code_counts
from ftkit.evaluation.score import asked_of
from ftkit.evaluation.summary import summarize

metrics = pytest.importorskip('sklearn.metrics')

def drawn(seed, n=500, k=6, sharp=1.):
    "Scores of a model that is `sharp` times too sure, the labels that were true, p and whether it was right."
    rng = np.random.default_rng(seed)
    true = rng.normal(0, 1.5, (n, k))
    truth = (softmax(true).cumsum(1)>rng.random((n, 1))).argmax(1)
    p = softmax(sharp*true)
    return sharp*true, truth, p.max(1), p.argmax(1)==truth

@pytest.mark.parametrize('seed', range(5))
def test_equal(seed):
    scores,truth,*_ = drawn(seed, k=2+seed)
    p,labels = softmax(scores),range(scores.shape[1])
    assert np.allclose(p.sum(1), 1)
    assert log_loss(p, truth)==pytest.approx(metrics.log_loss(truth, p, labels=labels))
    k = len(labels)
    squares = ((p-np.eye(k)[truth])**2).sum(1).mean()
    assert brier(p, truth)==pytest.approx(squares)
    given = (truth, p[:, 1]) if k==2 else (truth, p)
    try: theirs = metrics.brier_score_loss(*given, labels=labels, scale_by_half=False)
    except TypeError: theirs = squares # Before scikit-learn 1.8 there was no Brier score of several classes
    assert brier(p, truth)==pytest.approx(theirs)

def test_sure_and_wrong():
    p = np.array([[1., 0.], [0., 1.]])
    assert log_loss(p, [1, 1])==pytest.approx(metrics.log_loss([1, 1], p, labels=[0, 1]))

@pytest.mark.parametrize('sharp', [.5, 1, 3])
def test_temperature(sharp):
    scores,truth,*_ = drawn(1, 4000, sharp=sharp)
    found = fit_temperature(scores, truth)
    assert found==pytest.approx(sharp, rel=.08)
    losses = [log_loss(softmax(scores, found*o), truth) for o in (.97, 1, 1.03)]
    assert min(losses)==losses[1]

def test_order_does_not_matter():
    _,_,p,right = drawn(2)
    p = p.round(1) # Many are equally sure
    mixed = np.random.default_rng(0).permutation(len(p))
    for f in (accuracy_at, abstention): assert f(p, right)==f(p[mixed], right[mixed])
    assert ece(p, right)==pytest.approx(ece(p[mixed], right[mixed]))
    for a,b in zip(reliability(p, right), reliability(p[mixed], right[mixed])): assert a==pytest.approx(b)

def test_equal_mass():
    _,_,p,right = drawn(3, 1003)
    o = reliability(p, right)
    assert len(o)==10 and {b['n'] for b in o}<={100, 101} and sum(b['n'] for b in o)==1003
    edges = np.sort(p)[[0, *np.cumsum([b['n'] for b in o])[:-1]]]
    of = np.searchsorted(edges, p, side='right')-1
    hand = sum(abs((p-right)[of==i].sum()) for i in range(10))/1003
    assert ece(p, right)==pytest.approx(hand)

def test_expected_ece_is_what_a_calibrated_model_shows():
    shown = [ece(p, right) for seed in range(200) for *_,p,right in [drawn(seed, 100)]]
    *_,p,right = drawn(0, 100)
    o = expected_ece(p)
    assert o['value']==pytest.approx(np.mean(shown), rel=.1)
    assert .9<np.mean([o['low']<=e<=o['high'] for e in shown])<=1

def test_threshold_holds_on_other_rows():
    got = []
    for seed in range(100):
        *_,p,right = drawn(seed, 800)
        if (least := abstention(p[:400], right[:400], .8)) is not None:
            got.append(applied(least, p[400:], right[400:]))
    assert len(got)>90 and np.mean([o['value'] for o in got if o['n']])==pytest.approx(.8, abs=.02)

def test_a_hundred_thousand_rows():
    scores,truth,p,right = drawn(0, 100_000, 27)
    start = time.process_time()
    fit_temperature(scores, truth)
    reliability(p, right)
    assert time.process_time()-start<4
    start = time.process_time()
    expected_ece(p, draws=100)
    applied(abstention(p, right, .8), p, right)
    assert time.process_time()-start<2

def test_rows_of_strong_clusters_say_less():
    "Eighty conversations of five rows that are right or wrong together: intervals are those of eighty rows."
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(80, 4))
    truth = (softmax(scores).cumsum(1)>rng.random((80, 1))).argmax(1)
    five,names = (np.repeat(scores, 5, axis=0), np.repeat(truth, 5)),[f'c{i//5}' for i in range(400)]
    def widths(o): return {k:v['high']-v['low'] for k,v in o.items() if v and v['low'] is not None}
    def all_of(o):
        return widths(dict(o['intervals'], right=o['accuracy'], answered=o['abstention'], **o['coverage']))
    few = all_of(calibrated(scores, truth, (scores, truth)))
    alone,joined = (all_of(calibrated(*five, (scores, truth), c)) for c in (None, names))
    assert joined.keys()>={'brier', 'log_loss', 'right', '80', '90', '100'}
    for k in joined:
        assert few[k]*.9<joined[k]<few[k]*1.4 and joined[k]>1.7*alone[k], (k, few[k], joined[k], alone[k])
    assert calibrated(*five, clusters=names)['expected_ece']['value']>1.3*calibrated(*five)['expected_ece'][
        'value']
    bins = [(b['high']-b['low'], c['high']-c['low'])
            for b,c in zip(*(calibrated(*five, clusters=c)['reliability']
            for c in (names, None))) if None not in (b['low'], c['low'])]
    assert len(bins)>3 and np.mean([a/b for a,b in bins])>1.4
    assert calibrated(*five, clusters=[0]*200+[1]*200)['intervals']['brier']['low'] is None

def test_tables_of_labels_and_fields_know_clusters():
    rng = np.random.default_rng(1)
    r,a = np.repeat(rng.integers(0, 3, 60), 4),np.repeat(rng.integers(0, 3, 60), 4)
    names = [i//4 for i in range(240)]
    plain,joined = (class_table(code_counts(r, a, 3), 'abc', (r, a), c) for c in (None, names))
    few = class_table(code_counts(r[::4], a[::4], 3), 'abc')
    for k in 'abc':
        for m in ('precision', 'recall'):
            width = [o[k][m]['high']-o[k][m]['low'] for o in (plain, few, joined)]
            assert plain[k][m]['value']==joined[k][m]['value']==few[k][m]['value']
            assert width[2]>.9*width[1]>1.5*width[0]
    rows = load([dict(prompt=f'{i}', completion=json.dumps(dict(a=i//4%3, b='x')), talk=f't{i//4}')
                 for i in range(48)])
    told = [score(rows, [json.dumps(dict(a=i//4%5, b='x')) for i in range(48)], task='json')] # Unclustered
    asked = asked_of(rows, task='json', cluster=lambda ex: ex.extra.get('talk'))
    found = asked.score_all([dict(answer=json.dumps(dict(a=i//4%5, b='x'))) for i in range(48)])
    wide,narrow = summarize(dict(tuned=found),
                            asked)['fields']['tuned']['a'],told[0]['fields']['answers']['a']
    for m in ('exact', 'precision', 'recall'):
        assert wide[m]['value']==narrow[m]['value']
        assert wide[m]['high']-wide[m]['low']>1.4*(narrow[m]['high']-narrow[m]['low'])
