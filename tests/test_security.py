"SECURITY.md, sentence by sentence: each number there has a test of that number here, by attack."
import gzip, inspect, json, os, platform, re, shutil, subprocess, sys, time, warnings
from dataclasses import replace
from pathlib import Path

import ftkit as ft
import pytest
import warm
import yaml
from ftkit.base.untrusted import Linked
from ftkit.run.process import process_start
from ftkit.run.folder import Run
from ftkit.launch.create import create
from ftkit.provenance.source import model_of, trusted
from ftkit.launch.start import mend, resume, start, stop
from ftkit.launch.process import accelerate_file, child_env, launch_command, launch_env, spawn
import ftkit.base.lines as base_lines
import ftkit.provenance.source as provenance_source
import ftkit.model.render as model_render
import ftkit.model.spans as model_spans
import ftkit.model.template as model_template
import ftkit.sharing.card as sharing_card
import ftkit.sharing.export as sharing_export

TEXT = (Path(__file__).resolve().parents[1]/'SECURITY.md').read_text(encoding='utf-8')

def test_each_sentence_has_its_test():
    numbers = re.findall(r'^(\d+)\. ', TEXT, re.M)
    assert numbers==[str(i+1) for i in range(len(numbers))]
    tests = {m[1] for k in globals() if (m := re.match(r'test_(\d+)_', k))}
    assert {f'{int(n):02}' for n in numbers}==tests

@pytest.fixture
def made(tmp_path):
    "A run, and a file of ours that nobody may touch"
    (tmp_path/'train.jsonl').write_text(''.join(json.dumps(dict(prompt=f'{i} and {i*i}?', completion=f'{i}'))+
                                                '\n' for i in range(8)))
    (tmp_path/'test.jsonl').write_text('{"prompt":"something else entirely","completion":"yes"}\n')
    (tmp_path/'mine.txt').write_text('precious')
    cfg = ft.RunConfig('tiny-random', 'train.jsonl', 'test.jsonl', 'test.jsonl')
    return create(cfg, tmp_path/'runs/a', base=tmp_path, allow_leak=True)

def mine(made): return made.path.parents[1]/'mine.txt'

def cold(monkeypatch):
    "Start processes as a user's are started"
    for k in (warm.ADDRESS, warm.GIVEN, warm.OWNER): monkeypatch.delenv(k, raising=False)

def told(run, **changes):
    p = run.path/'status.json'
    p.write_text(json.dumps(json.loads(p.read_text())|changes))
    return run

def cli(place, *words, **env):
    p = subprocess.run([sys.executable, '-m', 'ftkit.cli.main', *map(str, words)], cwd=place,
                       capture_output=True, text=True, timeout=120,
                       env=os.environ|env)
    return p.returncode, p.stdout, p.stderr

MODULES = ('ftkit', 'json', 'torch', 'numpy', 'yaml', 'pyarrow', 'site', 'sitecustomize', 'usercustomize',
           'accelerate', 'runpy', 'encodings')

def booby(folder):
    "Everything that Python or a library might pick up; the mark that it leaves"
    mark = folder.parent/'RAN'
    code = f'open({str(mark)!r}, "a").write(__name__+"\\n")\n'
    for o in MODULES:
        (folder/o).mkdir(exist_ok=True)
        (folder/o/'__init__.py').write_text(code)
        (folder/f'{o}.py').write_text(code)
    (folder/'evil.pth').write_text(f'import os; {code}')
    (folder/'.env').write_text(f'FTKIT_CACHE={folder}\nPYTHONPATH={folder}\n')
    (folder/'matplotlibrc').write_text('backend: module://sitecustomize\n')
    (folder/'.ipython/profile_default/startup').mkdir(parents=True)
    (folder/'.ipython/profile_default/startup/a.py').write_text(code)
    return mark

@pytest.mark.parametrize('module', ['ftkit.evaluation.process', 'ftkit.sharing.export',
                                    'ftkit.run.supervise'])
def test_01_no_module_of_a_run_is_imported(made, monkeypatch, module):
    cold(monkeypatch)
    mark = booby(made.path)
    (made.path/'config.yaml').write_text('model: [') # They end as soon as they have been imported
    monkeypatch.chdir(made.path)
    monkeypatch.setenv('PYTHONPATH',
                       os.pathsep.join(['.', '', *filter(None, [os.environ.get('PYTHONPATH')])]))
    more = (1, *launch_command(ft.RunConfig('tiny-random', 'x', 'y'),
                               made.path)) if module=='ftkit.run.supervise' else ('test',)
    told(made, state='running', attempt=1)
    p = spawn(made, module, *more)
    assert p.wait(60) and not mark.exists(), mark.read_text()
    said = (made.path/'log.txt').read_text()
    assert 'ftkit' in said and 'YAML' in said and 'No module named' not in said, said

def test_02_no_settings_of_a_run_are_read(made, monkeypatch):
    cold(monkeypatch)
    mark = booby(made.path)
    monkeypatch.chdir(made.path)
    code = 'import os, sys; print(os.getcwd(), [p for p in sys.path if "runs" in p], sys.flags.safe_path)'
    told(made, state='finished', attempt=1)
    assert spawn(made, 'ftkit.run.supervise', 1, sys.executable, '-c', code).wait(60)==0
    assert (made.path/'log.txt').read_text()=='/ [] True\n' and not mark.exists()
    for o in (launch_command(ft.RunConfig('m', 't', 'v', devices=2), 'r'),
              launch_command(ft.RunConfig('m', 't', 'v'), 'r')):
        assert o[1]=='-P'
    for o in Path(ft.__file__).parent.rglob('*.py'): # Nothing else is started by name of a module
        assert "executable, '-m'" not in o.read_text(encoding='utf-8'), o

ASKED = dict(PYTHONPATH='notes', PYTHONHOME='notes', LD_PRELOAD='./x.so', LD_LIBRARY_PATH='.',
             LD_AUDIT='./x.so', PATH='.', HF_ENDPOINT='http://h',
             GLIBC_TUNABLES='glibc.malloc.check=3', TORCH_LOGS='all', HTTPS_PROXY='http://h',
             TORCH_SHOW_CPP_STACKTRACES='1', BASH_ENV='x',
             OMP_TOOL_LIBRARIES='./x.so', KMP_SETTINGS='1', MALLOC_CHECK_='3', MKL_VERBOSE='1',
             OMP_NUM_THREADS='3; id', MKL_NUM_THREADS='4\n',
             CUBLAS_WORKSPACE_CONFIG='x', OMP_WAIT_POLICY=['PASSIVE'], PYTHONHASHSEED='0x1')

def test_03_launch_json_sets_threads_and_the_like(made):
    good = dict(OMP_WAIT_POLICY='PASSIVE', CUBLAS_WORKSPACE_CONFIG=':4096:8', MKL_NUM_THREADS='3',
                MALLOC_ARENA_MAX='2')
    for asked in (ASKED, good):
        (made.path/'launch.json').write_text(json.dumps(dict(v=1, env=asked, python='3', versions={})))
        said,usual = [],child_env(made.config)
        got = launch_env(made, said.append)
        if asked is good: assert not said and {k:got[k] for k in good}==good; continue
        assert {k:v for k,v in got.items() if usual.get(k)!=v}=={} and 'PYTHONPATH=notes' in said[0]
        assert '\n' not in said[0]
    for odd in ('[]', '{"env": 7}', '{}', '{'):
        (made.path/'launch.json').write_text(odd)
        with pytest.raises(ValueError, match='damaged'): launch_env(made)

def trusting(run, model, **record):
    replace(run.config, model=model, trust_remote_code=model).save(run.path/'config.yaml', force=True)
    (run.path/'record.json').write_text(json.dumps(json.loads((run.path/'record.json').read_text())|record))
    return run

def with_code(folder):
    folder.mkdir(parents=True)
    (folder/'config.json').write_text('{"model_type": "x", "auto_map": {"AutoConfig": "code.C"}}')
    (folder/'code.py').write_text(f'open({str(folder/"RAN")!r}, "w")')
    return folder

