"What the stages of `gpu.sh` share: rows of a table, and small models with random weights."
import math, os, sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
for o in (ROOT, ROOT/'benchmarks', ROOT/'tests', ROOT/'tests'/'warm'):
    if str(o) not in sys.path: sys.path.insert(0, str(o))

def row(check:str, measured:str, wanted:str, ok:bool|None)->dict: # None: it was not run, which is not a fault
    return dict(check=check, measured=measured, wanted=wanted, ok=None if ok is None else bool(ok))

def at_most(check:str, value:float, limit:float, form:str='.2g')->dict: # What is not a number is wrong
    return row(check, f'{value:{form}}', f'at most {limit:{form}}', math.isfinite(value) and value<=limit)

def not_run(check:str, why:str)->dict: return row(check, f'not run: {why}', '–', None)

def tiny()->str: # The built-in model, made in this process
    from ftkit.base.system import cache_dir
    from ftkit.model.demo import TINY, make_tiny
    if not (cache_dir()/TINY).is_dir(): make_tiny(cache_dir()/TINY)
    return TINY

CPU = dict(hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
           num_key_value_heads=2)
GPU = dict(hidden_size=512, intermediate_size=1408, num_hidden_layers=4, num_attention_heads=8,
           num_key_value_heads=2)

def ids_of(tok)->dict: # What a model's config says of its tokenizer
    return dict(vocab_size=len(tok), bos_token_id=tok.bos_token_id, eos_token_id=tok.eos_token_id,
                pad_token_id=tok.pad_token_id)

def made(folder:Path, cpu:bool, kind:str='Llama', **more)->str: # Its folder
    "Random weights, stored in bf16: 32 and 16 bits begin with the same numbers, only arithmetic differs"
    import torch, transformers
    from ftkit.model.names import load_tokenizer
    if (folder/'config.json').exists(): return str(folder)
    tok = load_tokenizer(tiny())
    shape = (CPU if cpu else GPU)|ids_of(tok)|dict(max_position_embeddings=4096)|more
    torch.manual_seed(0)
    model = getattr(transformers, f'{kind}ForCausalLM')(getattr(transformers, f'{kind}Config')(**shape))
    for p in model.parameters(): # Norms that begin at 1 would hide what is left out
        if p.ndim==1: p.data += .1*torch.randn_like(p)
    model.to(torch.bfloat16).save_pretrained(folder)
    tok.save_pretrained(folder)
    return str(folder)

def token_rows(cpu:bool)->dict: # `TokenRows` of the shipped sample
    from ftkit.base.system import sample
    from ftkit.model.names import load_tokenizer
    from ftkit.data.read.load import load
    from ftkit.model.tokens import tokenize
    tok,most,every = load_tokenizer(tiny()),220 if cpu else 512,load(sample())
    return dict(train=tokenize(every[:24], tok, most), validation=tokenize(every[24:34], tok, most))

def run_in(base:Path, **changes): # A config whose rows lie there, with dropout, warm-up and early stopping on
    from dataclasses import replace
    from ftkit.config.settings import RunConfig
    from ftkit.base.system import sample
    from ftkit.data.read.load import load
    from ftkit.data.read.write import save
    base.mkdir(exist_ok=True)
    every = load(sample())
    for name,a,b in (('train', 0, 100), ('validation', 100, 120)): save(every[a:b], base/f'{name}.jsonl')
    kw = dict(max_length=1024, learning_rate=1e-2, num_train_epochs=9, threads=1)|changes
    cfg = RunConfig(tiny(), 'train.jsonl', 'validation.jsonl', **kw)
    return replace(cfg, lora=replace(cfg.lora, lora_dropout=.1))

def forking()->None: # On a CPU alone: a process that uses a card cannot fork
    "Runs are forked from this process, which has the libraries, without what earlier checks set up in it"
    import warm
    from accelerate.state import AcceleratorState
    AcceleratorState._reset_state(True)
    if warm.THIS not in os.environ: warm.use_this(Path(os.environ['FTKIT_CACHE']).parent)

def far(a, b)->float: # Relative, of two tensors
    return float((a.float()-b.float()).norm()/b.float().norm().clamp(min=1e-12))

def emptied()->None: # What an earlier check held is given back
    import gc
    import torch
    gc.collect()
    if torch.cuda.is_available(): torch.cuda.empty_cache()
