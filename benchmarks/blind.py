"""Whether blind judgements come out as they must: simulated reviewers whose preferences, noise and bias are
known.

    python benchmarks/blind.py [--sessions N] [--json FILE]

Every session has a look after each judgement and stops when it is decided. Exits 1 (`!`) where equals are
told apart in more than 5 % of sessions of 100, by more than two standard errors of so many sessions, where
a true 80 to 20 takes a median of more than 25, where somebody without a bias is said to favour a side in more
than 5 %, or one who takes the left four times in ten is not found in 80 % of sessions of 100, and where
intervals of judged flags hold the truth in clearly less than 95 %."""
import argparse, json, math, sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from ftkit.data.agreement import krippendorff_alpha
from ftkit.data.review import wilson
from ftkit.evaluation.anytime import DECIDES, anytime_interval, evidence, side_bias
from ftkit.evaluation.judged import flag_recall, sampled_share

def paths(p, sessions, most, rng, ties=0., left=0., noise=0.):
    """Judgements, shape `(sessions, most)`: 1 for the first, -1 for the second, 0 a tie; and whether the
    left answer was taken."""
    better = np.where(rng.random((sessions, most))<p, 1, -1)
    better = np.where(rng.random(better.shape)<noise, rng.choice([1, -1], better.shape), better)
    # Which source stands left: drawn for each pair
    at_left = rng.choice([1, -1], better.shape)
    # Some take the left one whatever it says
    chosen = np.where(rng.random(better.shape)<left, at_left, better)
    return np.where(rng.random(better.shape)<ties, 0, chosen), chosen==at_left

TABLE = {}
def decided(w, l):
    if (w, l) not in TABLE: TABLE[w, l] = evidence(int(w), int(l))>=DECIDES
    return TABLE[w, l]

def stops(judged):
    """Of each session: judgements and decisive ones until it is decided, and for whom; most and 0 where it
    never is"""
    res = []
    for row in judged:
        w = l = 0
        for i,o in enumerate(row):
            w,l = w+int(o>0),l+int(o<0)
            if o and decided(w, l): break
        found = decided(w, l)
        res.append((i+1, w+l, (1 if w>l else -1) if found else 0))
    return np.array(res)

def peeked(judged, from_=10):
    """Share of sessions in which Wilson's interval, looked at after each judgement from the tenth,
    excludes one half"""
    def out(row):
        for n in range(from_, len(row)+1):
            o = wilson(int((row[:n]>0).sum()), n)
            if not o['low']<=.5<=o['high']: return True
        return False
    return float(np.mean([out(o) for o in judged]))

def covered(p, judged):
    "Share of sessions in which the interval holds the truth at every look"
    known = {}
    def holds(w, l):
        if (w, l) not in known: known[w, l] = (lambda o: o[0]<=p<=o[1])(anytime_interval(int(w), int(l)))
        return known[w, l]
    return float(np.mean([all(holds(w, n-w) for n,w in enumerate(np.cumsum(row>0), 1)) for row in judged]))

def null(sessions, rng):
    kinds = dict(coin={}, ties=dict(ties=.3), left=dict(left=.9), noise=dict(noise=.5))
    res = []
    for name,how in kinds.items():
        for most in (50, 100, 500):
            judged,_ = paths(.5, sessions, most, rng, **how)
            wrong = float(np.mean(stops(judged)[:, 2]!=0))
            bound = .05+2*math.sqrt(.05*.95/sessions)
            res.append(dict(what='equals', kind=name, most=most, decided=wrong, ok=most>100 or wrong<=bound,
                            wilson=peeked(judged[:min(500, sessions)]) if name=='coin' else None))
    return res

def power(sessions, rng):
    res = []
    for p,how in ((.9, {}), (.8, {}), (.8, dict(ties=.3)), (.8, dict(noise=.2)), (.8, dict(left=.3)),
                  (.7, {}), (.65, {}), (.6, {})):
        o = stops(paths(p, sessions, 600, rng, **how)[0])
        res.append(dict(what='unequal', share=p, **how, median=float(np.median(o[:, 0])),
                        decisive=float(np.median(o[:, 1])),
                        by_100=float(np.mean((o[:, 2]!=0)&(o[:, 0]<=100))), wrong=float(np.mean(o[:, 2]==-1)),
                        ok=bool(how) or p!=.8 or np.median(o[:, 1])<=25))
    return res

