"""Kernels of other versions beside the one installed, for the tests of front ends.

    folder = environment('ipykernel-6.31')   # Made once

`JUPYTER_PATH=folder/'share/jupyter'` makes its kernel known."""
import json, os, subprocess, sys, sysconfig, venv
from pathlib import Path

SETS = {'ipykernel-6.31':['ipykernel==6.31.*'],
        # As Colab has in August 2026
        'colab':['ipykernel==6.17.*', 'ipywidgets==7.7.1', 'ipython_genutils==0.2.0']}

def python(folder): return Path(folder)/('Scripts/python.exe' if os.name=='nt' else 'bin/python')

def folder_of(
    name, # A key of `SETS`
    base=None # Folder that keeps them; that of this python if None
): # Made or not
    "Where an environment is kept."
    return Path(base or Path(sys.prefix)/'ftkit-kernels')/name

def environment(
    name, # A key of `SETS`
    base=None # Folder that keeps them; that of this python if None
): # Its folder
    """An environment that sees all packages of this one, and has some of its own in front of them.

    Raises `RuntimeError` where they cannot be had."""
    folder = folder_of(name, base)
    done = folder/'packages.json'
    if done.exists() and json.loads(done.read_text())==SETS[name]: return folder
    venv.create(folder, clear=True)
    site = Path(sysconfig.get_path('purelib', vars=dict(base=str(folder), platbase=str(folder))))
    # Appended, so that what is installed here is found first; addsitedir, so that ftkit's own .pth counts too
    (site/'beside.pth').write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    got = subprocess.run([sys.executable, '-m', 'pip', '--python', str(python(folder)), 'install', '-q',
                          '--no-deps',
        '--ignore-installed', '--retries=1', '--timeout=20', '--disable-pip-version-check', *SETS[name]],
        capture_output=True, text=True)
    if got.returncode:
        raise RuntimeError(f'{", ".join(SETS[name])} cannot be installed: {got.stderr.strip()[-300:]}')
    spec = folder/'share'/'jupyter'/'kernels'/f'ftkit-{name}'
    spec.mkdir(parents=True, exist_ok=True)
    argv = [str(python(folder)), '-m', 'ipykernel_launcher', '-f', '{connection_file}']
    (spec/'kernel.json').write_text(json.dumps(dict(argv=argv, display_name=name, language='python')))
    done.write_text(json.dumps(SETS[name]))
    return folder
