"""Intervals and tests of an evaluation beside scipy's, scikit-learn's and counts by hand, and a quick
slice of their coverage."""
import itertools, sys
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest, ttest_1samp, ttest_rel
from sklearn.metrics import cohen_kappa_score, confusion_matrix, f1_score

sys.path.insert(0, str(Path(__file__).resolve().parents[1]/'benchmarks'))
import intervals
from ftkit.evaluation.resample import bootstrap, bootstrap_sums, code_counts
from ftkit.evaluation.statistics import bonett_price, mcnemar, mean, paired, rate, sign_flip
from ftkit.evaluation.verdict import holm, rows_needed, verdict

def ends(o): return o['low'], o['high']

@pytest.mark.parametrize('k,n', [(0, 25), (1, 25), (37, 48), (48, 48), (870, 1000)])
def test_a_rate_is_wilsons(k, n):
    assert ends(rate([1]*k+[0]*(n-k))) == pytest.approx(tuple(binomtest(k, n).proportion_ci(method='wilson')),
                                                        abs=1e-12)

@pytest.mark.parametrize('gained,lost', [(0, 0), (5, 0), (14, 3), (3, 14), (8, 8), (400, 350)])
def test_mcnemar_is_the_binomial_test(gained, lost):
    p = binomtest(min(gained, lost), gained+lost).pvalue if gained+lost else 1
    assert mcnemar(gained, lost)==pytest.approx(p)

def test_bonett_price_by_hand():
    up,down,n = 15/102,4/102,102 # 14 gained, 3 lost of 100
    half = 1.959963984540054*((up+down-(up-down)**2)/n)**.5
    assert bonett_price(14, 3, 100)==pytest.approx((up-down-half, up-down+half))
    o = paired([0]*14+[1]*86, [1]*97+[0]*3)
    assert (o['gained'], o['lost'], o['value'],
            *ends(o))==pytest.approx((14, 3, .11, up-down-half, up-down+half))

def test_a_mean_is_students():
    x,y = np.random.default_rng(0).normal(size=(2, 80))
    assert ends(mean(x))==pytest.approx(tuple(ttest_1samp(x, 0).confidence_interval()))
    o,want = paired(x, y, kind='mean'),ttest_rel(y, x)
    assert ends(o)==pytest.approx(tuple(want.confidence_interval()))
    assert o['p']==pytest.approx(want.pvalue)

def test_sign_flips_by_every_sign():
    sums = [3, -1, 2, 2, 0, 5, -2, 1]
    all_of_them = [abs(sum(s*x for s,x in zip(signs, sums))) for signs in itertools.product((1, -1),
        repeat=8)]
    assert sign_flip(sums)==np.mean([o>=10 for o in all_of_them])
    assert sign_flip([1]*20+[-1]*6)==pytest.approx(mcnemar(20, 6), abs=.005) # Drawn
    x = np.random.default_rng(1).normal(.3, 1, 60)
    assert sign_flip(x)==pytest.approx(ttest_1samp(x, 0).pvalue, abs=.02)

def test_clusters_of_one_row_change_nothing():
    a,b = np.random.default_rng(0).integers(0, 2, (2, 60))
    names = [f'c{i}' for i in range(60)]
    assert rate(a, names)==rate(a) and paired(a, b, names)==paired(a, b)
    x,y = np.random.default_rng(0).normal(size=(2, 60))
    assert mean(x, names)==mean(x) and paired(x, y, names, kind='mean')==paired(x, y, kind='mean')
    r = np.arange(60)%3
    assert bootstrap(intervals.macro_f1, r, a, b, classes=3, clusters=names)==bootstrap(intervals.macro_f1, r,
        a, b, classes=3)

