"""Real tokens per second of ftkit's trainer beside what one would use otherwise, and whether it learns as
well.

    python benchmarks/train_speed.py [--quick] [--learning-rate 2e-5 2e-4 1e-3] [--rows 32]
                                     [--data ROWS.jsonl] [--peers ftkit trl …] [--busy]
                                     [--llamafactory PYTHON] [--gpu [--unsloth PYTHON]] [--out FILE]

Peers, in turn, each in a process of its own with the environment it has in real life:
  ftkit      what a run does by default
  trl        SFTTrainer as its documentation shows it: batch of 8, gradient checkpointing, autocast to bf16
  trl-tuned  the same, no checkpointing, rows of like length together, weights in the machine's best dtype
  plain      ftkit with kernels: plain, that is trl with ftkit's memory and threads
Same rows, labels, adapter start, optimizer, schedule and rows per update. One epoch for each learning rate;
speeds are medians over them. Losses are of the final adapter over the validation rows, mean over learned
tokens, by one and the same code, in 32 bits. LLaMA-Factory has an adapter start and an order of rows of its
own; Unsloth also learns the prompts. A machine that does not calculate in bf16 only imitates it, a hundred
times slower: there trl is given fp32, which is to its favour, and it is said. FILE.json and FILE.md are
written (bench/train_speed by default).
"""
import argparse, json, math, os, random, re, statistics, subprocess, sys, tempfile, time
from dataclasses import replace
from functools import cache
from pathlib import Path
from corpus import Writer

MODEL = 'smollm2-135m-instruct'
SHAPES = { # Random weights in the shape of
    'SmolLM2-135M': dict(hidden_size=576, intermediate_size=1536, num_hidden_layers=30, num_attention_heads=9,
                         num_key_value_heads=3, vocab_size=49152, tie_word_embeddings=True,
                         max_position_embeddings=8192),
    'Llama-3-8B': dict(hidden_size=4096, intermediate_size=14336, num_hidden_layers=32,
                       num_attention_heads=32,
                       num_key_value_heads=8, vocab_size=128256, rope_theta=500000.,
                       max_position_embeddings=8192)}

OURS = dict(ftkit='auto', plain='plain', liger='liger') # Peers that are ftkit, with `kernels`

def write_rows(path:Path, n:int, seed:int):
    "Questions and answers with lengths like those of instruction mixes: a quarter short, a tail of long ones"
    rng = random.Random(seed)
    writer = Writer(rng, subjects=8)
    with open(path, 'w', encoding='utf-8') as f:
        for _ in range(n):
            ask,words,subject,answer = writer.sentence(rng.randrange(8)),rng.lognormvariate(3.7,
                .9),rng.randrange(8),[]
            while len(answer)<min(words, 260): answer += writer.sentence(subject).split()
            turns = [dict(role='user', content=ask),
                     dict(role='assistant', content=' '.join(answer[:max(3, int(words))]))]
            f.write(json.dumps(dict(messages=turns), ensure_ascii=False)+'\n')

@cache
def peak_flops(kind)->float: # Per second, of a matrix product, measured, once in a process
    import torch
    n,device = (8192,'cuda') if torch.cuda.is_available() else (1024,'cpu')
    a = torch.randn(n, n, device=device).to(kind)
    def once():
        a@a
        if device=='cuda': torch.cuda.synchronize()
    once()
    best = 1e9
    for _ in range(12): t = time.perf_counter(); once(); best = min(best, time.perf_counter()-t)
    return 2*n**3/best

# Forward, and back through frozen weights; logits where something is learned
def flops_per_token(model, learned:float)->float:
    import torch
    head = model.get_output_embeddings()
    linear = sum(m.in_features*m.out_features for m in model.modules() if isinstance(m, torch.nn.Linear) and
                 m is not head)
    return 4*linear+4*head.weight.shape[0]*head.weight.shape[1]*learned

def mean_loss(model, rows)->float:
    "Mean over learned tokens, row by row"
    import torch
    total = n = 0
    for o in rows.table.to_pylist():
        ids,labels = (torch.tensor([o[k]], device=model.device) for k in ('input_ids', 'labels'))
        with torch.no_grad(): logits = model(input_ids=ids, use_cache=False).logits[0, :-1].float()
        total += float(torch.nn.functional.cross_entropy(logits, labels[0, 1:], ignore_index=-100,
                                                         reduction='sum'))
        n += int((labels[0, 1:]!=-100).sum())
    return total/n

