"""Folders and files made by strangers: each is built, every reading verb is run against it, and what happens
is judged.

    python benchmarks/hostile.py [--only TEXT] [--json FILE]

It is also part of `faults.py --all`, and alone `faults.py --hostile`.

A kind is wrong if code of it runs, if a file outside is read, shown or written, if a verb works or waits over
20 s or takes 1.5 GiB more, if it ends with anything but a result or a refusal in words, or if what is damaged
is called sound and what is harmless is refused. Each kind has a process of its own, forked from one that has
imported the libraries; nothing is trained."""
import argparse, contextlib, gc, gzip, json, os, pickle, re, resource, shutil, signal, sys, tempfile
import time, zipfile
from pathlib import Path
import ftkit.model.render as model_render
import ftkit.model.spans as model_spans
import ftkit.model.template as model_template

LIMIT_s,MORE_bytes = 20,3*2**29
PRIVATE = 'PRIVATE-9c1f' # What the files outside say
# of `(group, name, make, verbs, expected)`: what is there to be made of a folder, and how it must end
KINDS = []
REFUSED,SOUND,SAID = 'refused','sound','said' # Some verb refuses it; none does; either
VERBS = {} # Of a run, by name

def kind(group, name, expected=SAID, verbs=None):
    "Declare a kind of fault; `make` gets the folder of a run, or an empty one where it has verbs of its own"
    def declare(make): KINDS.append((group, name, make, verbs, expected)); return make
    return declare

def verb(f): VERBS[f.__name__] = f; return f

# ---- What is run against a run: each gives what it shows

@verb
def status(run): return run.status()
@verb
def shown(run): return repr(run)
@verb
def config(run): return run.config
@verb
def record(run): return run.record, run.environment
@verb
def events(run): return len(run.events())
@verb
def curves(run): return run.curves().last
@verb
def history(run): return len(run.history())
@verb
def waited(run):
    said = []
    if not run.alive: run.wait(say=said.append)
    return '\n'.join(said)
@verb
def before(run):
    from ftkit.provenance.unchanged import stood
    return {k:v+1 for k,v in stood(run).items() if k in ('step', 'of', 'elapsed_s')}
@verb
def log(run): return run.log_tail()
@verb
def rows(run): return len(run.rows('train')), len(run.rows('test'))
@verb
def summary(run):
    from ftkit.evaluation.summary import Summary
    return repr(Summary(run.summary() or {})) if run.summary() else ''
@verb
def answers(run):
    import ftkit as ft
    return run.answers()
@verb
def compare(run):
    import ftkit as ft
    return run.compare_answers().static_text() if run.summary() else ''
@verb
def compare_runs(run):
    import ftkit as ft
    return run.compare()
@verb
def report(run):
    from ftkit.sharing.report import report_html
    return report_html(run)
@verb
def panel(run):
    import ftkit as ft
    return run.panel().static_html()
@verb
def text(run):
    import ftkit as ft
    return run.panel().static_text()
@verb
def launch(run):
    from ftkit.launch.process import launch_env
    notes = []
    env = launch_env(run, notes.append)
    if any(PRIVATE in str(v) for v in env.values()): raise AssertionError('a variable is set')
    return notes
@verb
def checkpoint(run):
    from ftkit.run.files import checkpoints
    from ftkit.training.checkpoint import damage
    return [damage(p) for p in checkpoints(run.path).values()]
@verb
def adapter(run):
    from ftkit.model.adapter import load_adapter
    return load_adapter(None, run.path/'adapter') if (run.path/'adapter').exists() else ''
@verb
def attach(run):
    import ftkit as ft
    return ft.attach(run.path)
@verb
def listed(run):
    import ftkit as ft
    found, = ft.runs(run.path.parent)
    if found['state']=='unreadable': raise ValueError(found['reason'])
    return found
@verb
def export(run):
    import ftkit as ft
    return run.export(run.path.parent.parent/'out') if not (run.path/'adapter').exists() else ''

# What a sound run says too
NEVER = {'export':('no adapter yet',), 'answers':('not been evaluated', 'no evaluation', 'evaluate')}

PRINTED = ('shown', 'waited', 'log', 'summary', 'compare', 'report', 'panel', 'text', 'found', 'beside',
           'gated', 'verdict', 'board', 'page', 'scored')
PAGES = ('report', 'panel', 'page') # What is shown as it is

# ---- Run folders

JSONS = ('status.json', 'record.json', 'environment.json', 'evals/test/summary.json', 'launch.json')

def put(folder, name, data):
    p = folder/name
    p.parent.mkdir(parents=True, exist_ok=True)
    p.unlink(missing_ok=True)
    p.write_bytes(data if isinstance(data, bytes) else data.encode())
    return p

def changed(folder, name, **changes): # Numbers as text, since Python writes few of these
    o = json.loads((folder/name).read_text()) if (folder/name).exists() else {}
    text = json.dumps(o|{k:f'@{k}@' for k in changes})
    for k,v in changes.items(): text = text.replace(f'"@{k}@"', v)
    put(folder, name, text)

CODE = 'open({!r}, "a").write(__name__)\n'
MODULES = ('ftkit json torch numpy yaml pyarrow site sitecustomize usercustomize runpy encodings '
           'transformers').split()