@pytest.mark.parametrize('name', ['m', './m', 'deep/m', '../a/m', 'whole'])
def test_04_code_in_a_run_never_runs(made, name):
    at = with_code(made.path/('m' if name=='whole' else name))
    with pytest.raises(ValueError, match='A run is data'):
        trusted(trusting(made, str(at) if name=='whole' else name))
    from ftkit.evaluation.answer import load_tuned_model, tokenizer_of
    (made.path/'adapter').mkdir()
    with pytest.raises(ValueError, match='A run is data'): tokenizer_of(made)
    replace(made.config, method='full', learning_rate=1e-5).save(made.path/'config.yaml')
    shutil.copytree(at, made.path/'model') # What a run learned is not a model that was trusted
    with pytest.raises((ValueError, OSError)): load_tuned_model(made)
    assert not (at/'RAN').exists() and not (made.path/'model/RAN').exists()

def test_05_record_json_puts_nothing_in_its_place(made):
    at = with_code(made.path.parent/'elsewhere')
    for folder in ('m', '../elsewhere', str(at), str(at.parent), 7, ['m'], None, ''):
        run = trusting(made, 'microsoft/X', model_folder=folder, model_code=provenance_source.code_print(at))
        assert model_of(run)==trusted(run)=='microsoft/X'
    assert trusted(Run(shutil.copytree(made.path, made.path.parent/'b')))=='microsoft/X'

def test_06_a_moved_model_is_known_by_its_fingerprint(made, monkeypatch, tmp_path):
    monkeypatch.setenv('FTKIT_CACHE', str(tmp_path/'cache'))
    at = with_code(made.path.parents[1]/'models/x')
    cfg = replace(made.config, model='models/x', trust_remote_code='models/x', train='train.jsonl',
                  validation='test.jsonl', test='')
    run = create(cfg, made.path.parent/'t', base=made.path.parents[1], allow_leak=True)
    assert trusted(run)==str(at)
    far = made.path.parents[1]/'far/away'
    far.mkdir(parents=True)
    moved = Run(shutil.move(run.path, far/'deep'))
    assert trusted(moved)==str(at)
    (tmp_path/'cache/trusted.jsonl').rename(tmp_path/'cache/away') # As on the machine of somebody else
    with pytest.raises(ValueError, match='not known to be the same'): trusted(moved)
    (tmp_path/'cache/away').rename(tmp_path/'cache/trusted.jsonl')
    (at/'sub').mkdir()
    (at/'sub/more.py').write_text('')
    with pytest.raises(ValueError, match='not known to be the same'): trusted(moved)
    # Of a folder that only the run names, nothing is read: it may be the whole disk
    p = moved.path/'record.json'
    p.write_text(json.dumps(json.loads(p.read_text())|dict(model_folder='/',
                                                           model_code='local:0123456789abcdef')))
    monkeypatch.setattr(provenance_source, 'code_print', lambda o: pytest.fail(f'{o} is read'))
    with pytest.raises(ValueError, match='not known to be the same'): trusted(moved)

def test_07_an_accelerate_file_says_little(made):
    def says(text, name='../a.yaml'):
        (made.path/name).write_text(text)
        return launch_command(replace(made.config, accelerate=name), made.path)
    with pytest.raises(ValueError, match='folder of the run'): says('num_processes: 1', 'a.yaml')
    for text in ('deepspeed_config: {deepspeed_config_file: /x}', 'compute_environment: AMAZON_SAGEMAKER',
                 'tpu_env: [A=1]', 'mpirun_config: {x: 1}',
                 'command_file: x', '- x', '7', '!!python/object/apply:os.system [id]'):
        with pytest.raises(ValueError): says(text)
    assert says('num_processes: 1\nmixed_precision: bf16\ntpu_env: []')[2:4]==['-m',
        'accelerate.commands.launch']
    (made.path/'b.yaml').symlink_to(made.path/'../a.yaml')
    with pytest.raises(Linked): ft.attach(made.path)
    for name in ('/dev/zero', '/dev/stdin', '/', '../none.yaml'):
        with pytest.raises(ValueError, match='not a file'):
            accelerate_file(replace(made.config, accelerate=name), made.path)

PLACES = ('lock', 'log.txt', 'status.json', 'events.jsonl', 'stop', 'config.yaml', 'data.jsonl',
          'record.json', 'launch.json', 'reserve', 'evals',
          'environment.json', 'adapter', 'checkpoints', 'export', 'tokens',
          'adapter/adapter_model.safetensors', 'evals/test/summary.json',
          'checkpoints/checkpoint-3/ftkit.json', 'test.opened.jsonl', 'first_sight.jsonl',
          'trackers', 'report.html',
          'notes/deep/er')

@pytest.mark.parametrize('kind', ['file', 'folder', 'nowhere', 'loop', 'pipe'])
def test_08_links_are_refused_with_words(made, kind, monkeypatch):
    told(made, state='stopped', reason='so', attempt=1)
    before = {o.name:o.read_bytes() for o in made.path.iterdir()}
    lead = dict(file=mine(made), folder=made.path.parents[1], nowhere=made.path.parents[1]/'none',
                loop=made.path/'lock')
    for name in PLACES:
        p = made.path/name
        p.parent.mkdir(parents=True, exist_ok=True)
        if p.exists(): p.unlink()
        os.mkfifo(p) if kind=='pipe' else p.symlink_to(lead[kind])
        run,words = Run(made.path),f'{re.escape(str(made.path/name))} is (a link|no plain file)'
        if name!='status.json' or kind!='nowhere':
            with pytest.raises(Linked, match=words): ft.attach(made.path)
        for verb in (lambda: start(run, again=True), lambda: resume(run), lambda: mend(run),
                     lambda: run.evaluate(),
                     lambda: run.export(), lambda: spawn(run, 'ftkit.evaluation.answer')):
            with pytest.raises(Linked, match=words): verb()
        p.unlink()
        for part in Path(name).parents: shutil.rmtree(made.path/part) if part.name else None
        if name in before: p.write_bytes(before[name])
    assert mine(made).read_text()=='precious' and not (made.path.parents[1]/'none').exists()
    assert {o.name:o.read_bytes() for o in made.path.iterdir()}==before

@pytest.mark.parametrize('read', [lambda r: r.status(), lambda r: r.config, lambda r: r.record,
                                  lambda r: r.events(), lambda r: r.log_tail(),
                                  lambda r: r.rows('train'), lambda r: r.summary(), lambda r: r.delete()])
def test_08_readers_follow_no_link_either(made, read):
    secret = made.path.parents[1]/'secret.json'
    secret.write_text(json.dumps(dict(json.loads((made.path/'status.json').read_text()), reason='private')))
    (made.path/'evals').mkdir()
    for name in ('status.json', 'config.yaml', 'record.json', 'events.jsonl', 'log.txt', 'data.jsonl',
                 'evals/test', 'lock'):
        (made.path/name).unlink(missing_ok=True)
        (made.path/name).symlink_to(secret)
    kept = secret.read_bytes()
    with pytest.raises(Linked, match='is a link'): read(made)
    assert secret.read_bytes()==kept

def test_09_a_whole_run_may_be_linked(made):
    link = made.path.parent/'linked'
    link.symlink_to(shutil.move(made.path, made.path.parents[1]/'big'))
    run = ft.attach(link)
    assert run.status()['state']=='created' and len(run.rows('train'))==8
    assert [o['state'] for o in ft.runs(link.parent)]==['created']

def test_10_deleting_removes_the_run_and_its_link(made):
    (made.path/'notes').symlink_to(made.path.parents[1]) # A link inside leads to everything
    link = made.path.parent/'linked'
    link.symlink_to(made.path)
    Run(link).delete()
    assert not made.path.exists() and not link.is_symlink() and mine(made).read_text()=='precious'
    assert (mine(made).parent/'train.jsonl').exists()

