"The tutorial on data runs from top to bottom, in an empty folder, without torch."
import shutil
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]

def test_data(tmp_path):
    nb = nbformat.read(shutil.copy(ROOT/'nbs/tutorials/data.ipynb', tmp_path/'data.ipynb'), as_version=4)
    nb.cells.append(nbformat.v4.new_code_cell("import sys; assert 'torch' not in sys.modules"))
    NotebookClient(nb, timeout=120, resources=dict(metadata=dict(path=str(tmp_path)))).execute()
    made = {o.name for o in tmp_path.iterdir()}
    assert {'clean.yaml', 'review.jsonl', 'data'} <= made, made
    shown = [c.source.splitlines()[-1] for c in nb.cells if c.cell_type=='code'
             and any('text/html' in o.get('data', {}) for o in c.outputs)]
    assert [o.partition('(')[0] for o in shown]==['ft.map_columns', 'examples.look',
                                                  'cleaned.examples.review']
