"""How often the 95 % intervals of an evaluation hold the truth, on made test sets whose truth is known.

    python benchmarks/intervals.py [--quick] [--only TEXT …] [--sets N] [--jobs N] [--results FILE] [--brief]

Each made test set has a population of its own, near one of three: models that rarely differ, sometimes, or
often. Coverage is of the intervals that are given; the share that is withheld stands beside it and never
counts as covering. Exits 1 if a kind of interval covers less than 93 %, by more than two standard errors of
so many sets (`!`). `--quick` makes a tenth of the sets. With `--results` a run that was stopped goes on where
it was; what `--only` names is measured anew, and all that is known is shown."""
import argparse, json, multiprocessing, sys, zlib
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from ftkit.evaluation.by_field import ratio_interval
from ftkit.evaluation.calibration import (_distances, _log_losses, accuracy_at, applied, ece, expected_ece,
                                          intraclass, softmax)
from ftkit.evaluation.labels import class_table
from ftkit.evaluation.resample import bootstrap, bootstrap_sums, code_counts
from ftkit.evaluation.statistics import mean, paired, rate

GOAL = .93
ROWS = (25, 50, 100, 200)
# Both, first, second, neither right
CELLS = dict(rare=(.95, .01, .02, .02), some=(.85, .02, .08, .05), often=(.60, .05, .25, .10))

# Populations. Each gives rows of one test set, and what is true of them.
def cell_near(cell, rng): return rng.dirichlet(np.array(CELLS[cell])*300)

def sizes_of(n, kind, rng):
    "Sizes of clusters: even ones of up to six rows, or a few large among many small."
    res = []
    while sum(res)<n:
        res.append(min(n-sum(res), int(rng.integers(1, 7) if kind=='even' else rng.geometric(1/3))))
    return np.array(res)

def outcomes(cell, n, rng, clusters=None, alike=1.):
    """0/1 of both models, by the chances of a cell; rows of a cluster are `alike`, from 0 to 1.

    And names of clusters, or None."""
    p = cell_near(cell, rng)
    if clusters is None: which,names = rng.choice(4, n, p=p),None
    else:
        sizes = sizes_of(n, clusters, rng)
        names = np.repeat(np.arange(len(sizes)), sizes)
        own = np.eye(4)[rng.choice(4, len(sizes), p=p)] if alike==1 else rng.dirichlet(p*(1/alike-1)+1e-9,
            len(sizes))
        which = np.minimum(3, (rng.random((n, 1))>own[names].cumsum(1)).sum(1))
    return p, np.array([1, 1, 0, 0])[which], np.array([1, 0, 1, 0])[which], names

def confused(K, prior, hard, cell, rng):
    """Chances of (reference, first, second), shape (K, K+1, K+1).

    Wrong answers go to any other class, or, one in five, to none."""
    wrong = np.full((K, K+1), .8/(K-1))
    wrong[:, K] = .2
    wrong[np.arange(K), np.arange(K)] = 0
    res,p = np.zeros((K, K+1, K+1)),cell_near(cell, rng)
    for r in range(K):
        q = p*np.r_[1, [hard[r]]*3]
        q = np.r_[1-q[1:].sum(), q[1:]]
        res[r, r, r] += q[0]
        res[r, r, :] += q[1]*wrong[r]
        res[r, :, r] += q[2]*wrong[r]
        res[r] += q[3]*(np.outer(wrong[r], wrong[r])+np.diag(wrong[r]))/2
    return res*prior[:, None, None]

def classes_of(kind, K):
    "How common classes are, and how hard."
    if kind=='even': return np.full(K, 1/K),np.ones(K)
    prior = np.geomspace(1, 1/8, K)
    return prior/prior.sum(),np.linspace(.5, 1.5, K)

# Statistics of tables
def macro_f1(t):
    K = t.shape[-2]
    right,of = np.einsum('...kk->...k', t[..., :K]),t.sum(-1)+t[..., :K].sum(-2)
    return (2*right/np.maximum(of, 1e-12)).mean(-1)

