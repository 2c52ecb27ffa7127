"""A real JupyterLab and a real Chromium, driven by a script: for the browser tests and the screenshots.

    with lab(folder) as url, chromium() as browser:
        page = open_notebook(browser, url, 'a.ipynb')
        run_all(page)"""
import contextlib, json, os, shutil, signal, socket, subprocess, sys, time, urllib.request
from pathlib import Path

FLAGS = ('--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking '
         '--disable-component-update --disable-sync').split()
NAMES = ('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome')

def chromium_path():
    "The browser to drive, or None"
    return os.environ.get('FTKIT_CHROMIUM') or next(filter(None, map(shutil.which, NAMES)), None)

@contextlib.contextmanager
def chromium():
    "A headless Chromium"
    from playwright.sync_api import sync_playwright
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        try: yield browser
        finally: browser.close()

def free_port():
    with socket.socket() as s: s.bind(('127.0.0.1', 0)); return s.getsockname()[1]

@contextlib.contextmanager
def lab(folder, dark=False, app='lab', **env):
    """JupyterLab (or, as `notebook`, Notebook 7) on `folder`, all its own files under `folder/.lab`;
    yields its address"""
    home,port = Path(folder)/'.lab',free_port()
    dirs = ({f'JUPYTER_{k}_DIR':str(home/k.lower()) for k in ('CONFIG', 'DATA', 'RUNTIME')}
            |dict(IPYTHONDIR=str(home/'ipython')))
    dirs |= {f'JUPYTERLAB_{k}_DIR':str(home/k.lower()) for k in ('SETTINGS', 'WORKSPACES')}
    settings = home/'settings'/'@jupyterlab'/'apputils-extension'
    settings.mkdir(parents=True)
    (settings/'notification.jupyterlab-settings').write_text(
        '{"fetchNews": "false", "checkForUpdates": false}')
    if dark: (settings/'themes.jupyterlab-settings').write_text('{"theme": "JupyterLab Dark"}')
    args = ['--no-browser', '--allow-root', f'--port={port}', '--ip=127.0.0.1', '--IdentityProvider.token=',
            '--ServerApp.password=', '--ServerApp.disable_check_xsrf=True', '--expose-app-in-browser',
            '--JupyterNotebookApp.expose_app_in_browser=True',
            '--ServerApp.port_retries=0', f'--ServerApp.root_dir={folder}']
    with open(Path(folder)/'lab.log', 'wb') as log:
        server = subprocess.Popen([sys.executable, '-m', 'jupyter', app, *args], stdout=log, stderr=log,
                                  stdin=subprocess.DEVNULL, env=os.environ|dirs|env, start_new_session=True)
    url = f'http://127.0.0.1:{port}'
    try:
        until = time.time()+60
        while True:
            try: urllib.request.urlopen(f'{url}/api', timeout=2).read(); break
            except OSError:
                if server.poll() is not None or time.time()>until:
                    raise RuntimeError((Path(folder)/'lab.log').read_text()[-2000:])
                time.sleep(.2)
        yield url
    finally:
        os.killpg(server.pid, signal.SIGTERM) # Kernels end with it; a trainer has a session of its own
        try: server.wait(10)
        except subprocess.TimeoutExpired: os.killpg(server.pid, signal.SIGKILL)

READY = """() => { const c = window.jupyterapp?.shell?.currentWidget?.context?.sessionContext;
  return Boolean(c && c.isReady && c.session?.kernel?.connectionStatus === "connected" \
&& c.session.kernel.status === "idle"); }"""

def open_notebook(browser, url, name, width=1280, height=1000, app='lab'):
    """A page with the notebook open and its kernel idle;
    `page.faults` gathers console errors and requests that leave this machine"""
    page = browser.new_page()
    page.set_viewport_size(dict(width=width, height=height))
    page.faults = faults = []
    page.on('console', lambda m: faults.append(f'console: {m.text} ({m.location.get("url", "")})')
                                 if m.type=='error' else None)
    page.on('pageerror', lambda e: faults.append(f'page: {e}'))
    page.on('request', lambda r: None if r.url.startswith((url, url.replace('http', 'ws'), 'blob:', 'data:',
                                                           'about:'))
                                 else faults.append(f'request: {r.url}'))
    page.goto(f'{url}/lab/tree/{name}?reset' if app=='lab' else f'{url}/notebooks/{name}')
    page.wait_for_function(READY, timeout=60_000)
    return page

def end_kernels(url, folder):
    "End the kernels of all notebooks in a folder"
    with urllib.request.urlopen(f'{url}/api/sessions', timeout=20) as f: found = json.load(f)
    for o in found:
        if not o['path'].startswith(f'{folder}/'): continue
        ask = urllib.request.Request(f"{url}/api/sessions/{o['id']}", method='DELETE')
        with contextlib.suppress(OSError): urllib.request.urlopen(ask, timeout=20).read() # Gone already

def run_all(page):
    "Start Run All; does not wait"
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")

def run_cell(page, i):
    "Run one cell and wait until the kernel is idle again"
    page.evaluate("""async (i) => { const nb = window.jupyterapp.shell.currentWidget.content;
      nb.activeCellIndex = i; await window.jupyterapp.commands.execute('notebook:run-cell'); }""", i)

CELLS = """() => window.jupyterapp.shell.currentWidget.content.widgets\
.filter((o) => o.model.type === "code").map((o) => ({
  source: o.model.sharedModel.getSource(), count: o.model.executionCount, state: o.model.executionState ?? "",
  error: [...Array(o.model.outputs.length).keys()].map((k) => o.model.outputs.get(k))\
.filter((p) => p.type === "error").map((p) => p.toJSON().evalue).join(" ") }))"""

def cells(page): return page.evaluate(CELLS)

def wait_until(what, seconds=120, every=.2):
    "Wait until `what()` is true; raises `TimeoutError`"
    until = time.time()+seconds
    while not (got := what()):
        if time.time()>until: raise TimeoutError(f'not within {seconds} s')
        time.sleep(every)
    return got

def save(page): page.evaluate("async () => { await window.jupyterapp.commands.execute('docmanager:save'); }")
