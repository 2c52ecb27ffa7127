"What would only fail after the start, or could not learn, is said when a run is made."
import contextlib, http.server, io, json, os, shutil, subprocess, sys, threading
from dataclasses import replace

import ftkit as ft
import pytest
from ftkit.cli.main import main
from ftkit.config.settings import LoraArgs, RunConfig
from ftkit.model.doctor.tokenizer import MODEL_LIMITS
from ftkit.model.doctor.diagnosis import examine
from ftkit.model.shapes import config_of
from ftkit.model.memory import device_name, here
from ftkit.model.measured import trials_file
from ftkit.config.plan import warmup_steps
from ftkit.run.log import RunLog
from ftkit.training.failure import Blocked, check_findings
from ftkit.training.work import prepare
import ftkit.model.names as model_names
import ftkit.model.pinned as model_pinned


ROWS = '\n'.join(json.dumps(dict(prompt=f'What is {i} times {i+1}?', completion=str(i*(i+1))))
                 for i in range(40))
OTHER = json.dumps(dict(prompt='Name a colour of the sky at noon.', completion='Blue.'))

@pytest.fixture
def place(tmp_path):
    (tmp_path/'train.jsonl').write_text(ROWS)
    (tmp_path/'validation.jsonl').write_text(OTHER)
    return tmp_path

def config(**kw): return RunConfig('tiny-random', 'train.jsonl', **dict(validation='validation.jsonl')|kw)

def shell(*args): # Exit code, and what it says
    with contextlib.redirect_stdout(io.StringIO()) as out: code = main([str(o) for o in args])
    return code,json.loads(out.getvalue())

cpu = pytest.mark.skipif(here()!='cpu', reason='there is a GPU')

@cpu
@pytest.mark.parametrize('name,kw,says', [
    ('dtype', dict(dtype='fp16'), 'needs a GPU for training'),
    ('kernels', dict(kernels='liger'), 'needs a GPU'),
    ('lora.target_modules', dict(lora=LoraArgs(target_modules='lm_head')), 'never be trained'),
    ('lora.target_modules', dict(lora=LoraArgs(target_modules='q_proj,embed_tokens'),
                                 per_device_train_batch_size=4), 'table of embeddings')])
def test_refused_when_it_is_made_and_in_the_form(place, name, kw, says):
    cfg = config(**kw)
    with pytest.raises(ValueError, match=says): cfg.create(place/'run', base=place)
    assert not (place/'run').exists()
    p = ft.form(cfg, place/'c.yaml')
    p.base = place
    # It may be saved, for elsewhere
    assert says in p.fields()[name]['error'] and says in p.static_text() and p.config==cfg

@pytest.mark.parametrize('kw', (dict(method='qlora'), dict(method='8bit'), dict(optim='adamw_8bit'),
                                dict(report_to='mlflow')))
def test_a_package_that_is_missing(place, monkeypatch, kw):
    monkeypatch.setattr('ftkit.launch.check.installed', lambda o: False)
    with pytest.raises(ValueError, match='pip install'): config(**kw).create(place/'run', base=place)

def test_a_bitsandbytes_that_does_not_work(place, monkeypatch):
    def broken(method):
        raise RuntimeError(
            f'method is {method}, and bitsandbytes cannot make such weights. Set method: lora.')
    monkeypatch.setattr('ftkit.launch.check.check_method_apart', broken)
    monkeypatch.setattr('ftkit.launch.check.installed', lambda o: True)
    with pytest.raises(RuntimeError, match='Set method: lora'):
        config(method='qlora').create(place/'run', base=place)
    assert not (place/'run').exists()

class Hub(http.server.BaseHTTPRequestHandler):
    "Answers as the Hub does, by the owner's name"
    KINDS = dict(gone='RepoNotFound', gated='GatedRepo', old='RevisionNotFound', empty='EntryNotFound')
    def do_HEAD(self):
        self.send_response(403 if 'gated' in self.path else 404)
        head = {'X-Error-Code':self.KINDS.get(self.path.split('/')[1], 'RepoNotFound'),
                'X-Repo-Commit':'a'*40, 'Content-Length':'0'}
        for k,v in head.items(): self.send_header(k, v)
        self.end_headers()
    do_GET = do_HEAD
    def log_message(self, *args): pass

def test_what_the_hub_says(place):
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        code = (
            'import sys, ftkit as ft\nfor o in sys.argv[1:]:\n try: ft.RunConfig(o, "train.jsonl", '
            '"validation.jsonl").create("run")\n'
                ' except OSError as e: print(e)\nassert "torch" not in sys.modules')
        env = {k:v for k,v in os.environ.items()
               if k!='HF_HUB_OFFLINE'}|dict(HF_ENDPOINT=f'http://127.0.0.1:{server.server_port}',
                                            HF_HOME=str(place/'hf'), NO_PROXY='127.0.0.1')
        got = subprocess.run([sys.executable, '-c', code, 'gone/x', 'gated/x', 'old/x', 'empty/x'], cwd=place,
                             env=env, text=True,
                             capture_output=True)
        lines = [o for o in got.stdout.splitlines() if not o.startswith('note')]
        assert got.returncode==0 and len(lines)==4, got
        for o,says in zip(lines, ('Is it spelled right', 'licence', 'no such revision', 'no config.json')):
            assert says in o
        assert not (place/'run').exists()
    finally: server.shutdown()

