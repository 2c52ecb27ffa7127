"""Stage c of `gpu.sh`: memory estimated against measured, over the whole matrix of `memory_gpu.py`.

On a card several rows are tried at a time, since torch counts each process's memory for itself. On a CPU a
row is a fork of this process, after what earlier checks held has been given back: its peak is counted from
there, and so tiny a row mostly shows that all of it runs."""
import json, os
from pathlib import Path
from gpu_common import emptied, row
import memory_gpu

TINY = 50 # Per cent
ROWS = (memory_gpu.row('small-llama', 'lora', 1, 128, 'fp32', loop='plain', device='cpu'),
        memory_gpu.row('small-llama', 'lora', 1, 128, 'fp32', loop='ftkit', device='cpu')) # For --cpu

def in_a_fork(o:dict)->int: # Bytes
    from ftkit.model.release import give_back
    emptied()
    give_back()
    read,write = os.pipe()
    if not (pid := os.fork()):
        try: os.write(write, json.dumps(memory_gpu.train(o)).encode())
        finally: os._exit(0)
    os.close(write)
    with open(read, 'rb') as f: said = f.read()
    os.waitpid(pid, 0)
    if not said: raise RuntimeError('the row failed; what it said is above')
    return json.loads(said)

def tried(o:dict):
    def check(folder:Path, cpu:bool)->list:
        if not cpu: emptied()
        goal,want = TINY if cpu else memory_gpu.GOAL['cuda'],memory_gpu.expected(o)
        peak = in_a_fork(o) if cpu else memory_gpu.train(o)
        off = 100*(want/peak-1)
        said = f'estimated {want/2**20:,.0f}, measured {peak/2**20:,.0f} MiB: {off:+.1f} %'
        return [row(name(o), said, f'within {goal} %', abs(off)<=goal)]
    return check

def name(o:dict)->str: return ' '.join(memory_gpu.name(o).split())

def checks(cpu:bool)->dict: # Large and small ones in turn, so that a stage that is cut short has some of each
    every = ROWS if cpu else memory_gpu.gpu_rows()
    large = [o for o in every if o['model']!='smollm2-135m']
    small = [o for o in every if o['model']=='smollm2-135m']
    mixed = [o for i in range(max(len(large), len(small))) for o in (*large[i:i+1], *small[i:i+1])]
    return {name(o):(90, tried(o)) for o in mixed}
