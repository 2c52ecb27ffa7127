"The notebooks on three uses: rows are varied and few, and each runs from top to bottom with a tiny model."
import re, shutil
from collections import defaultdict
from pathlib import Path

import nbformat, pytest
from nbclient import NotebookClient

import ftkit as ft

HERE = Path(__file__).resolve().parents[1]/'nbs'/'tutorials'
USES = [o for o in ('legal', 'clinic', 'support') if (HERE/f'{o}.ipynb').exists()]
REAL, TINY = "MODEL = 'smollm2-135m-instruct'", "MODEL = 'tiny-random'"

def wording(row): # Its runs of eight words, in what user and assistant say
    words = [w for m in row.messages if m['role']!='system' for w in re.findall(r'\w+', m['content'].lower())]
    return {tuple(words[i:i+8]) for i in range(len(words)-7)}

@pytest.mark.parametrize('use', USES)
def test_rows_are_varied_and_few(use):
    rows = ft.load(ft.sample(use))
    assert 150<=len(rows)<=250
    holders = defaultdict(set)
    for i,row in enumerate(rows):
        for gram in wording(row): holders[gram].add(i)
    alike = {i for who in holders.values() if len(who)>4 for i in who} # One row, and more than three others
    assert len(alike)<=.05*len(rows), [rows[i].id for i in sorted(alike)][:10]
    tok = ft.load_tokenizer('smollm2-135m-instruct')
    assert rows.tokenize(tok, 4096).tokens<=70_000

@pytest.mark.parametrize('use', USES)
def test_runs_from_top_to_bottom(use, tmp_path):
    nb = nbformat.read(HERE/f'{use}.ipynb', as_version=4)
    assert sum(c.source.count(REAL) for c in nb.cells)==1, 'the model is named in one place'
    for c in nb.cells: c.source = c.source.replace(REAL, TINY)
    NotebookClient(nb, timeout=300, resources=dict(metadata=dict(path=str(tmp_path)))).execute()