def weighted_f1(t):
    K = t.shape[-2]
    right,of = np.einsum('...kk->...k', t[..., :K]),t.sum(-1)+t[..., :K].sum(-2)
    return (2*right/np.maximum(of, 1e-12)*t.sum(-1)).sum(-1)/t.sum((-2, -1))

def balanced_accuracy(t): return (np.einsum('...kk->...k', t[..., :-1])/np.maximum(t.sum(-1), 1e-12)).mean(-1)

def kappa(t):
    n = t.sum((-2, -1))
    by_chance = (t.sum(-1)*t[..., :-1].sum(-2)).sum(-1)/n**2
    return (np.einsum('...kk->...', t[..., :-1])/n-by_chance)/(1-by_chance)

STATISTICS = dict(macro_f1=macro_f1, weighted_f1=weighted_f1, balanced_accuracy=balanced_accuracy,
                  kappa=kappa)

def micro_f1(s):
    tp,fp,fn = np.moveaxis(s.sum(-2), -1, 0)
    return 2*tp/np.maximum(2*tp+fp+fn, 1e-12)

def macro_f1_sums(s): return (2*s[..., 0]/np.maximum(2*s[..., 0]+s[..., 1]+s[..., 2], 1e-12)).mean(-1)

# Kinds of interval: each makes a test set, and gives the interval and the truth
def one_rate(cell, n, rng, **clusters):
    p,_,b,names = outcomes(cell, n, rng, **clusters)
    return rate(b, names), p[0]+p[2]

def rates_differ(cell, n, rng, **clusters):
    p,a,b,names = outcomes(cell, n, rng, **clusters)
    return paired(a, b, names), p[2]-p[1]

def one_mean(shape, n, rng, clusters=None):
    if clusters is None: draw,names = lambda f: f(n),None
    else:
        sizes = sizes_of(n, clusters, rng)
        names = np.repeat(np.arange(len(sizes)), sizes)
        draw = lambda f: f(len(sizes))[names]
    make,true = dict(
        bell=(lambda m: rng.normal(50, 10, m), 50), bounded=(lambda m: rng.beta(8, 2, m), .8),
        halved=(lambda m: np.where(rng.random(m)<.6, 1, rng.beta(3, 2, m)), .6+.4*.6),
        lengths=(lambda m: rng.lognormal(0, .5, m), np.exp(.125)))[shape]
    return mean(draw(make), names), true

def means_differ(cell, n, rng, **clusters):
    """Scores that are equal where both models are right or both wrong, else differ by anything up to 1;
    `noise`: all differ a little."""
    noise = clusters.pop('noise', 0)
    p,a,b,names = outcomes(cell, n, rng, **clusters)
    d = (b-a)*rng.random(n)+noise*rng.normal(size=n)
    return paired(np.zeros(n), d, names, kind='mean'), (p[2]-p[1])/2

def of_tables(cell, n, rng, statistic='macro_f1', K=6, kind='even', two=False, clusters=None, draws=400):
    f,(prior,hard) = STATISTICS[statistic],classes_of(kind, K)
    chances = confused(K, prior, hard, cell, rng)
    if clusters is None: names,index = None,np.arange(n)
    else:
        sizes = sizes_of(n, clusters, rng)
        names = index = np.repeat(np.arange(len(sizes)), sizes)
    which = rng.choice(chances.size, index.max()+1, p=chances.ravel())[index]
    r,a,b = np.unravel_index(which, chances.shape)
    second = f(chances.sum(1)[None])[0]
    args = (f, r, a, b) if two else (f, r, b)
    return bootstrap(*args, classes=K, clusters=names,
                     draws=draws), second-(f(chances.sum(2)[None])[0] if two else 0)

