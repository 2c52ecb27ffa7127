"""How long the checks take, each alone and all together.

    python benchmarks/checks.py [--data FILE] [--rows 52500]

FILE is anything that `ftkit.load` reads, or .jsonl(.gz) with {"text": …} rows, of which the second half is
taken for the answer. Without it rows come from benchmarks/corpus.py. The goal: all but duplicates and labels
in 15 s for 52,500 rows of 54 MB on two quiet cores."""
import argparse, gzip, json, time
from itertools import islice
from pathlib import Path
from ftkit.data.checks.issue import CHECKS, usual
from ftkit.data.checks.report import check
from ftkit.data.read.load import load

PAIRS = ('exact_duplicate', 'near_duplicate', 'label_noise') # Measured in benchmarks of their own

def halves(text:str)->dict:
    at = text.find(' ', len(text)//2)
    return dict(prompt=text[:at], completion=text[at+1:]) if at>0 else dict(prompt=text, completion=text)

def rows_of(path:Path, n:int):
    read = gzip.open if path.suffix=='.gz' else open
    with read(path, 'rt', encoding='utf-8') as f:
        for line in islice(f, n):
            row = json.loads(line)
            yield halves(row['text']) if set(row)=={'text'} else row

def main():
    args = argparse.ArgumentParser()
    args.add_argument('--data', type=Path)
    args.add_argument('--rows', type=int, default=52_500)
    args = args.parse_args()
    if args.data: rows = rows_of(args.data, args.rows) if '.jsonl' in args.data.name else args.data
    else:
        from corpus import corpus
        rows = map(halves, corpus(args.rows)[0])
    exs = load(rows, args.rows)
    size = exs.table.column('messages').nbytes
    print(f'{len(exs):,} rows, {size/1e6:,.1f} MB of messages')
    def timed(name, f):
        wall,cpu = time.perf_counter(),time.process_time()
        found = len(f())
        print(
            f'{name:32}{time.perf_counter()-wall:8.2f} s wall{time.process_time()-cpu:8.2f} s CPU{found:10,} '
            f'issues', flush=True)
    timed('usual (what is usual in the set)', lambda: [usual(exs)])
    for f in CHECKS:
        if f.__name__ not in PAIRS: timed(f.__name__, lambda: check(exs, checks=[f]))
    timed('all but duplicates and labels',
          lambda: check(exs, checks=[f for f in CHECKS if f.__name__ not in PAIRS]))

if __name__=='__main__': main()