@kind('code in it', 'modules by many names', SOUND)
def _(d):
    mark = CODE.format(str(d.parents[1]/'RAN'))
    for o in MODULES:
        put(d, f'{o}/__init__.py', mark); put(d, f'{o}.py', mark)
    put(d, '.ipython/profile_default/startup/a.py', mark)
    put(d, 'evil.pth', 'import os; '+mark); put(d, 'conftest.py', mark)
    put(d, '.env', f'PYTHONPATH={d}\n'); put(d, 'matplotlibrc', 'backend: module://sitecustomize\n')

def trusted(run):
    from ftkit.provenance.source import trusted
    return trusted(run)

@kind('code in it', 'a model with code, trusted', REFUSED, dict(trusted=trusted))
def _(d):
    import ftkit as ft
    put(d, 'm/config.json', '{"model_type": "x", "auto_map": {"AutoConfig": "code.C"}}')
    put(d, 'm/code.py', CODE.format(str(d.parents[1]/'RAN')))
    text = (d/'config.yaml').read_text()
    for key in ('model', 'trust_remote_code'):
        assert re.search(f'^{key}: ', text, re.M), text
        text = re.sub(f'^{key}: .*', f'{key}: m', text, flags=re.M)
    put(d, 'config.yaml', text)

@kind('code in it', 'pickles by every name', SAID)
def _(d):
    class Evil:
        def __reduce__(self): return open, (str(d.parents[1]/'RAN'), 'w')
    for o in ('adapter/adapter_model.bin', 'checkpoints/checkpoint-3/optimizer.pt',
              'checkpoints/checkpoint-3/rng_state.pth', 'tokens/rows.arrow',
              'evals/test/tuned.jsonl'):
        put(d, o, pickle.dumps(Evil()))
    put(d, 'adapter/adapter_config.json', '{"peft_type": "LORA"}')

@kind('code in it', 'YAML tags', REFUSED)
def _(d): put(d, 'config.yaml', f'!!python/object/apply:os.system ["touch {d.parents[1]/"RAN"}"]')

ASKED = (
    'PYTHONPATH LD_PRELOAD LD_LIBRARY_PATH PATH HF_ENDPOINT GLIBC_TUNABLES TORCH_LOGS OMP_TOOL_LIBRARIES '
    'OMP_NUM_THREADS BASH_ENV'.split())

@kind('environments', 'launch.json that asks for much', SAID)
def _(d):
    put(d, 'launch.json', json.dumps(dict(v=1, env={k:PRIVATE for k in ASKED}, python='3', versions={})))

@kind('environments', 'launch.json of another shape', REFUSED)
def _(d): put(d, 'launch.json', '{"env": [["PATH", "x"]]}')

for value in ('1e999', '-1e999', 'NaN', '9'*4000, '9'*20, '"x"', '[]', 'true'):
    for key in ('t', 'pid', 'step', 'best_loss'):
        @kind('numbers', f'status {key}: {value[:9]}', SAID)
        def _(d, key=key, value=value): changed(d, 'status.json', **{'state':'"running"', key:value})
    @kind('numbers', f'event: {value[:9]}', SAID)
    def _(d, value=value):
        put(d, 'events.jsonl', ''.join(
            f'{{"v":1,"attempt":1,"kind":"{k}","step":{i},"loss":{a},"learning_rate":{b},'
            f'"tokens":{b},"of":{b}}}\n'
            for i,(a,b) in enumerate(((1, 1), (value, value), (2, 1)), 1)
            for k in ('train', 'eval', 'samples', 'checkpoint', 'sample', 'progress')))
    @kind('numbers', f'summary: {value[:9]}', SAID)
    def _(d, value=value): changed(d, 'evals/test/summary.json', opened=value, n=value)

READ = ('status.json', 'config.yaml', 'events.jsonl', 'data.jsonl', 'record.json', 'log.txt',
        'environment.json', 'launch.json',
        'evals/test/summary.json', 'evals/test/tuned.jsonl')
for name in READ:
    @kind('links and pipes', f'{name} leads to a private file', REFUSED)
    def _(d, name=name): put(d, name, ''); (d/name).unlink(); (d/name).symlink_to(d.parents[1]/'secret')
    @kind('links and pipes', f'{name} is a pipe', REFUSED)
    def _(d, name=name): put(d, name, ''); (d/name).unlink(); os.mkfifo(d/name)
    @kind('sparse files', f'{name} of 64 GiB', SAID)
    def _(d, name=name): put(d, name, ' '); os.truncate(d/name, 2**36)
for name in ('evals', 'checkpoints', 'adapter', 'lock', 'stop', 'report.html'):
    @kind('links and pipes', f'{name} is a link to all', SAID if name in ('stop', 'report.html') else REFUSED)
    def _(d, name=name):
        shutil.rmtree(d/name, ignore_errors=True); (d/name).unlink(missing_ok=True)
        (d/name).symlink_to(d.parents[1])

for name in JSONS:
    for what,text in (('nested deeply', '['*200_000), ('objects nested deeply', '{"a":'*200_000),
                      ('an empty list', '[]'), ('half', '{"v": 1, "st'),
                      ('nothing', ''), ('no text', b'\xff\xfe\0')):
        @kind('JSON', f'{name}: {what}', REFUSED)
        def _(d, name=name, text=text): put(d, name, text)
