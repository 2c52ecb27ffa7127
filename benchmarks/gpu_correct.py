"""Stage a of `gpu.sh`: is what is calculated right?

Gradients in 32 bits are compared with trl's directly. In bf16 two roads that add in another order differ by
what rounding gives, about a per cent, and neither is the truth: so both are measured against 32 bits from the
same weights, and ours may be at most half as far again from there as trl's. On a CPU they are equally far,
within 8 %."""
import random, time
from contextlib import contextmanager
from pathlib import Path
from gpu_common import at_most, far, forking, made, not_run, row, run_in, tiny, token_rows
import ftkit.training.batches as training_batches

STRICT = dict(cpu=2e-5, cuda=1e-4) # Sums of other order in 32 bits; a GPU makes some of TF32
WORSE = 1.5 # Times as far from 32 bits as trl is
SAME = dict(cpu=1e-5, cuda=2e-2) # A row among others against alone; bf16 gave 0.3 % on a CPU
AGAIN = .01 # Losses of a resumed run: FlashAttention's backward adds in the order in which blocks come. On a
#             CPU bf16 in the place of 32 bits moved a loss of this run by 1 %, other rows in a batch by 8 %

def device(cpu:bool)->str: return 'cpu' if cpu else 'cuda'

def config(model:str, **more):
    from ftkit.config.settings import RunConfig
    return RunConfig(model, 'train', 'validation', **dict(
        batch_size=8, max_steps=2, per_device_train_batch_size=4, learning_rate=1e-2, eval_steps=0,
        early_stopping_patience=0, dtype='fp32',
        lr_scheduler='constant', warmup_ratio=0.)|more)

def seen(folder:Path, cpu:bool)->list:
    import torch
    from ftkit.model.memory import here
    from ftkit.model.load import best_dtype
    there = 'cuda' if torch.cuda.is_available() else 'cpu'
    kind = str(best_dtype()).removeprefix('torch.')
    wanted = 'bfloat16 or float32' if cpu else 'bfloat16'
    return [row('the device that the driver names and that torch finds', f'{here()}, {there}', device(cpu),
                here()==there==device(cpu)), row('what is calculated with', kind, wanted, kind in wanted)]

def gradients(trainer, n:int=8)->tuple: # Loss of one update over the first `n` rows, and name → gradient
    "What is trained is moved away from its start first, where half of an adapter is zero."
    import torch
    from ftkit.model.rows import IGNORE
    from ftkit.training.trainer import casting
    torch.manual_seed(3)
    for p in trainer.model.parameters():
        if p.requires_grad: p.data += .02*torch.randn_like(p)
    per = trainer.args.per_device_train_batch_size
    rows = [trainer.train_dataset[i] for i in range(n)]
    parts = [trainer.data_collator(rows[k:k+per]) for k in range(0, n, per)]
    items = sum((o['labels'][:, 1:]!=IGNORE).sum() for o in parts).to(trainer.args.device)
    trainer.current_gradient_accumulation_steps = len(parts)
    model = trainer.accelerator.prepare_model(trainer.model) # Puts autocast around it, where there is one
    with casting(trainer.model): loss = sum(trainer.training_step(model, o, items) for o in parts)
    return float(loss),{k:p.grad.clone() for k,p in trainer.model.named_parameters() if p.grad is not None}