def of_sums(cell, n, rng, K=5, macro=False, two=False, draws=400):
    "Rows with any of K codes; a code is missed or invented where a model is wrong about it."
    f = macro_f1_sums if macro else micro_f1
    p,has = cell_near(cell, rng),np.linspace(.15, .35, K)
    truth = rng.random((n, K))<has
    which = rng.choice(4, (n, K), p=p)
    def counts(wrong): return np.stack([truth&~wrong, ~truth&wrong, truth&wrong], -1).astype(float)
    def true(q): return f(np.stack([has*(1-q), (1-has)*q, has*q], -1)[None])[0]
    a,b = counts((which==2)|(which==3)),counts((which==1)|(which==3))
    args,support = ((a, b) if two else (b,)),truth.sum(0) if macro else None
    return bootstrap_sums(f, *args, draws=draws,
                          support=support), true(p[1]+p[3])-(true(p[2]+p[3]) if two else 0)

# What is printed of calibration and in tables of labels and fields
def clustered(n, kind, rng):
    "Numbers of clusters, or of rows where `kind` is None, and names for `clusters=`."
    if kind is None: return np.arange(n),None
    sizes = sizes_of(n, kind, rng)
    names = np.repeat(np.arange(len(sizes)), sizes)
    return names,names.tolist()

def sure_of(sharp, n, rng, K=4):
    "Probabilities of labels, and the label that is true, of a model that is `sharp` times too sure."
    true = softmax(rng.normal(0, 1.5, (n, K)))
    truth = (true.cumsum(1)>rng.random((n, 1))).argmax(1)
    p = true**sharp
    return p/p.sum(1, keepdims=True), truth

SHARP = dict(calibrated=1., unsure=.5, sure=2.) # Cells of calibration
@lru_cache(8)
def population(cell): return sure_of(SHARP[cell], 20_000, np.random.default_rng(0))

@lru_cache(8)
def confidences(cell): return population(cell)[0].max(1),population(cell)[0].argmax(1)==population(cell)[1]

def drawn_rows(n, clusters, rng):
    index,names = clustered(n, clusters, rng)
    return rng.integers(0, 20_000, index[-1]+1)[index], names # Rows of a cluster are copies

@lru_cache(8)
def losses(cell, kind): return dict(brier=_distances, log_loss=_log_losses)[kind](*population(cell))

def one_loss(cell, n, rng, kind='brier', clusters=None):
    at,names = drawn_rows(n, clusters, rng)
    return mean(losses(cell, kind)[at], names), losses(cell, kind).mean()

def at_coverage(cell, n, rng, share=.8, clusters=None):
    at,names = drawn_rows(n, clusters, rng)
    p,right = confidences(cell)
    return accuracy_at(p[at], right[at], share, names), accuracy_at(p, right, share)['value']

def above(cell, n, rng, threshold=.6, clusters=None):
    at,names = drawn_rows(n, clusters, rng)
    p,right = confidences(cell)
    return applied(threshold, p[at], right[at], names), right[p>=threshold].mean()

def chance_error(cell, n, rng, clusters=None):
    "Does the error of a calibrated model lie where perfect probabilities are said to show it?"
    at,names = drawn_rows(n, clusters, rng)
    p,right = confidences(cell)
    alike = intraclass(p[at], right[at], names) if names else 0.
    return expected_ece(p[at], draws=200, clusters=names, alike=alike), ece(p[at], right[at])

def of_label(cell, n, rng, clusters=None, found=True, K=6):
    "Recall, or precision, of the rarest of some labels."
    chances = confused(K, *classes_of('uneven', K), cell, rng).sum(1)
    index,names = clustered(n, clusters, rng)
    r,b = np.unravel_index(rng.choice(chances.size, index[-1]+1, p=chances.ravel())[index], chances.shape)
    o = class_table(code_counts(r, b, K), range(K), (r, b), names)[K-1]
    return o['recall' if found else 'precision'], chances[K-1, K-1]/(chances[K-1] if found else chances[:,
        K-1]).sum()

def of_field(cell, n, rng, clusters=None):
    "Precision of a field with one to three values a row."
    p = cell_near(cell, rng)
    index,names = clustered(n, clusters, rng)
    given = rng.integers(1, 4, index[-1]+1)
    return ratio_interval(rng.binomial(given, p[0]+p[2])[index], given[index], names), p[0]+p[2]

