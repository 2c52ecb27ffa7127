"""Install into the environment that runs this file, with a build of torch that fits the machine.

    python tools/install.py -e '.[train]' nbclient  # torch, then the rest as in constraints.txt
    python tools/install.py                         # torch alone
    python tools/install.py --newest WHEEL          # torch, then the newest of all else

torch's ordinary Linux wheel brings several GB of CUDA libraries. Where there is no NVIDIA GPU they are of no
use, so this looks for a build without them first: at the configured index, then at PyTorch's own index of CPU
builds. What pip says goes to install.log in the environment, and here only where it fails."""
import json, platform, queue, re, shutil, subprocess, sys, tempfile, threading, time
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PINS = ROOT/'constraints.txt'
LOG = Path(sys.prefix)/'install.log'
CPU_INDEX = 'https://download.pytorch.org/whl/cpu'
PIP = [sys.executable, '-m', 'pip', '--disable-pip-version-check']
UNITS = dict(kB=1e3, MB=1e6, GB=1e9, bytes=1)

def say(text): print(f'→ {text}', flush=True)
def packages(n): return f"{n} package{'s'*(n!=1)}"

class Progress:
    "What pip is at, from the lines it prints: how many packages, how many bytes"
    def __init__(self, every_s=15):
        self.every_s,self.n,self.size,self.installs,self.said,self.t0 = every_s,0,0.,0,time.time(),time.time()
    def hear(self, line):
        if got := re.match(r'\s*(Collecting|Processing) (\S+)', line):
            self.n += 1
            if (p := Path(got[2])).is_file(): self.size += p.stat().st_size
        elif got := re.match(r'\s*(?:Downloading|Using cached) \S+ \(([\d.]+) (\w+)\)', line):
            self.size += float(got[1])*UNITS.get(got[2], 0)
        elif line.startswith('Installing collected packages:'):
            self.installs = line.count(',')+1
            self.tell(f'{self.size/1e6:,.0f} MB are here; unpacking {packages(self.installs)}')
    def tick(self):
        if time.time()-self.said<self.every_s: return
        at = (f'still unpacking {packages(self.installs)}' if self.installs
              else f'{packages(self.n)} found, {self.size/1e6:,.0f} MB')
        self.tell(f'{at} ({time.time()-self.t0:.0f} s)')
    def tell(self, text):
        print(f'  {text}', flush=True)
        self.said = time.time()

def lines(stream):
    "The lines of a stream, and None for each second without one"
    got = queue.Queue()
    def read():
        for line in stream: got.put(line)
        got.put(StopIteration)
    threading.Thread(target=read, daemon=True).start()
    while True:
        try: line = got.get(timeout=1)
        except queue.Empty: yield None; continue
        if line is StopIteration: return
        yield line

def pip(*args, may_fail=False):
    "`pip install` with words of ours; what it said is shown where it failed"
    progress,last = Progress(),[]
    with open(LOG, 'a', encoding='utf-8') as log:
        p = subprocess.Popen([*PIP, 'install', '--progress-bar', 'off', '--no-color', *map(str, args)],
                             text=True,
                             errors='replace', stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT)
        for line in lines(p.stdout):
            progress.tick()
            if line is None: continue
            log.write(line)
            progress.hear(line)
            last = [*last[-19:], line.rstrip()]
    ok = p.wait()==0
    if ok: progress.tell(f'done in {time.time()-progress.t0:.0f} s')
    elif not may_fail:
        print('\n'.join(f'  pip: {o}' for o in last) + f'\n  All that pip said: {LOG}', flush=True)
    return ok

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
    """Would the configured index give a build of `want` that brings CUDA libraries? None if it gives no
    build at all."""
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
        say(f'installing {want} with CUDA, since there is an NVIDIA GPU (several GB on first download)')
        return pip('-c', PINS, want)
    say(f'installing {want} for the CPU, since no NVIDIA GPU was found (about 200 MB on first download)')
    if platform.system()!='Darwin' and needs_cuda(want):   # macOS has one build, without CUDA
        if pip('--retries', 0, '--timeout', 10, '--no-deps', '--index-url', CPU_INDEX, want, may_fail=True):
            return True
        say('no CPU build could be had: installing the ordinary one, which brings several GB of CUDA '
            'libraries')
    return pip('-c', PINS, want)

def install(names, newest):
    "What is named, beside the torch that is there"
    short = ' '.join(Path(o).name if o.endswith(']') or o.endswith('.whl') else o for o in names if o!='-e')
    size = 440 if 'dev' in short else 260 # Beside torch
    say(f'installing {short} and what it needs (what is there already stays; some {size} MB on first '
        f'download)')
    with tempfile.TemporaryDirectory() as tmp:
        keep = Path(tmp)/'keep.txt' # Whatever else happens, this build of torch stays
        keep.write_text(f"torch=={metadata.version('torch')}\n")
        return pip(*([] if newest else ['-c', PINS]), '-c', keep, *names)

def main(args):
    newest,names = '--newest' in args,[o for o in args if o!='--newest']
    if int(metadata.version('pip').split('.')[0])<24:   # older ones download whole wheels to look at them
        say('bringing pip up to date')
        if not pip('--upgrade', 'pip', may_fail=True):
            say('pip could not be updated; going on with the old one')
    ok = install_torch() and (not names or install(names, newest))
    if not ok: sys.exit('\nThe installation did not finish; the reason is in the lines above. '
                        'Run the same command again: what was downloaded is not downloaded twice.')

if __name__=='__main__': main(sys.argv[1:])
