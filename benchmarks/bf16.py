"""Does a run in 16 bits see what a run in 32 bits sees? ftkit's trainer and TRL's beside fp32, on this
processor or GPU.

    python benchmarks/bf16.py [--quick] [--model NAME] [--learning-rate 2e-5 2e-4 1e-3] [--steps 5] [--rows 8]
                              [--data ROWS.jsonl] [--peers ftkit plain trl …] [--max-length 256]
                              [--threads N] [--out FILE]

A layer rounds its product to bf16, and peft then adds the adapter's: what is less than half a step is lost.
So each peer learns the same rows again and again (one update is all of them), and its loss at each update,
less its first, is compared with that of fp32: `off` is the greatest distance. Peers, each in a process of its
own with the environment it has in life:
  ftkit      what a run does by default
  plain      ftkit with kernels: plain
  qlora, 8bit, dora   ftkit with these, beside fp32 of the same kind
  trl        SFTTrainer as its documentation shows it, with autocast to bf16
Then the adapter is saved and opened again to answer, as the peer does it, and held-out rows are looked at:
what the adapter changes in their loss, in bf16 and in fp32. The goal is `off` within 0.01. What else is
rounded in bf16 is noise, about 0.07 a token for SmolLM2-135M, so that a few hundred learned tokens are
needed. FILE.json and FILE.md are written (bench/bf16).
"""
import argparse, json, statistics, subprocess, sys, tempfile, time
from dataclasses import replace
from pathlib import Path
from train_speed import MODEL, mean_loss, real_env, trainer_of, write_rows

KINDS = dict(ftkit={}, plain=dict(kernels='plain'), qlora=dict(method='qlora'), dora={}, trl={},
             **{'8bit':dict(method='8bit')})

def config(o:dict):
    "The run of a peer"
    from ftkit.config.settings import RunConfig
    cfg = RunConfig(o['model'], o['train'], batch_size=o['rows'], max_steps=o['steps'],
                    num_train_epochs=float(o['steps']), learning_rate=o['learning_rate'],
                    eval_steps=0, early_stopping_patience=0, lr_scheduler='linear', warmup_ratio=0.,
                    max_length=o['max_length'], dtype=o['dtype'],
                    **KINDS[o['peer']])
    return replace(cfg, lora=replace(cfg.lora, use_dora=o['peer']=='dora'))

def look(o:dict, folder:Path, rows, dtype:str)->float:
    "What the adapter changes in the loss of held-out rows"
    from ftkit.model.adapter import load_adapter
    from ftkit.model.load import load_model
    from ftkit.model.release import release
    model = load_adapter(load_model(o['model'], method=config(o).method, dtype=dtype), folder)
    if o['peer']=='trl': # As peft opens it
        for m in model.modules(): vars(m).pop('forward', None)
    with model.disable_adapter(): base = mean_loss(model, rows)
    got = mean_loss(model, rows)-base
    release(model)
    return got

def job(o:dict)->dict:
    "One peer at one learning rate, in this process"
    import torch, transformers
    from ftkit.model.names import load_tokenizer
    from ftkit.data.read.load import load
    from ftkit.model.tokens import tokenize
    from ftkit.training.trainer import build, casting
    tok,cfg,times = load_tokenizer(o['model']),config(o),[]
    rows = {k:tokenize(load(o[k]), tok, o['max_length']) for k in ('train', 'validation')}
    class Watch(transformers.TrainerCallback):
        def on_step_end(self, args, state, control, **kw):
            if torch.cuda.is_available(): torch.cuda.synchronize()
            times.append((time.perf_counter(), time.process_time()))
    with tempfile.TemporaryDirectory() as d:
        d = Path(d)
        if o['peer']=='trl' and o['dtype']=='bf16': trainer = trainer_of(o, cfg, rows, d)
        else: trainer = build(dict(train=rows['train']), cfg, cfg.model, d, save_strategy='no')
        trainer.add_callback(Watch())
        with casting(trainer.model): trainer.train()
        trainer.model.save_pretrained(d/'adapter')
        losses = [e['loss'] for e in trainer.state.log_history if 'loss' in e]
        notes = list(getattr(trainer, 'notes', ()))
        del trainer
        looks = {k:look(o, d/'adapter', rows['validation'], k) for k in dict.fromkeys((o['dtype'], 'fp32'))}
    wall,cpu = ([b[i]-a[i] for a,b in zip(times, times[1:])] for i in (0, 1))
    return dict(losses=losses, looks=looks, notes=notes, seconds=statistics.median(wall),
                cpu_seconds=statistics.median(cpu),
                tokens=rows['train'].tokens, learned=rows['train'].learned)