def equal_gradients(method:str):
    def check(folder:Path, cpu:bool)->list:
        import torch
        from ftkit.training.trainer import build
        name,rows,got,lean = made(folder/'llama', cpu),token_rows(cpu),{},[]
        for kind in ('fp32', 'bf16'):
            for kernels in ('plain', 'auto'):
                t = build(rows, config(name, method=method, dtype=kind, kernels=kernels), name, folder/'out')
                if kernels=='auto':
                    lean.append(hasattr(t, 'budget'))
                    t.budget = 400 if cpu else 1200 # Several passes
                got[kernels, kind] = gradients(t)
        exact = got['plain', 'fp32'][1]
        every = lambda o: torch.cat([o[1][k].flatten().float() for k in exact])
        off = {k:far(every(got[k, 'bf16']), every(got['plain', 'fp32'])) for k in ('plain', 'auto')}
        loss,want = (got[k, 'bf16'][0] for k in ('auto', 'plain'))
        said = ' and '.join('yes' if o else 'no' for o in lean)
        res = [row(f'{method}: rows go without padding', said, 'yes and yes', all(lean))]
        if method in ('full', 'lora'): # Weights of 8 bits round what comes in, where small differences grow
            worst = max(far(got['auto', 'fp32'][1][k], o) for k,o in exact.items() if o.abs().max()>1e-9)
            said = f"{method}, 32 bits: the gradient farthest from trl's"
            res.append(at_most(said, worst, STRICT[device(cpu)]))
        ours,trls = off['auto'],off['plain']
        return [*res, row(f"{method}, bf16: gradients off 32 bits, ours and trl's", f'{ours:.4f}, {trls:.4f}',
                          f"ours at most {WORSE} times trl's", ours<=WORSE*trls+1e-3),
                at_most(f"{method}, bf16: loss off trl's", abs(loss/want-1), 5e-3)]
    return check

def reference(query, key, value, cu_seq_q, cu_seq_k, max_q, max_k, *, scale=None, window_size=(-1, -1)):
    "What torch's `varlen_attn` gives by its documentation, for `--cpu`"
    import torch
    res = []
    for a,b in zip(cu_seq_q[:-1], cu_seq_q[1:]):
        q,k,v = (o[a:b].transpose(0, 1) for o in (query, key, value))
        behind = torch.arange(b-a)[:, None]-torch.arange(b-a)
        ok = (behind>=0) & (behind<=(window_size[0] if window_size[0]>=0 else b-a))
        scores = (q@k.transpose(-1, -2)*scale).masked_fill(~ok, -torch.inf)
        res.append((torch.softmax(scores, -1)@v).transpose(0, 1))
    return torch.cat(res)

@contextmanager
def attention(cpu:bool, flash=None):
    "ftkit's attention as on a card, with `flash` as FlashAttention: False for none, None for what is there"
    was,gpu = training_batches.flash_attention,training_batches._now['gpu']
    if flash is None and cpu: flash = reference
    try:
        training_batches._now['gpu'] = True
        if flash is not None: training_batches.flash_attention = lambda *_: (flash or None, '')
        yield
    finally: training_batches.flash_attention,training_batches._now['gpu'] = was,gpu

def batch(cpu:bool, n:int=5)->dict:
    from ftkit.training.batches import flatten_rows
    return flatten_rows(token_rows(cpu)['train'].table.slice(0, n).to_pylist())

def loaded(name:str, cpu:bool, kind:str=''):
    from ftkit.model.load import load_model
    return load_model(name, dtype=kind or ('fp32' if cpu else 'bf16')).eval()

def strangers(folder:Path, cpu:bool)->list:
    "A row keeps its states when the rows before it change, gives them no gradient, and is as it is alone."
    return [o for way in (None, False) for o in _strangers(folder, cpu, way)]

def _strangers(folder, cpu, way):
    import torch
    said = 'rows padded inside attention: ' if way is False else 'rows end to end: '
    from ftkit.training.batches import side_by_side
    model,x = loaded(made(folder/'llama', cpu), cpu),batch(cpu)
    lengths = x['lengths'].tolist()
    ids,places = (x[k].to(model.device) for k in ('input_ids', 'position_ids'))
    n = lengths[-1]
    other = torch.cat([ids[:, :-n].roll(3, 1), ids[:, -n:]], 1)
    def out(given, at=places, rows=lengths):
        with attention(cpu, way), side_by_side(model, rows):
            given = model.get_input_embeddings()(given).detach().requires_grad_()
            y = model.model(inputs_embeds=given, position_ids=at, use_cache=False).last_hidden_state[:, -n:]
            return y,torch.autograd.grad(y.float().square().sum(), given)[0]
    (one,back),(two,_),(alone,_) = out(ids),out(other),out(ids[:, -n:], places[:, -n:], [n])
    before,own = back[:, :-n],back[:, -n:]
    leaks = int((one!=two).sum())+int((before!=0).sum())
    found = f'{leaks} of {one.numel()+before.numel():,}'
    return [row(f'{said}states and gradients that another row reaches', found, '0',
                leaks==0 and bool(own.abs().sum()>0)),
            at_most(f'{said}states off those of the row alone', far(one, alone), SAME[device(cpu)])]