for name in ('events.jsonl', 'data.jsonl', 'evals/test/tuned.jsonl'):
    @kind('JSON', f'{name}: lines of all kinds', SAID)
    def _(d, name=name):
        put(d, name, '\n'.join(('['*200_000, '{"a":'*200_000, '7', 'null',
                                '{"kind":[],"attempt":1,"step":{}}', '{"split":"train"}', '\0', '{')))
@kind('JSON', 'events.jsonl: steps, losses and tokens of all kinds', SOUND)
def _(d):
    odd = (None, '1', [1], {}, True, 10**400, float('inf'), float('nan'), 1)
    put(d, 'events.jsonl', ''.join(json.dumps(dict(v=1, attempt=1, kind=k, step=a, loss=b, of=b, tokens=b,
                                                   tokens_per_s=b, best=b))+'\n'
                                   for a in odd for b in (*odd[-1:], *odd[:-1]) for k in ('train', 'eval')))
@kind('JSON', 'again: a state of another shape', SOUND)
def _(d):
    put(d, 'again', json.dumps(dict.fromkeys(('step', 'of', 'best_step', 'best_loss', 'elapsed_s', 'cost'),
                                             'x')|dict(environment=['x'])))
for name,text in dict(aliases='a: &a [x, x]\n'+''.join(f'{k}: &{k} [*{p}, *{p}, *{p}]\n'
                                                       for p,k in zip('abcdefgh', 'bcdefghi')),
                      deep='model: '+'['*20_000, endless='a: &a [*a]').items():
    @kind('YAML', f'config.yaml: {name}', REFUSED)
    def _(d, text=text): put(d, 'config.yaml', text)

@kind('large', 'a log of 64 MiB in a line', SOUND)
def _(d): put(d, 'log.txt', b'x'*2**26)
@kind('large', 'an event of 64 MiB', SAID)
def _(d): put(d, 'events.jsonl', b'{"v":1,"attempt":1,"kind":"state","text":"'+b'x'*2**26+b'"}\n')
@kind('large', 'a hundred thousand prompts and stages', SOUND)
def _(d):
    line = ('{"v":1,"attempt":1,"kind":"%s","step":1,"id":"%s","stage":"%s",'
            '"prompt":"p","answer":"a","done":1,"of":2}\n')
    put(d, 'events.jsonl', ''.join(line%(k, i, i) for i in range(50_000) for k in ('sample', 'progress')))
@kind('large', 'steps that go back and forth', SOUND)
def _(d):
    put(d, 'events.jsonl',
        ''.join(f'{{"v":1,"attempt":{i},"kind":"train","step":{50 if i%2 else 1},"loss":1}}\n'
                for i in range(1, 60_000)))
@kind('large', 'ten thousand checkpoints', SOUND)
def _(d):
    for i in range(10_000): (d/f'checkpoints/checkpoint-{i} (copy)').mkdir(parents=True)

EVIL = '<script>x</script>\x1b[2J\u202e\r\n\0'
@kind('what it says', 'control characters and HTML', SOUND)
def _(d):
    changed(d, 'status.json', reason=json.dumps(EVIL), state='"failed"')
    put(d, 'log.txt', EVIL)
    put(d, 'events.jsonl', json.dumps(dict(v=1, attempt=1, kind='sample', step=1, id=EVIL, prompt=EVIL,
                                           answer=EVIL))+'\n')
for name,text in dict(odd='{"step": -1}', digits='{"step": 1e999, "files": {"w": [4, 7]}}',
                      up='{"step": 3, "files": {"../../../../secret": [12, "x"]}}').items():
    @kind('checkpoints and adapters', f'ftkit.json: {name}', SAID)
    def _(d, text=text): put(d, 'checkpoints/checkpoint-3/ftkit.json', text)
@kind('checkpoints and adapters', 'steps of twenty digits, copies', SOUND)
def _(d):
    for o in ('9'*20, '-1', '3 (copy)', '0003', '3.bak', '٣'):
        (d/f'checkpoints/checkpoint-{o}').mkdir(parents=True)
LORA = dict(peft_type='LORA', r=4, target_modules=['q_proj'])
for name,config_ in dict(rank=LORA|dict(r=10**8), pattern=LORA|dict(target_modules='(.*.*)*='),
                         keys=LORA|dict(rank_pattern={'([a-z]+)+=':4}),
                         other=dict(peft_type='XLORA', adapters=dict(a='/x')),
                         prompt=dict(peft_type='PROMPT_TUNING',
                                     tokenizer_kwargs=dict(trust_remote_code=True)),
                         none=[]).items():
    @kind('checkpoints and adapters', f'an adapter: {name}', REFUSED)
    def _(d, config_=config_):
        import numpy as np
        from safetensors.numpy import save_file
        put(d, 'adapter/adapter_config.json', json.dumps(config_))
        save_file({'base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight':np.ones((4, 64),
            'float32')}, d/'adapter/adapter_model.safetensors')

# ---- Files, each with what reads them

def read(d):
    import ftkit as ft
    ft.load(next(iter(d.iterdir())))
def checked(d):
    import ftkit as ft
    return len(ft.load(next(iter(d.iterdir()))).check())