def kinds():
    "Name → (function of cell, rows and rng; cells; slow?)"
    res = {}
    def add(name, f, cells=tuple(CELLS), slow=False, **more): res[name] = partial(f, **more),cells,slow
    add('rate', one_rate)
    add('difference of rates', rates_differ)
    for sizes in ('even', 'uneven'):
        for alike in (1., .3):
            about = f', {sizes} clusters' + (' of copies' if alike==1 else '')
            add('rate'+about, one_rate, clusters=sizes, alike=alike)
            add('difference of rates'+about, rates_differ, clusters=sizes, alike=alike)
    add('mean', one_mean, ('bell', 'bounded', 'halved', 'lengths'))
    add('mean, even clusters of copies', one_mean, ('bell', 'bounded', 'halved', 'lengths'), clusters='even')
    add('difference of means', means_differ)
    add('difference of means, all differ', means_differ, noise=.1)
    add('difference of means, even clusters', means_differ, clusters='even', alike=.3)
    for K in (2, 3, 6, 12, 27):
        for kind in ('even', 'uneven'):
            for two in (False, True):
                add(f'{"difference of macro F1" if two else "macro F1"}, {K} {kind} classes', of_tables,
                    slow=True, K=K, kind=kind, two=two)
    for name in ('weighted_f1', 'balanced_accuracy', 'kappa'):
        for two in (False, True):
            add(f'{"difference of " if two else ""}{name}, 6 uneven classes', of_tables, slow=True,
                statistic=name, kind='uneven', two=two)
    for sizes in (None, 'even'):
        about = f', {sizes} clusters of copies' if sizes else ''
        for k in ('brier', 'log_loss'):
            add(f'{k}{about}', one_loss, tuple(SHARP), True, kind=k, clusters=sizes)
        add(f'accuracy at 80 % coverage{about}', at_coverage, tuple(SHARP), True, clusters=sizes)
        add(f'accuracy above a threshold{about}', above, tuple(SHARP), True, clusters=sizes)
        add(f'calibration error by chance{about}', chance_error, ('calibrated',), True, clusters=sizes)
        for found in (True, False):
            add(f'{"recall" if found else "precision"} of a rare label{about}', of_label, slow=True,
                clusters=sizes, found=found)
        add(f'precision of a field{about}', of_field, slow=True, clusters=sizes)
    for two in (False, True):
        add(f'{"difference of macro F1" if two else "macro F1"}, 3 classes, uneven clusters of copies',
            of_tables, slow=True, K=3, two=two, clusters='uneven')
        add(f'{"difference of macro F1" if two else "macro F1"}, 3 classes, even clusters of copies',
            of_tables, slow=True, K=3, two=two, clusters='even')
        for macro in (False, True):
            add(f'{"difference of " if two else ""}{"macro" if macro else "micro"} F1 of 5 codes', of_sums,
                slow=True, macro=macro, two=two)
    return res

def measure(job):
    name,cell,n,sets = job
    f,_,_ = kinds()[name]
    rng = np.random.default_rng(zlib.crc32(f'{name}|{cell}|{n}'.encode()))
    hit,widths = 0,[]
    for _ in range(sets):
        o,true = f(cell, n, rng)
        if o['low'] is None: continue
        widths.append(o['high']-o['low'])
        hit += o['low']-1e-12<=true<=o['high']+1e-12
    given = len(widths)
    return dict(kind=name, cell=cell, n=n, sets=sets, given=given, coverage=hit/given if given else None,
                withheld=1-given/sets, width=float(np.median(widths)) if given else None)

def enough(o): return max(20, .02*o['sets']) # Intervals that can tell

def low(o):
    "Covers less than the goal, where enough are given to tell?"
    if o['given']<enough(o): return False
    return bool(o['coverage']<GOAL-2*(GOAL*(1-GOAL)/o['given'])**.5)

