"""Estimated against measured peak memory: random weights in the shapes of real models, trained for a few
steps.

    python benchmarks/memory_gpu.py              on the GPU, or small shapes on a CPU
    python benchmarks/memory_gpu.py --cpu        small shapes on the CPU, even where there is a GPU
    python benchmarks/memory_gpu.py --only qlora rows whose name holds this text
    python benchmarks/memory_gpu.py --list       the rows

Each row is a process of its own. On a GPU the peak is `torch.cuda.max_memory_allocated`; on a CPU it is
anonymous memory (`RssAnon`) above that after the imports. Three loops (see the notebook `memory`): `plain`
without autocast, `trainer` with autocast as transformers' trainer does it, `ftkit` with peft's casts off and
trl's loss in tiles. Exit code 1 if a row is off by more than the goal: 10 % on a GPU, 20 % on a CPU."""
import argparse, json, os, subprocess, sys, time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from ftkit.model.shapes import MODELS, shape_of
from ftkit.model.memory import estimate, here
from ftkit.model.fits import tiled_loss

GOAL = dict(cuda=10, cpu=20) # Per cent
LLAMA = dict(model_type='llama', vocab_size=8000, hidden_size=512, intermediate_size=1408,
             num_hidden_layers=8,
             num_attention_heads=8, num_key_value_heads=2)
SHAPES = MODELS|{
    'small-llama': LLAMA, 'small-qwen2': LLAMA|dict(model_type='qwen2', vocab_size=30000),
    'small-qwen3': LLAMA|dict(model_type='qwen3', head_dim=128, tie_word_embeddings=True),
    'small-gemma2': LLAMA|dict(model_type='gemma2', vocab_size=30000, head_dim=64, sliding_window=128,
                               tie_word_embeddings=True, attn_logit_softcapping=50.,
                               final_logit_softcapping=30.),
    'small-gemma3': LLAMA|dict(model_type='gemma3_text', vocab_size=30000, head_dim=64, sliding_window=128,
                               tie_word_embeddings=True),
    'small-phi3': LLAMA|dict(model_type='phi3', num_key_value_heads=8)}

def row(model, method, rows, length, dtype='bf16', gradient_checkpointing=False, loop='trainer',
        device='cuda', steps=3, added=0)->dict:
    return dict(model=model, method=method, rows=rows, max_length=length, dtype=dtype,
                gradient_checkpointing=gradient_checkpointing,
                loop=loop, device=device, steps=steps, added=added)

def gpu_rows()->list:
    """What a GPU is asked: large models frozen, a small one also whole, with and without
    gradient_checkpointing"""
    res = [row(m, method, 1, 2048, gradient_checkpointing=ck, loop=loop) for m in ('llama-3-8b', 'mistral-7b')
           for method in ('lora', 'qlora', '8bit') for ck in (False, True) for loop in ('trainer', 'ftkit')]
    return res+[row('smollm2-135m', method, 4, 1024, gradient_checkpointing=ck, loop=loop)
                for method in ('full', 'lora', 'qlora', '8bit') for ck in (False, True)
                for loop in ('trainer', 'ftkit')]

def cpu_rows()->list:
    "What a CPU manages in minutes; at 16 bits only a few, since many CPUs calculate them slowly"
    def cpu(*args, **kw): return row(*args, device='cpu', **(dict(dtype='fp32', loop='plain')|kw))
    return [*(cpu('smollm2-135m', m, 1, 256, gradient_checkpointing=ck) for m in ('full', 'lora')
              for ck in (False, True)),
            cpu('smollm2-135m', 'qlora', 1, 256),
            *(cpu('small-llama', m, 4, 256, gradient_checkpointing=ck) for m in ('full', 'lora', 'qlora',
        '8bit')
              for ck in (False, True)), cpu('small-llama', 'lora', 1, 256),
            *(cpu(f'small-{o}', 'lora', 2, 256) for o in ('qwen2', 'qwen3', 'gemma2', 'gemma3', 'phi3')),
            cpu('small-llama', 'lora', 4, 256, loop='ftkit'),
            cpu('small-llama', 'full', 4, 256, loop='ftkit'),
            *(cpu('small-llama', m, 2, 128, dtype='bf16', loop=loop) for m in ('full', 'lora')
              for loop in ('trainer', 'ftkit')), cpu('small-llama', 'lora', 2, 128, dtype='bf16'),
            *(cpu(f'small-{o}', 'lora', 2, 128, loop='trainer', added=16)
              for o in ('llama', 'qwen2', 'qwen3')),
            cpu('smollm2-135m', 'lora', 1, 128, loop='trainer', added=16)]