def recipe(d):
    import ftkit as ft
    return ft.load_recipe(next(iter(d.iterdir())))
def filled(d):
    model_template.FILL_s = 1
    return model_render._fill((d/'t.jinja').read_text(), [dict(role='user', content='x')],
                              model_spans.byte_tokenizer([]))[0]

def bomb(d, name, unit=b' ', mib=200):
    with zipfile.ZipFile(d/name, 'w', zipfile.ZIP_DEFLATED, compresslevel=1) as z:
        with z.open('xl/workbook.xml' if '.xlsx' in name else 'a.jsonl', 'w', force_zip64=True) as f:
            for _ in range(mib): f.write(unit*2**20)

for name,make in {'a.jsonl.gz':lambda d: put(d, 'a.jsonl.gz', gzip.compress(b'{"prompt":"'+b'x'*2**27, 1)),
                  'a.zip':lambda d: bomb(d, 'a.zip'),
                  'a.xlsx':lambda d: bomb(d, 'a.xlsx'),
                  'a.jsonl':lambda d: os.truncate(put(d, 'a.jsonl', ' '), 2**36),
                  'a.pkl':lambda d: put(d, 'a.pkl', pickle.dumps([1])),
                  'a.jsonl (a pickle)':lambda d: put(d, 'a.jsonl', pickle.dumps([1])),
                  'a.json':lambda d: put(d, 'a.json', '['*10**6),
                  'a.csv':lambda d: put(d, 'a.csv', ','*10**5+'\n'+','*10**5),
                  'a.parquet':lambda d: put(d, 'a.parquet', b'PAR1'+b'\xff'*99+b'PAR1')}.items():
    kind('files of rows', name, REFUSED, dict(load=read))(make)
ROWS = ('API_KEY='+'x'*20_000+'-prod1', '[](http://a'*3_000, '"a": "'*4_000, 'for (;;) {'*4_000, '['*20_000,
        '9'*20_000, 'é'*20_000, '@'*20_000)
@kind('files of rows', 'texts that keep patterns busy', SOUND, dict(check=checked))
def _(d): put(d, 'a.jsonl', ''.join(json.dumps(dict(prompt=o, completion=o))+'\n' for o in ROWS))
for name,text in {'tags':'!!python/name:os.system', 'deep':'['*20_000,
                  'names':'{'+','.join(f'a{i}: 1' for i in range(10**5))+'}'}.items():
    kind('files of rows', f'a recipe: {name}', REFUSED,
         dict(recipe=recipe))(lambda d, text=text: put(d, 'r.yaml', text))
for text in ('{% for i in range(10**9) %}{% endfor %}',
             '{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}',
             '{% macro f(n) %}{{ f(n) }}{% endmacro %}{{ f(1) }}', "{{ 'x'*10**13 }}",
             "{% include '/etc/passwd' %}",
             "{{ cycler.__init__.__globals__.os.system('id') }}"):
    kind('templates', text[:50], REFUSED, dict(fill=filled))(lambda d, text=text: put(d, 't.jinja', text))

# ---- Evaluations, rules, answers and schemas

RESULTS = {} # Verbs of an evaluated run that only read what was found
def result(f): RESULTS[f.__name__] = f; return f

@result
def found(run):
    from ftkit.evaluation.summary import Summary
    return repr(Summary(run.summary() or {}))
@result
def frames(run):
    from ftkit.evaluation.summary import Summary
    s = Summary(run.summary() or {})
    if (said := repr(s)).startswith('An evaluation'): raise ValueError(said)
    return [len(s.to_pandas()), *(len(f(k)) for k in s['confusion']
                                  for f in (s.classes_frame, s.confusion_frame))]
@result
def beside(run):
    p = run.compare_answers()
    if p.empty: raise ValueError(p.empty)
    p.send = lambda *o: json.dumps(o)
    p.hear(dict(kind='ready'))
    return p.static_text()+p.static_html()
@result
def gated(run):
    from ftkit.evaluation.gate import gate
    return repr(gate(run, run.path/'gate.yaml' if (run.path/'gate.yaml').exists() else None))
@result
def verdict(run):
    from ftkit.evaluation.gate import kept_verdict
    from ftkit.sharing.card import _gated
    return _gated(run)+repr(kept_verdict(run))
@result
def board(run):
    from ftkit.evaluation.leaderboard import leaderboard
    return repr(leaderboard([run]))
@result
def said(run): return len(run.answers().get('tuned', ()))
@result
def page(run):
    from ftkit.sharing.report import report_html
    return report_html(run)

def evaluated(d):
    "Make the sound run one whose evaluation is of the weights it has"
    from ftkit.provenance.stale import basis_of
    from ftkit.run.folder import Run
    put(d, 'adapter/adapter_model.safetensors', 'w')
    edited(d, ('of',), basis_of(Run(d)))

def edited(d, at, value, file='evals/test/summary.json', line=None):
    "Write something else into a file of JSON, or into one of its lines; infinite numbers too"
    rows = [json.loads((d/file).read_text())] if line is None else [json.loads(o)
        for o in (d/file).read_text().splitlines()]
    whole = inner = rows[line or 0]
    for k in at[:-1]: inner = inner[k]
    inner[at[-1]] = value
    put(d, file, json.dumps(whole) if line is None else '\n'.join(map(json.dumps, rows))+'\n')

