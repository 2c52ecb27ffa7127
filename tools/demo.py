"""The whole road once, with nobody at the keys: run the quickstart on the demo model, keep the executed
notebook, print what was found.

    python tools/demo.py [FOLDER]   # as `make demo`; everything goes to FOLDER, demo/ if left out"""
import json, sys, threading, time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

import ftkit as ft
from ftkit.model.demo import DEMO
from ftkit.model.names import resolve
from ftkit.run.folder import how_far

ROOT = Path(__file__).resolve().parents[1]

def title_of(cells, i):
    "The nearest heading above cell `i`"
    heads = [o.source.splitlines()[0] for o in cells[:i] if o.cell_type=='markdown' and
             o.source.startswith('#')]
    return heads[-1].lstrip('# ') if heads else ''

def main(folder='demo'):
    out,start = Path(folder).resolve(),time.time()
    out.mkdir(parents=True, exist_ok=True)
    def say(text): print(f'→ [{time.time()-start:4.0f} s] {text}', flush=True)
    say(f'the demo model, {DEMO}')
    resolve(DEMO)
    nb = nbformat.read(ROOT/'nbs/tutorials/quickstart.ipynb', as_version=4)
    started = time.time()

    def begin(cell, cell_index):
        if cell.cell_type!='code': return
        say(f'{title_of(nb.cells, cell_index)}: {cell.source.splitlines()[-1]}')
    def follow(): # While the notebook waits for training, tell how far it is
        runs = [o for o in ft.runs(out/'runs') if o['t']>started]
        if not runs: return ''
        asked = sorted((Path(runs[0]['run'])/'evals').glob('*.status.json'), key=lambda p: p.stat().st_mtime)
        if not asked: return ', '.join(filter(None, (runs[0]['state'], how_far(runs[0]))))
        o = json.loads(asked[-1].read_text())
        return f"{o['text']}, {o['done']} of {o['of']}" if o['of'] else o['text']

    client = NotebookClient(nb, timeout=None, kernel_name='python3',
                            resources=dict(metadata=dict(path=str(out))),
                            extra_arguments=['--log-level=ERROR'], on_cell_execute=begin,
                            coalesce_streams=True) # A line of progress is one line, not one for each count
    done,last = threading.Event(),['']
    def tell():
        while not done.wait(15):
            if (now := follow())!=last[0]: say(now); last[0] = now
    threading.Thread(target=tell, daemon=True).start()
    failed = None
    try: client.execute()
    except CellExecutionError as e:
        failed = f'A cell of the quickstart failed; the notebook shows which.\n{str(e)[-3000:]}'
    except (DeadKernelError, KeyboardInterrupt):
        failed = 'Interrupted. A run that had begun keeps what it has.'
    finally:
        done.set()
        # A saved widget state would hide the pictures from readers without a kernel
        nb.metadata.pop('widgets', None)
        nbformat.write(nb, out/'quickstart.ipynb')
    if failed: sys.exit(f'{failed}\nNotebook {out/"quickstart.ipynb"}, runs {out/"runs"}')
    run = ft.attach(ft.runs(out/'runs')[0]['run'])
    print(f'\n{run.evaluate()!r}\n')
    print(f'Executed notebook  {out/"quickstart.ipynb"}\nRun folder         {run.path}\n'
          f'Report             {run.path/"report.html"}')
    say('done')

if __name__=='__main__': main(*sys.argv[1:])
