"The README's ten lines run, one after the other, with a tiny random model for the demo model."
import re, shutil
from pathlib import Path

TEXT = (Path(__file__).resolve().parents[1]/'README.md').read_text(encoding='utf-8')

def test_the_ten_lines_run(tmp_path, tiny_cache, monkeypatch):
    code = re.search(r'^```python\n(.*?)^```$', TEXT, re.M|re.S)[1]
    lines = [o for o in code.splitlines() if o and not o.startswith('import ')]
    assert len(lines)<=10
    shutil.copytree(tiny_cache, tmp_path/'cache')
    monkeypatch.setenv('FTKIT_CACHE', str(tmp_path/'cache'))
    monkeypatch.chdir(tmp_path)
    known = {}
    exec('import ftkit as ft', known)
    few = code.replace("ft.sample('tickets'))", "ft.sample('tickets'), limit=60)")
    few = few.replace("run.export('gguf')", "run.export('gguf', accept=True)") # Nothing has been learned
    exec(few.replace('smollm2-135m-instruct', 'tiny-random'), known)
    run = known['run']
    assert run.status()['state']=='finished' and run.summary() and (tmp_path/'repeat.ipynb').exists()