def evaluation(group, name, expected, verbs=RESULTS):
    def declare(make):
        def both(d): evaluated(d); make(d)
        kind(group, name, expected, verbs)(both)
        return make
    return declare

evaluation('evaluations', 'a sound one', SOUND)(lambda d: None)
ODD = ([], {}, 'x', [1], {'x':[1]}, {'tuned':[[1], 2]}, {'tuned':{'x':{'y':1}}}, [dict(id=1)])
WHERE = [(k,) for k in ('task', 'rows', 'headline', 'models', 'difference', 'classes', 'confusion', 'fields',
                        'flags', 'notes', 'opened', 'clusters', 'closed',
                        'commonest', 'why', 'calibration', 'alike', 'asked', 'forgetting')]
for at in WHERE:
    @evaluation('evaluations', f'summary.json: {at[0]}', SAID)
    def _(d, at=at):
        good = (d/'evals/test/summary.json').read_bytes()
        for odd in ODD: # Each by the cheapest verb, the last by all
            put(d, 'evals/test/summary.json', good)
            edited(d, at, odd)
            from ftkit.run.folder import Run
            found(Run(d))
for name,at,odd in (('an uneven matrix', ('confusion', 'tuned', 'counts'), [[1], [2, 3]]),
                    ('a matrix of words', ('confusion', 'tuned', 'counts'), [['x']]),
                    ('classes without numbers', ('classes', 'tuned'), {'x':{}}),
                    ('a flag of nothing', ('flags', 'empty'), [7]),
                    ('values of words', ('models', 'tuned', 'accuracy', 'value'), '1'),
                    ('rows of words', ('models', 'tuned', 'accuracy', 'n'), 'many')):
    evaluation('evaluations', name, REFUSED)(lambda d, at=at, odd=odd: edited(d, at, odd))
SAYS = '<script>x</script>\x1b[2J\u202e\r\n\0'
@evaluation('evaluations', 'control characters and HTML wherever there is text', SOUND)
def _(d):
    for at in (('notes',), ('why',), ('commonest',), ('alike', 'words')):
        edited(d, at, [SAYS] if at[-1] in ('notes', 'words') else SAYS)
    for k in ('accuracy', 'macro_f1'): edited(d, ('difference', k, 'words'), SAYS)
    edited(d, ('models', SAYS), json.loads((d/'evals/test/summary.json').read_text())['models']['tuned'])
    for at in (('answer',), ('chosen',), ('scores', SAYS)): edited(d, at, SAYS, 'evals/test/tuned.jsonl', 0)
for name,at,odd in (('no scores', ('scores',), 'x'), ('a score of words', ('scores', 'accuracy'), 'x'),
                    ('a list as a score', ('scores', 'accuracy'), [[]]),
                    ('a score without end', ('scores', 'accuracy'), float('inf')),
                    ('no number', ('scores', 'macro_f1'), float('nan')), ('no answer', ('answer',), None),
                    ('another id', ('id',), '../../secret'), ('huge numbers', ('tokens',), 10**18),
                    ('fields of nothing', ('scores', 'field_right'), [1])):
    evaluation('evaluations', f'tuned.jsonl: {name}',
               SAID)(lambda d, at=at, odd=odd: edited(d, at, odd, 'evals/test/tuned.jsonl', 0))
for name,text in {'nested deeply':'['*200_000, 'a line of 80 MiB':'{"id":"'+'x'*(80*2**20),
                  'bytes':b'\xff\0'*99}.items():
    evaluation('evaluations', f'tuned.jsonl: {name}',
               REFUSED)(lambda d, text=text: put(d, 'evals/test/tuned.jsonl', text))
@evaluation('evaluations', 'tuned.jsonl that takes no room and is without end', REFUSED)
def _(d): os.truncate(d/'evals/test/tuned.jsonl', 2**36)
for file in ('evals/test', 'evals/test/tuned.jsonl', 'gate.json', 'review.jsonl'):
    @evaluation('evaluations', f'{file} is a link out', REFUSED)
    def _(d, file=file):
        shutil.rmtree(d/file, ignore_errors=True); (d/file).unlink(missing_ok=True)
        (d/file).symlink_to(d.parents[1]/'secret')
    @evaluation('evaluations', f'{file} is a pipe', REFUSED)
    def _(d, file=file):
        shutil.rmtree(d/file, ignore_errors=True); (d/file).unlink(missing_ok=True)
        os.mkfifo(d/file)
for name,text in {'nested':'['*200_000, 'of another shape':'{"v":1,"rules":[7]}',
                  'words':json.dumps(dict(v=1, outcome=SAYS, run=SAYS, split=SAYS, default=True,
                                          warnings=[SAYS],
                  rules=[dict(rule=SAYS, outcome='met', value=None, low=None, high=None, words=SAYS,
                              next=SAYS)]))}.items():
    evaluation('evaluations', f'gate.json: {name}', SAID,
               dict(verdict=verdict, page=page))(lambda d, text=text: put(d, 'gate.json', text))
