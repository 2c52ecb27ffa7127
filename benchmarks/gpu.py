"""The stages of `gpu.sh`, which says how it is called.

Checks of a stage go through one process: one that ends, hangs or raises loses its check alone, and the next
check begins a new one, since after a fault on a card nothing that a process says counts. The table is written
after each."""
import argparse, datetime, json, os, select, signal, subprocess, sys, tempfile, threading, time
from pathlib import Path
import gpu_common, gpu_needs

STAGES = dict(a='correct', b='speed', c='memory', d='devices')
LANES = dict(memory=3) # Processes at a time, on a card of 100 GiB and more
SECONDS,LEAST = 230,5 # Of a stage; left, for a check to be begun
OFFLINE = dict(HF_HUB_OFFLINE='1', TRANSFORMERS_OFFLINE='1', HF_DATASETS_OFFLINE='1',
               HF_HUB_DISABLE_TELEMETRY='1', TOKENIZERS_PARALLELISM='false')

def checks_of(stage:str, cpu:bool)->dict:
    import importlib
    return importlib.import_module(f'gpu_{stage}').checks(cpu)

def about()->dict: # What tables are headed by
    import torch
    card,size,cuda = 'CPU',0,torch.cuda.is_available()
    if cuda:
        p = torch.cuda.get_device_properties(0)
        n,size = torch.cuda.device_count(),p.total_memory
        card = f'{n} × {p.name}, {size/2**30:.0f} GiB, CUDA {torch.version.cuda}'
    names = ('torch', 'transformers', 'trl', 'peft', 'accelerate', 'bitsandbytes', 'liger-kernel')
    said = ', '.join(f'{k} {v}' for k in names if (v := gpu_needs.version_of(k)))
    return dict(cuda=cuda, bytes=size, text=f'{card}; Python {sys.version.split()[0]}, {said}')

def serve(cpu:bool, folder:Path)->None:
    "Do the checks that are asked for, line by line; ends after a failure, but on a CPU"
    import traceback
    out = os.fdopen(os.dup(1), 'w', buffering=1)
    os.dup2(2, 1) # What libraries print is not an answer
    import torch
    torch.backends.cuda.matmul.allow_tf32 = False # Some images switch it on; bf16 is measured against 32 bits
    print(json.dumps(about()), file=out)
    for line in sys.stdin:
        stage,_,name = line.strip().partition(' ')
        place = folder/stage
        place.mkdir(exist_ok=True)
        try: said = dict(rows=checks_of(stage, cpu)[name][1](place, cpu))
        except BaseException as e:
            traceback.print_exc()
            said = dict(error=f'{type(e).__name__}: {e}')
        print(json.dumps(said), file=out)
        if 'error' in said and not cpu: return

class Worker:
    "A process that does checks"
    def __init__(self, command:list, env:dict, log:Path):
        self.log = open(log, 'ab')
        self.p = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log,
                                  env=env, start_new_session=True)
    def heard(self, seconds:float)->dict: # Its next line, or what became of it
        ready,_,_ = select.select([self.p.stdout], [], [], max(0., seconds))
        if not ready: return dict(error=f'not done in {seconds:.0f} s')
        line = self.p.stdout.readline()
        return json.loads(line) if line else dict(error=f'its process ended with code {self.p.wait()}')
    def ask(self, stage:str, name:str, seconds:float)->dict:
        try: self.p.stdin.write(f'{stage} {name}\n'.encode()); self.p.stdin.flush()
        except BrokenPipeError: return dict(error=f'its process ended with code {self.p.wait()}')
        return self.heard(seconds)
    def close(self)->None:
        try: os.killpg(self.p.pid, signal.SIGKILL)
        except ProcessLookupError: pass
        self.p.wait()
        for f in (self.p.stdin, self.p.stdout, self.log):
            try: f.close()
            except BrokenPipeError: pass

class Stage:
    "The checks of a stage, their rows, and the time that is left"
    def __init__(self, name:str, seconds:float, out:Path, cpu:bool, only:str=''):
        self.name,self.out,self.cpu,self.began = name,out,cpu,time.monotonic()
        self.until,self.lock,self.rows,self.about = self.began+seconds,threading.Lock(),{},''
        self.limits = {k:s for k,(s,_) in checks_of(name, cpu).items() if only in k}
        self.waiting = list(self.limits)
    @property
    def left(self)->float: return self.until-time.monotonic()
    def take(self)->str: # The next check; empty if there is none
        with self.lock: return self.waiting.pop(0) if self.waiting else ''
    def put(self, check:str, said:dict)->None:
        rows = said.get('rows') or [gpu_common.row(f'{check}', said['error'], 'an answer', False)]
        with self.lock:
            self.rows[check] = rows
            write(self)
        for o in rows: print(f"{mark(o['ok']):8} {o['check']}: {o['measured']} ({o['wanted']})", flush=True)
    def every(self)->list: return [o for k in self.limits for o in self.rows.get(k, [])]

def mark(ok)->str: return 'not run' if ok is None else 'yes' if ok else '**no**'