def test_a_hub_model_in_the_cache_needs_no_network(tmp_path, monkeypatch):
    import huggingface_hub
    at = tmp_path/'snapshots/x'
    at.mkdir(parents=True)
    (at/'config.json').write_text('{}')
    (at/'model.safetensors').write_text('')
    monkeypatch.setattr(huggingface_hub, 'try_to_load_from_cache', lambda *args, **kw: str(at/'config.json'))
    def refuse(*args, **kw): raise huggingface_hub.errors.LocalEntryNotFoundError('no')
    monkeypatch.setattr(huggingface_hub, 'hf_hub_download', refuse)
    model_pinned.check_available('own/model')
    (at/'model.safetensors').unlink() # Its config alone is not enough
    with pytest.raises(OSError, match='there is no network'): model_pinned.check_available('own/model')

def test_a_plan_that_cannot_learn_is_said_before_the_start(place, capsys):
    cfg = config(batch_size=32, learning_rate=5e-5)
    cfg.create(place/'run', base=place)
    said = capsys.readouterr().out
    assert 'this run makes 6 optimizer steps' in said
    assert 'Set learning_rate: 0.002, batch_size: 8, min_steps: 60' in said
    replace(cfg, learning_rate=2e-3, batch_size=8, min_steps=60).create(place/'other', base=place)
    assert 'note' not in capsys.readouterr().out

def test_the_only_update_moves_something(place):
    run = ft.train(config(max_steps=1, eval_steps=0, early_stopping_patience=0, validation='',
                          max_length=256), place/'run', base=place, wait=True)
    steps = [o for o in run.events() if o['kind']=='train']
    assert run.status()['state']=='finished'
    assert [o['learning_rate'] for o in steps]==[run.config.learning_rate]
    from safetensors.numpy import load_file
    b = {k:v for k,v in load_file(run.path/'adapter/adapter_model.safetensors').items() if 'lora_B' in k}
    assert b and all(abs(v).max()>0 for v in b.values())

@pytest.mark.parametrize('ratio', (0, .03, .05, .1, .5, 1))
def test_a_warm_up_leaves_updates(ratio):
    for n in range(1, 400):
        w = warmup_steps(ratio, n)
        assert 0<=w<n and abs(w-ratio*n)<=1

def test_limits_of_the_model_hold_the_run_back(place):
    at = shutil.copytree(model_names.resolve('tiny-random'), place/'model')
    c = json.loads((at/'config.json').read_text())
    (at/'config.json').write_text(json.dumps(c|dict(vocab_size=600, max_position_embeddings=16)))
    run = replace(config(), model='model').create(place/'run', base=place)
    with pytest.raises(Blocked) as e: prepare(run, RunLog(run.path, 1, os.getpid()))
    assert 'vocab_size is 600' in str(e.value) and '16 positions' in str(e.value)
    code,out = shell('doctor', place/'train.jsonl', '--model', at, '--json', '--ignore-findings',
                     'ids-beyond-embeddings')
    assert code==1 and {*MODEL_LIMITS}=={f['name'] for f in out['findings'] if f['severity']=='error'}
    with pytest.raises(Blocked) as e:
        check_findings(dict(train=examine(run.rows('train'), model_names.load_tokenizer(str(at)),
                                      config=dict(max_position_embeddings=16))), run.config)
    assert str(e.value).endswith('ignore_findings: rows-beyond-positions')

def test_memory_in_the_shell_is_the_estimate_of_a_run(tmp_path):
    for kw,flags in ((dict(), ()), (dict(method='full', batch_size=1), ('--batch-size', '1')),
                     (dict(packing=True), ('--packing',)),
                     (dict(method='dora', per_device_train_batch_size=4), ('--per-device-train-batch-size',
        '4')), (dict(optim='sgd', dtype='fp32'), ('--dtype', 'fp32'))):
        cfg = RunConfig('qwen2.5-7b', 'train.jsonl', eval_steps=0, early_stopping_patience=0, **kw)
        words = ['memory', '--model', cfg.model, '--method', 'dora' if cfg.lora.use_dora else cfg.method,
                 '--optim', cfg.optim,
                 '--device', 'cuda', '--json', *flags]
        mine = cfg.estimate(config_of(cfg.model), device='cuda')
        assert shell(*words)[1]['total_bytes']==mine.total_bytes

def test_memory_in_the_shell_is_corrected_by_what_was_measured_here(tmp_path, monkeypatch):
    monkeypatch.setenv('FTKIT_CACHE', str(tmp_path))
    words = ['memory', '--model', 'qwen2.5-7b', '--gpu', 'T4 16GB', '--json']
    plain = shell(*words)[1]
    row = dict(device=device_name(), method='lora', ratio=1.25, estimated=plain['total_bytes'])
    trials_file().write_text(json.dumps(row))
    now = shell(*words)[1]
    # Of another card
    assert abs(now['total_bytes']/plain['total_bytes']-1.25)<.001 and now['gpus']==plain['gpus']
    assert any('corrected by 1.25' in o for o in now['notes'])
    assert not any('corrected' in o for o in plain['notes'])
