"""Stage b of `gpu.sh`: how fast is it beside trl as documented, and how near to the card's peak?

Models have random weights, made on the card: nothing is fetched or written. Same rows, adapter start, order
and schedule for both, by the code of `train_speed.py`; the first updates, in which kernels are found, are not
counted. What is wrong: slower than trl, a final loss off trl's by more than 1 %, or more than the peak."""
import json
from contextlib import contextmanager
from pathlib import Path
from gpu_common import CPU, at_most, emptied, ids_of, not_run, row, tiny
from train_speed import SHAPES, job, peak_flops, write_rows

LOSS = .01 # Of two trainings with the same rows and start, in bf16
UPDATES = dict(cpu=(1, 2), cuda=(4, 12)) # Not counted, counted
_seen = {} # What was measured in this process: (shape, method, peer) → result

def shape_in(folder:Path, shape:str, cpu:bool)->str: # A model's folder, with a file of no weights
    from transformers import LlamaConfig
    from ftkit.model.names import load_tokenizer
    tok,to = load_tokenizer(tiny()),folder/shape
    if to.exists(): return str(to)
    kw = ids_of(tok)|SHAPES[shape]|(CPU|dict(vocab_size=len(tok)) if cpu else {})
    LlamaConfig(**kw).save_pretrained(to)
    tok.save_pretrained(to)
    (to/'model.safetensors').touch()
    return str(to)

@contextmanager
def weights_on_the_spot():
    "Models are opened as ever, quantized too, but for their weights, which are random and made on the device"
    import torch, transformers
    auto = transformers.AutoModelForCausalLM
    def from_pretrained(where, dtype=None, quantization_config=None, device_map=None, **_):
        config = transformers.AutoConfig.from_pretrained(where)
        torch.manual_seed(0)
        with torch.device('cuda' if torch.cuda.is_available() else 'cpu'):
            model = transformers.LlamaForCausalLM._from_config(config, dtype=dtype)
        kw = dict(config=config, state_dict=model.state_dict(), dtype=dtype, device_map=device_map)
        if quantization_config: kw['quantization_config'] = quantization_config
        return transformers.LlamaForCausalLM.from_pretrained(None, **kw)
    auto.from_pretrained = from_pretrained
    try: yield
    finally: del auto.from_pretrained # That of its base class is there again

def measured(folder:Path, cpu:bool, shape:str, method:str, peer:str)->dict:
    if (key := (shape, method, peer)) in _seen: return _seen[key]
    emptied()
    warm,counted = UPDATES['cpu' if cpu else 'cuda']
    size = 4 if cpu else 8
    for name,n,seed in (('train', size*(warm+counted), 1), ('validation', 4 if cpu else 12, 2)):
        if not (folder/f'{name}.jsonl').exists(): write_rows(folder/f'{name}.jsonl', n, seed)
    files = {k:str(folder/f'{k}.jsonl') for k in ('train', 'validation')}
    o = files|dict(peer=peer, model=shape_in(folder, shape, cpu), method=method, learning_rate=1e-3,
                   batch=size,
                   warm=warm, max_length=256 if cpu else 2048)
    with weights_on_the_spot(): _seen[key] = job(o)
    print(json.dumps(dict(shape=shape, method=method)|_seen[key]), flush=True)
    return _seen[key]

def beside_trl(shape:str, method:str):
    def check(folder:Path, cpu:bool)->list:
        said = f'{shape}, {method}: '
        ours = measured(folder, cpu, shape, method, 'ftkit')
        theirs = measured(folder, cpu, shape, method, 'trl')
        times = ours['tokens_per_s']/theirs['tokens_per_s']
        notes = '; '.join(ours['notes']) or 'none'
        off = abs(ours['loss']/theirs['loss']-1)
        fast = 0. if cpu else 1. # At tiny shapes the libraries' own time is measured
        def two(key, form, scale=1): return f'{ours[key]/scale:{form}}, {theirs[key]/scale:{form}}'
        return [row(f'{said}real tokens/s, ftkit and trl', two('tokens_per_s', ',.0f'), 'above 0', times>0),
                row(f'{said}times trl', f'{times:.2f}', f'above {fast:g}', times>fast),
                row(f'{said}share of the bf16 peak, ftkit and trl', two('share_of_peak', '.1%'),
                    'above 0, at most 100%', 0<ours['share_of_peak']<=1),
                row(f'{said}peak memory in GiB, ftkit and trl (which recomputes)',
                    two('memory_bytes', '.2f', 2**30), 'any', True),
                at_most(f"{said}final loss {ours['loss']:.4f}, off trl's", off, LOSS),
                row(f'{said}what is not done the fast way', notes, 'no padding of rows',
                    'rows are padded' not in notes)]
    return check

def peak(folder:Path, cpu:bool)->list:
    import torch
    if cpu: return [not_run('bf16 peak', 'it is measured beside each speed, and a CPU may only imitate bf16')]
    got = peak_flops(torch.bfloat16)/1e12
    return [row('bf16 peak of a matrix product, TFLOP/s', f'{got:,.0f}', 'above 0', got>0)]

def liger(folder:Path, cpu:bool)->list:
    "Last, since Liger changes transformers' modules for the whole process"
    import importlib.util
    said = "Llama-3-8B, lora: Liger's layers, "
    there = importlib.util.find_spec('liger_kernel')
    why = 'kernels: liger needs a GPU' if cpu else '' if there else 'liger-kernel is not installed'
    if why: return [not_run(f'{said}times ftkit without', why)]
    without = measured(folder, cpu, 'Llama-3-8B', 'lora', 'ftkit')
    with_ = measured(folder, cpu, 'Llama-3-8B', 'lora', 'liger')
    times = with_['tokens_per_s']/without['tokens_per_s']
    return [row(f'{said}times ftkit without', f'{times:.2f}', 'above 0', times>0),
            row(f'{said}peak memory in GiB, with and without',
                ', '.join(f"{o['memory_bytes']/2**30:.2f}" for o in (with_, without)), 'any', True),
            at_most(f'{said}final loss off that without', abs(with_['loss']/without['loss']-1), LOSS)]

def checks(cpu:bool)->dict:
    import importlib.util
    q = beside_trl('Llama-3-8B', 'qlora')
    if not importlib.util.find_spec('bitsandbytes'):
        def q(*_): return [not_run('Llama-3-8B, qlora', 'bitsandbytes is not installed')]
    return {'peak':(40, peak), '8B lora':(120, beside_trl('Llama-3-8B', 'lora')), '8B qlora':(120, q),
            '135M lora':(90, beside_trl('SmolLM2-135M', 'lora')), 'liger':(100, liger)}