@pytest.mark.parametrize('config', [dict(peft_type='PROMPT_TUNING', tokenizer_name_or_path='m',
                                         tokenizer_kwargs=dict(trust_remote_code=True)),
                                    dict(peft_type='XLORA', adapters=dict(a='/x')),
                                    dict(peft_type='LORA', megatron_config=dict(a=1), megatron_core='json'),
                                    dict(peft_type='LORA', corda_config=dict(cache_file='/x')), dict(), [],
                                    None])
def test_11_an_adapter_has_nothing_else_loaded(tmp_path, config):
    from ftkit.model.adapter import load_adapter
    (tmp_path/'adapter_config.json').write_text(json.dumps(config))
    with pytest.raises(ValueError, match='pickle'): load_adapter(None, tmp_path)
    (tmp_path/'adapter_model.safetensors').write_bytes(b'')
    with pytest.raises(ValueError, match='adapter'): load_adapter(None, tmp_path)

@pytest.mark.parametrize('more, says', [
    (dict(r=10**8), 'r: 100000000, and the largest rank of its weights is 4'),
    (dict(rank_pattern={'q': 10**8}), 'q: 100000000'),
    (dict(rank_pattern=[1]), 'rank_pattern'), (dict(r=True), 'r: True'),
    (dict(alpha_pattern={'([a-z.0-9_]+)+=': 1}), 'may take for ever'),
    (dict(target_modules='(.*.*)*='), 'may take for ever'),
    (dict(exclude_modules='.*'*9), 'may take for ever'),
    (dict(alpha_pattern={f'k{i}': 1 for i in range(2000)}), 'may take for ever'),
    (dict(trainable_token_indices=[2*10**8]), 'adds token 200000000'),
    (dict(trainable_token_indices={'a': ['x']}), "adds token 'x'"), ('['*100_000, 'damaged'),
    (dict(layers_to_transform=[7]), 'does not fit'),
    (dict(target_modules=['q_proj']), 'weights find no layer'),
    (dict(target_modules=['q_proj', 'k_proj', 'v_proj']), 'weights are missing')])
def test_11_an_adapter_asks_for_what_its_weights_bear_out(tmp_path, more, says):
    import torch
    from peft import LoraConfig, get_peft_model
    from ftkit.model.adapter import load_adapter
    from ftkit.model.load import load_model
    model = get_peft_model(load_model('tiny-random'), LoraConfig(r=4, target_modules=['q_proj', 'k_proj']))
    model.save_pretrained(tmp_path)
    p = tmp_path/'adapter_config.json'
    assert load_adapter(load_model('tiny-random'), tmp_path)
    p.write_text(json.dumps(json.loads(p.read_text())|more) if isinstance(more, dict) else more)
    with pytest.raises(ValueError, match=re.escape(says)): load_adapter(load_model('tiny-random'), tmp_path)

def test_12_no_signal_to_a_stranger(made, monkeypatch):
    sent = []
    monkeypatch.setattr(os, 'kill', lambda *o: sent.append(o))
    monkeypatch.setattr(os, 'killpg', lambda *o: sent.append(o))
    import platform
    other = subprocess.Popen([sys.executable, '-c', 'input()'], stdin=subprocess.PIPE)
    try:
        for pid,start in ((True, ''), (True, process_start(1)), (1, process_start(1)), (1, ''), (0, ''),
                          (-1, ''), ('1', ''), (1.0, ''),
                          (os.getpid(), process_start(os.getpid())), (other.pid, ''), (other.pid, None),
                          (other.pid, '1')):
            told(made, state='running', attempt=1, pid=pid, pid_start=start, group=pid, host=platform.node(),
                 boot='', t=time.time())
            try: stop(made, now=True, wait_s=.01)
            except ValueError: pass # Such a status cannot be read
            (made.path/'stop').unlink(missing_ok=True)
            assert not sent, (pid, start, sent)
    finally: other.communicate(b'\n')

def test_13_what_a_run_says_is_shown_as_text(made):
    evil = '\x1b[2J\x1b]0;title\x07 a\nrun faked  finished\u202e <script>x</script>'
    told(made, state='failed', reason=evil, attempt=1)
    code,out,_ = cli(made.path.parent, 'runs', '.')
    assert code==0 and '\x1b' not in out and '\u202e' not in out and out.count('\n')==1
    assert '⟨U+001B⟩[2J' in out
    assert '\x1b' not in repr(made) and '\n' not in repr(made)
    code,_,err = cli(made.path.parent, 'eval', 'a') # It has no adapter
    assert code==2 and '\x1b' not in err
    from ftkit.evaluation.score import asked_of
    from ftkit.evaluation.summary import Summary, summarize
    for rows,answer in (([dict(prompt='q', completion=json.dumps({evil:evil}))], json.dumps({evil:evil})),
                        ([dict(text=evil, label=evil)], evil)):
        a = asked_of(ft.load(rows), task='label' if 'label' in rows[0] else 'json')
        found = a.score_all([dict(answer=answer, stopped=True)])
        assert '\x1b' not in repr(summarize({'base':found, 'tuned':found, evil:found}, a, evil))
        assert isinstance(Summary(), dict)
    from ftkit.sharing.report import report_html
    page = report_html(made)
    assert '<script>x' not in page and '\x1b' not in page and '\u202e' not in page

def test_13_a_path_and_a_reason_are_shown_as_text(made, capsys):
    from ftkit.cli.main import main
    evil = made.path.rename(made.path.with_name('a\x1b[2J'))
    told(Run(evil), reason='x'*500_000, state='failed')
    assert len(repr(Run(evil)))<1500 and len(repr(ft.runs(evil.parent)))<1500
    with pytest.raises(FileNotFoundError, match='Runs here: a⟨U\\+001B⟩'): ft.attach(evil.parent/'none')
    for words in (('report', evil), ('runs', evil.parent), ('delete', evil)):
        assert main([*map(str, words)])==0
        said = ''.join(capsys.readouterr())
        assert '\x1b' not in said and 'a⟨U+001B⟩[2J' in said and len(said)<2000

def test_14_settings_of_trackers_are_not_used(made, monkeypatch):
    from ftkit.training.fit import tracking
    for k in ('WANDB_RUN_ID', 'WANDB_DIR', 'MLFLOW_RUN_ID', 'MLFLOW_TRACKING_URI', 'WANDB_RESUME',
              'TENSORBOARD_LOGGING_DIR', 'TRACKIO_DIR'):
        monkeypatch.setenv(k, '') # So that it is put back
        monkeypatch.delenv(k)
    for odd in ({'id':'../../x'}, {'id':7}, [], 'x', {'mlflow':'x'}):
        (made.path/'environment.json').write_text(json.dumps(dict(tracker=odd)))
        assert re.fullmatch('[0-9a-f]{12}', tracking(made, True)['id'])
    assert os.environ['MLFLOW_TRACKING_URI']==(made.path/'trackers/mlruns').as_uri()
    (made.path/'trackers/wandb').mkdir()
    (made.path/'trackers/wandb/settings').write_text('[default]\nbase_url = http://elsewhere\n')
    with pytest.raises(ValueError, match='WANDB_BASE_URL'): tracking(made, True)

NAMES = ('no', '123', '1e3', 'null', '~', 'my: model', '[x]', '{a: b}', '`x`', 'a\nlicense: mit', '# x',
         '- a', "it's", '"', '---', '&a', '*a', '!!x', 'x\u2028y')

