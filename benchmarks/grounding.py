"""How well words alone tell the sentences that people found unsupported by their source, kind by kind.

    python benchmarks/grounding.py FOLDER [--draws 1000] [--json]

FOLDER holds the public labels of QAGS, `mturk_cnndm.jsonl` (summaries that copy) and `mturk_xsum.jsonl` (one free sentence each), from
https://github.com/W4ngatang/qags (folder `data`), or any `*.jsonl` of the same shape: `article`, and `summary_sentences`, each with
`sentence` and `responses`, a list of `{"response": "yes" or "no"}` by several people. A sentence is unsupported if more say no than
yes. Printed is the AUC: how often an unsupported sentence has a worse score than a supported one, ties half; .5 is chance. Intervals are
percentiles over articles drawn with replacement."""
import argparse, json, sys
from collections import Counter
from pathlib import Path
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from ftkit.evaluation.dates import unsupported_facts
from ftkit.evaluation.ngrams import folded_words, ngrams
from ftkit.evaluation.support import novel_share, support

def labelled(path):
    "`(article, sentence, unsupported)` of each sentence that people agree on."
    for line in path.read_text(encoding='utf-8').splitlines():
        row = json.loads(line)
        for o in row['summary_sentences']:
            votes = Counter(r['response'] for r in o['responses'])
            if votes['no']!=votes['yes']: yield row['article'],o['sentence'],votes['no']>votes['yes']

def density(source, sentence):
    "Mean length of the copied fragment that a word stands in (Grusky et al. 2018)."
    words,own = folded_words(source),folded_words(sentence)
    sets = [set(ngrams(words, n)) for n in range(len(own)+1)]
    i = total = 0
    while i<len(own):
        n = 0
        while i+n<len(own) and tuple(own[i:i+n+1]) in sets[n+1]: n += 1
        total += n*n
        i += max(1, n)
    return total/max(1, len(own))

CHECKS = { # Higher is worse
    'default score (1 - support)': lambda a,s: 1-(support(a, s) or 0),
    'novel trigrams': lambda a,s: novel_share(a, s, 3) or 0, 'novel bigrams': lambda a,s: novel_share(a, s, 2) or 0,
    'novel words': lambda a,s: novel_share(a, s, 1) or 0, 'extractive density, negated': lambda a,s: -density(a, s),
    'facts not in the source': lambda a,s: float(bool(unsupported_facts(a, s)))}

def auc(bad, score):
    "Area under the ROC curve, by ranks, ties half."
    from scipy.stats import rankdata
    n = int(bad.sum())
    if not 0<n<len(bad): return float('nan')
    return (rankdata(score)[bad].sum()-n*(n+1)/2)/(n*(len(bad)-n))

def interval(bad, score, groups, draws):
    "95 % percentile interval over groups drawn with replacement."
    rng,members = np.random.default_rng(0),[np.flatnonzero(groups==g) for g in np.unique(groups)]
    drawn = (np.concatenate([members[i] for i in rng.integers(len(members), size=len(members))]) for _ in range(draws))
    return np.nanpercentile([auc(bad[i], score[i]) for i in drawn], [2.5, 97.5])

def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument('folder', type=Path)
    args.add_argument('--draws', type=int, default=1000, help='bootstrap draws')
    args.add_argument('--json', action='store_true')
    a = args.parse_args()
    files = sorted(a.folder.glob('*.jsonl'))
    if not files: sys.exit(f'{a.folder} holds no *.jsonl. Take them from https://github.com/W4ngatang/qags, folder data.')
    res = {}
    for path in files:
        rows = [*labelled(path)]
        bad = np.array([o[2] for o in rows])
        groups = np.unique([o[0] for o in rows], return_inverse=True)[1]
        if not a.json: print(f'\n{path.stem}: {len(rows):,} sentences, {bad.mean():.1%} unsupported')
        for name,check in CHECKS.items():
            score = np.array([check(*o[:2]) for o in rows])
            low,high = interval(bad, score, groups, a.draws)
            res.setdefault(path.stem, {})[name] = dict(auc=round(float(auc(bad, score)), 4), low=round(float(low), 4), high=round(float(high), 4))
            if not a.json: print(f'  {name:30} {auc(bad, score):.3f} [{low:.3f}, {high:.3f}]')
    if a.json: print(json.dumps(res, indent=1))

if __name__=='__main__': main()