for name,text in {'aliases':'a: &a [x, x]\n'+''.join(f'{k}: &{k} [*{p}, *{p}, *{p}]\n'
                                                     for p,k in zip('abcdefgh', 'bcdefghi')),
                                                     'tags':'!!python/name:os.system', 'deep':'['*20_000,
                  'unknown keys':'\n'.join(f'k{i}: {{at_least: 1}}' for i in range(20_000)),
                  'endless':' '*2**21, 'no bounds':'accuracy: {at_least: .nan}',
                  'a long name':'x'*100_000+': {at_least: 1}', 'digits':'accuracy: {at_least: '+'9'*5000+'}',
                  'a name of controls':'"\\e[2J\\r": {at_least: 1}'}.items():
    evaluation('rules of a gate', name, REFUSED, dict(gated=gated))(lambda d, text=text: put(d, 'gate.yaml',
        text))
for name in ('/dev/zero', '/dev/stdin', '../../pipe', '/etc/passwd', 'gone'):
    @evaluation('rules of a gate', f'reviews in {name}', SAID, dict(gated=gated))
    def _(d, name=name):
        os.mkfifo(d.parents[1]/'pipe')
        put(d, 'gate.yaml', f'reviewed: {{at_least: 1, file: {name}}}')

def scored(d):
    from ftkit.evaluation.given import score
    schema = json.loads((d/'schema.json').read_text()) if (d/'schema.json').exists() else None
    return repr(score(d/'r.jsonl', d/'a.jsonl', schema=schema))
def made_of(rows): return ''.join(json.dumps(o)+'\n' for o in rows)
NESTED,OBJECT = '['*200_000,[dict(id=str(i), reference='{"a":"b"}') for i in range(4)]
for name,r,a,ends in (('ids of a megabyte', made_of([dict(id='x'*2**20, reference='a')]),
                       made_of([dict(id='y'*2**20, answer='a')]), REFUSED),
                      ('nested answers', made_of(OBJECT),
                       made_of(dict(id=o['id'], answer=NESTED) for o in OBJECT), SOUND),
                      ('a nested line', made_of(OBJECT), NESTED, REFUSED),
                      ('a line without end', made_of(OBJECT), '"'+'x'*(80*2**20), REFUSED),
                      ('words of control',
                       made_of([dict(reference=SAYS), dict(reference='b'),
                                *[dict(reference='a'), dict(reference='b')]*4]),
                                made_of([dict(answer=SAYS)]*10), SOUND),
                      ('numbers without end', made_of(OBJECT),
                       made_of(dict(id=o['id'], answer='{"a":'+'9'*4000+'}') for o in OBJECT), SOUND),
                      ('a pickle', pickle.dumps([1]), made_of(OBJECT), REFUSED)):
    @kind('answers to score', name, ends, dict(scored=scored))
    def _(d, r=r, a=a): put(d, 'r.jsonl', r); put(d, 'a.jsonl', a)
LONG = ('x'*20_000, 'a'*20_000, '{"a":'*4000, '"'*20_000, '5 March 2024 '*1500, 'Ann Smith '*2000, '万'*20_000,
        '<think>'*3000, '\\"'*9000)
@kind('answers to score', 'texts that keep metrics busy', SOUND, dict(scored=scored))
def _(d):
    put(d, 'r.jsonl', made_of(dict(reference=f'{o} and some more words that make it a text of its own, {i}')
                              for i,o in enumerate(LONG)))
    put(d, 'a.jsonl', made_of(dict(answer=o) for o in LONG[1:]+LONG[:1]))
TWICE = {'$defs':{f'd{i}':{'allOf':[{'$ref':f'#/$defs/d{i+1}'}]*2} for i in range(40)}|{'d40':{}},
         '$ref':'#/$defs/d0'}
SCHEMAS = dict(file={'$ref':'file:///secret'}, http={'$ref':'http://127.0.0.1:9/x'},
               base={'$id':'http://127.0.0.1:9/', '$ref':'x'},
               hidden={'x':{'$ref':'file:///secret'}, '$ref':'#/x'},
               dynamic={'$dynamicRef':'http://127.0.0.1:9/x'}, dialect={'$schema':'http://127.0.0.1:9/x'},
               pattern={'pattern':'('})
for name,o in SCHEMAS.items(): # What lies outside is put in where it is known
    @kind('schemas', f'{name} elsewhere', REFUSED, dict(scored=scored))
    def _(d, o=o):
        put(d, 'r.jsonl', made_of(OBJECT))
        put(d, 'a.jsonl', made_of(dict(id=x['id'], answer=x['reference']) for x in OBJECT))
        put(d, 'schema.json', json.dumps(o).replace('file:///secret', (d.parents[1]/'secret').as_uri()))
for name,o,answer in (('a pattern that backtracks', {'properties':{'a':{'pattern':'^(a+)+$'}}},
                       {'a':'a'*40+'!'}), ('a pattern of keys', {'patternProperties':{'^(a|a)*$':{}}},
                                           {'a'*40+'!':1}),
                      ('definitions that double', TWICE, {}), ('itself', {'$ref':'#'}, {}),
                      ('a list without doubles', {'properties':{'a':{'uniqueItems':True}}},
                       {'a':[{'x':i} for i in range(6000)]}),
                      ('numbers', {'properties':{'a':{'multipleOf':.1}}}, {'a':10**400})):
    @kind('schemas', name, SOUND, dict(scored=scored))
    def _(d, o=o, answer=answer):
        put(d, 'r.jsonl', made_of(OBJECT)); put(d, 'schema.json', json.dumps(o))
        put(d, 'a.jsonl', made_of(dict(id=x['id'], answer=json.dumps(answer)) for x in OBJECT))

