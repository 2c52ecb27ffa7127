"""The notebooks for hosted services in classic Notebook 6 with ipywidgets 7.7, the nearest front end to
Colab's that can be had: each cell is run in a real Chromium, panels are clicked in, and what the page
complains about is listed.

    python tools/classic.py --make FOLDER                      # an environment with Colab's versions
    python tools/classic.py --python FOLDER/bin/python         # the quickstart, with a tiny model
    python tools/classic.py --python … --real                  # with the model it names
    python tools/classic.py --python … hosted/colab/legal.ipynb --shots FOLDER   # with pictures

The cells that install, and that go to the host's folder, are left out. Ends with 1 where a cell fails, or the
page complains."""
import argparse, contextlib, json, os, signal, subprocess, sys, tempfile, time, urllib.request
from pathlib import Path

from hosts import COLAB
from lab import chromium, free_port, wait_until

ROOT = Path(__file__).resolve().parents[1]
QUIET = ('token=', 'password=', 'disable_check_xsrf=True')

@contextlib.contextmanager
def server(folder, python=sys.executable, **env):
    "Notebook 6 on `folder`, its own files in `folder/.classic`; yields its address"
    home,port = Path(folder)/'.classic',free_port()
    dirs = {f'JUPYTER_{k}_DIR':str(home/k.lower()) for k in ('CONFIG', 'DATA', 'RUNTIME')}
    args = ['--no-browser', '--allow-root', f'--port={port}', '--port-retries=0', '--ip=127.0.0.1',
            f'--notebook-dir={folder}', *(f'--NotebookApp.{o}' for o in QUIET)]
    with open(Path(folder)/'classic.log', 'wb') as log:
        p = subprocess.Popen([str(python), '-m', 'notebook', *args], stdout=log, stderr=log,
                             stdin=subprocess.DEVNULL, start_new_session=True,
                             env=os.environ|dirs|dict(IPYTHONDIR=str(home/'ipython'))|env)
    url = f'http://127.0.0.1:{port}'
    def up():
        if p.poll() is not None: raise RuntimeError((Path(folder)/'classic.log').read_text()[-2000:])
        with contextlib.suppress(OSError): return urllib.request.urlopen(f'{url}/api', timeout=2).read()
    try:
        wait_until(up, 60)
        yield url
    finally:
        os.killpg(p.pid, signal.SIGTERM)
        try: p.wait(10)
        except subprocess.TimeoutExpired: os.killpg(p.pid, signal.SIGKILL)

# An environment

OWN = ('torch', 'datasets') # torch as this machine can have it, datasets as ftkit upgrades it

def make(folder):
    "An environment with Colab's versions, and ftkit as it is here"
    subprocess.run([sys.executable, '-m', 'venv', folder], check=True)
    own = Path(folder)/'bin'/'python'
    pins = [f'{k}=={v}' for k,v in COLAB.packages.items() if k not in OWN]
    for what in (['torch'], pins, ['-e', f'{ROOT}[train]']):
        subprocess.run([own, '-m', 'pip', 'install', '-q', *what], check=True)
    if 'torchao' in COLAB.packages: # As the notebook does
        subprocess.run([own, '-m', 'pip', 'uninstall', '-q', '-y', 'torchao'], check=True)

# A notebook

HERE = ('host-install', 'host-place') # Cells that are for the host alone
REAL, TINY = "MODEL = 'smollm2-135m-instruct'", "MODEL = 'tiny-random'"

def prepare(path, folder, real):
    "A copy without the cells for the host; its name"
    nb = json.loads(Path(path).read_text(encoding='utf-8'))
    nb['cells'] = [o for o in nb['cells'] if o['id'] not in HERE]
    for o in nb['cells']:
        if not real: o['source'] = ''.join(o['source']).replace(REAL, TINY)
    (folder/Path(path).name).write_text(json.dumps(nb), encoding='utf-8')
    return Path(path).name

# Warnings of the front end itself: they come with an empty notebook too
KNOWN = ('actions jupyter-notebook:find-and-replace does not exist', '"jupyter.widget.control" comm channel')