@pytest.mark.parametrize('name', NAMES)
def test_15_the_head_of_a_card_is_yaml(made, name):
    from ftkit.sharing.card import elsewhere, model_card
    folder = made.path.parents[1]/'models'/name
    folder.mkdir(parents=True)
    (folder/'config.json').write_text('{}')
    cfg = replace(made.config, model=f'models/{name}', train='train.jsonl', validation='test.jsonl',
                  test='test.jsonl')
    run = create(cfg, made.path.parent/'n', base=made.path.parents[1], allow_leak=True)
    (run.path/'environment.json').write_text('{"counts": {"train": {"cut": 0, "aside": 0}}}')
    head,body = model_card(told(run, reason=f'<b>{name}'), 'Checked.').removeprefix('---\n').split('\n---\n',
        1)
    assert yaml.safe_load(head)==dict(library_name='peft', base_model=name, base_model_relation='adapter',
                                      tags=['lora', 'sft', 'trl', 'ftkit'])
    assert '<b>' not in body and 'license: mit' not in body.splitlines()
    assert str(made.path.parents[1]) not in body
    assert elsewhere(run).model==name

def test_16_an_export_holds_no_path_of_this_machine(made):
    root,folder = str(made.path.parents[1]),made.path.parents[1]/'models/x'
    folder.mkdir(parents=True)
    (folder/'config.json').write_text('{}')
    (folder/'t.jinja').write_text('x')
    cfg = replace(made.config, model=str(folder), trust_remote_code=str(folder),
                  chat_template=f'{folder}/t.jinja',
                  **{k:f'{root}/{k if k=="train" else "test"}.jsonl' for k in ('train', 'validation',
        'test')})
    run = create(cfg, made.path.parent/'n', base=root, allow_leak=True)
    assert root in (run.path/'config.yaml').read_text()
    sharing_card.elsewhere(run).save(run.path/'out.yaml')
    assert root not in (run.path/'out.yaml').read_text() and '..' not in (run.path/'out.yaml').read_text()
    (run.path/'adapter').mkdir()
    (run.path/'adapter/notes.txt').symlink_to(mine(made))
    # Also in the process itself
    with pytest.raises(Linked): sharing_export.run_export(run.path, made.path.parents[1]/'out')
    with pytest.raises(Linked): sharing_export.export(run, folder=made.path.parents[1]/'out')
    assert not (made.path.parents[1]/'out').exists()

def test_17_a_models_code_needs_its_name(tmp_path):
    from ftkit.model.names import load_tokenizer
    at = with_code(tmp_path/'m')
    (at/'tokenizer_config.json').write_text(
        '{"auto_map": {"AutoTokenizer": [null, "code.T"]}, "tokenizer_class": "T"}')
    for trust in ('', 'x', 'owner/m', '1'):
        with pytest.raises((ValueError, OSError)): load_tokenizer(str(at), trust_remote_code=trust)
    (at/'config.json').write_text('{"model_type": "x", "auto_map": {"AutoConfig": "other/model--code.C"}}')
    with pytest.raises(ValueError, match="code of 'other/model'"):
        load_tokenizer(str(at), trust_remote_code=str(at))
    assert not (at/'RAN').exists()

def test_17_trust_in_an_adapter_is_none_in_its_model(tmp_path):
    from ftkit.model.load import load_model
    from ftkit.model.names import load_tokenizer
    at,ad = with_code(tmp_path/'m'),tmp_path/'adapter'
    ad.mkdir()
    (ad/'adapter_config.json').write_text(json.dumps(dict(peft_type='LORA', base_model_name_or_path=str(at))))
    for more in ({}, {'config.json': '{"model_type": "llama"}', 'tokenizer_config.json': '{}'}):
        for name,text in more.items(): (ad/name).write_text(text)
        for load in (load_model, load_tokenizer):
            with pytest.raises((ValueError, OSError)) as e: load(str(ad), trust_remote_code=str(ad))
            assert load is not load_model or 'is an adapter of' in str(e.value)
    assert not (at/'RAN').exists()

@pytest.mark.parametrize('key, value', [('attn_implementation', 'a/kernel'),
                                        ('_attn_implementation', 'kernels-community/x:f'),
                                        ('attn_implementation', {'': 'a/kernel@main'}),
                                        ('text_config', {'attn_implementation': 'a/kernel'})])
def test_17_no_code_comes_with_the_name_of_an_attention(tmp_path, key, value):
    from ftkit.model.load import load_model
    from ftkit.model.names import resolve
    at,ad = Path(shutil.copytree(resolve('tiny-random'), tmp_path/'m')),tmp_path/'adapter'
    (at/'config.json').write_text(json.dumps(json.loads((at/'config.json').read_text())|{key: value}))
    ad.mkdir()
    (ad/'adapter_config.json').write_text(json.dumps(dict(peft_type='LORA', base_model_name_or_path=str(at))))
    for o in (at, ad):
        with pytest.raises(ValueError, match='names code elsewhere'): load_model(str(o))

@pytest.mark.parametrize('text', ["{{ ''.__class__.__mro__[1].__subclasses__() }}",
                                  "{{ messages.__init__.__globals__ }}",
                                  "{{ cycler.__init__.__globals__.os.system('id') }}",
                                  "{% include '/etc/passwd' %}",
                                  "{{ raise_exception.__globals__ }}", "{{ messages.append(1) }}"])
def test_18_templates_are_sandboxed(text):
    from ftkit.model.render import _fill
    from ftkit.model.spans import byte_tokenizer
    try: got = _fill(text, [dict(role='user', content='x')], byte_tokenizer([]))[0]
    except ValueError as e: got = str(e)
    assert not re.search("<class|<module|root:|uid=|'os'", got), got

@pytest.mark.parametrize('text',
                         ['{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}',
                          '{% for i in range(10**9) %}{% endfor %}',
                          '{% macro f(n) %}{{ f(n) }}{% endmacro %}{{ f(1) }}', '{{ 1/0 }}',
                          "{{ 'x'*10**13 }}"])
def test_18_a_template_comes_to_its_end(text, monkeypatch):
    monkeypatch.setattr(model_template, 'FILL_s', 0)
    tok = model_spans.byte_tokenizer([])
    with pytest.raises((ValueError, RuntimeError), match='refuses these messages|stopped'):
        model_render._fill(text, [dict(role='user', content='x')], tok)
    assert model_render._fill('fine', [dict(role='user', content='x')], tok)[0]=='fine'
    assert not model_template._filling

@pytest.mark.parametrize('part', ['../x.safetensors', '/etc/x.safetensors', 'a/x.safetensors', 7])
def test_19_weights_are_files_of_the_model(tmp_path, part):
    from ftkit.model.load import load_model
    (tmp_path/'config.json').write_text('{"model_type": "llama"}')
    (tmp_path/'model.safetensors.index.json').write_text(json.dumps(dict(weight_map=dict(a='m-1.safetensors',
        b=part))))
    with pytest.raises(ValueError, match='outside of the model'): load_model(str(tmp_path), dtype='fp32')
    (tmp_path/'config.json').write_text(json.dumps(dict(model_type='llama', transformers_weights=str(part))))
    with pytest.raises(ValueError, match='as its weights'): load_model(str(tmp_path), dtype='fp32')

@pytest.mark.parametrize('text', ['!!python/object/apply:os.system ["touch RAN"]',
                                  'model: !!python/name:os.system', 'steps: [!!python/object:os.x {}]'])
def test_20_yaml_makes_no_objects(tmp_path, monkeypatch, text):
    monkeypatch.chdir(tmp_path)
    (tmp_path/'a.yaml').write_text(text)
    for read in (ft.load_config, ft.load_recipe):
        with pytest.raises(ValueError): read(tmp_path/'a.yaml')
    import pickle
    class Evil:
        def __reduce__(self): return open, ('RAN', 'w')
    for name in ('a.pkl', 'a.jsonl', 'a.parquet', 'a.arrow', 'a.csv'):
        (tmp_path/name).write_bytes(pickle.dumps(Evil()))
        try: ft.load(tmp_path/name)
        except (ValueError, OSError): pass
    assert not (tmp_path/'RAN').exists()

