"""Install into the environment that runs this file, with a build of torch that fits the machine.

    python tools/install.py -e '.[train]' nbclient  # torch, then what is named, at the versions of constraints.txt
    python tools/install.py                         # torch alone

torch's ordinary Linux wheel brings several GB of CUDA libraries. Where there is no NVIDIA GPU they are of no use,
so this looks for a build without them first: at the configured index, then at PyTorch's own index of CPU builds."""
import json, platform, re, shutil, subprocess, sys, tempfile
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PINS = ROOT/'constraints.txt'
CPU_INDEX = 'https://download.pytorch.org/whl/cpu'
PIP = [sys.executable, '-m', 'pip', '--disable-pip-version-check']

def say(text): print(f'→ {text}', flush=True)
def pip(*args): return subprocess.run([*PIP, *map(str, args)]).returncode == 0

def version_of(name):
    "The installed version of `name`, without a build's suffix (`2.13.0`, not `2.13.0+cpu`), or None"
    try: return metadata.version(name).split('+')[0]
    except metadata.PackageNotFoundError: return None

def pinned(name):
    "The version of `name` in constraints.txt"
    return re.search(rf'^{re.escape(name)}==(\S+)', PINS.read_text(), re.M).group(1)

def has_gpu():
    "Is there an NVIDIA GPU with a driver that answers?"
    smi = shutil.which('nvidia-smi')
    if platform.system()=='Darwin' or not smi: return False
    try: return subprocess.run([smi, '-L'], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired): return False

def needs_cuda(want):
    "Would the configured index give a build of `want` that brings CUDA libraries? None if it gives no build at all."
    with tempfile.TemporaryDirectory() as tmp:
        report = Path(tmp)/'report.json'
        args = ['--dry-run', '--quiet', '--ignore-installed', '--no-deps', '--report', str(report), want]
        if subprocess.run([*PIP, 'install', *args], capture_output=True).returncode: return None
        found = json.loads(report.read_text())['install'][0]['metadata']
    return any(re.match(r'(nvidia|cuda|triton)', r, re.I) for r in found.get('requires_dist', []))

def install_torch():
    "The pinned torch, once; a build without CUDA where there is no GPU and one can be had"
    want = f"torch=={pinned('torch')}"
    if version_of('torch')==pinned('torch'): return True
    if has_gpu():
        say(f'an NVIDIA GPU was found: installing {want} with CUDA (several GB on first download)')
        return pip('install', '-c', PINS, want)
    say(f'no NVIDIA GPU was found: looking for a CPU build of {want}')
    if platform.system()!='Darwin' and needs_cuda(want):   # macOS has one build, without CUDA
        if pip('install', '--retries', 0, '--timeout', 10, '--no-deps', '--index-url', CPU_INDEX, want): return True
        say('no CPU build could be had: installing the ordinary one, which brings several GB of CUDA libraries')
    return pip('install', '-c', PINS, want)

def main(args):
    if int(metadata.version('pip').split('.')[0])<24:   # older ones download whole wheels to look at them
        say('bringing pip up to date')
        if not pip('install', '--quiet', '--upgrade', 'pip'): say('pip could not be updated; going on with the old one')
    ok = install_torch()
    if ok and args:
        say(f"installing {' '.join(a for a in args if a!='-e')} (what is there already stays)")
        with tempfile.TemporaryDirectory() as tmp:
            keep = Path(tmp)/'keep.txt' # Whatever else happens, this build of torch stays
            keep.write_text(f"torch=={metadata.version('torch')}\n")
            ok = pip('install', '-c', PINS, '-c', keep, *args)
    if not ok: sys.exit('\nThe installation did not finish; the reason is in the lines above. '
                        'Run the same command again: what was downloaded is not downloaded twice.')

if __name__=='__main__': main(sys.argv[1:])
