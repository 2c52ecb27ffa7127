"""The notebooks for hosted services in classic Notebook 6 with ipywidgets 7.7, the nearest front end to Colab's that
can be had: each cell is run in a real Chromium, and what the page complains about is listed.

    python tools/classic.py                        # the quickstart, with a model that takes no time
    python tools/classic.py --real                 # with the model it names
    python tools/classic.py hosted/colab/legal.ipynb --shots FOLDER
    python tools/classic.py --python VENV/bin/python   # in an environment of your own"""
import argparse, contextlib, json, os, signal, subprocess, sys, time, urllib.request
from pathlib import Path

from lab import FLAGS, chromium, chromium_path, free_port, wait_until

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
