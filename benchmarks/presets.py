"""What the presets for a small machine reach with the demo model, beside a small grid of batch size, learning
rate and passes.

    python benchmarks/presets.py [--tasks intents bookings tickets] [--seed 42] [--results FILE] [--quick]

Three tasks of some hundred rows (`tasks.py`). Each is trained on with the defaults, with each preset, and
with each cell of the grid, and its test rows are answered: the share of answers that are right as a whole, of
tickets those whose category, product and urgency are. Settings that come to the same are trained once.
--results keeps what was found, so that an interrupted run goes on. Exit code 1 if a preset reaches less than
90 % of the best.
"""
import argparse, json, sys, tempfile, time
from dataclasses import asdict, replace
from itertools import product
from pathlib import Path

import tasks
from ftkit.config.settings import RunConfig
from ftkit.model.generate import generate
from ftkit.model.names import load_tokenizer
from ftkit.model.release import release
from ftkit.config.presets import PRESETS, apply_preset, with_changes
from ftkit.config.plan import plan
from ftkit.data.read.load import load
from ftkit.model.rows import all_prompts
from ftkit.model.tokens import tokenize
from ftkit.training.trainer import build, casting

GRID = [dict(batch_size=b, learning_rate=lr, num_train_epochs=3.) for b,lr in product((8, 32), (2e-3, 5e-4))]
PLACE = 'cpu-workshop'
GOAL = .9 # Of the best
MOST = dict(intents=12, bookings=40, tickets=64) # Tokens of an answer

def cells(base:RunConfig)->dict: # Name → config
    "The defaults, the presets for a small machine, and the grid"
    found = {'defaults':base, PLACE:apply_preset(base, PLACE)}
    found |= {f'{PLACE} + {o.name}':apply_preset(base, PLACE, o.name) for o in PRESETS.values()
              if o.kind=='task'}
    grid = {
        f"batch {o['batch_size']}, lr {o['learning_rate']:g}, {o['num_train_epochs']:g} passes":with_changes(
        base, **o) for o in GRID}
    return found|grid

def same(cfg:RunConfig, n_rows:int)->str: # Settings with equal ones learn the same
    p,o = plan(cfg, n_rows),asdict(cfg.lora)
    return json.dumps([cfg.model, cfg.method, cfg.batch_size, p.steps, p.warmup, cfg.learning_rate,
                       cfg.lr_scheduler, o])

def right(task:str, answer:str, wanted:str)->bool:
    if task!='tickets': return answer.strip()==wanted.strip()
    try: a,b = json.loads(answer),json.loads(wanted)
    except ValueError: return False
    return isinstance(a, dict) and all(a.get(k)==b[k] for k in ('category', 'product', 'urgency'))

def answers(model, tok, rows, most:int)->list:
    "One answer to each test row, those of like length together"
    import torch
    prompts = all_prompts(rows, tok)
    order,res = sorted(range(len(prompts)), key=lambda i: len(prompts[i])),[None]*len(prompts)
    model.eval()
    with torch.autocast('cpu', torch.bfloat16):
        for i in range(0, len(order), 16):
            got = generate(model, tok, [prompts[k] for k in order[i:i+16]], most)
            for k,o in zip(order[i:i+16], got): res[k] = o['answer']
    return res

def reach(task:str, cfg:RunConfig, sets:dict, tok, folder:Path)->dict: # `right`, `loss`, `seconds`
    "Train as a run does, without looks at the validation rows, and count right answers"
    began = time.time()
    rows = dict(train=tokenize(sets['train'], tok, cfg.max_length))
    cfg = replace(cfg, eval_steps=0, early_stopping_patience=0, validation='', samples=0)
    trainer = build(rows, cfg, cfg.model, folder, save_strategy='no')
    with casting(trainer.model): loss = trainer.train().training_loss
    trained = time.time()-began
    got = answers(trainer.model, tok, sets['test'], MOST[task])
    n = sum(right(task, a, ex.answer) for a,ex in zip(got, sets['test']))
    release(trainer.model)
    return dict(right=n, of=len(got), loss=loss, train_s=round(trained, 1),
                seconds=round(time.time()-began, 1))

# `(lines, whether each preset is good enough)`
def table(task:str, base:RunConfig, n_rows:int, found:dict)->tuple:
    some = {k:found[task][key] for k,c in cells(base).items() if (key := same(c, n_rows)) in found[task]}
    best,lines,ok = max(o['right'] for o in some.values()),[],True
    for name,o in some.items():
        c = cells(base)[name]
        share,preset = o['right']/max(1, best),name.startswith(PLACE)
        ok &= share>=GOAL or not preset
        lines.append(
            f"| {task} | {name} | {c.batch_size} | {plan(c, n_rows).steps} | {c.learning_rate:g} | "
            f"{o['right']/o['of']:.0%} | {share:.0%} |"
                     + (' below 90 %' if share<GOAL and preset else ''))
    return lines,ok

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--tasks', nargs='+', default=list(tasks.TASKS), choices=list(tasks.TASKS))
    p.add_argument('--model', default='smollm2-135m-instruct')
    p.add_argument('--seed', type=int, default=42)
    p.add_argument('--results', type=Path)
    p.add_argument('--only', nargs='+', default=[''], help='cells whose name has one of these texts')
    p.add_argument('--quick', action='store_true',
                   help='two updates each, of the tiny model: to try the script')
    o = p.parse_args()
    if o.quick: o.model = 'tiny-random'
    found = json.loads(o.results.read_text()) if o.results and o.results.exists() else {}
    tok,good,lines = load_tokenizer(o.model),True,[]
    with tempfile.TemporaryDirectory() as d:
        for task in o.tasks:
            folder = tasks.write(Path(d)/task, tasks.TASKS[task](o.seed))
            sets = {k:load(folder/f'{k}.jsonl') for k in ('train', 'test')}
            base = RunConfig(o.model, str(folder/'train.jsonl'), str(folder/'validation.jsonl'),
                             max_steps=2*o.quick)
            mine,n = found.setdefault(task, {}),len(sets['train'])
            for name,cfg in cells(base).items():
                if not any(t in name for t in o.only) or (key := same(cfg, n)) in mine: continue
                mine[key] = reach(task, replace(cfg, model=o.model), sets, tok, Path(d)/'out')
                print(f"{task}, {name}: {mine[key]}", file=sys.stderr, flush=True)
                if o.results: o.results.write_text(json.dumps(found, indent=1))
            if mine:
                more,ok = table(task, base, n, found)
                lines,good = lines+more,good and ok
    print('| task | settings | batch | updates | lr | right | of the best |\n|---|---|---|---|---|---|---|',
          *lines, sep='\n')
    return int(not good and not o.quick)

if __name__=='__main__': sys.exit(main())