def flash_against_sdpa(kind:str, **more):
    def check(folder:Path, cpu:bool)->list:
        import torch
        from ftkit.training.batches import flash_attention, side_by_side
        said = f'FlashAttention, {kind}: '
        model = loaded(name := made(folder/kind, cpu, kind, **more), cpu)
        c = model.config
        width = getattr(c, 'head_dim', None) or c.hidden_size//c.num_attention_heads
        fn,why = (reference,'') if cpu else flash_attention(model.device, torch.bfloat16, width)
        if not fn and 'has no' in why: return [not_run(f'{said}logits', why)] # An older torch
        if not fn: return [row(f'{said}logits', why, 'it works', False)]
        x,calls = batch(cpu),[]
        def counted(*a, **kw): calls.append(1); return fn(*a, **kw)
        def out(model, way):
            with attention(cpu, way), side_by_side(model, x['lengths'].tolist()):
                given = {k:x[k].to(model.device) for k in ('input_ids', 'position_ids')}
                y = model(**given, use_cache=False).logits.float()
                loss = torch.nn.functional.cross_entropy(y[0, :-1], given['input_ids'][0, 1:])
                grads = torch.autograd.grad(loss, [*model.model.layers.parameters()])
            return y.detach(),torch.cat([o.flatten().float() for o in grads])
        its,sdpa,exact = out(model, counted),out(model, False),out(loaded(name, cpu, 'fp32'), False)
        n = c.num_hidden_layers
        res = [row(f'{said}layers that went through it', f'{len(calls)}', f'{n}', len(calls)==n)]
        for what,a,b,e in zip(('logits', 'gradients'), its, sdpa, exact):
            off = far(a, e),far(b, e)
            res.append(row(f'{said}{what} off 32 bits, its and SDPA\'s', f'{off[0]:.2g}, {off[1]:.2g}',
                           f'its at most {WORSE} times SDPA\'s', off[0]<=WORSE*off[1]+1e-4))
        return res
    return check

TALK = (('What is red?', 'A rose.'), ('What is blue?', 'The sea, most days.'),
        ('What is green?', 'Grass and moss.'), ('What is white?', 'Snow.'))

def dialogues(folder:Path): # `TokenRows` of four short dialogues, and their tokenizer
    import json
    from ftkit.model.names import load_tokenizer
    from ftkit.data.read.load import load
    from ftkit.model.tokens import tokenize
    p = folder/'talk.jsonl'
    def said(a, b): return dict(messages=[dict(role='user', content=a), dict(role='assistant', content=b)])
    p.write_text(''.join(json.dumps(said(*o))+'\n' for o in TALK))
    tok = load_tokenizer(tiny())
    return tokenize(load(p), tok, 256),tok

def learns(method:str):
    "A few rows are learned by heart; after them generation ends by itself, and says what was learned."
    def check(folder:Path, cpu:bool)->list:
        from ftkit.training.trainer import build, casting, dtype_of
        from ftkit.training.samples import sampler
        rows,tok = dialogues(folder)
        stops = method=='full'
        cfg = config(made(folder/'llama', cpu), method=method, dtype='auto', batch_size=4,
                     num_train_epochs=100.,
                     max_steps=60 if stops else 12, learning_rate=1e-2 if cpu else 2e-3)
        t = build(dict(train=rows), cfg, cfg.model, folder/'out')
        with casting(t.model): t.train()
        losses = [o['loss'] for o in t.state.log_history if 'loss' in o]
        res = [row(f'{method}: loss after {len(losses)} updates', f'{losses[0]:.3f} → {losses[-1]:.3f}',
                   'lower by a tenth', losses[-1]<.9*losses[0])]
        if not stops: return res
        got = sampler(rows, tok, len(TALK), 32, dtype_of(cfg))(t.model.eval())
        ended,right = sum(o['stopped'] for o in got),sum(o['answer'].strip()==b for o,(_,b) in zip(got, TALK))
        n,every = len(TALK),f'{len(TALK)} of {len(TALK)}'
        return [*res, row('answers that end by themselves', f'{ended} of {len(got)}', every, ended==n),
                row('answers as they were learned', f'{right} of {len(got)}', every, right==n)]
    return check

