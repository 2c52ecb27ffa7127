"""Exact and near duplicates: seconds, recall and memory, beside polars, rensa and datasketch as documented.

    python benchmarks/duplicates.py [--data FILE.jsonl[.gz]] [--plants FILE] [--rows N] [--peers]
                                    [--repeat 3] [--threshold 0.5] [--jobs ft_near,rensa_near] [--unspaced]

Without --data the texts are made by corpus.py; --unspaced writes them in characters without spaces between
words. ft_split splits the texts as answers to one question each, with `split`: near duplicates are looked for
thoroughly, twice, and again across the splits. Every job runs in a process of its own, all in turn, several
times; the median counts; on a busy machine look at the CPU seconds too. Memory is the largest anonymous
memory of that process, the texts as a list of str included.
"""
import argparse, gzip, json, subprocess, sys, tempfile, threading, time
from pathlib import Path
from statistics import median
sys.path.insert(0, str(Path(__file__).parent))

def rows_of(path:Path, limit:int)->list:
    with (gzip.open if path.suffix=='.gz' else open)(path, 'rt', encoding='utf-8') as f:
        return [json.loads(line)['text'] for line,_ in zip(f, range(limit) if limit else iter(int, 1))]

def trigrams(text:str)->list: # For the peers
    w = text.split()
    return [' '.join(w[i:i+3]) for i in range(max(1, len(w)-2))]

def ft_exact(texts, t):
    from ftkit.data.duplicates.exact import exact
    return dict(cluster=exact(texts))
def ft_near(texts, t):
    from ftkit.data.duplicates.near import clusters, near
    pairs = near(texts, t)
    return dict(pairs=pairs, cluster=clusters(pairs, len(texts)))
def ft_split(exs, t):
    from ftkit.data.splits.split import split
    return dict(sizes={k:len(v) for k,v in split(exs, threshold=t).items()})
def examples(texts): # Loading is not counted
    from ftkit.data.read.load import load
    return load([dict(prompt=f'Text {i}?', completion=o) for i,o in enumerate(texts)])
ft_split.prepare = examples
def polars_exact(texts, t):
    import polars as pl
    s = pl.Series(texts).str.to_lowercase().str.replace_all(r'[^\w\s]', '')
    s = s.str.replace_all(r'\s+', ' ').str.strip_chars()
    first = pl.DataFrame(dict(s=s)).with_row_index('i').select(pl.col('i').first().over('s'))
    return dict(cluster=first['i'].to_numpy())
def rensa_near(texts, t):
    from rensa import RMinHashDeduplicator
    dedup = RMinHashDeduplicator(threshold=t, num_perm=128, use_lsh=True)
    dedup.add_pairs((str(i), trigrams(o)) for i,o in enumerate(texts))
    return {}
def datasketch_near(texts, t):
    from datasketch import MinHash, MinHashLSH
    lsh = MinHashLSH(threshold=t, num_perm=128)
    for i,o in enumerate(texts):
        m = MinHash(num_perm=128)
        m.update_batch([x.encode('utf-8') for x in trigrams(o)])
        lsh.query(m)
        lsh.insert(i, m)
    return {}
OURS,PEERS = (ft_exact, ft_near, ft_split),(polars_exact, rensa_near, datasketch_near)

def anonymous_mb()->float:
    return int(next(o for o in open('/proc/self/status') if o.startswith('RssAnon')).split()[1])/1024

def child(job, texts:list, plants:list, threshold:float)->dict:
    peak,done = [anonymous_mb()],threading.Event()
    def watch():
        while not done.wait(.02): peak.append(anonymous_mb())
    seen = threading.Thread(target=watch)
    prepare = getattr(job, 'prepare', list)
    job(prepare(texts[:50]), threshold) # Imports are not counted
    ready = prepare(texts)
    seen.start()
    start,cpu = time.perf_counter(),time.process_time()
    got = job(ready, threshold)
    res = dict(seconds=time.perf_counter()-start, cpu=time.process_time()-cpu, rows=len(texts), recall={},
               mb=max(peak+[anonymous_mb()]))
    done.set(); seen.join()
    pairs = set(zip(*(o.tolist() for o in got['pairs'][:2]))) if 'pairs' in got else None
    for kind in dict.fromkeys(k for k,*_ in plants) if 'cluster' in got else ():
        two = [(min(a, b), max(a, b)) for k,a,b in plants if k==kind]
        res['recall'][kind] = [None if pairs is None else sum(o in pairs for o in two)/len(two),
                               sum(got['cluster'][a]==got['cluster'][b] for a,b in two)/len(two)]
    return res

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--data', type=Path); p.add_argument('--plants', type=Path)
    p.add_argument('--rows', type=int, default=0, help='0: all of --data, or 52,500 invented ones')
    p.add_argument('--peers', action='store_true'); p.add_argument('--repeat', type=int, default=3)
    p.add_argument('--threshold', type=float, default=.5); p.add_argument('--jobs', default='')
    p.add_argument('--unspaced', action='store_true')
    p.add_argument('--child', help=argparse.SUPPRESS)
    o = p.parse_args()
    jobs = [f for f in OURS+PEERS if (f.__name__ in o.jobs.split(',') if o.jobs else f in OURS or o.peers)]
    if o.child:
        plants = json.loads(o.plants.read_text())['plants'] if o.plants else []
        plants = [x for x in plants if not o.rows or max(x[1:])<o.rows]
        print(json.dumps(child(globals()[o.child], rows_of(o.data, o.rows), plants, o.threshold)))
        return
    with tempfile.TemporaryDirectory() as folder:
        if not o.data:
            from corpus import corpus, without_spaces, write
            texts,plants = corpus(o.rows or 52_500)
            if o.unspaced: texts = [*map(without_spaces, texts)]
            o.data,o.plants = write(Path(folder)/'texts.jsonl', texts, plants)
        runs = {f.__name__:[] for f in jobs}
        for _ in range(o.repeat):
            for name,got in runs.items():
                args = [sys.executable, __file__, '--child', name, '--data', o.data, '--rows', o.rows]
                args += ['--threshold', o.threshold]
                if o.plants: args += ['--plants', o.plants]
                out = subprocess.run(list(map(str, args)), capture_output=True, text=True)
                if out.returncode: sys.exit(out.stderr)
                got.append(json.loads(out.stdout))
    show(runs, o.threshold)

def show(runs:dict, threshold:float):
    mid = {k:{o:median(x[o] for x in v) for o in ('seconds', 'cpu', 'mb')} for k,v in runs.items()}
    print(f"{next(iter(runs.values()))[0]['rows']:,} rows, threshold {threshold}\n")
    print(f"{'job':18}{'seconds':>9}{'CPU s':>8}{'MB':>8}{'times ours':>12}")
    for k,o in mid.items():
        ours = mid.get('ft_'+k.split('_')[1], o)
        print(f"{k:18}{o['seconds']:9.2f}{o['cpu']:8.2f}{o['mb']:8.0f}{o['seconds']/ours['seconds']:12.2f}")
    for k,v in runs.items():
        if v[0]['recall']: print(f'\nrecall of {k}{"":10}  as a pair  in a cluster')
        for kind,(pair,cluster) in v[0]['recall'].items():
            print(f"  {kind:24}{'' if pair is None else f'{pair:.3f}':>12}{cluster:14.3f}")

if __name__=='__main__': main()
