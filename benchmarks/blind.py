"""Whether blind judgements come out as they must: simulated reviewers whose preferences, noise and bias are
known.

    python benchmarks/blind.py [--sessions N] [--json FILE]

Every session has a look after each judgement and stops when it is decided. Exits 1 (`!`) where equals are
told apart in more than 5 % of sessions of 100, by more than two standard errors of so many sessions, or where
a true 80 to 20 takes a median of more than 25."""
import argparse, json, math, sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from ftkit.data.agreement import krippendorff_alpha
from ftkit.data.review import wilson
from ftkit.evaluation.anytime import DECIDES, anytime_interval, evidence, side_bias

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
    res = []
    for left in (0., .2, .4, .8):
        judged,at_left = paths(.6, sessions, 60, rng, left=left)
        found = [side_bias(int(o.sum()), int((~o).sum()))['p']<.05 for o in at_left]
        res.append(dict(what='sides', left=left, told=float(np.mean(found))))
    return res

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
             *coverage(o.sessions//4, rng), *people(rng)]
    for row in found: print(shown(row))
    if o.json: Path(o.json).write_text(json.dumps(found, indent=1)+'\n')
    sys.exit(any(not r.get('ok', True) for r in found))