@pytest.mark.parametrize('value', ['evil', 'evil.call', 'evil:call'])
def test_20_no_name_is_imported_or_called(made, monkeypatch, tmp_path, value):
    from ftkit.config.settings import fields_of
    for o in ('evil.py', 'evil/__init__.py'):
        (tmp_path/'path'/o).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path/'path'/o).write_text(
            f'open({str(tmp_path/"RAN")!r}, "w")\ndef call(*a): pass\nCall = call\n')
    monkeypatch.syspath_prepend(tmp_path/'path')
    config = (made.path/'config.yaml').read_bytes()
    def tried(work, *a, **kw):
        try: return work(*a, **kw)
        except (ValueError, OSError, RuntimeError, ImportError): return None
    for f in fields_of(ft.RunConfig): # Setting by setting, in a new run, and in the file of one that is there
        ft.RunConfig('tiny-random', 'train.jsonl', 'test.jsonl').save(tmp_path/'c.yaml', force=True)
        o = yaml.safe_load((tmp_path/'c.yaml').read_text())
        (o['lora'] if f.name.startswith('lora.') else o)[f.name.rpartition('.')[2]] = value
        (tmp_path/'c.yaml').write_text(yaml.safe_dump(o))
        if (cfg := tried(ft.load_config, tmp_path/'c.yaml')) and value=='evil.call':
            tried(create, cfg, tmp_path/f'runs/{f.name}', base=tmp_path, allow_leak=True)
        (made.path/'config.yaml').write_text(yaml.safe_dump(o))
        for verb in (lambda: made.config, lambda: trusted(made), lambda: ft.attach(made.path)): tried(verb)
    for name in ('normalize', 'drop', 'label', 'columns', 'relabel', 'check'):
        (tmp_path/'r.yaml').write_text(yaml.safe_dump({name: value}))
        tried(ft.load_recipe, tmp_path/'r.yaml')
    (made.path/'config.yaml').write_bytes(config)
    def named(o): return {k:named(v) for k,v in o.items()} if isinstance(o, dict) else value
    # And in what a run recorded
    for name in ('record.json', 'status.json', 'launch.json', 'environment.json', 'evals/test/summary.json'):
        p = made.path/name
        p.parent.mkdir(parents=True, exist_ok=True)
        was = p.read_text() if p.exists() else ''
        p.write_text(json.dumps(named(json.loads(was or
                                                 '{"device": 1, "dtype": 1, "mask": 1, "tracker": 1, "of": '
                                                 '{"weights": 1}}'))))
        for verb in (lambda: made.status(), lambda: launch_env(made), lambda: model_of(made),
                     lambda: made.summary(), lambda: made.report(force=True)):
            tried(verb)
        p.write_text(was) if was else p.unlink()
    assert not (tmp_path/'RAN').exists() and 'evil' not in sys.modules

@pytest.mark.parametrize('kind', ['arrow.py_extension_type', 'evil.call', 'pandas.period',
                                  'datasets.features.features.Array2DExtensionType'])
@pytest.mark.parametrize('name', ['a.parquet', 'a.arrow'])
@pytest.mark.filterwarnings('ignore') # pyarrow's own words, that it makes no such type
def test_20_types_that_a_table_names_are_not_made(tmp_path, name, kind):
    import pickle
    import pyarrow as pa, pyarrow.parquet as pq
    mark = tmp_path/'RAN'
    class Evil:
        def __reduce__(self): return open, (str(mark), 'w')
    about = {'ARROW:extension:name':kind, 'ARROW:extension:metadata':pickle.dumps(Evil()),
             'pandas':pickle.dumps(Evil())}
    fields = [pa.field('prompt', pa.string(), metadata=about), pa.field('completion', pa.string())]
    t = pa.Table.from_arrays([pa.array(['q']), pa.array(['a'])], schema=pa.schema(fields, metadata=about))
    if name=='a.parquet': pq.write_table(t, tmp_path/name)
    else:
        with pa.ipc.new_file(tmp_path/name, t.schema) as f: f.write_table(t)
    try: assert [o.answer for o in ft.load(tmp_path/name)]==['a']
    except ValueError as e: assert len(str(e))<600
    assert not mark.exists()

@pytest.mark.parametrize('card', ['data_files: /etc/passwd', 'data_files: "http://127.0.0.1:9/a.csv"',
                                  'data_files: ../../a.csv', 'data_dir: /etc',
                                  'data_files: [{split: train, path: ["x.csv", "/etc/passwd"]}]',
                                  'data_files: "zip://a.csv::http://127.0.0.1:9/b"'])
@pytest.mark.parametrize('file', ['README.md', '.huggingface.yaml'])
def test_21_a_data_set_stays_in_its_repository(tmp_path, card, file):
    datasets = pytest.importorskip('datasets')
    from ftkit.data.read.options import Unreadable
    from ftkit.data.read.hub import _within
    d = tmp_path/'set'
    d.mkdir()
    (d/'x.csv').write_text('prompt,completion\na,b\n')
    (d/'README.md').write_text('---\nlicense: mit\n---\n')
    front = f'configs:\n- config_name: default\n  {card}\n'
    (d/file).write_text(f'---\n{front}---\n' if file=='README.md' else front)
    with pytest.raises(Unreadable, match='outside of the data set'):
        with _within(datasets, 'o/set', str(d)):
            datasets.load_dataset(str(d), cache_dir=str(tmp_path/'cache'))
    assert not inspect.ismethod(datasets.data_files.resolve_pattern)
    assert datasets.data_files.resolve_pattern.__name__=='resolve_pattern'

def test_22_a_packed_file_that_grows(tmp_path):
    (tmp_path/'a.jsonl.gz').write_bytes(gzip.compress(b'{"prompt":"'+b'x'*(80*2**20)+b'"}'))
    with pytest.raises(ValueError, match='FTKIT_MAX_UNPACKED'): ft.load(tmp_path/'a.jsonl.gz')
    import pyarrow as pa, pyarrow.parquet as pq
    shared = pa.DictionaryArray.from_arrays(pa.array([0]*999), pa.array(['x'*2**22]))
    pq.write_table(pa.table({'prompt':[f'q {i}' for i in range(999)], 'completion':shared}),
                   tmp_path/'a.parquet', compression='zstd')
    with pytest.raises(ValueError, match='FTKIT_MAX_UNPACKED'): ft.load(tmp_path/'a.parquet')

def test_23_rows_and_settings_without_end(tmp_path):
    (tmp_path/'a.jsonl').write_text('{"prompt":"'+'x'*(33*2**20)+
                                    '","completion":"a"}\n{"prompt":"b","completion":"c"}\n')
    exs = ft.load(tmp_path/'a.jsonl')
    assert len(exs)==1 and 'FTKIT_MAX_ROW' in exs.dropped[0].reason
    bomb = 'a: &a [x, x]\n'+''.join(f'{k}: &{k} [*{p}, *{p}, *{p}]\n' for p,k in zip('abcdefgh', 'bcdefghi'))
    for text in (bomb, 'model: '+'['*100_000, 'model: '+'x'*2**20):
        (tmp_path/'run.yaml').write_text(text)
        with pytest.raises(ValueError): ft.load_config(tmp_path/'run.yaml')

def test_23_files_that_are_far_larger_than_what_they_hold(tmp_path, made, monkeypatch):
    for name,read in dict(run=ft.load_config, recipe=ft.load_recipe, foreign=ft.read_foreign).items():
        (tmp_path/f'{name}.yaml').touch()
        os.truncate(tmp_path/f'{name}.yaml', 2**36) # Takes no room, and would not fit into memory
        with pytest.raises(ValueError, match='FTKIT_MAX_YAML'): read(tmp_path/f'{name}.yaml')
    monkeypatch.setenv('FTKIT_MAX_ROW', '.01')
    for o in [o for k,o in sys.modules.items() if k.startswith('ftkit.') and 'ENDLESS' in vars(o)]:
        monkeypatch.setattr(o, 'ENDLESS', 2**21)
    good = '{"prompt":"a","completion":"b"}\n'
    (tmp_path/'a.jsonl').write_text(good+'x'*2**22+'\n'+good)
    exs,lines = ft.load(tmp_path/'a.jsonl'),[*base_lines.read_jsonl(tmp_path/'a.jsonl')]
    assert len(exs)==1 and [o.line for o in exs.dropped]==[2] and 'Nothing after it' in exs.dropped[0].reason
    assert [o.n for o in lines]==[1, 2] and 'Nothing after it' in lines[1].error
    os.truncate(made.path/'events.jsonl',
                2**33) if (made.path/'events.jsonl').exists() else (made.path/'events.jsonl').write_bytes(
        b'\0'*2**23)
    with pytest.raises(ValueError, match='is damaged'): made.events()