def table(name:str, about:str, rows:list, seconds:float)->str:
    def cell(o): return ' '.join(str(o).replace('|', '/').split())[:300]
    def line(o):
        cells = [*(cell(o[k]) for k in ('check', 'measured', 'wanted')), mark(o['ok'])]
        return f"| {' | '.join(cells)} |"
    n = {k:sum(o['ok'] is k for o in rows) for k in (True, False, None)}
    lines = [f'# Stage {name}', '', f'{about}; {datetime.date.today()}, {seconds:.0f} s.', '',
             '| check | measured | wanted | ok |', '|---|---|---|---|',
             *map(line, rows), '', f'{n[True]} right, {n[False]} wrong, {n[None]} not run.']
    return '\n'.join(lines)+'\n'

def write(stage:Stage)->None:
    text = table(stage.name, stage.about, stage.every(), time.monotonic()-stage.began)
    (stage.out/f'gpu-{stage.name}.md').write_text(text, encoding='utf-8')

def verdict(rows:list)->int: # An exit code
    "Nothing measured is no success"
    return int(not rows or any(o['ok'] is False for o in rows) or all(o['ok'] is None for o in rows))

def lane(stage:Stage, worker, begin)->Worker|None: # The process that is left, if it is a good one
    "Check after check, in a new process where the last one failed"
    while check := stage.take():
        if stage.left<LEAST: stage.put(check, dict(error='not run: no time left')); continue
        worker = worker or begin()
        if isinstance(worker, str): stage.put(check, dict(error=worker)); worker = None; continue
        limit = min(stage.limits[check], stage.left)
        said = worker.ask(stage.name, check, limit)
        stage.put(check, said)
        if 'error' in said: worker.close(); worker = None
    return worker

def run(stage:Stage, first, begin, lanes:int)->Worker|None:
    "All checks of a stage; `first` is a process that is there already"
    def other():
        if w := lane(stage, None, begin): w.close()
    others = [threading.Thread(target=other) for _ in range(lanes-1)]
    for o in others: o.start()
    res = lane(stage, first, begin)
    for o in others: o.join()
    write(stage)
    return res

def environment(stage:str, cpu:bool, folder:Path)->dict:
    "One card, but where several are what is tried; of a CPU one thread, since forks come after it"
    env = os.environ|OFFLINE|dict(FTKIT_CACHE=str(folder/'cache'), PYTHONPATH=os.pathsep.join(
        [str(gpu_common.ROOT), *filter(None, [os.environ.get('PYTHONPATH')])]))
    seen = os.environ.get('CUDA_VISIBLE_DEVICES', '0')
    if cpu: return env|dict(CUDA_VISIBLE_DEVICES='', OMP_NUM_THREADS='1', MKL_NUM_THREADS='1')
    return env if stage=='devices' else env|dict(CUDA_VISIBLE_DEVICES=seen.split(',')[0])

def begin(stage:Stage, folder:Path)->Worker|str: # Or why not
    "A process that has imported the libraries and said what it found"
    place = folder/('cpu' if stage.cpu else stage.name)
    place.mkdir(exist_ok=True)
    log = stage.out/f'gpu-{stage.name}.log'
    command = [sys.executable, __file__, 'serve', '--out', str(place), *(['--cpu'] if stage.cpu else [])]
    res = Worker(command, environment(stage.name, stage.cpu, place), log)
    res.about = res.heard(min(120, stage.left))
    if 'error' not in res.about: return res
    res.close()
    return f"no process began: {res.about['error']}; {log} has the rest"

def one(stage:Stage, worker:Worker|None, folder:Path)->tuple: # The process that is left, and an exit code
    worker = worker or begin(stage, folder)
    if isinstance(worker, str): print(worker, file=sys.stderr); return None,2
    if not stage.cpu and not worker.about['cuda']:
        worker.close()
        print('There is no GPU here for torch. --cpu runs all of it at tiny shapes.', file=sys.stderr)
        return None,2
    stage.about = worker.about['text']
    lanes = LANES.get(stage.name, 1) if worker.about['bytes']>=100*2**30 else 1
    worker = run(stage, worker, lambda: begin(stage, folder), lanes)
    if worker and not stage.cpu: worker.close(); worker = None # The next stage has the card for itself
    print((stage.out/f'gpu-{stage.name}.md').read_text(encoding='utf-8'), flush=True)
    return worker,verdict(stage.every())

def main(a)->int:
    stages = list(STAGES.values()) if a.stage=='all' else [STAGES.get(a.stage, a.stage)]
    if lacks := sorted({o for k,v in STAGES.items() if v in stages for o in gpu_needs.missing(k)}):
        print(f"Missing here: {', '.join(lacks)}. `gpu.sh needs` says how to bring them.", file=sys.stderr)
        return 2
    a.out.mkdir(parents=True, exist_ok=True)
    worker,codes = None,[]
    with tempfile.TemporaryDirectory() as d:
        try:
            for name in stages:
                worker,code = one(Stage(name, a.seconds, a.out, a.cpu, a.only), worker, Path(d))
                codes.append(code)
                if code==2: break
        finally:
            if worker: worker.close()
    return max(codes)

if __name__=='__main__':
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('stage', choices=[*STAGES.values(), *STAGES, 'all', 'needs', 'serve'])
    p.add_argument('--cpu', action='store_true'); p.add_argument('--out', type=Path, default=Path('bench'))
    p.add_argument('--seconds', type=float, default=SECONDS); p.add_argument('--only', default='')
    o = p.parse_args()
    if o.stage=='needs': print(gpu_needs.table())
    elif o.stage=='serve': serve(o.cpu, o.out)
    else: sys.exit(main(o))
