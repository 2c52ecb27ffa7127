"""How well words alone tell the sentences that people found unsupported by their source, kind by kind.

    python benchmarks/grounding.py FOLDER [--draws 1000] [--json]

FOLDER holds files of public labels, known by their shape:
  QAGS        `mturk_cnndm.jsonl` (summaries that copy) and `mturk_xsum.jsonl` (one free sentence each),
              folder `data` of https://github.com/W4ngatang/qags. Unsupported: more people say no than yes
  FaithBench  `batch_*.json`, folder `data_for_release` of https://github.com/vectara/FaithBench: summaries
              of 2024 that automatic judges differ on. A sentence is unsupported if it meets a span that
              anyone marked Unwanted, and left out if it only meets spans marked Benign or Questionable
  FacEval     `FacEval_human_result.csv`, folder `human_result` of https://github.com/BinWang28/FacEval:
              summaries of chats (SAMSum), each as a whole. Unsupported: any error was found
  CLIFF       `CLIFF_error_types.csv`, folder `data/error_type_mapping` of
              https://github.com/Liyan06/AggreFact: summaries of news, each as a whole. Unsupported: not
              `correct`
  BEGIN       `*.csv`, folders in `data-audit` of https://github.com/McGill-NLP/FaithDial: turns of a
              dialogue that rests on a text. Unsupported: a hallucination, in part too. Generic turns are
              left out
Printed is the AUC: how often an unsupported sentence has a worse score than a supported one, ties half; .5 is
chance. Intervals are percentiles over sources drawn with replacement."""
import argparse, csv, json, re, sys
from collections import Counter
from functools import lru_cache
from pathlib import Path
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from ftkit.evaluation.dates import unsupported_facts
from ftkit.evaluation.ngrams import folded_words
from ftkit.evaluation.support import novel_share, sentence_spans, support
from ftkit.evaluation.text import density

# Each reader gives `(kind, source, sentence, unsupported)` of what people agree on

def qags(path):
    for line in path.read_text(encoding='utf-8').splitlines():
        row = json.loads(line)
        for o in row['summary_sentences']:
            votes = Counter(r['response'] for r in o['responses'])
            bad = votes['no']>votes['yes']
            if votes['no']!=votes['yes']: yield path.stem, row['article'], o['sentence'], bad

def faithbench(path):
    for o in json.loads(path.read_text(encoding='utf-8'))['samples']:
        for a,b in sentence_spans(o['summary']):
            found = {label.split('.')[0] for s in o['annotations'] for label in s['label']
                     if s['summary_start']<b and s['summary_end']>a}
            if not found or 'Unwanted' in found:
                yield 'FaithBench', o['source'], o['summary'][a:b], 'Unwanted' in found

def faceval(o): yield 'FacEval', o['Dialogue'], o['Summary'], o['w/ Error']=='yes'

def cliff(o): yield f"CLIFF {o['origin']}", o['doc'], o['summ'], o['error_type']!='correct'

def begin(o, stem):
    said = o.get('BEGIN') or o.get('begin_label') or ''
    about = re.search('cmu|topical|wow', stem)
    bad = 'hallucinat' in said.lower()
    sentence = next((o[k] for k in ('response', 'ctrl', 'doha', 'gpt2') if k in o), '')
    if about and (bad or 'entailment' in said.lower()):
        yield f'BEGIN {about[0]}', o.get('evidence') or o.get('knowledge'), sentence, bad

def table(path):
    with open(path, encoding='utf-8', newline='') as f: rows = [*csv.DictReader(f)]
    if not rows: return
    columns = set(rows[0])
    read = (faceval if {'Dialogue', 'Summary', 'w/ Error'}<=columns else
            cliff if {'origin', 'doc', 'summ', 'model_name', 'error_type'}<=columns else
            (lambda o: begin(o, path.stem)) if {'BEGIN', 'begin_label'}&columns else None)
    if read is None:
        raise SystemExit(f'{path} has columns of no known labels: {", ".join(map(str, rows[0]))}.')
    for o in rows: yield from read(o)

READERS = {'.jsonl':qags, '.json':faithbench, '.csv':table}