def test_23_names_by_the_hundred_thousand(tmp_path):
    names,began = [f'c{i}' for i in range(50_000)],time.process_time()
    (tmp_path/'a.csv').write_text(','.join([*names, 'c7'])+'\n'+','*len(names)+'\n')
    with pytest.raises(ValueError, match="called 'c7'"): ft.load(tmp_path/'a.csv')
    (tmp_path/'a.jsonl').write_text('{'+','.join(f'"{o}":1' for o in [*names, 'c49999'])+'}\n')
    with pytest.raises(ValueError, match="duplicate key 'c49999'"): ft.load(tmp_path/'a.jsonl')
    assert time.process_time()-began<15

def test_24_texts_that_would_keep_a_check_busy():
    texts = ('API_KEY='+'x'*20_000+'-prod1', '[](http://a'*3_000, '"a": "'*4_000, 'for (;;) {'*4_000)
    began = time.process_time()
    ft.load([dict(prompt=o, completion=o) for o in texts]).check()
    assert time.process_time()-began<30

def test_25_one_bad_folder(made):
    for name in ('pipe', 'folder', 'deep'): (made.path.parent/name).mkdir()
    os.mkfifo(made.path.parent/'pipe/status.json')
    (made.path.parent/'folder/status.json').mkdir()
    (made.path.parent/'deep/status.json').write_text('['*100_000)
    began,found = time.monotonic(),{Path(o['run']).name:o['state'] for o in ft.runs(made.path.parent)}
    assert found.pop('a')=='created' and {*found.values()}=={'unreadable'} and len(found)==3
    assert time.monotonic()-began<10

@pytest.mark.parametrize('key, value', [('t', '9'*400), ('t', 'NaN'), ('t', '1e999'), ('pid', '9'*4000),
                                        ('pid', '9'*18), ('step', '9'*4000), ('of', '9'*20),
                                        ('elapsed_s', '9'*400), ('best_loss', '-'+'9'*400),
                                        ('cost', 'Infinity'), ('attempt', '9'*30)])
def test_25_numbers_that_nobody_can_count_with(made, key, value, capsys):
    from ftkit.cli.main import main
    shutil.copytree(made.path, made.path.parent/'b')
    o = json.loads((made.path/'status.json').read_text())|dict(state='running')
    (made.path/'status.json').write_text(json.dumps(o|{key: '@'}).replace('"@"', value))
    assert main(['runs', str(made.path.parent)])==0
    assert len(said := capsys.readouterr().out.splitlines())==2 and sum('created' in o for o in said)==1
    assert main(['report', str(made.path)]) in (0, 2) and 'a bug in ftkit' not in capsys.readouterr().err

def test_25_locks_and_pages_that_are_none(made, capsys):
    from ftkit.cli.main import main
    for i,text in enumerate(('"pid"', '["pid"]', '{"pid": true}', '{"pid": "1"}', '{"pid": %s}' % ('9'*4000),
                             '{"pid": 1e3}')):
        (made.path.parent/f'b{i}').mkdir()
        (made.path.parent/f'b{i}/lock').write_text(text)
    (made.path/'report.html').symlink_to(mine(made))
    assert main(['runs', str(made.path.parent)])==0
    assert 'report.html is a link' in (said := capsys.readouterr().out) and 'precious' not in said

ODD_EVENTS = ({}, dict(step=1), dict(step=None, loss=1), dict(step='1', loss='x'), dict(step=[1], loss=1),
              dict(step={}, loss=[]), dict(step=1, loss=10**400), dict(step=1, loss=1, of='x', tokens=[]),
              dict(step=2, loss=1, tokens=float('inf'), tokens_per_s='y'))

def test_25_events_of_another_shape(made, capsys):
    from ftkit.cli.main import main
    told(made, state='stopped', reason='asked to', attempt=1)
    (made.path/'events.jsonl').write_text(''.join(
        json.dumps(dict(v=1, attempt=1, kind=k)|o)+'\n' for o in ODD_EVENTS for k in ('train', 'eval')))
    said = []
    assert [*made.history().step]==[1, 2] and made.wait(say=said.append) and len(said)==3
    for words in ('watch', 'compare', 'report'):
        assert main([words, str(made.path)])==0 and 'a bug in ftkit' not in capsys.readouterr().err
    with open(made.path/'events.jsonl', 'a') as f: f.write('{"kind":"x","attempt":1%s}\n' % ('0'*30))
    (made.path/'status.json').write_text('{')
    assert mend(made).status()['attempt']==0

@pytest.mark.parametrize('loss', ['1e308', '-1e308', '9'*400, 'NaN', 'Infinity'])
def test_25_losses_that_nobody_can_draw(made, loss):
    lines = (f'{{"v":1,"attempt":1,"kind":"{k}","step":{i},"loss":{v}}}'
             for i,v in enumerate(('1', loss, '-1e308'), 1) for k in ('train', 'eval'))
    last = '{"v":1,"attempt":1,"kind":"train","step":%s,"loss":1}' % ('9'*400)
    (made.path/'events.jsonl').write_text('\n'.join((*lines, last))+'\n')
    assert 'svg' in made.report().read_text() and 'svg' in made.panel(made).static_html()

def test_26_a_result_of_other_weights(made):
    (made.path/'evals/test').mkdir(parents=True)
    of = dict(weights='others', rows='', model='', settings='')
    (made.path/'evals/test/summary.json').write_text(json.dumps(dict(v=1, of=of)))
    assert made.summary()['stale']

@pytest.fixture(scope='module')
def judged(tmp_path_factory):
    "A run by hand, with an evaluation of labels, and a verdict"
    import test_eval_gate as by_hand
    run = by_hand.made(tmp_path_factory.mktemp('judged')/'runs/faq', 9, 6, 12)
    run.gate()
    return run

def with_(o, at, value): # A copy of JSON with something else in it
    o = json.loads(json.dumps(o))
    inner = o
    for k in at[:-1]: inner = inner[k]
    inner[at[-1]] = value
    return json.dumps(o)

EVAL_ODD = [(('opened',), 'x'), (('opened',), []), (('notes',), 'x'), (('notes',), [1]), (('commonest',), 7),
            (('clusters',), 'x'), (('why',), []),
            (('alike', 'words'), [7]), (('asked',), 7), (('flags', 'empty'), [7]),
            (('flags', 'empty'), [dict(id=1)]), (('fields',), {'a':{'x':{}}}),
            (('calibration',), {'tuned':{}}), (('calibration',), {'tuned':dict(reliability=7)}),
            (('classes', 'tuned', 'a'), {}),
            (('classes', 'tuned', 'a', 'f1', 'value'), 'x'), (('confusion', 'tuned', 'counts'), [['x']]),
            (('confusion', 'tuned', 'counts'), [[1], [2, 3]]),
            (('confusion', 'tuned', 'labels'), ['a']), (('models', 'tuned', 'accuracy', 'n'), 'many'),
            (('max_new_tokens',), '9'), (('closed',), {}),
            (('difference', 'accuracy', 'words'), [])]

