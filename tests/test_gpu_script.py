"The stages for a large card, on the CPU at tiny shapes: what fails here would fail in a card's first minute."
import os, re, subprocess, sys, time
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT/'benchmarks'))
import gpu, gpu_needs

def spread(names):
    "These packages and all that they ask for, by the names that they are imported by"
    todo,seen = [*names],set()
    while todo:
        name = re.split(r'[\s<>=!~;\[(]', todo.pop())[0].lower().replace('_', '-')
        if name in seen: continue
        seen.add(name)
        try: todo += [o for o in metadata.requires(name) or [] if 'extra' not in o]
        except metadata.PackageNotFoundError: pass
    return seen

@pytest.fixture(scope='module')
def bare(tmp_path_factory):
    "A folder for PYTHONPATH which hides every installed package that a rented machine need not have"
    there = spread([*gpu_needs.NEEDS, *gpu_needs.BASE])
    def needed(dists): return {o.lower().replace('_', '-') for o in dists} & there
    hidden = sorted(k for k,dists in metadata.packages_distributions().items()
                    if k!='ftkit' and k[0]!='_' and not needed(dists))
    assert {'polars', 'ftfy', 'anywidget', 'ipywidgets'} <= {*hidden} and 'torch' not in hidden
    d = tmp_path_factory.mktemp('bare')
    (d/'sitecustomize.py').write_text(f'''
from importlib.machinery import PathFinder
was,HIDDEN = PathFinder.find_spec,set({hidden!r})
@staticmethod
def find_spec(name, *more): return None if name.partition(".")[0] in HIDDEN else was(name, *more)
PathFinder.find_spec = find_spec
''')
    return d

def script(*args, cwd, **env):
    return subprocess.run([ROOT/'benchmarks/gpu.sh', *args], capture_output=True, text=True, cwd=cwd,
                          timeout=560, env=os.environ|dict(PYTHON=sys.executable)|env)

METHODS = 'lora', 'qlora', 'full', '8bit'

ROWS = dict( # Stage → how its checks begin, and which of them a CPU leaves out
    correct=(('the device', 'what is calculated', *(f'{m}: rows go' for m in METHODS),
              *(f'{m}, bf16: gradients' for m in METHODS), 'lora, 32 bits', 'full, 32 bits',
              'rows end to end: states and', 'rows padded inside attention: states and',
              'FlashAttention, Llama: gradients', 'FlashAttention, Mistral: gradients',
              'full: loss', 'qlora: loss', '8bit: loss', 'answers that end', 'answers as they',
              'resumed: each step', 'resumed: the loss', 'resumed: the adapter'), 0),
    speed=(tuple(f'{m}: {o}' for m in ('Llama-3-8B, lora', 'Llama-3-8B, qlora', 'SmolLM2-135M, lora')
                 for o in ('real tokens', 'times trl', 'share of the', 'peak memory', 'final loss')), 2),
    memory=(('small-llama lora fp32 1×128 plain', 'small-llama lora fp32 1×128 ftkit'), 0),
    devices=(('ddp, two processes: processes', 'ddp, two processes: the loss'), 1))

def test_all_of_it_on_a_cpu(bare, tmp_path):
    for o in ('torch', 'trl', 'bitsandbytes'): pytest.importorskip(o)
    done = script('all', '--cpu', '--out', 'tables', '--seconds', '500', cwd=tmp_path, PYTHONPATH=str(bare))
    said = done.stdout+done.stderr
    assert done.returncode==0, said[-4000:]
    for stage,(begins,left_out) in ROWS.items():
        text = (tmp_path/f'tables/gpu-{stage}.md').read_text(encoding='utf-8')
        lines = [o for o in text.splitlines() if o.startswith('| ')][1:]
        rows = [[c.strip() for c in o.strip('|').split(' | ')] for o in lines]
        assert all(len(o)==4 and o[3] in ('yes', 'not run') for o in rows), text
        assert [o for o in begins if not any(r[0].startswith(o) and r[3]=='yes' for r in rows)]==[], text
        assert sum(o[3]=='not run' for o in rows)==left_out, text
        assert text.startswith(f'# Stage {stage}\n\nCPU; Python ') and text in said
        assert f'torch {metadata.version("torch")}' in text