def sides(sessions, rng):
    """How often somebody is said to favour a side: without a bias, whatever they prefer and however much is
    noise, in at most 5 %; with one the more often the more they judge"""
    res = []
    for left,p,noise in ((0., .5, 0.), (0., .6, 0.), (0., .9, 0.), (0., .6, .5), (.2, .6, 0.), (.4, .6, 0.),
                         (.4, .9, 0.), (.4, .6, .5), (.8, .6, 0.)):
        for n in (20, 60, 100):
            _,at_left = paths(p, sessions, n, rng, left=left, noise=noise)
            found = [side_bias(int(o.sum()), int((~o).sum()))['p']<.05 for o in at_left]
            told,bound = float(np.mean(found)),.05+2*math.sqrt(.05*.95/sessions)
            enough = told>=.8 if left>=.4 and n>=100 else True
            res.append(dict(what='sides', left=left, share=p, noise=noise, n=n, told=told,
                            ok=enough if left else told<=bound))
    return res

def sentences(flagged, rng, fault, alike, most=4):
    """Sentences, whether each is a fault, and whose answer it is in: `alike` is the chance that a sentence is
    as its answer is, so faults come together"""
    sizes = rng.integers(1, most+1, flagged)
    whole = rng.random(len(sizes))<fault
    clusters = np.repeat(np.arange(len(sizes)), sizes)
    of_answer = rng.random(len(clusters))<alike
    faults = np.where(of_answer, whole[clusters], rng.random(len(clusters))<fault)
    return faults, clusters

def flags(sessions, rng):
    """Coverage of the intervals of precision and recall of flags, over answers drawn anew, whole sessions and
    such as were left after half; for the same with sentences taken for independent, see `alone`"""
    res = []
    for alike in (0., .5, .9):
        for left_at in (1., .5):
            hits = np.zeros((sessions, 3))
            for i in range(sessions): hits[i] = _flags_once(rng, alike, left_at)
            precision,alone,recall = hits.mean(0)
            ok = min(precision, recall)>=.95-3*math.sqrt(.05*.95/sessions)-.01
            res.append(dict(what='flags', alike=alike, judged=left_at, precision=float(precision),
                            alone=float(alone), recall=float(recall), ok=ok))
    return res

def _flags_once(rng, alike, left_at, precision=.7, missed=.1, n=60):
    "Whether the intervals of precision, of precision without clusters, and of recall hold the truth"
    shares,plain = [],None
    for rate,answers in ((precision, 60), (missed, 200)):
        faults,clusters = sentences(answers, rng, rate, alike)
        some = rng.permutation(len(faults))[:n//2]
        some = some[:round(left_at*len(some))]
        values,names = [*map(int, faults[some])],[str(o) for o in clusters[some]]
        shares.append(sampled_share(values, n//2, names))
        plain = plain or sampled_share(values, n//2)
    sizes = 150,500 # Sentences that each stands for: means of what is drawn above
    truth = sizes[0]*precision/(sizes[0]*precision+sizes[1]*missed)
    def holds(o, v): return o['low'] is not None and o['low']<=v<=o['high']
    return holds(shares[0], precision), holds(plain, precision), holds(flag_recall(*shares, sizes), truth)

def coverage(sessions, rng):
    return [dict(what='interval', share=p, at_all_looks=(o := covered(p, paths(p, sessions, 200, rng)[0])),
                 ok=o>=.95-2*math.sqrt(.05*.95/sessions))
            for p in (.5, .7, .9)]

def people(rng):
    "Three reviewers who see the truth with a chance, and read two thirds of the pairs each"
    res = []
    for sure in (0., .5, .8, 1.):
        truth = rng.choice(['left', 'right', 'tie'], 2000)
        said = [[t if rng.random()<sure else rng.choice(['left', 'right', 'tie'])
                 for _ in range(3) if rng.random()<2/3] for t in truth]
        res.append(dict(what='people', sure=sure, alpha=round(krippendorff_alpha(said), 3),
                        expected=round(sure**2, 3)))
    return res

def shown(o):
    bad = '' if o.get('ok', True) else ' !'
    return '  '.join(f'{k} {v:.3g}' if isinstance(v, float) else f'{k} {v}' for k,v in o.items()
                     if k!='ok' and v is not None)+bad

if __name__=='__main__':
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--sessions', type=int, default=2000)
    p.add_argument('--json')
    o,rng = p.parse_args(),np.random.default_rng(0)
    found = [*null(o.sessions, rng), *power(o.sessions, rng), *sides(o.sessions, rng),
             *flags(o.sessions//4, rng), *coverage(o.sessions//4, rng), *people(rng)]
    for row in found: print(shown(row))
    if o.json: Path(o.json).write_text(json.dumps(found, indent=1)+'\n')
    sys.exit(any(not r.get('ok', True) for r in found))