def trainer_of(o:dict, cfg, rows:dict, folder:Path):
    "The trainer of one peer"
    import datasets, torch, trl
    from ftkit.model.load import load_model
    from ftkit.model.names import load_tokenizer
    from ftkit.model.adapter import make_adapter
    from ftkit.training.trainer import build, dtype_of
    from ftkit.training.arguments import lora_kwargs
    if o['peer'] in OURS:
        return build(dict(train=rows['train']), replace(cfg, kernels=OURS[o['peer']]), cfg.model, folder)
    cuda,dtype = torch.cuda.is_available(),dtype_of(cfg)
    tuned = o['peer']=='trl-tuned'
    model = load_model(cfg.model, method=cfg.method, dtype='auto' if tuned or cuda or dtype!='bfloat16'
                       else 'fp32')
    model = make_adapter(model, lora_kwargs(cfg), cfg.seed)
    more = dict(gradient_checkpointing=False, train_sampling_strategy='group_by_length') if tuned else {}
    args = trl.SFTConfig(str(folder), per_device_train_batch_size=cfg.batch_size, max_steps=cfg.max_steps,
                         learning_rate=cfg.learning_rate,
                         max_length=None, dataset_kwargs=dict(skip_prepare_dataset=True), report_to='none',
                         save_strategy='no',
                         logging_steps=1, use_cpu=not cuda, seed=cfg.seed, bf16=dtype=='bfloat16',
                         disable_tqdm=True, **more)
    tok = load_tokenizer(cfg.model)
    return trl.SFTTrainer(model, args,
                          train_dataset=datasets.Dataset(rows['train'].table.drop_columns(['id'])),
                          processing_class=tok)

class Clock:
    "Seconds and tokens of a training but for its first updates, in which a GPU finds its kernels"
    def __init__(self, trainer, warm:int):
        import torch, transformers
        self.began = self.ended = 0.
        given,before,clock = [],trainer.data_collator,self
        def collate(rows): given.append(sum(len(o['input_ids']) for o in rows)); return before(rows)
        def now():
            if torch.cuda.is_available(): torch.cuda.synchronize()
            return time.perf_counter()
        class Watch(transformers.TrainerCallback):
            def on_step_end(self, args, state, control, **kw):
                if state.global_step==warm: clock.began = now()
                if state.global_step==args.max_steps: clock.ended = now()
        self.given,self.warm = given,warm*trainer.args.gradient_accumulation_steps
        trainer.data_collator = collate
        trainer.add_callback(Watch())
    @property
    def seconds(self)->float: return self.ended-self.began
    @property
    def tokens(self)->int: return sum(self.given[self.warm:])

