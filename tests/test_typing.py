"""Editors and type checkers see what is public, though `ft` is lazy and verbs are attached: pyright, or
basedpyright, which needs no network, reads the stubs and `tests/typing_use.py`."""
import ast, json, shutil, subprocess, sys
from pathlib import Path

import ftkit as ft
import pytest

ROOT = Path(__file__).resolve().parents[1]

def checker():
    "Beside this python, or on PATH; left out with its reason where neither is"
    for name in ('basedpyright', 'pyright'):
        found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
        if found: return found
    pytest.skip('LEFT OUT: type checks (neither basedpyright nor pyright is installed)')

def checked(folder, *paths):
    "What it says of files: one line each"
    rules = dict(include=[str(o) for o in paths], extraPaths=[str(ROOT)], typeCheckingMode='standard',
                 reportUnnecessaryTypeIgnoreComment='error', pythonVersion='3.11')
    (folder/'pyrightconfig.json').write_text(json.dumps(rules))
    out = subprocess.run([checker(), '-p', str(folder), '--pythonpath', sys.executable, '--outputjson'],
                         capture_output=True, text=True, cwd=folder)
    said = json.loads(out.stdout)
    assert said['summary']['filesAnalyzed'], out.stderr
    return [f"{Path(o['file']).name} {o['range']['start']['line']+1}: {o['message']}"
            for o in said['generalDiagnostics']]

def test_what_a_reader_types_has_the_types_it_says(tmp_path):
    shutil.copy(ROOT/'tests'/'typing_use.py', tmp_path)
    assert checked(tmp_path, 'typing_use.py')==[]

def test_the_stubs_contradict_nothing(tmp_path):
    assert checked(tmp_path, ROOT/'ftkit'/'**'/'*.pyi')==[]

@pytest.mark.parametrize('noun', ['ft', *ft.NOUNS])
def test_a_stub_knows_every_public_name(noun):
    module,_,cls = ft.NOUNS.get(noun, '__init__.').rpartition('.')
    there = ast.parse((ROOT/'ftkit'/(module.replace('.', '/')+'.pyi')).read_text(encoding='utf-8')).body
    if noun!='ft': there = next(o.body for o in there if isinstance(o, ast.ClassDef) and o.name==cls)
    known = {o.name for o in there if isinstance(o, ast.FunctionDef)}
    known |= {a.asname for o in there if isinstance(o, ast.ImportFrom) for a in o.names}
    public = {o.partition('.')[2] for names in ft.ROAD.values() for o in names.split()
              if o.partition('.')[0]==noun}
    bases = {'session': {'decision', 'verdict', 'to_pandas'}} # Of the class it is made of
    assert public-known==bases.get(noun, set())

def test_it_is_told_to_type_checkers():
    assert (ROOT/'ftkit'/'py.typed').is_file()