def quantized(model, method, dtype, bnb, torch):
    "Every linear layer but the head as bitsandbytes keeps it, one after the other"
    for name,old in list(model.named_modules()):
        if type(old) is not torch.nn.Linear or name.endswith('lm_head'): continue
        parent,_,leaf = name.rpartition('.')
        where,bias = old.weight.device,old.bias
        if method=='qlora':
            new = bnb.nn.Linear4bit(old.in_features, old.out_features, bias=False, compute_dtype=dtype,
                                    compress_statistics=True, quant_type='nf4', device='meta')
            new.weight = bnb.nn.Params4bit(old.weight.data.cpu(), requires_grad=False,
                                           compress_statistics=True,
                                           quant_type='nf4')
        else:
            new = bnb.nn.Linear8bitLt(old.in_features, old.out_features, bias=False, has_fp16_weights=False,
                                      threshold=6., device='meta')
            new.weight = bnb.nn.Int8Params(old.weight.data.cpu(), requires_grad=False, has_fp16_weights=False)
        new.bias = bias
        old.weight = None
        setattr(model.get_submodule(parent), leaf, new.to(where))
    model.is_loaded_in_4bit,model.is_loaded_in_8bit = method=='qlora',method=='8bit'
    return model

def train(o:dict)->int: # Bytes at the peak
    "Train a few steps in this process."
    import torch, transformers, peft, contextlib
    from peft.helpers import disable_input_dtype_casting
    if o['method'] in ('qlora', '8bit'): import bitsandbytes as bnb
    tiled = tiled_loss() and (o['loop']=='ftkit' or o['added']>0) # New tokens are learned by trl's own loop
    if tiled: from trl.trainer.utils import add_fused_lm_head
    from ftkit.launch.meter import Meter
    transformers.logging.set_verbosity_error()
    torch.manual_seed(0)
    cuda,full,dtype = o['device']=='cuda',o['method']=='full',dict(bf16=torch.bfloat16,
        fp32=torch.float32)[o['dtype']]
    meter = Meter(o['device'])
    cfg = transformers.AutoConfig.for_model(**SHAPES[o['model']], pad_token_id=0)
    with torch.device(o['device']):
        model = transformers.AutoModelForCausalLM.from_config(cfg, dtype=torch.float32 if full else dtype)
    if o['method'] in ('qlora', '8bit'): model = quantized(model, o['method'], dtype, bnb, torch)
    if not full:
        for p in model.parameters(): p.requires_grad_(False)
        new = {}
        if o['added']:
            from ftkit.model.names import room_for
            had = cfg.vocab_size
            room_for(model, had+o['added'])
            names = ['embed_tokens']+['lm_head']*(not cfg.tie_word_embeddings)
            new = dict(trainable_token_indices={k:[*range(had, had+o['added'])] for k in names})
        if tiled: add_fused_lm_head(model)
        model = peft.get_peft_model(model, peft.LoraConfig(r=16, target_modules='all-linear',
                                                           task_type='CAUSAL_LM', **new))
        if o['added']:
            from ftkit.training.trainer import _with_new_tokens
            _with_new_tokens(model)
        for p in model.parameters():
            if p.requires_grad: p.data = p.data.float()
    elif tiled: add_fused_lm_head(model)
    if o['gradient_checkpointing']:
        if not full: model.enable_input_require_grads()
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs=dict(use_reentrant=False))
    model.train()
    ids = torch.randint(1, cfg.vocab_size, (o['rows'], o['max_length']), device=o['device'])
    batch = dict(input_ids=ids, attention_mask=torch.ones_like(ids), labels=ids, use_cache=False)
    if tiled: batch['fused_lm_head'] = True
    trained = [p for p in model.parameters() if p.requires_grad]
    opt = torch.optim.AdamW(trained, lr=1e-5, fused=cuda)
    casts = disable_input_dtype_casting(model) if o[
        'loop']=='ftkit' and not full else contextlib.nullcontext()
    if cuda: torch.cuda.empty_cache()
    meter.to('train')
    with casts:
        for _ in range(o['steps']):
            with torch.autocast(o['device'], torch.bfloat16,
                                enabled=o['dtype']=='bf16' and o['loop']!='plain'):
                loss = model(**batch).loss
            loss.backward()
            del loss
            torch.nn.utils.clip_grad_norm_(trained, 1.)
            opt.step()
            opt.zero_grad()
    return meter.end()['train']