def killed(run, step:int, cpu:bool)->None:
    "kill -9 of the trainer once it has made these steps"
    import faults_lib as f
    from ftkit.launch.start import start
    if cpu: f.standing(f.start_until(run, step), step) # It is forked, and waits there
    else: met(start(run), step)
    f.kill(run, 'process', random.Random(0))
    f.settle(run)

def met(run, step:int)->None:
    "Wait until it has made these steps"
    tail,until = run.tail(),time.monotonic()+90
    while not any(e['kind']=='train' and e['step']>=step for e in tail.new()):
        if not run.alive or time.monotonic()>until:
            raise RuntimeError(f'the run was not killed at step {step}: {run.status()["reason"]}')
        time.sleep(.005)

def resumed(folder:Path, cpu:bool)->list:
    "A run that is killed between two checkpoints and resumed, beside one that nobody disturbs"
    import faults_lib as f
    from ftkit.launch.create import create
    from ftkit.launch.start import resume, start
    if cpu: forking()
    base = folder/'resume'
    cfg = run_in(base, batch_size=4, max_steps=12 if cpu else 40, eval_steps=6 if cpu else 10, save_steps=4,
                 samples=1, sample_tokens=4)
    runs = [create(cfg, base/o, base=base) for o in ('whole', 'killed')]
    start(runs[0]); f.settle(runs[0])
    killed(runs[1], 6, cpu)
    resume(runs[1]); f.settle(runs[1])
    for o in runs:
        if o.status()['state']!='finished': raise RuntimeError(f"{o.name}: {o.status()['reason']}")
    a,b = (f.outcome(o) for o in runs)
    losses = [[(o[0], o[1]) for o in x['train']+x['evals']] for x in (a, b)]
    steps = [o[0] for o in losses[0]]==[o[0] for o in losses[1]]
    worst = max(abs(y/x-1) for (_,x),(_,y) in zip(*losses)) if steps else float('nan')
    notes = '; '.join(runs[0].environment['notes']) or 'none'
    res = [row('resumed: each step once', 'yes' if steps else 'no', 'yes', steps),
           at_most('resumed: the loss farthest from the undisturbed run\'s', worst, 0. if cpu else AGAIN)]
    same,bits = a['adapter']==b['adapter'],'the same bits'
    if cpu: res.append(row('resumed: the adapter', bits if same else 'others', bits, same))
    return [*res, row('a run of its own: what it says of its kernels', notes, 'no padding of rows',
                      'rows are padded' not in notes)]

def checks(cpu:bool)->dict: # Name → (seconds at most, function of folder and cpu → rows), most valuable first
    import importlib.util
    def bits(what, method, check):
        if importlib.util.find_spec('bitsandbytes'): return check(method)
        return lambda *_: [not_run(f'{method}: {what}', 'bitsandbytes is not installed')]
    window = dict(sliding_window=24 if cpu else 100)
    return {'the card':(60, seen),
            'lora gradients':(90, equal_gradients('lora')),
            'rows end to end':(60, strangers),
            'flash':(60, flash_against_sdpa('Llama')),
            'flash with a window':(60, flash_against_sdpa('Mistral', **window)),
            'qlora gradients':(90, bits('gradients', 'qlora', equal_gradients)),
            'generation stops':(60, learns('full')),
            'resume':(150, resumed),
            'full gradients':(90, equal_gradients('full')),
            '8bit gradients':(90, bits('gradients', '8bit', equal_gradients)),
            'qlora learns':(60, bits('loss', 'qlora', learns)),
            '8bit learns':(60, bits('loss', '8bit', learns))}