# ---- Trying and judging

def words_of(e):
    "What is wrong with how a verb ended; empty if it refused with words"
    if isinstance(e, AssertionError): return f'is wrong: {e}'
    known = isinstance(e, (ValueError, OSError, RuntimeError))
    if not known or isinstance(e, (RecursionError, NotImplementedError)):
        return f'ended with {type(e).__name__}: {str(e)[:80]}'
    said = str(e)
    if len(said)<15 or len(said)>4000: return f'said {len(said):,} characters: {said[:80]!r}'
    if re.search('[\x00-\x08\x0b-\x1f\x7f\u202e]', said): return f'said what is hidden: {said[:80]!r}'
    return f'showed {PRIVATE}' if PRIVATE in said else ''

def spied(place, cache):
    "Tell of files outside that are opened"
    seen = []
    def hear(event, args):
        if event!='open' or not isinstance(args[0], (str, bytes)): return
        name,flags = os.path.realpath(os.fsdecode(args[0])),args[2] or 0
        if name in (f'{place}/secret', f'{place}/mine'): seen.append(f'opened {name}')
        elif isinstance(flags, int) and flags&(os.O_WRONLY|os.O_RDWR) and not name.startswith((f'{place}/',
            str(cache), '/dev/', '/proc/', tempfile.gettempdir()+'/ftkit')) and name!=tempfile.gettempdir():
            seen.append(f'wrote {name}')
    sys.addaudithook(hear)
    return seen

def try_one(place, kind_, pipe):
    "In a process of its own: a line for each verb that begins, and one for how it ended"
    from ftkit.run.folder import Run
    _,_,_,verbs,_ = kind_
    def tell(**o): os.write(pipe, (json.dumps(o)+'\n').encode())
    d,at = place/'runs/a',None
    seen,rss = spied(place, os.environ['FTKIT_CACHE']),resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for name,f in (verbs or VERBS).items():
        tell(begin=name)
        began,wrong,refused = time.monotonic(),'',False
        try:
            at = d if verbs and name!='trusted' and name not in RESULTS else Run(d)
            res = f(at)
            text = res if isinstance(res, str) else str(res)
            if PRIVATE in text and name!='launch': wrong = f'showed {PRIVATE}'
            if name in PRINTED and '\x1b' in text or name in PAGES and '<script>x' in text:
                wrong = 'showed control characters or HTML'
        except Exception as e:
            wrong,refused = words_of(e),not any(o in str(e) for o in NEVER.get(name, ()))
        if seen: wrong = '; '.join(dict.fromkeys(seen)); seen.clear()
        if (place/'RAN').exists(): wrong = 'code ran'; (place/'RAN').unlink()
        tell(verb=name, wrong=wrong, refused=refused, s=time.monotonic()-began,
             mib=(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss-rss)/1024)

def worked(pid): # Seconds of processor time; on a busy machine the clock says little
    with contextlib.suppress(OSError, IndexError):
        o = Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()
        return (int(o[11])+int(o[12]))/os.sysconf('SC_CLK_TCK')
    return time.monotonic()

def heard(pid, pipe):
    """What the process of a kind told, and what it was at when its time was up: that of the processor, or
    waiting"""
    os.set_blocking(pipe, False)
    text,done,how = b'',0,''
    moved,was = time.monotonic(),worked(pid)
    spent = was
    while True:
        if not done: done,how = os.waitpid(pid, os.WNOHANG)
        try: more = os.read(pipe, 2**20)
        except BlockingIOError: more = b''
        now = was if done else worked(pid)
        if more: text,spent = text+more,now
        if more or now>was: moved,was = time.monotonic(),now
        if done and not more: break
        if not done and (now-spent>LIMIT_s or time.monotonic()-moved>LIMIT_s):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            how = 'took too long'
            break
        time.sleep(.002)
    lines = [json.loads(o) for o in text.decode().splitlines()]
    ended = {o['verb'] for o in lines if 'verb' in o}
    lines += [dict(verb=o['begin'], wrong=how if isinstance(how, str) else f'ended with {how}', refused=False,
                   s=LIMIT_s, mib=0) for o in lines if o.get('begin') not in ended and 'begin' in o]
    return [o for o in lines if 'verb' in o]

def of_run(verbs): return bool(verbs.keys()&RESULTS.keys()) # And no file by itself