def jobs_of(sets, only=(), quick=False):
    "List `(kind, cell, rows, sets)`, of all kinds or those whose names hold one of `only`."
    named = {k:o for k,o in kinds().items() if not only or any(t in k for t in only)}
    return [(k, cell, n, max(40, sets//(10 if quick else 1)//(4 if slow else 1)))
            for k,(_,cells,slow) in named.items() for cell in cells for n in ROWS]

def key(o): return o['kind'], o['cell'], o['n']

def known(path):
    "Read what was measured before, the last of each."
    if not path or not Path(path).exists(): return {}
    return {key(o):o for o in map(json.loads, Path(path).read_text(encoding='utf-8').splitlines())}

def run(todo, found, jobs=1, path=None):
    "Measure what is to be done and add it to what was found; `path` gets each as it comes."
    with multiprocessing.Pool(jobs) as pool:
        for i,o in enumerate(pool.imap_unordered(measure, todo), 1):
            found[key(o)] = o
            if path:
                with open(path, 'a', encoding='utf-8') as f: f.write(json.dumps(o)+'\n')
            if sys.stderr.isatty(): print(f'\r{i} of {len(todo)}', end='', file=sys.stderr, flush=True)
    return found

def show(res):
    print(f'{"coverage (withheld), % of 95 % intervals":68}' + ''.join(f'{f"n={n}":>13}' for n in ROWS))
    for kind,cell in dict.fromkeys((o['kind'], o['cell']) for o in res):
        line = f'{kind+", "+cell:68}'
        for o in (o for o in res if (o['kind'], o['cell'])==(kind, cell)):
            covers = f'{100*o["coverage"]:.1f}'+'!'*low(o) if o['given'] else '–'
            withheld = f' ({100*o["withheld"]:.0f})' if o['withheld'] else ''
            line += f'{covers+withheld:>13}'
        print(line)

def brief(res):
    """Print a table in Markdown: of each kind the least coverage of its cells, where enough are given to
    tell, and the most withheld."""
    print('| kind | '+' | '.join(f'n={n}' for n in ROWS)+' |\n'+'|---'*5+'|')
    for kind in dict.fromkeys(o['kind'] for o in res):
        line = f'| {kind} |'
        for n in ROWS:
            cells = [o for o in res if (o['kind'], o['n'])==(kind, n)]
            told = [100*o['coverage'] for o in cells if o['given']>=enough(o)]
            most = max((100*o['withheld'] for o in cells), default=0)
            line += f' {f"{min(told):.1f}" if told else "–"}{f" ({most:.0f})" if most>=.5 else ""} |'
        print(line)

def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument('--quick', action='store_true', help='a tenth of the sets')
    args.add_argument('--only', nargs='+', default=(), help='kinds whose names hold one of these')
    args.add_argument('--brief', action='store_true', help='a line a kind, as a table in Markdown')
    args.add_argument('--sets', type=int, default=2000,
                      help='made test sets of each kind, a quarter of that where it resamples')
    args.add_argument('--jobs', type=int, default=2, help='processes')
    args.add_argument('--results',
                      help='JSON lines: what was measured, and not again unless `--only` names it')
    a = args.parse_args()
    todo = jobs_of(a.sets, a.only, a.quick)
    if not todo:
        sys.exit(
            f'No kind of interval has a name with {" or ".join(a.only)}. There are: {"; ".join(kinds())}.')
    found = known(a.results)
    if not a.only: todo = [o for o in todo if found.get(o[:3], {}).get('sets', 0)<o[3]]
    run(todo, found, a.jobs, a.results)
    res = [found[o[:3]] for o in jobs_of(1) if o[:3] in found]
    (brief if a.brief else show)(res)
    bad = [o for o in res if low(o)]
    least = min((o for o in res if o['given']>=enough(o)), key=lambda o: o['coverage'])
    print(
        f'\n{len(res)} kinds and sizes, least coverage {100*least["coverage"]:.1f} % ({least["kind"]}, '
        f'{least["cell"]}, '
          f'n={least["n"]}); {len(bad)} below {100*GOAL:.0f} %; '
          f'{100*np.mean([o["withheld"] for o in res]):.0f} % withheld')
    sys.exit(1 if bad else 0)

if __name__=='__main__': main()