def expected(o:dict)->int:
    kw = {k:o[k] for k in ('method', 'rows', 'max_length', 'dtype', 'gradient_checkpointing', 'loop',
                           'device', 'added')}
    e = estimate(shape_of(SHAPES[o['model']]), tiled=tiled_loss() and (o['loop']=='ftkit' or o['added']>0),
                 **kw)
    return sum(e.phases['train'].values())

def name(o:dict)->str:
    return (f"{o['model']:13} {o['method']:5} {o['dtype']} {o['rows']}×{o['max_length']:<5}{o['loop']:8}"
            f"{'gradient_checkpointing' if o['gradient_checkpointing'] else '':13}"+
            f"{o['added']} new tokens "*(o['added']>0))

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--cpu', action='store_true')
    p.add_argument('--only', default='')
    p.add_argument('--list', action='store_true')
    p.add_argument('--timeout', type=float, default=600, help='seconds for a row')
    p.add_argument('--row', help='a row as JSON, tried in this very process')
    a = p.parse_args()
    if a.row: print(json.dumps(dict(peak=train(json.loads(a.row))))); return
    device = 'cpu' if a.cpu else here()
    rows = [o for o in (cpu_rows() if device=='cpu' else gpu_rows()) if a.only in name(o)]
    if a.list: print(*map(name, rows), sep='\n'); return
    print(f"{'row':52}{'estimated':>11}{'measured':>10}{'error':>8}{'time':>7}", flush=True)
    worst = 0
    for o in rows:
        t = time.time()
        try:
            got = subprocess.run([sys.executable, __file__, '--row', json.dumps(o)], capture_output=True,
                                 text=True,
                                 timeout=a.timeout)
        except subprocess.TimeoutExpired:
            print(f'{name(o):52}not done in {a.timeout:.0f} s', flush=True); continue
        want = expected(o)
        if got.returncode:
            full = 'OutOfMemoryError' in got.stderr or got.returncode==-9
            why = 'out of memory' if full else got.stderr.strip()[-200:]
            print(f'{name(o):52}{want/2**20:9.0f} M  {why}', flush=True)
            if why!='out of memory': worst = 999
            continue
        peak = json.loads(got.stdout.splitlines()[-1])['peak']
        off = 100*(want/peak-1)
        worst = max(worst, abs(off))
        print(f'{name(o):52}{want/2**20:9.0f} M{peak/2**20:8.0f} M{off:+7.1f}%{time.time()-t:5.0f} s',
              flush=True)
    print(f'Worst: {worst:.1f} %; the goal is {GOAL[device]} %.')
    sys.exit(int(worst>GOAL[device]))

if __name__=='__main__': main()
