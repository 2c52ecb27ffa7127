"""Does a built ftkit install and work, without a warning? Tried in a clean environment of each Python.

    python tools/install_check.py                      # builds; each Python from 3.11 on that is on PATH
    python tools/install_check.py python3.13           # that one
    python tools/install_check.py --dist dist python3  # with the wheel and the source archive in dist/

The wheel is installed by pip with what it needs, then looked at and removed; then the source archive takes
its place. A warning of pip's, or of Python's with `-W error`, counts as a failure."""
import argparse, re, shutil, subprocess, sys, tempfile, time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KNOWN = [f'python3.{m}' for m in range(11, 16)]
CODE = """
import sys, importlib.metadata
from pathlib import Path
import ftkit as ft
home = Path(ft.__file__).parent
assert home.is_relative_to(sys.prefix), home
assert ft.__version__==importlib.metadata.version('ftkit')
for o in ('py.typed', '__init__.pyi', 'data/examples.pyi', 'tutorials/quickstart.ipynb', 'samples/README.md'):
    assert (home/o).is_file(), o
examples = ft.load(ft.sample())
examples.check().propose()
for o in ft.__all__: getattr(ft, o)
for o in ('examples.look', 'run.evaluate', 'cfg.plan'): ft.help(o)
assert 'torch' not in sys.modules
print(f'ftkit {ft.__version__}, {len(examples)} examples')
"""

def said(*words, cwd=None, code=0):
    "What a command prints, on either channel; ends with all of it where its exit code is another"
    out = subprocess.run([*map(str, words)], cwd=cwd, text=True, capture_output=True,
                         stdin=subprocess.DEVNULL)
    if out.returncode==code: return out.stdout+out.stderr
    command = ' '.join(map(str, words))[:300]
    sys.exit(f'{command}\nexit code {out.returncode}, and not {code}:\n'
             f'{out.stdout[-4000:]}{out.stderr[-4000:]}')

def warned(text): # An index of one's own that lacks a package is no fault of the archive
    lines = [o for o in text.splitlines() if re.match(r'\s*(WARNING|DEPRECATION|ERROR)\b', o)]
    return [o for o in lines if not re.match(r'WARNING: Location .* is ignored', o)]

def built(dist):
    "Wheel and source archive"
    said(sys.executable, '-m', 'build', '--outdir', dist, ROOT)
    return dist

def works(py, place):
    "Import it, use it, and ask the command line, with every warning an error"
    said(py, '-W', 'error', '-c', CODE, cwd=place)
    ftkit = Path(py).parent/'ftkit'
    assert said(ftkit, '--version', cwd=place).startswith('ftkit ')
    sample = said(py, '-c', 'import ftkit as ft; print(ft.sample())', cwd=place).strip()
    assert '"issues"' in said(py, '-W', 'error', '-m', 'ftkit', 'check', sample, '--json', cwd=place)
    lacks = said(py, '-W', 'error', '-m', 'ftkit', 'demo', cwd=place, code=2)
    assert "pip install 'ftkit[train]'" in lacks, lacks
    assert 'torch-backend' in said(ftkit, 'demo', '--help', cwd=place)

def tried(python, archives, place):
    "One Python: a clean environment, the wheel in it, then the source archive"
    start,py = time.time(),place/'venv'/'bin'/'python'
    said(python, '-m', 'venv', place/'venv')
    for archive in archives:
        bad = warned(said(py, '-m', 'pip', '--disable-pip-version-check', 'install', archive, cwd=place))
        if bad: sys.exit('\n'.join([f'{python}: pip warns of {archive.name}:', *bad]))
        works(py, place)
        said(py, '-m', 'pip', 'uninstall', '-y', '-q', 'ftkit', cwd=place)
    version = said(py, '-V').strip()
    print(f'{version}: {" and ".join(o.name for o in archives)}, {time.time()-start:.0f} s', flush=True)

def main(args):
    parser = argparse.ArgumentParser(description='Install a built ftkit in clean environments, and try it.')
    parser.add_argument('python', nargs='*', help='commands or paths; all that are known if left out')
    parser.add_argument('--dist', type=Path, help='folder with wheel and source archive; built if left out')
    o = parser.parse_args(args)
    pythons = o.python or [k for k in KNOWN if shutil.which(k)]
    if not pythons: sys.exit(f"None of {', '.join(KNOWN)} is on PATH. Name one.")
    with tempfile.TemporaryDirectory(prefix='ftkit-install-') as d:
        dist = o.dist or built(Path(d)/'dist')
        archives = [*dist.resolve().glob('ftkit-*.whl'), *dist.resolve().glob('ftkit-*.tar.gz')]
        if len(archives)!=2:
            sys.exit(f'{dist} has {len(archives)} archives of ftkit; it needs one wheel and one .tar.gz')
        for n,python in enumerate(pythons):
            place = Path(d)/str(n)
            place.mkdir()
            tried(python, archives, place)
            shutil.rmtree(place)

if __name__=='__main__': main(sys.argv[1:])
