"""Where wrong training rows stand in the list of `run.worst('train')`: labels that other rows contradict,
then rows by how much the model disagreed with them; and in the latter alone.

    python benchmarks/planted.py FOLDER [--kind answers category …] [--seeds 0 1 2] [--share .05] [--json]

5 % of the training rows of the shipped tickets are made wrong, and the demo model is trained on all of them
for one epoch, as the demo does, but for evaluations and samples, which change no weight. `answers`: the
answers of such rows are exchanged among them. `category`, `product`, `urgency`: this field of the answer
gets another value, and `ftkit.data.labels.suspects` looks for it, too: as many rows as it names are
compared. A run that is in FOLDER already is read, and not made again."""
import argparse, json, random, statistics, sys, time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import ftkit as ft
from ftkit.base.lines import read_jsonl
from ftkit.data.labels import suspects
from ftkit.evaluation.disagreement import disagreement
from ftkit.model.tokens import kept_rows
from ftkit.run.sight import first_sight

KINDS = ('answers', 'category', 'product', 'urgency')

def answer(row): return row['messages'][-1]['content']

def exchanged(rows, wrong, rng):
    "Answers of these rows, each at another of them, where it differs"
    order = list(wrong)
    while True:
        rng.shuffle(order)
        pairs = [*zip(order, order[1:]+order[:1])]
        if all(answer(rows[a])!=answer(rows[b]) for a,b in pairs): break
    return {a:answer(rows[b]) for a,b in pairs}

def changed(rows, wrong, rng, field):
    "Answers of these rows with another value in one field"
    told,res = [json.loads(answer(o)) for o in rows],{}
    values = sorted({o[field] for o in told})
    for i in wrong:
        told[i][field] = rng.choice([o for o in values if o!=told[i][field]])
        res[i] = json.dumps(told[i], ensure_ascii=False, separators=(',', ':'))
    return res

def plant(folder, kind, seed, share):
    "Training and validation rows in a folder, some of the former made wrong"
    ft.load(ft.sample()).split((.76, .08, .16)).save(folder)
    rows,rng = [o.value for o in read_jsonl(folder/'train.jsonl')],random.Random(seed)
    wrong = rng.sample(range(len(rows)), round(share*len(rows)))
    new = exchanged(rows, wrong, rng) if kind=='answers' else changed(rows, wrong, rng, kind)
    for i,text in new.items():
        rows[i]['messages'][-1]['content'] = text
        if kind=='category': rows[i]['label'] = json.loads(text)['category']
    (folder/'train.jsonl').write_text(''.join(json.dumps(o, ensure_ascii=False)+'\n' for o in rows), 'utf-8')
    (folder/'wrong.json').write_text(json.dumps(sorted(wrong)))

def trained(folder, kind, seed, share):
    "A finished run on planted rows"
    if (folder/'run').exists(): return ft.attach(folder/'run')
    plant(folder, kind, seed, share)
    cfg = ft.RunConfig('smollm2-135m-instruct', 'train.jsonl', 'validation.jsonl', max_length=1024,
                       num_train_epochs=1, learning_rate=2e-3, eval_steps=0, early_stopping_patience=0,
                       samples=0, seed=42+seed)
    run = ft.train(cfg, folder/'run', base=folder, wait=True)
    if run.status()['state']!='finished': sys.exit(f'{run}\n{run.log_tail()}')
    return run

def found(order, wrong, n): return len({*order[:n]}&wrong)/len(wrong)

def by(scores): # Row numbers, the worst first
    return sorted((i for i,o in enumerate(scores) if o is not None), key=lambda i: -scores[i])

def measure(folder, kind, seed, share):
    "Shares of the wrong rows among the first rows of each list"
    folder.mkdir(parents=True, exist_ok=True)
    run,wrong = trained(folder, kind, seed, share),{*json.loads((folder/'wrong.json').read_text())}
    rows = [o.value for o in read_jsonl(folder/'train.jsonl')]
    sights = first_sight(run)
    assert len(sights)==len(kept_rows(run.path/'tokens/train.arrow'))==len(rows) # All rows were learned from
    tenth,order = round(.1*len(rows)),by(disagreement(sights))
    raw = by([o and o['loss'] for o in sights])
    late = {i for i in wrong if sights[i]['step']>8}
    listed = [o['row'] for o in run.worst('train')]
    res = dict(kind=kind, seed=seed, rows=len(rows), wrong=len(wrong), tenth=found(listed, wrong, tenth),
               disagreement=found(order, wrong, tenth), raw=found(raw, wrong, tenth),
               after_step_8=found(order, late, tenth))
    if kind=='answers': return res
    texts = [o['messages'][1]['content'] for o in rows]
    named = [o.row for o in suspects(texts, [json.loads(answer(o))[kind] for o in rows])]
    return res|dict(named=len(named), label_check=found(named, wrong, len(named)),
                    same_length=found(listed, wrong, len(named)),
                    disagreement_same_length=found(order, wrong, len(named)),
                    label_check_tenth=found(named, wrong, tenth))

def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument('folder', type=Path, help='where runs go, and are read from')
    args.add_argument('--kind', nargs='+', choices=KINDS, default=['answers', 'category'])
    args.add_argument('--seeds', nargs='+', type=int, default=[0, 1, 2])
    args.add_argument('--share', type=float, default=.05)
    args.add_argument('--json', action='store_true', help='print every run as JSON')
    a = args.parse_args()
    for kind in a.kind:
        all_of = []
        for seed in a.seeds:
            began = time.perf_counter()
            o = measure(a.folder/f'{kind}-{seed}', kind, seed, a.share)
            all_of.append(o|dict(seconds=round(time.perf_counter()-began)))
            print(json.dumps(all_of[-1]) if a.json else all_of[-1], flush=True)
        keys = [k for k in all_of[0] if isinstance(all_of[0][k], float)]
        print(kind, {k:round(statistics.mean(o[k] for o in all_of), 3) for k in keys}, flush=True)

if __name__=='__main__': main()