def measured(o:dict)->dict:
    "One job in its own process"
    with tempfile.TemporaryDirectory() as d:
        ask = Path(d, 'job.json')
        ask.write_text(json.dumps(o))
        env = real_env(o['peer'] if o['peer']=='trl' else 'ftkit')
        if o['threads']: env |= dict(OMP_NUM_THREADS=str(o['threads']), MKL_NUM_THREADS=str(o['threads']))
        p = subprocess.run([sys.executable, __file__, '--job', str(ask)], env=env, capture_output=True,
                           text=True)
        said = [line for line in p.stdout.splitlines() if line.startswith('RESULT ')]
        if not said: raise RuntimeError(f"{o['peer']} ended with code {p.returncode}: {p.stderr[-1500:]}")
        return json.loads(said[-1].removeprefix('RESULT '))

def off(got:dict, exact:dict)->float:
    "How far what each update changes from the first is from that of fp32, at most"
    a,b = got['losses'],exact['losses']
    return max(abs((x-a[0])-(y-b[0])) for x,y in zip(a, b, strict=True))

def table(results:list)->str:
    lines = [
        '| lr | peer | losses | off | held-out loss changes, in fp32 | as it answers in bf16 | s a step |',
             '|---|---|---|---|---|---|---|']
    for o in results:
        far = '' if o['off'] is None else f"{o['off']:.4f}"
        lines.append(
            f"| {o['learning_rate']:g} | {o['name']} | {' '.join(f'{v:.3f}' for v in o['losses'])} | {far} | "
            f"{o['looks']['fp32']:+.4f} | "
                     f"{o['looks'].get('bf16', o['looks']['fp32']):+.4f} | {o['seconds']:.2f} |")
    return '\n'.join(lines)

def write_data(args, folder:Path)->dict:
    "Rows that are made up, or the first of a file"
    from ftkit.data.read.load import load
    from ftkit.data.read.write import save
    sizes = dict(train=args.rows, validation=args.validation_rows)
    if not args.data:
        for seed,(k,n) in enumerate(sizes.items(), 1): write_rows(folder/f'{k}.jsonl', n, seed)
    else:
        exs = load(args.data)
        save(exs[:args.rows], folder/'train.jsonl')
        save(exs[args.rows:sum(sizes.values())], folder/'validation.jsonl')
    return {k:str(folder/f'{k}.jsonl') for k in sizes}

def main(args):
    out,results = Path(args.out),[]
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as d:
        base = write_data(args, Path(d))|dict(model=args.model, rows=args.rows, steps=args.steps,
                                              max_length=args.max_length,
                                               threads=args.threads)
        for lr in args.learning_rate:
            exact = {}
            for peer in args.peers:
                kind = peer if peer in ('qlora', '8bit', 'dora') else 'ftkit'
                asks = [] if kind in exact else [(kind, 'fp32')]
                for name,dtype in (*asks, (peer, 'bf16')):
                    got = measured(base|dict(peer=name, learning_rate=lr, dtype=dtype))
                    if dtype=='fp32': exact[kind] = got
                    got |= dict(learning_rate=lr, peer=name, dtype=dtype, name=f'{name} {dtype}',
                                off=None if dtype=='fp32' else off(got, exact[kind]))
                    results.append(got)
                    print(table([got]).splitlines()[-1], flush=True)
                    out.with_suffix('.json').write_text(json.dumps(dict(v=1, results=results), indent=1))
                    out.with_suffix('.md').write_text(table(results)+'\n')
    worst = {o['name']:max(r['off'] for r in results if r['name']==o['name'])
             for o in results if o['off'] is not None}
    print(table(results), *(f'{k}: at most {v:.4f} off' for k,v in worst.items()), sep='\n')

if __name__=='__main__':
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--job', help=argparse.SUPPRESS); p.add_argument('--model', default=MODEL)
    p.add_argument('--quick', action='store_true',
                   help='that all of it runs: a tiny model, one learning rate')
    p.add_argument('--rows', type=int, default=8); p.add_argument('--validation-rows', type=int, default=8)
    p.add_argument('--learning-rate', type=float, nargs='+', default=[2e-5, 2e-4, 1e-3])
    p.add_argument('--steps', type=int, default=5)
    p.add_argument('--peers', nargs='*', default=['ftkit', 'plain', 'trl'], choices=list(KINDS))
    p.add_argument('--data', default='')
    p.add_argument('--threads', type=int, default=0,
                   help='of every peer, beside other work; 0 for what each would take')
    p.add_argument('--max-length', type=int, default=256); p.add_argument('--out', default='bench/bf16')
    o = p.parse_args()
    if o.quick: o.model,o.learning_rate,o.steps = 'tiny-random',[2e-4],3
    if o.job: print('RESULT '+json.dumps(job(json.loads(Path(o.job).read_text()))), flush=True)
    else: main(o)