def job(o:dict)->dict:
    "One peer, one learning rate, in this process; `warm` updates are not counted, if given"
    import torch
    from ftkit.config.settings import RunConfig
    from ftkit.model.names import load_tokenizer
    from ftkit.model.release import release
    from ftkit.launch.meter import Meter
    from ftkit.data.read.load import load
    from ftkit.model.tokens import tokenize
    from ftkit.training.trainer import casting, dtype_of
    tok = load_tokenizer(o['model'])
    rows = {k:tokenize(load(o[k]), tok, o['max_length']) for k in ('train', 'validation')}
    steps = -(-len(rows['train'].lengths)//o['batch'])
    cfg = RunConfig(o['model'], o['train'], method=o['method'], batch_size=o['batch'], max_steps=steps,
                    learning_rate=o['learning_rate'], eval_steps=0,
                    early_stopping_patience=0, lr_scheduler='linear', warmup_ratio=0.,
                    max_length=o['max_length'])
    meter = Meter('cuda' if torch.cuda.is_available() else 'cpu', every=.05)
    with tempfile.TemporaryDirectory() as d:
        trainer = trainer_of(o, cfg, rows, Path(d))
        clock = Clock(trainer, o['warm']) if o.get('warm') else None
        meter.to('train')
        t = time.perf_counter()
        if o['peer'] in OURS:
            with casting(trainer.model): trainer.train()
        else: trainer.train()
        if torch.cuda.is_available(): torch.cuda.synchronize()
        seconds = time.perf_counter()-t
        memory = meter.end().get('train', 0)
    real,kind = rows['train'].tokens,getattr(torch, dtype_of(cfg))
    speed = clock.tokens/clock.seconds if clock else real/seconds
    model = trainer.accelerator.unwrap_model(trainer.model)
    share = speed*flops_per_token(model.get_base_model(), rows['train'].learned/real)/peak_flops(kind)
    res = dict(tokens_per_s=speed, seconds=seconds, tokens=real, memory_bytes=memory, share_of_peak=share,
               loss=mean_loss(model.eval().float(), rows['validation']),
               dtype=str(kind).removeprefix('torch.'),
               notes=list(getattr(trainer, 'notes', ())), threads=torch.get_num_threads(),
               updates=trainer.state.global_step)
    release(model) # Where another job follows in this process
    return res

FACTORY = '''
import json, sys, transformers
from llamafactory.train.tuner import run_exp
ask, seen, step = json.load(open(sys.argv[1])), [], transformers.Trainer.training_step
def counted(self, model, inputs, *args, **kw):
    seen.append(int(inputs["attention_mask"].sum()))
    return step(self, model, inputs, *args, **kw)
transformers.Trainer.training_step = counted
run_exp(ask)
seconds = json.load(open(ask["output_dir"] + "/train_results.json"))["train_runtime"]
print("RESULT " + json.dumps(dict(seconds=seconds, tokens=sum(seen), tokens_per_s=sum(seen)/seconds,
                                  updates=len(seen))))
'''
ASK = dict(stage='sft', do_train=True, finetuning_type='lora', lora_rank=16, lora_alpha=32, lora_target='all',
           template='chatml',
           overwrite_cache=True, overwrite_output_dir=True, save_strategy='no', logging_steps=1,
           report_to='none',
           lr_scheduler_type='linear', num_train_epochs=1, gradient_accumulation_steps=1)

def factory_job(o:dict, d:Path)->dict:
    """What LLaMA-Factory is asked: its own defaults, rows with the system prompt that the model's template
    would add"""
    from ftkit.model.names import load_tokenizer, resolve
    text = load_tokenizer(o['model']).apply_chat_template([dict(role='user', content='x')], tokenize=False)
    system = re.search(r'<\|im_start\|>system\n(.*?)<\|im_end\|>', text, re.S)
    rows = [json.loads(line)['messages'] for line in open(o['train'], encoding='utf-8')]
    (d/'rows.json').write_text(json.dumps([dict(instruction=r[0]['content'], input='', output=r[1]['content'],
                                                system=system[1] if system else '') for r in rows]))
    columns = dict(prompt='instruction', query='input', response='output', system='system')
    (d/'dataset_info.json').write_text(json.dumps(dict(rows=dict(file_name='rows.json', columns=columns))))
    return ASK|dict(model_name_or_path=str(resolve(o['model'])), dataset='rows', dataset_dir=str(d),
                    output_dir=str(d/'out'),
                    cutoff_len=o['max_length'], per_device_train_batch_size=o['batch'],
                    learning_rate=o['learning_rate'], seed=42,
                    bf16=o['bf16'], use_cpu=not o['gpu'])

def score(o:dict)->dict:
    "The final loss of an adapter that another library left, by the same code as for the others"
    from ftkit.model.adapter import load_adapter
    from ftkit.model.load import load_model
    from ftkit.model.names import load_tokenizer
    from ftkit.data.read.load import load
    from ftkit.model.tokens import tokenize
    rows = tokenize(load(o['validation']), load_tokenizer(o['model']), o['max_length'])
    return dict(loss=mean_loss(load_adapter(load_model(o['model'], dtype='auto'),
                                            o['adapter']).eval().float(), rows))

UNSLOTH = '''
import json, sys, time
from unsloth import FastLanguageModel
import torch, datasets
from trl import SFTConfig, SFTTrainer
o = json.load(open(sys.argv[1]))
model, tok = FastLanguageModel.from_pretrained(o["model"], max_seq_length=o["max_length"],
                                                 load_in_4bit=o["method"]=="qlora")
model = FastLanguageModel.get_peft_model(model, r=16, lora_alpha=32, random_state=42)
rows = [json.loads(l) for l in open(o["train"])]
data = datasets.Dataset.from_list([dict(text=tok.apply_chat_template(r["messages"], tokenize=False))
                                   for r in rows])
args = SFTConfig("out", per_device_train_batch_size=o["batch"], num_train_epochs=1,
                 learning_rate=o["learning_rate"], report_to="none", lr_scheduler_type="linear",
                 dataset_text_field="text", save_strategy="no")
t = SFTTrainer(model=model, tokenizer=tok, train_dataset=data, args=args)
s = time.perf_counter(); t.train(); torch.cuda.synchronize()
seconds, tokens = time.perf_counter() - s, sum(len(tok(r["text"])["input_ids"]) for r in data)
model.save_pretrained("out")
print("RESULT " + json.dumps(dict(seconds=seconds, tokens=tokens, tokens_per_s=tokens/seconds)))
'''

SCRIPTS = dict(llamafactory=FACTORY, unsloth=UNSLOTH)

def real_env(peer:str)->dict:
    "What the process of a run is given by ftkit, and nothing for the others"
    from ftkit.training.arguments import thread_env
    plain = {k:v for k,v in os.environ.items() if not k.startswith(('OMP_', 'GOMP_', 'KMP_', 'MALLOC_',
        'MKL_'))}
    return plain|(thread_env(len(os.sched_getaffinity(0))) if peer in OURS
                  else {})|dict(TOKENIZERS_PARALLELISM='false')

def measured(o:dict, args)->dict:
    "One job in its own process"
    with tempfile.TemporaryDirectory() as d:
        ask = Path(d, 'job.json')
        ask.write_text(json.dumps(o))
        if o['peer'] in SCRIPTS:
            python,text = getattr(args, o['peer']),SCRIPTS[o['peer']]
            if o['peer']=='llamafactory': ask.write_text(json.dumps(factory_job(o, Path(d))))
            Path(d, 'job.py').write_text(text)
            cmd = [python, f'{d}/job.py', str(ask)]
        else: cmd = [sys.executable, __file__, '--job', str(ask)]
        p = subprocess.run(cmd, env=real_env(o['peer']), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           text=True,
                           cwd=d if o['peer'] in SCRIPTS else None)
        said = [line for line in p.stdout.splitlines() if line.startswith('RESULT ')]
        if not said: raise RuntimeError(f"{o['peer']} ended with code {p.returncode}: {p.stderr[-1500:]}")
        res = json.loads(said[-1].removeprefix('RESULT '))
        if o['peer'] in SCRIPTS: res |= measured(o|dict(peer='score', adapter=f'{d}/out'), args)
        return res

def make_random(shape:str, folder:str): # In a process of its own, which leaves the GPU empty
    import torch, transformers
    from ftkit.model.names import load_tokenizer
    torch.manual_seed(0)
    torch.set_default_dtype(torch.bfloat16)
    with torch.device('cuda'):
        model = transformers.LlamaForCausalLM(transformers.LlamaConfig(**SHAPES[shape]))
    model.save_pretrained(folder)
    load_tokenizer('tiny-random').save_pretrained(folder)

def random_model(shape:str, folder:Path)->str:
    if not folder.exists():
        subprocess.run([sys.executable, __file__, '--make', shape, str(folder)], check=True)
    return str(folder)

def table(results:list)->str:
    lines = ['| model | peer | dtype | real tokens/s | times trl | peak memory | share of peak |',
             '|---|---|---|---|---|---|---|']
    lrs = sorted({o['learning_rate'] for o in results})
    lines = [o.rstrip('|')+'|'+''.join(f' loss at {lr:g} |' if i==0 else '---|' for lr in lrs)
             for i,o in enumerate(lines)]
    for name in dict.fromkeys((o['name'], o['peer']) for o in results):
        mine = [o for o in results if (o['name'], o['peer'])==name]
        def mid(k): return statistics.median(o[k] for o in mine)
        trl = [o['tokens_per_s'] for o in results if (o['name'], o['peer'])==(name[0], 'trl')]
        times = f"{mid('tokens_per_s')/statistics.median(trl):.2f}" if trl else '–'
        own = 'memory_bytes' in mine[0]
        lines.append(
            f"| {name[0]} | {name[1]} | {mine[0].get('dtype', '–')} | {mid('tokens_per_s'):.0f} | {times} | "
                     + (f"{mid('memory_bytes')/2**30:.2f} GiB | {mid('share_of_peak'):.0%} |" if own
                        else '– | – |')
                     + ''.join(f" {next((o['loss'] for o in mine if o['learning_rate']==lr), math.nan):.4f} |"
                               for lr in lrs))
    return '\n'.join(lines)

def _write(out:Path, results:list, busy:list)->str:
    text = table(results) if results else ''
    if busy:
        ratio = statistics.median(b/q for q,b in busy)
        text += f'\n\nBeside one busy process: {ratio:.0%} of the quiet speed (median of {len(busy)}).'
    out.with_suffix('.json').write_text(json.dumps(dict(v=1, results=results, busy=busy,
                                                        cores=os.cpu_count()), indent=1))
    out.with_suffix('.md').write_text(text+'\n')
    return text

def main(args):
    import torch
    from ftkit.model.load import best_dtype
    peers = args.peers+['llamafactory']*bool(args.llamafactory)+['unsloth']*bool(args.unsloth)
    out,results = Path(args.out),[]
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as d:
        d = Path(d)
        for k,n,seed in (('train', args.rows, 1), ('validation', args.validation_rows, 2)):
            if not args.data: write_rows(d/f'{k}.jsonl', n, seed)
        if args.data:
            from ftkit.data.read.load import load
            from ftkit.data.read.write import save
            exs = load(args.data)
            save(exs[:args.rows], d/'train.jsonl')
            save(exs[args.rows:args.rows+args.validation_rows], d/'validation.jsonl')
        models = [(args.model, args.model, 'lora')]
        if args.gpu: models = [(f'{k} {m}', random_model(k, d/k), m) for k,ms in
                               (('SmolLM2-135M', ['lora']), ('Llama-3-8B', ['lora', 'qlora'])) for m in ms]
        base = dict(train=str(d/'train.jsonl'), validation=str(d/'validation.jsonl'), batch=args.batch,
                    max_length=2048,
                    gpu=args.gpu, bf16=args.gpu or best_dtype()==torch.bfloat16)
        for name,model,method in models:
            for lr in args.learning_rate:
                for peer in peers: # In turn, so that what else the machine does meets all
                    o = base|dict(peer=peer, learning_rate=lr, model=model, method=method)
                    got = measured(o, args)
                    results.append(dict(name=name, peer=peer, learning_rate=lr)|got)
                    _write(out, results, [])
                    print(
                        f"{name} {peer} lr {lr:g}: {got['tokens_per_s']:.1f} tokens/s, loss "
                        f"{got.get('loss', 0):.4f}", flush=True)
        busy = []
        if args.busy: # One process spins beside it
            for _ in range(args.repeat):
                o = base|dict(peer='ftkit', learning_rate=args.learning_rate[0], model=models[0][1],
                              method=models[0][2])
                quiet = measured(o, args)['tokens_per_s']
                spin = subprocess.Popen([sys.executable, '-c', 'while True: pass'])
                try: busy.append((quiet, measured(o, args)['tokens_per_s']))
                finally: spin.kill(); spin.wait()
                print(f'quiet {busy[-1][0]:.1f}, beside a busy process {busy[-1][1]:.1f} tokens/s',
                      flush=True)
    print(_write(out, results, busy))

if __name__=='__main__':
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--make', nargs=2, help=argparse.SUPPRESS)
    p.add_argument('--job', help=argparse.SUPPRESS); p.add_argument('--model', default=MODEL)
    p.add_argument('--quick', action='store_true',
                   help='that all of it runs: a tiny model, 8 rows, one learning rate')
    p.add_argument('--rows', type=int, default=32); p.add_argument('--validation-rows', type=int, default=12)
    p.add_argument('--batch', type=int, default=8)
    p.add_argument('--learning-rate', type=float, nargs='+', default=[2e-5, 2e-4, 1e-3])
    p.add_argument('--peers', nargs='*', default=['ftkit', 'trl', 'trl-tuned', 'plain'])
    p.add_argument('--data', default='')
    p.add_argument('--busy', action='store_true'); p.add_argument('--repeat', type=int, default=3)
    p.add_argument('--gpu', action='store_true'); p.add_argument('--unsloth', default='')
    p.add_argument('--llamafactory', default=''); p.add_argument('--out', default='bench/train_speed')
    o = p.parse_args()
    if o.quick:
        o.rows,o.validation_rows,o.learning_rate,o.peers,o.model = 8,4,[2e-4],['ftkit', 'trl'],'tiny-random'
    if o.make: make_random(*o.make)
    elif o.job:
        ask = json.loads(Path(o.job).read_text())
        print('RESULT '+json.dumps((score if ask['peer']=='score' else job)(ask)), flush=True)
    else: main(o)