def tried(base, good, i, kind_):
    "`(kind, verbs as they ended, what is wrong)`"
    group,name,make,verbs,expected = kind_
    place = base/f'{i}'
    (place/'runs').mkdir(parents=True)
    for o in ('secret', 'mine'):
        (place/o).write_text(json.dumps(dict(json.loads((good/'status.json').read_text()), reason=PRIVATE)))
    before = (place/'mine').read_bytes(),(place/'secret').read_bytes()
    shutil.copytree(good, place/'runs/a') if verbs is None or 'trusted' in verbs or of_run(verbs) else (
        place/'runs/a').mkdir()
    make(place/'runs/a')
    r,w = os.pipe()
    sys.stdout.flush()
    if not (pid := os.fork()):
        try:
            os.setsid()
            null = os.open(os.devnull, os.O_RDWR)
            for n in range(3): os.dup2(null, n)
            size = int(Path('/proc/self/statm').read_text().split()[0])*resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (size+MORE_bytes,)*2)
            try_one(place, kind_, w)
            os._exit(0)
        finally: os._exit(1)
    os.close(w)
    ends = heard(pid, r)
    os.close(r)
    wrong = [f'{o["verb"]}: {o["wrong"]}' for o in ends if o['wrong']]+['no verb was run']*(not ends)
    if before!=((place/'mine').read_bytes(), (place/'secret').read_bytes()):
        wrong.append('a file outside was changed')
    refused = [o['verb'] for o in ends if o['refused']]
    if expected==REFUSED and not refused: wrong.append('is called sound')
    if expected==SOUND and refused: wrong.append(f'is refused by {", ".join(refused)}')
    shutil.rmtree(place, ignore_errors=True)
    return kind_,ends,wrong

def sound_run(base):
    "A run that has ended, with an evaluation, made without training"
    import ftkit as ft
    from ftkit.base.files import canonical
    from ftkit.evaluation.score import asked_of
    from ftkit.evaluation.summary import summarize
    asked = [ex.messages[-2]['content'] for ex in ft.load(ft.sample(), limit=60)]
    ft.load([dict(text=o, label='ab'[i%2]) for i,o in enumerate(asked)]).split((.6, .2, .2)).save(base)
    cfg = ft.RunConfig('tiny-random', 'train.jsonl', 'validation.jsonl', 'test.jsonl', max_steps=9)
    run = cfg.create(base/'good', base=base)
    a = asked_of(run.rows('test'), run.rows('train'))
    found = a.score_all([dict(answer=ex.answer, stopped=True, tokens=2) for ex in a.cases])
    for o in ('base', 'tuned'):
        put(run.path, f'evals/test/{o}.jsonl', ''.join(json.dumps(x)+'\n' for x in found))
    put(run.path, 'evals/test/summary.json',
        json.dumps(summarize(dict(base=found, tuned=found), a, 'test')|dict(of={}, opened=1,
        asked=dict(turns='all'))))
    put(run.path, 'events.jsonl',
        ''.join(canonical(dict(v=1, attempt=1, kind=k, step=i, of=9, loss=1/i, learning_rate=1e-4))+'\n'
                for i in range(1, 10) for k in ('train', 'eval')))
    put(run.path, 'environment.json', '{"tokens":{"train":9},"learned":{"train":5},'
        '"counts":{"train":{"rows":1,"cut":0,"aside":0}},"mask":"marks"}')
    put(run.path, 'launch.json', '{"v":1,"env":{},"python":"3","versions":{}}')
    changed(run.path, 'status.json', state='"stopped"', attempt='1', step='9', reason='"asked to"')
    return run.path

def table(found):
    groups = dict.fromkeys(k[0] for k,_,_ in found)
    lines = ['| what | kinds | verbs run | of them refused | slowest, s | most memory, MiB | wrong |',
             '|---|---|---|---|---|---|---|']
    for g in groups:
        of = [(e, w) for k,e,w in found if k[0]==g]
        ends = [o for e,_ in of for o in e]
        lines.append(
            f"| {g} | {len(of)} | {len(ends)} | {sum(o['refused'] for o in ends)} | "
            f"{max((o['s'] for o in ends), default=0):.1f} | "
                     f"{max((o['mib'] for o in ends), default=0):.0f} | {sum(bool(w) for _,w in of)} |")
    return '\n'.join(lines)

def attack(only=''):
    "Try every kind: `(kind, verbs as they ended, what is wrong)` of each"
    with tempfile.TemporaryDirectory(prefix='ftkit-hostile-') as tmp:
        base = Path(os.path.realpath(tmp))
        os.environ['FTKIT_CACHE'] = str(base/'cache')
        # Once, before the forks
        import ftkit.cli.main, ftkit.evaluation.answer, ftkit.model.demo, ftkit.panels.evals
        import ftkit.panels.monitor.story, ftkit.sharing.report, ftkit.training.work
        import pyarrow.parquet, safetensors.numpy, torch, transformers
        good,res = sound_run(base),[]
        gc.collect(); gc.freeze() # Memory that forks share stays shared
        kinds = [('none', 'a sound run', lambda d: None, None, SOUND), *KINDS]
        for i,k in enumerate(o for o in kinds if only in f'{o[0]}: {o[1]}'):
            res.append(tried(base, good, i, k))
            for o in res[-1][2]: print(f'WRONG {k[0]}: {k[1]}: {o}', flush=True)
        return res

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--only', default='', metavar='TEXT', help='kinds whose group and name have it')
    p.add_argument('--json', default='', metavar='FILE')
    o = p.parse_args()
    t,found = time.monotonic(),attack(o.only)
    print(f'{table(found)}\n\n{len(found)} kinds, {time.monotonic()-t:.0f} s')
    if o.json:
        Path(o.json).write_text(json.dumps([dict(group=k[0], name=k[1], verbs=e, wrong=w) for k,e,w in found],
                                           indent=1)+'\n')
    return int(any(w for _,_,w in found))

if __name__=='__main__': sys.exit(main())
