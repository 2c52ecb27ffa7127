"Stage d of `gpu.sh`: two cards make the run that one makes. With --cpu two processes do, by DDP alone."
from dataclasses import replace
from pathlib import Path
from gpu_common import at_most, forking, not_run, row, run_in

NEAR = dict(cpu=1e-4, cuda=1e-3) # Losses in 32 bits, whose sums come in another order

def losses(run)->list:
    return [(e['kind'], e['step'], e['loss']) for e in run.events() if e['kind'] in ('train', 'eval')]

def trained(folder:Path, cpu:bool, name:str, **changes):
    import faults_lib as f
    from ftkit.launch.create import create
    from ftkit.launch.start import start
    if cpu: forking()
    base = folder/'devices'
    cfg = run_in(base, dtype='fp32', batch_size=10, max_steps=6, eval_steps=3, samples=1, sample_tokens=4,
                 **changes)
    cfg = replace(cfg, lora=replace(cfg.lora, lora_dropout=0.)) # Each process throws dice of its own
    run = start(create(cfg, base/name, base=base))
    f.settle(run)
    if run.status()['state']!='finished':
        raise RuntimeError(f"{name}: {run.status()['reason']} {run.log_tail()[-600:]}")
    return run

def two(sharding:str):
    def check(folder:Path, cpu:bool)->list:
        import torch
        said = f'{sharding}, two processes: '
        n = torch.cuda.device_count()
        why = '' if cpu or n>1 else f'it needs two cards, and there is {n}'
        if cpu and sharding=='fsdp': why = 'FSDP needs GPUs'
        if why: return [not_run(f"{said}losses off one's", why)]
        one = trained(folder, cpu, f'one beside {sharding}')
        pair = trained(folder, cpu, sharding, devices=2, sharding=sharding)
        a,b = losses(one),losses(pair)
        same = [o[:2] for o in a]==[o[:2] for o in b]
        worst = max(abs(y[2]/x[2]-1) for x,y in zip(a, b)) if same else float('nan')
        n = pair.environment['processes']
        return [row(f'{said}processes', f'{n}', '2', n==2),
                at_most(f"{said}the loss of {len(a)} that is farthest from one's", worst,
                        NEAR['cpu' if cpu else 'cuda'])]
    return check

def checks(cpu:bool)->dict: return {'ddp':(110, two('ddp')), 'fsdp':(110, two('fsdp'))}