@pytest.mark.parametrize('at, odd', EVAL_ODD)
def test_27_an_evaluation_of_another_shape_is_refused_with_its_place(judged, tmp_path, at, odd):
    from ftkit.evaluation.summary import Summary
    run = Run(shutil.copytree(judged.path, tmp_path/'runs/faq'))
    p = run.path/'evals/test/summary.json'
    p.write_text(with_(json.loads(p.read_text()), at, odd))
    place = '.'.join(at[:2]) if at[0]!='confusion' else 'confusion.tuned'
    assert repr(Summary(run.summary())).startswith('An evaluation whose summary is damaged')
    assert place in repr(Summary(run.summary()))
    assert 'damaged' in run.compare_answers().static_text()
    for verb in (run.gate, lambda: ft.leaderboard([run])):
        with pytest.raises(ValueError, match=f'is damaged .{re.escape(place)}'): verb()
    assert cli(run.path.parent, 'gate', 'faq')[0]==2

@pytest.mark.parametrize('at, odd', [(('scores',), 'x'), (('scores', 'accuracy'), 'x'),
                                     (('scores', 'accuracy'), {}), (('scores', 'accuracy'), float('inf')),
                                     (('answer',), 7), (('id',), []), (('stopped',), 'yes'),
                                     (('chosen',), [])])
def test_27_answers_of_another_shape_are_refused_with_their_line(judged, tmp_path, at, odd):
    run = Run(shutil.copytree(judged.path, tmp_path/'runs/faq'))
    p = run.path/'evals/test/tuned.jsonl'
    lines = p.read_text().splitlines()
    p.write_text('\n'.join([lines[0], with_(json.loads(lines[1]), at, odd), *lines[2:]])+'\n')
    with pytest.raises(ValueError, match='Line 2 of the answers is damaged'):
        ft.leaderboard([run], headline='accuracy')
    try: run.compare_answers().static_html() # It shows the others, or refuses
    except ValueError as e: assert 'Line 2 of the answers is damaged' in str(e)

def test_27_text_of_an_evaluation_is_shown_as_text(judged, tmp_path, capsys):
    from ftkit.evaluation.summary import Summary
    from ftkit.sharing.report import report_html
    evil = '\x1b[2J\x1b]0;title\x07 a\n  accuracy 100 %\u202e <script>x</script>'
    run = Run(shutil.copytree(judged.path, tmp_path/'runs/faq'))
    p = run.path/'evals/test/summary.json'
    o = json.loads(p.read_text())|dict(notes=[evil], why=evil, commonest=evil, alike=dict(words=[evil]))
    for k in ('accuracy', 'macro_f1'): o['difference'][k]['words'] = evil
    o['models'][evil] = o['models']['tuned']
    p.write_text(json.dumps(o))
    run.gate()
    kept = json.loads((run.path/'gate.json').read_text())
    (run.path/'gate.json').write_text(json.dumps(kept|dict(run=evil, warnings=[evil])))
    from ftkit.evaluation.gate import kept_verdict
    plain = [repr(o) for o in (Summary(run.summary()), kept_verdict(run), ft.leaderboard([run]))]
    plain += [run.compare_answers().static_text()]
    for text in plain: assert not {'\x1b', '\u202e', '\x07'}&{*text} and '\n  accuracy 100 %' not in text
    made_from = dict(v=1, data={}, created='', leaks=0, system='', python='3', cores=1, versions={})
    (run.path/'record.json').write_text(json.dumps(made_from))
    for page in (report_html(run), run.compare_answers().static_html()):
        assert '<script>x' not in page and '\x1b' not in page

SCHEMA_REFERS = [{'$ref':'FILE'}, {'x':{'$ref':'FILE'}, '$ref':'#/x'},
                 {'properties':{'a':{'$dynamicRef':'http://127.0.0.1:9/x'}}}, {'$ref':'secret.json'},
                 {'$id':'http://127.0.0.1:9/', '$ref':'x'}, {'$schema':'http://127.0.0.1:9/x'},
                 {'default':{'$id':'http://h/', '$ref':'y'}, 'allOf':[{'$ref':'#/default'}]}]

@pytest.mark.parametrize('schema', SCHEMA_REFERS)
def test_28_a_schema_refers_to_nothing_elsewhere(tmp_path, monkeypatch, schema):
    import socket
    from ftkit.evaluation.schema import schema_errors
    (tmp_path/'secret.json').write_text('{"const": "private"}')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(socket.socket, 'connect', lambda *o: pytest.fail('something is fetched'))
    schema = json.loads(json.dumps(schema).replace('FILE', (tmp_path/'secret.json').as_uri()))
    with pytest.raises(ValueError, match='not inside it|not known') as e: schema_errors({'a':1}, schema)
    assert 'private' not in str(e.value)

TWICE = {f'd{i}':{'allOf':[{'$ref':f'#/$defs/d{i+1}'}]*2} for i in range(40)}|{'d40':{}}

@pytest.mark.parametrize('schema, answer', [
    ({'properties':{'a':{'pattern':'^(a+)+$'}}}, {'a':'a'*40+'!'}),
    ({'patternProperties':{'^(a|a)*$':{}}}, {'a'*40+'!':1}),
    ({'patternProperties':{'^(a+)+$':{}}, 'additionalProperties':False}, {'a'*40+'!':1}),
    ({'x':{'pattern':'(a*)*b'}, 'properties':{'a':{'$ref':'#/x'}}}, {'a':'a'*60}),
    ({'$defs':TWICE, '$ref':'#/$defs/d0'}, {}), ({'properties':{'a':{'uniqueItems':True}}},
                                                 {'a':[{'x':i} for i in range(9000)]})])
def test_29_a_schema_keeps_no_answer_busy(monkeypatch, schema, answer):
    import ftkit.evaluation.schema as evaluation_schema
    from ftkit.evaluation.task import Task
    monkeypatch.setattr(evaluation_schema, 'CHECK_s', .3)
    began,task = time.process_time(),Task('json', schema=schema)
    assert {evaluation_schema.valid_schema(answer=json.dumps(answer), task=task) for _ in range(30)}=={None}
    assert time.process_time()-began<8
    for deep in ('['*900+']'*900, '{"not":'*2000+'{}'+'}'*2000): # Read, or refused, but no fault
        try: evaluation_schema.check_schema(json.loads(deep) if deep[0]=='{' else {'enum':[deep]})
        except (ValueError, RecursionError) as e: assert isinstance(e, ValueError) or 'decoding' in str(e)

@pytest.mark.parametrize('text', ['!!python/object/apply:os.system ["touch RAN"]',
                                  'accuracy: !!python/name:os.system', 'a: &a [*a]', '['*100_000,
                                  'x: '+'y'*2**20,
                                  'accuracy: {at_least: .nan}', 'accuracy: {at_least: '+'9'*5000+'}',
                                  'accuracy: {at_least: .inf}',
                                  '\n'.join(f'k{i}: {{at_least: 1}}' for i in range(9000)),
                                  '"\\e[2J": {at_least: 1}', 'x'*9999+': {at_least: 1}',
                                  'a: &a {at_least: 1}\nb: {<<: *a}',
                                  'accuracy: &a {at_least: 1}\nmacro_f1: [*a, *a]'])
def test_30_rules_are_data(judged, tmp_path, monkeypatch, text):
    monkeypatch.chdir(tmp_path)
    run = Run(shutil.copytree(judged.path, tmp_path/'runs/faq'))
    (tmp_path/'gate.yaml').write_text(text)
    with pytest.raises(ValueError) as e: run.gate('gate.yaml')
    assert len(str(e.value))<900 and not (tmp_path/'RAN').exists()

OBJECTS = [dict(id=str(i), reference='{"a":"b"}') for i in range(4)]

@pytest.mark.parametrize('references, answers', [
    ([dict(id='x'*2**20, reference='a')], [dict(id='y'*2**20, answer='a')]),
    ([dict(id='x'*2**20, reference='a')], [dict(id='x'*2**20, answer='a')]*2),
    (OBJECTS, '['*200_000), (OBJECTS, '"'+'x'*(65*2**20)), ('['*200_000, OBJECTS), (OBJECTS, '{"answer": 7}'),
    (OBJECTS, '\xff\0'), ('{"reference": "a"}', '{"id": {}}')])
