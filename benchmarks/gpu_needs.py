"What the stages of `gpu.sh` need beyond torch, transformers and peft: a rented card may have no network."
import re
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIMIT_bytes = 60*2**20 # Wheels and repository together
NEEDS = { # Package: bytes of its wheel for Linux, stages, what it is for
    'trl': (948_205, 'abcd', 'the trainer'),
    'datasets': (608_276, 'abcd', 'trl asks for it'),
    'multiprocess': (150_281, 'abcd', 'datasets asks for it'),
    'dill': (120_019, 'abcd', 'datasets asks for it'),
    'fastcore': (108_052, 'abcd', 'ftkit asks for it'),
    'bitsandbytes': (43_139_553, 'abc', '4 and 8 bits; without it these checks are not run'),
    'liger-kernel': (910_117, 'b', "Liger's gain; without it that check is not run")}
OPTIONAL = ('bitsandbytes', 'liger-kernel')
VERSIONS = {'liger-kernel': '0.8.5'} # Those that constraints.txt does not name
BASE = { # What the machine itself has to have: the least versions, as in settings.ini or as datasets asks
    'torch': '2.6', 'transformers': '5.6', 'peft': '0.18', 'accelerate': '1.10', 'safetensors': '0.4',
    'pyarrow': '24', 'numpy': '2', 'scipy': '1.13', 'pandas': '2', 'pyyaml': '6', 'jinja2': '3',
    'psutil': '5', 'xxhash': '3', 'huggingface-hub': '1.31'}

def version_of(name:str)->str: # Empty if it is not installed
    try: return metadata.version(name)
    except metadata.PackageNotFoundError: return ''

def wanted(name:str)->str: # The version that is known to work
    found = re.search(rf'^{re.escape(name)}==(\S+)', (ROOT/'constraints.txt').read_text(), re.M)
    return found[1] if found else VERSIONS[name]

def numbers(version:str)->tuple: return tuple(int(o) for o in re.findall(r'\d+', version.split('+')[0])[:3])

def missing(stage:str)->list: # of text: what a stage cannot begin without
    asked = [k for k,(_,stages,_) in NEEDS.items() if stage in stages and k not in OPTIONAL]
    res = [f'{k}=={wanted(k)}' for k in asked if not version_of(k)]
    return res+[f'{k}>={v}' for k,v in BASE.items() if numbers(version_of(k) or '0')<numbers(v)]

def repository_bytes()->int: # Of what is committed, or would be
    folders = ('ftkit', 'benchmarks', 'tests', 'nbs', 'tools', 'docs')
    made = {'__pycache__', '.ipynb_checkpoints'}
    files = [p for d in folders for p in (ROOT/d).rglob('*') if not made & {*p.parts}]
    return sum(p.stat().st_size for p in [*files, *ROOT.glob('*.*')] if p.is_file())

HOW = '''Where there is a network, for the Python of the machine with the card:

    pip download --no-deps --only-binary=:all: --python-version 3.12 --implementation cp \\
        --platform manylinux_2_28_x86_64 --platform manylinux_2_24_x86_64 --platform manylinux2014_x86_64 \\
        -d wheels {names}

Carry wheels/ and the repository there, and in the repository:

    python3 -m pip install --no-index --no-deps --target site wheels/*.whl
    PYTHONPATH=site benchmarks/gpu.sh correct'''

def table()->str:
    lines = ['| package | version | MB | stages | here | for |', '|---|---|---|---|---|---|']
    for k,(size,stages,why) in NEEDS.items():
        cells = k, wanted(k), f'{size/1e6:.2f}', ' '.join(stages), version_of(k) or 'missing', why
        lines.append(f"| {' | '.join(cells)} |")
    sums = {s:sum(size for size,stages,_ in NEEDS.values() if s in stages) for s in 'abcd'}
    repository = repository_bytes()
    total = sum(size for size,_,_ in NEEDS.values())+repository
    lines += ['', 'Wheels of a stage: '+', '.join(f'{k} {v/1e6:.1f} MB' for k,v in sums.items())+'.',
              f'All wheels and the repository ({repository/1e6:.1f} MB): {total/2**20:.1f} MiB; at most '
              f'{LIMIT_bytes/2**20:.0f}.', '', 'The machine itself has to have: '+', '.join(
                  f"{k} {v} or newer ({version_of(k) or 'missing'} here)" for k,v in BASE.items())+'.',
              "Liger's layers need Triton, which torch for GPUs brings.", '',
              HOW.format(names=' '.join(f'{k}=={wanted(k)}' for k in NEEDS))]
    return '\n'.join(lines)