def labelled(folder):
    "Kind → list of `(source, sentence, unsupported)`"
    res = {}
    for path in sorted(o for o in folder.iterdir() if o.suffix in READERS):
        for kind,*row in READERS[path.suffix](path):
            if row[0] and folded_words(row[1]): res.setdefault(kind, []).append(row)
    return res

@lru_cache(4)
def neighbours(source): # Words of each two sentences in a row
    there = [set(folded_words(source[a:b])) for a,b in sentence_spans(source)]
    return [a|b for a,b in zip(there, there[1:])] or there

def two_sentences(source, sentence):
    "Share of the sentence's words that the best two neighbouring sentences of the source do not have"
    words = set(folded_words(sentence))
    return 1-max((len(words&o) for o in neighbours(source)), default=0)/max(1, len(words))

def long_words(source, sentence):
    "Share of the words of four letters and more that the source does not have"
    there,own = set(folded_words(source)), [o for o in folded_words(sentence) if len(o)>3]
    return sum(o not in there for o in own)/max(1, len(own))

def number_missing(source, sentence):
    "Is there a number, in digits, that the source does not have in digits?"
    return float(bool({*re.findall(r'\d+', sentence)}-{*re.findall(r'\d+', source)}))

CHECKS = { # Higher is worse
    'default score (1 - support)': lambda a,s: 1-(support(a, s) or 0),
    'novel trigrams': lambda a,s: novel_share(a, s, 3) or 0,
    'novel bigrams': lambda a,s: novel_share(a, s, 2) or 0,
    'novel words': lambda a,s: novel_share(a, s, 1) or 0, 'novel words of 4 letters': long_words,
    'extractive density, negated': lambda a,s: -(density(s, a) or 0), 'not in two neighbours': two_sentences,
    'facts not in the source': lambda a,s: float(bool(unsupported_facts(a, s))),
    'number not in the source': number_missing}

def auc(bad, score):
    "Area under the ROC curve, by ranks, ties half."
    from scipy.stats import rankdata
    n = int(bad.sum())
    if not 0<n<len(bad): return float('nan')
    return (rankdata(score)[bad].sum()-n*(n+1)/2)/(n*(len(bad)-n))

def interval(bad, score, groups, draws):
    "95 % percentile interval over groups drawn with replacement."
    rng,members = np.random.default_rng(0),[np.flatnonzero(groups==g) for g in np.unique(groups)]
    picks = (rng.integers(len(members), size=len(members)) for _ in range(draws))
    drawn = (np.concatenate([members[i] for i in pick]) for pick in picks)
    return np.nanpercentile([auc(bad[i], score[i]) for i in drawn], [2.5, 97.5])

def measured(rows, draws):
    "Check → its AUC with an interval"
    bad = np.array([o[2] for o in rows])
    groups = np.unique([o[0] for o in rows], return_inverse=True)[1]
    res = {}
    for name,check in CHECKS.items():
        score = np.array([check(*o[:2]) for o in rows])
        low,high = interval(bad, score, groups, draws)
        res[name] = {k:round(float(v), 4) for k,v in dict(auc=auc(bad, score), low=low, high=high).items()}
    return res

def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument('folder', type=Path)
    args.add_argument('--draws', type=int, default=1000, help='bootstrap draws')
    args.add_argument('--json', action='store_true')
    a = args.parse_args()
    found = labelled(a.folder)
    if not found:
        sys.exit(f'{a.folder} holds no labels. See the head of this file for sets and their places.')
    res = {}
    for kind,rows in found.items():
        if not a.json:
            print(f'\n{kind}: {len(rows):,} sentences of {len({o[0] for o in rows}):,} sources, '
                  f'{np.mean([o[2] for o in rows]):.1%} unsupported', flush=True)
        res[kind] = measured(rows, a.draws)
        if not a.json:
            for name,o in res[kind].items():
                print(f"  {name:30} {o['auc']:.3f} [{o['low']:.3f}, {o['high']:.3f}]")
    if a.json: print(json.dumps(res, indent=1))

if __name__=='__main__': main()