def test_30_references_and_answers_are_refused_with_words(tmp_path, references, answers):
    for name,rows in dict(r=references, a=answers).items():
        (tmp_path/f'{name}.jsonl').write_text(rows if isinstance(rows, str) else ''.join(json.dumps(o)+'\n'
            for o in rows))
    code,_,err = cli(tmp_path, 'score', '--references', 'r.jsonl', '--answers', 'a.jsonl')
    assert code==2 and 15<len(err)<1500 and 'a bug in' not in err

BUSY = ('x'*30_000, '{"a":'*6000, '"'*30_000, '5 March 2024 '*2300, 'Ann Smith '*3000, '1,234.5 '*3700,
        '万'*30_000, '<think>'*4000, '\\"'*15_000, 'a b. '*6000, ',a'*15_000)

@pytest.mark.parametrize('task', ['label', 'labels', 'json', 'short', 'text'])
def test_31_no_answer_keeps_its_scoring_busy(task):
    from ftkit.evaluation.score import asked_of
    rows = ft.load([dict(prompt=f'Question {i}, of some words?', completion=json.dumps(dict(a=i))
                         if task=='json' else f'answer {i%2}') for i in range(len(BUSY))])
    a,began = asked_of(rows, rows, task),time.process_time()
    found = a.score_all([dict(answer=o, stopped=True, tokens=9) for o in BUSY])
    assert len(found)==len(BUSY) and time.process_time()-began<20

def test_32_a_checker_is_opened_as_any_model(tmp_path, monkeypatch):
    import io
    from ftkit.evaluation.support import load_checker
    at = with_code(tmp_path/'m')
    o = json.loads((at/'config.json').read_text())|dict(auto_map=dict(AutoConfig='code.C',
        AutoModelForSequenceClassification='code.M'))
    (at/'config.json').write_text(json.dumps(o))
    (at/'model.safetensors').write_bytes(b'')
    monkeypatch.setattr(sys, 'stdin', io.StringIO('y\n'*9)) # Whoever is asked would agree
    with pytest.raises((ValueError, OSError)): load_checker(at)
    (at/'config.json').write_text('{"model_type": "bert"}')
    (at/'model.safetensors').rename(at/'pytorch_model.bin')
    with pytest.raises(ValueError, match='pickles'): load_checker(at)
    (at/'model.safetensors.index.json').write_text(json.dumps(dict(weight_map=dict(a='../../x.safetensors'))))
    with pytest.raises(ValueError, match='outside of the model'): load_checker(at)
    assert not (at/'RAN').exists()

# A packed run

@pytest.fixture
def packed(made, tmp_path):
    "A packed run as what its entries hold, and how to pack others"
    import zipfile
    with zipfile.ZipFile(made.pack(tmp_path/'good.zip')) as z: held = {o:z.read(o) for o in z.namelist()}
    def zipped(more=(), without=(), **kw):
        with zipfile.ZipFile(tmp_path/'bad.zip', 'w', **kw) as z:
            for name,data in held.items():
                if name not in without: z.writestr(name, data)
            for name,data,mode in more:
                info = zipfile.ZipInfo(name)
                info.external_attr,info.compress_type = mode<<16,kw.get('compression', 0)
                z.writestr(info, data)
        return tmp_path/'bad.zip'
    return held, zipped

LINK,PIPE,FILE = 0o120777,0o010644,0o100644
@pytest.mark.parametrize('name,data,mode', [
    ('../mine.txt', b'x', FILE), ('/mine.txt', b'x', FILE), ('a/../../mine.txt', b'x', FILE),
    ('a\\..\\mine.txt', b'x', FILE), ('a/evals/../../mine.txt', b'x', FILE), ('b/gate.json', b'{}', FILE),
    ('a/gate.json', b'../../mine.txt', LINK), ('a/adapter', b'/etc', LINK), ('a/gate.json', b'', PIPE),
    ('a/sitecustomize.py', b'1/0', FILE), ('a/adapter/adapter_model.bin', b'x', FILE),
    ('a/checkpoints/checkpoint-1/optimizer.pt', b'x', FILE), ('a/GATE.json', b'{}', FILE),
    ('a/gate.json\n', b'{}', FILE), ('a/config.yaml', b'', FILE), ('a/gate.json/x', b'', FILE)])
def test_33_a_pack_writes_what_a_pack_may_hold(made, packed, tmp_path, ftkit, name, data, mode):
    held,zipped = packed
    before = {p for p in tmp_path.rglob('*')}|{tmp_path/'bad.zip'}
    if name.startswith('/'): name = f'{tmp_path}{name}' # An absolute path
    with warnings.catch_warnings():
        warnings.simplefilter('ignore') # Of a name that comes twice
        bad = zipped([(name, data, mode)])
    for words in (('open', bad, '--to', tmp_path/'new'), ('rerun', bad)):
        code,_,err = ftkit(*words)
        assert code==2 and 'was not opened' in err, err
    assert mine(made).read_text()=='precious' and {p for p in tmp_path.rglob('*')}==before

def test_33_sizes_are_counted_and_not_believed(packed, tmp_path, monkeypatch):
    from ftkit.sharing.unpacked import unpack
    import zipfile
    _,zipped = packed
    bomb = zipped([('a/gate.json', bytes(40*2**20), FILE)], compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(ValueError, match='FTKIT_MAX_UNPACKED'): unpack(bomb, tmp_path/'new')
    raw = bytearray(bomb.read_bytes())
    size = (40*2**20).to_bytes(4, 'little')
    while (at := raw.find(size))>=0: raw[at:at+4] = (9).to_bytes(4, 'little') # It says that it is small
    (tmp_path/'bad.zip').write_bytes(raw)
    with pytest.raises(ValueError, match='damaged|not packed|not what was packed'):
        unpack(tmp_path/'bad.zip', tmp_path/'new')
    with pytest.raises(ValueError, match='more than 10,000 files'):
        unpack(zipped([(f'a/evals/{i}/base.jsonl', b'', FILE) for i in range(10_001)]), tmp_path/'new')
    assert not (tmp_path/'new').exists()

def test_33_nothing_of_a_pack_runs(made, packed, tmp_path, monkeypatch, ftkit):
    from ftkit.sharing.brought import bring
    cold(monkeypatch)
    ftkit('open', tmp_path/'good.zip', '--to', tmp_path/'there')
    mark = booby(tmp_path/'there')
    note = dict(cells=[dict(cell_type='code', source=f'open({str(mark)!r}, "w")')],
                metadata=dict(ftkit=dict(record='there')))
    (tmp_path/'repeat.ipynb').write_text(json.dumps(note))
    for source in (tmp_path/'there', tmp_path/'repeat.ipynb'):
        code,_,err = cli(tmp_path, 'rerun', source)
        assert code==4, err # It was not evaluated
    bring(tmp_path/'repeat.ipynb', tmp_path/'copy')
    assert not mark.exists() and not [*(tmp_path/'copy').rglob('*.py')]
    for name in ('/etc', '..', '.hidden', 'a/b', ''):
        (tmp_path/'repeat.ipynb').write_text(json.dumps(dict(metadata=dict(ftkit=dict(record=name)))))
        with pytest.raises(ValueError, match='no record'): bring(tmp_path/'repeat.ipynb', tmp_path/'new')

def test_34_a_pack_says_nothing_of_this_machine(made, packed):
    held,_ = packed
    for o in ('config.yaml', 'record.json', 'status.json', 'ftkit_record.json'): # Others are of training
        text = held[f'a/{o}'].decode()
        assert str(made.path.parents[1]) not in text and platform.node() not in text

def test_34_a_private_pack_quotes_no_row(made, tmp_path):
    import zipfile
    with zipfile.ZipFile(made.pack(tmp_path/'p.zip', private=True)) as z:
        names = z.namelist()
        text = b'\n'.join(map(z.read, names)).decode(errors='replace')
    assert not [o for o in names if o.endswith('.jsonl') and 'events' not in o]
    assert 'something else entirely' not in text and ' and 9?' not in text
