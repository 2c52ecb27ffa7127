"""How well `ftkit.data.labels.suspects` finds labels changed at random, when it is not told how many.

    python benchmarks/labels.py [--data FILE.csv --text COL --label COL]
                                [--method classifier] [--seeds 3] [--json]

Without `--data` the rows are made here: short requests of 40 classes, whose words overlap."""
import argparse, csv, json, random, sys, time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from ftkit.data.labels import SUSPECT_METHODS, suspects

RATES = (0, .02, .05, .10)
THINGS = (
    'card invoice parcel password refund subscription lamp kettle courier address discount warranty filter '
    'battery '
          'manual receipt voucher newsletter socket delivery').split()
DEEDS = dict(missing=['has not come', 'is missing', 'never arrived', 'where is it', 'still waiting'],
             broken=['stopped working', 'is broken', 'does nothing', 'will not start', 'keeps failing'])
OPENERS = ['hello', 'please help', 'good morning', 'since last week', 'I think', 'my wife says',
           'for the second time', '']
TAILS = ['thanks', 'what can I do', 'can you check', 'it is urgent', 'no hurry', 'as I told you before', '']

def made(n=8000, seed=0):
    "Requests of 40 classes: a thing and what happened to it, now and then with another thing mentioned."
    rng = random.Random(seed)
    texts,labels = [],[]
    for _ in range(n):
        thing,deed = rng.choice(THINGS),rng.choice([*DEEDS])
        aside = f'like the {rng.choice(THINGS)}' if rng.random()<.25 else ''
        parts = [rng.choice(OPENERS), f'my {thing}', rng.choice(DEEDS[deed]), aside, rng.choice(TAILS)]
        if rng.random()<.1: parts[2] = 'is a problem' # Nobody could tell which of the two it is
        texts.append(' '.join(o for o in parts if o)); labels.append(f'{thing} {deed}')
    return texts, labels

def flipped(labels, rate, seed):
    "`(labels, rows)`: a share of them changed to another class, chosen evenly; the rows changed."
    rng,kinds,res = random.Random(seed),sorted(set(labels)),list(labels)
    rows = rng.sample(range(len(labels)), round(rate*len(labels)))
    for i in rows: res[i] = rng.choice([o for o in kinds if o!=labels[i]])
    return res, set(rows)

def measure(texts, labels, rate, seed, method):
    given,wrong = flipped(labels, rate, seed)
    wall,cpu = time.perf_counter(),time.process_time()
    named = {o.row for o in suspects(texts, given, method)}
    wall,cpu = time.perf_counter()-wall,time.process_time()-cpu
    hits = len(named&wrong)
    return dict(rate=rate, seed=seed, named=len(named), wrong=len(wrong), precision=hits/max(1, len(named)),
                recall=hits/max(1, len(wrong)), f1=2*hits/max(1, len(named)+len(wrong)), seconds=wall,
                cpu_seconds=cpu)

def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument('--data', help='CSV file with a header; default: rows made here')
    args.add_argument('--text', default='text', help='column of the texts')
    args.add_argument('--label', default='label', help='column of the labels, taken to be right')
    args.add_argument('--method', default='classifier', choices=SUSPECT_METHODS)
    args.add_argument('--seeds', type=int, default=3, help='runs at each rate')
    args.add_argument('--json', action='store_true', help='print every run as JSON')
    a = args.parse_args()
    if a.data:
        with open(a.data, encoding='utf-8-sig', newline='') as f: rows = list(csv.DictReader(f))
        if missing := [o for o in (a.text, a.label) if rows and o not in rows[0]]:
            sys.exit(f"{a.data} has no column {missing[0]!r}. There are: {', '.join(rows[0])}.")
        texts,labels = [o[a.text] for o in rows],[o[a.label] for o in rows]
    else: texts,labels = made()
    suspects(texts[:200], labels[:200], a.method) # Imports are not measured
    runs = [measure(texts, labels, rate, seed, a.method) for rate in RATES
            for seed in range(a.seeds if rate else 1)]
    if a.json:
        return print(json.dumps(dict(rows=len(texts), classes=len(set(labels)), method=a.method, runs=runs)))
    print(f'{len(texts):,} rows, {len(set(labels))} classes, method {a.method}; the rate is not told to it')
    heads = dict(flipped=8, named=8, precision=11, recall=8, F1=7, **{'least F1':10}, seconds=9,
                 **{'CPU s':7})
    print(''.join(f'{name:>{wide}}' for name,wide in heads.items()))
    for rate in RATES:
        these = [o for o in runs if o['rate']==rate]
        def mean(k): return sum(o[k] for o in these)/len(these)
        least = min(o['f1'] for o in these)
        quality = (f"{mean('precision'):11.3f}{mean('recall'):8.3f}{mean('f1'):7.3f}{least:10.3f}"
                   if rate else f"{'–':>11}{'–':>8}{'–':>7}{'–':>10}")
        took = max(o['seconds'] for o in these)
        print(f"{rate:8.0%}{mean('named'):8.1f}{quality}{took:9.2f}{mean('cpu_seconds'):7.1f}")

if __name__=='__main__': main()