def test_statistics_of_counts_are_scikit_learns():
    rng = np.random.default_rng(0)
    r = rng.integers(0, 5, 200)
    a = np.where(rng.random(200)<.6, r, rng.integers(0, 6, 200)) # 5: not a label
    t = code_counts(r, a, 5)
    assert (t==confusion_matrix(r, a, labels=range(6))[:5]).all()
    for average,f in dict(macro=intervals.macro_f1, weighted=intervals.weighted_f1).items():
        want = f1_score(r, a, labels=range(5), average=average, zero_division=0)
        assert f(t)==pytest.approx(want)
        assert bootstrap(f, r, a, classes=5, draws=50)['value']==pytest.approx(want)
    assert intervals.kappa(t)==pytest.approx(cohen_kappa_score(r, a))

def test_the_bootstrap_agrees_with_rows_where_both_can_be_had():
    "Accuracy is a statistic of counts and a rate."
    def accuracy(t): return np.einsum('...kk->...', t[..., :-1])/t.sum((-2, -1))
    rng = np.random.default_rng(0)
    r = np.arange(400)%4
    a,b = (np.where(rng.random(400)<o, r, (r+1)%4) for o in (.7, .8))
    assert ends(bootstrap(accuracy, r, b, classes=4))==pytest.approx(ends(rate(b==r)), abs=.006)
    assert ends(bootstrap(accuracy, r, a, b, classes=4))==pytest.approx(ends(paired(a==r, b==r)), abs=.008)
    clusters = [*np.arange(400)//4]
    assert ends(bootstrap(accuracy, r, a, b, 4, clusters))==pytest.approx(ends(paired(a==r, b==r, clusters)),
        abs=.03)

def test_sums_agree_with_a_mean():
    x,y = np.random.default_rng(0).normal(5, 1, (2, 80, 1))
    def average(s): return s[..., 0]/80
    assert ends(bootstrap_sums(average, x, y))==pytest.approx(ends(paired(x[:,0], y[:,0], kind='mean')),
                                                              abs=.03)

def test_holm_by_hand_and_rows_by_the_formula():
    assert holm([.01, .04, .03, .005])==pytest.approx([.03, .06, .06, .02])
    assert [rows_needed(d, .1) for d in (.1, .2, .3)]==[77, 155, 234]
    assert rows_needed(22/48)==1437

def test_rows_needed_give_the_power():
    n,up,down = rows_needed(.2),.125,.075 # A gain of 5 points where a fifth differs
    k = np.random.default_rng(0).multinomial(n, [up, down, 1-up-down], 400)
    assert .74<np.mean([mcnemar(g, l)<.05 for g,l,_ in k])<.86

@pytest.mark.parametrize('kind', ['rate', 'difference of rates', 'difference of means',
                                  'macro F1, 3 even classes',
    'difference of macro F1, 3 even classes', 'difference of rates, even clusters of copies'])
@pytest.mark.parametrize('cell', ['rare', 'often'])
def test_intervals_hold_what_they_promise(kind, cell):
    o = intervals.measure((kind, cell, 50, 150))
    assert not intervals.low(o), o
    assert o['withheld']<.4

def test_many_classes_on_few_rows_have_no_interval():
    o = intervals.measure(('macro F1, 27 even classes', 'some', 25, 10))
    assert o['given']==0
    o = bootstrap(intervals.macro_f1, np.arange(25), np.arange(25), np.arange(25)[::-1], classes=27)
    assert o['low'] is None and verdict(o)=='cannot tell: 27 of 27 classes have fewer than 2 rows'

def test_a_hundred_thousand_rows():
    rng = np.random.default_rng(0)
    a,b = rng.integers(0, 2, (2, 100_000))
    clusters = (np.arange(100_000)//3).tolist()
    assert .49<rate(a, clusters)['low']<rate(a, clusters)['high']<.51
    assert paired(a, b, clusters)['n']==100_000
    assert mean(rng.normal(size=100_000), clusters)['n']==100_000
    r = rng.integers(0, 6, 100_000)
    assert bootstrap(intervals.macro_f1, r, np.where(b, r, 6), np.where(a, r, 6),
                     clusters=clusters)['n']==100_000