def test_a_wrong_number_is_an_exit_code():
    from gpu_common import at_most, not_run, row
    right,wrong,out = at_most('a', 1., 2.),at_most('b', 3., 2.),not_run('c', 'one card | here')
    assert (right['ok'], wrong['ok'], out['ok'])==(True, False, None)
    assert not at_most('d', float('nan'), 2.)['ok']
    assert [gpu.verdict(o) for o in ([right], [right, out], [right, wrong], [out], [])]==[0, 0, 1, 1, 1]
    text = gpu.table('x', 'a card', [right, wrong, out], 3)
    assert '| b | 3 | at most 2 | **no** |' in text
    assert '| c | not run: one card / here | – | not run |' in text
    assert '1 right, 1 wrong, 1 not run.' in text
    assert not row('e', '', '', 0)['ok'] is None

FAKE = '''
import json, os, sys, time
print(json.dumps(dict(cuda=True, bytes=0, text="a card")), flush=True)
for line in sys.stdin:
    name = line.split()[1]
    if name=="dies": os._exit(7)
    if name=="hangs": time.sleep(60)
    if name=="raises": print(json.dumps(dict(error="ValueError: no")), flush=True); continue
    row = dict(check=name, measured=str(os.getpid()), wanted="any", ok=True)
    print(json.dumps(dict(rows=[row])), flush=True)
'''

@pytest.mark.parametrize('lanes', [1, 3])
def test_what_fails_loses_its_check_alone(lanes, tmp_path, monkeypatch):
    names = dict(one=9, dies=9, two=9, hangs=.5, three=9, raises=9, four=9)
    monkeypatch.setattr(gpu, 'checks_of', lambda *_: {k:(v, None) for k,v in names.items()})
    begun = []
    def begin():
        w = gpu.Worker([sys.executable, '-c', FAKE], dict(os.environ), tmp_path/'log')
        w.about = w.heard(20)
        begun.append(w)
        return w
    stage = gpu.Stage('correct', 60, tmp_path, False)
    last = gpu.run(stage, begin(), begin, lanes)
    if last: last.close()
    assert [o['check'] for o in stage.every()]==list(names)
    got = {o['check']:o for o in stage.every()}
    bad = dict(dies='code 7', hangs='not done in', raises='ValueError: no')
    assert [k for k,o in got.items() if not o['ok']]==[*bad] and gpu.verdict(stage.every())==1
    for k,why in bad.items(): assert why in got[k]['measured']
    if lanes==1: assert len({got[k]['measured'] for k in ('one', 'two', 'three', 'four')})==4==len(begun)
    assert all(w.p.poll() is not None for w in begun)
    assert '**no**' in (tmp_path/'gpu-correct.md').read_text(encoding='utf-8')

def test_time_that_is_up_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(gpu, 'checks_of', lambda *_: dict(one=(9, None), two=(9, None)))
    stage = gpu.Stage('correct', 0, tmp_path, False)
    assert gpu.run(stage, None, pytest.fail, 1) is None
    assert [o['measured'] for o in stage.every()]==['not run: no time left']*2
    assert gpu.verdict(stage.every())==1

def test_what_a_machine_without_network_needs(tmp_path):
    done = script('needs', cwd=tmp_path)
    assert done.returncode==0, done.stderr
    for k,(size,_,_) in gpu_needs.NEEDS.items():
        assert re.search(rf'^\| {k} \| [\d.]+ \| {size/1e6:.2f} \|', done.stdout, re.M)
        assert f'{k}==' in done.stdout
    assert re.search(r'All wheels and the repository .*: ([\d.]+) MiB; at most 60', done.stdout)
    wheels = sum(o[0] for o in gpu_needs.NEEDS.values())
    assert wheels+gpu_needs.repository_bytes()<gpu_needs.LIMIT_bytes==60*2**20

def test_what_is_missing_is_named(monkeypatch):
    real = gpu_needs.version_of
    here = {'trl':'', 'pyarrow':'19.0', 'bitsandbytes':''}
    monkeypatch.setattr(gpu_needs, 'version_of', lambda k: here.get(k, real(k) or '99'))
    assert gpu_needs.missing('a')==['trl==1.16.0', 'pyarrow>=24'] # bitsandbytes may be missing

def test_without_a_card_it_says_so(tmp_path):
    torch = pytest.importorskip('torch')
    if torch.cuda.is_available(): pytest.skip('there is a GPU')
    done = script('a', cwd=tmp_path)
    assert done.returncode==2 and '--cpu' in done.stderr and not list(tmp_path.glob('bench/*.md')), done