def open_page(browser, url, name):
    "A page with the notebook, its kernel connected; `page.faults` gathers what it complains about"
    page = browser.new_page()
    page.set_viewport_size(dict(width=1280, height=1100))
    page.faults = []
    def said(m):
        if m.type in ('error', 'warning') and not any(o in m.text for o in KNOWN):
            page.faults.append(f'{m.type}: {m.text[:300]}')
    page.on('console', said)
    page.on('pageerror', lambda e: page.faults.append(f'page: {e} {(e.stack or "")[:500]}'))
    page.goto(f'{url}/notebooks/{name}')
    page.wait_for_function('() => window.Jupyter?.notebook?.kernel?.is_connected()', timeout=60_000)
    return page

CELLS = """() => Jupyter.notebook.get_cells().map((c, i) => [i, c.cell_type, c.get_text()])"""
ENDED = """(i) => typeof Jupyter.notebook.get_cell(i).input_prompt_number === "number"
  && !Jupyter.notebook.kernel_busy"""
ERROR = """(i) => Jupyter.notebook.get_cell(i).output_area.outputs.filter((o) => o.output_type === "error")
  .map((o) => `${o.ename}: ${o.evalue}`).join(" ")"""

def click(page, i):
    "Use the panel in a cell's output as a reader would, where there is one: what was done"
    panel = page.locator('.cell').nth(i).locator('.ftkit').first
    try: panel.wait_for(timeout=8_000)
    except Exception as e:
        if type(e).__name__!='TimeoutError': raise
        return ''
    done,wait = [],lambda: page.wait_for_timeout(700)
    for role,what in (('option', 'second row'), ('tab', 'second tab')):
        found = panel.get_by_role(role)
        if found.count()>1 and found.nth(1).is_visible():
            found.nth(1).click()
            wait()
            done.append(what)
    folded = panel.locator('summary:visible')
    if folded.count():
        folded.first.click()
        wait()
        done.append('fold')
    return ', '.join(done) or 'seen'

def walk(page, shots, seconds):
    "Run each cell, and use what it shows: `[(cell, seconds, panel, error)]`"
    rows = []
    for i,kind,source in page.evaluate(CELLS):
        if kind!='code': continue
        start = time.time()
        page.evaluate('(i) => Jupyter.notebook.execute_cells([i])', i)
        page.wait_for_function(ENDED, arg=i, timeout=1000*seconds)
        took,error = time.time()-start,page.evaluate(ERROR, i)
        live = page.evaluate('(i) => Jupyter.notebook.get_cell(i).output_area.outputs.some((o) => '
                             'o.data?.["application/vnd.jupyter.widget-view+json"])', i)
        used = click(page, i) if live else ''
        if shots: page.locator('.cell').nth(i).screenshot(path=Path(shots)/f'{i:02}.png')
        line = source.strip().splitlines()[-1][:50]
        print(f'{line:52} {took:6.1f} s  {used}  {error}', flush=True)
        rows.append((line, took, used, error, live and not used))
    return rows

def main():
    o = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    o.add_argument('notebooks', nargs='*', default=[ROOT/'hosted'/'colab'/'quickstart.ipynb'])
    o.add_argument('--make', help='make an environment in this folder, and end')
    o.add_argument('--python', default=sys.executable, help='the interpreter of an environment')
    o.add_argument('--real', action='store_true', help='with the model that the notebook names')
    o.add_argument('--shots', help='a folder for pictures')
    o.add_argument('--seconds', type=int, default=600, help='how long a cell may take')
    o = o.parse_args()
    if o.make: return make(o.make)
    if o.shots: Path(o.shots).mkdir(parents=True, exist_ok=True)
    bad = []
    for path in o.notebooks:
        with tempfile.TemporaryDirectory() as tmp:
            name = prepare(path, Path(tmp), o.real)
            with server(tmp, o.python) as url, chromium() as browser:
                page = open_page(browser, url, name)
                rows = walk(page, o.shots, o.seconds)
        for what in page.faults: print(what)
        bad += [f'{name}: {line}: {error}' for line,_,_,error,_ in rows if error]
        bad += [f'{name}: {line}: the panel was not drawn' for line,*_,missing in rows if missing]
        bad += [f'{name}: {what}' for what in page.faults]
    if bad: sys.exit('\n'.join(bad))

if __name__=='__main__': main()
