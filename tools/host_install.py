"""What `pip install ftkit[train]` would change on a host, from the list of packages that it publishes.

    python tools/host_install.py pip-freeze.gpu.txt --python python3.13

Nothing of the list is installed: an empty environment is told that it is there, and pip says what it
would do. What packages of the list ask for is known to it where ftkit asks for them too, torch aside, and
not of the others. Ends with 1 where a package would be downgraded, or torch touched."""
import argparse, json, re, subprocess, sys, tempfile
from configparser import ConfigParser
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]

def listed(text):
    "`[(name, version)]` of a list by pip freeze; the version of a file is in its name, or is not said"
    for line in text.splitlines():
        name,_,version = line.partition('==')
        if version: yield name.strip(), version.strip()
        elif ' @ ' in line:
            name,_,where = line.partition(' @ ')
            found = re.search(r'-(\d[\w.%+]*?)[-.](?:cp|py|tar)', where)
            if found: yield name.strip(), found[1].replace('%2B', '+')

def canonical(name): return re.sub(r'[-_.]+', '-', name).lower()

def wanted():
    "The names that ftkit asks for"
    cfg = ConfigParser(delimiters=['='], interpolation=None)
    cfg.read(ROOT/'settings.ini', encoding='utf-8')
    rows = cfg['DEFAULT']['requirements'], cfg['DEFAULT']['train_requirements']
    return {canonical(Requirement(o).name) for o in ' '.join(rows).split()}

def pip(python, *args):
    "What pip would install"
    with tempfile.TemporaryDirectory() as tmp:
        words = ['--dry-run', '--disable-pip-version-check', '--report', f'{tmp}/report.json', *args]
        done = subprocess.run([python, '-m', 'pip', 'install', '-q', *words], capture_output=True, text=True)
        if done.returncode: sys.exit(f'pip cannot install it: {done.stderr[-2000:]}')
        found = json.loads((Path(tmp)/'report.json').read_text(encoding='utf-8'))
    return [o['metadata'] for o in found['install']]

def asks(python, packages):
    "What these packages ask for, by name"
    own = wanted() - {'torch'}
    these = [f'{k}=={v}' for k,v in packages if canonical(k) in own]
    return {canonical(o['name']):o.get('requires_dist', []) for o in
            pip(python, '--no-deps', '--ignore-installed', *these)}

def pretend(site, packages, requires):
    "Write down each package as installed"
    for name,version in packages:
        info = site/f"{re.sub(r'[-.]+', '_', name)}-{version}.dist-info"
        info.mkdir()
        lines = ['Metadata-Version: 2.1', f'Name: {name}', f'Version: {version}',
                 *(f'Requires-Dist: {o}' for o in requires.get(canonical(name), []))]
        (info/'METADATA').write_text('\n'.join(lines)+'\n')
        (info/'INSTALLER').write_text('pip\n')
        (info/'RECORD').write_text('')

def plan(python, packages, what):
    "What pip would install: `[(name, version)]`"
    with tempfile.TemporaryDirectory() as tmp:
        subprocess.run([python, '-m', 'venv', tmp], check=True)
        own = Path(tmp)/'bin'/'python'
        code = "import sysconfig; print(sysconfig.get_path('purelib'))"
        said = subprocess.run([own, '-c', code], capture_output=True, text=True, check=True).stdout
        site = Path(said.strip())
        requires = asks(own, packages)
        pretend(site, packages, requires)
        return [(o['name'], o['version']) for o in pip(own, what)]

def changes(packages, planned):
    "`[(name, before, after)]`; before is empty where it is added"
    have = {canonical(k):v for k,v in packages}
    return sorted((canonical(k), have.get(canonical(k), ''), v) for k,v in planned if canonical(k)!='ftkit')

def main():
    o = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    o.add_argument('freeze', type=Path, help='a list made by pip freeze')
    o.add_argument('--python', default=sys.executable, help='an interpreter as the host has it')
    o.add_argument('--what', default=f'{ROOT}[train]', help='what is installed')
    o = o.parse_args()
    packages = [*listed(o.freeze.read_text(encoding='utf-8'))]
    found = changes(packages, plan(o.python, packages, o.what))
    for name,before,after in found: print(f'{name:24} {before or "–":12} → {after}')
    down = [name for name,before,after in found if before and Version(after)<Version(before)]
    if down: sys.exit(f"downgraded: {', '.join(down)}")
    if 'torch' in [name for name,*_ in found]: sys.exit('torch would be replaced')

if __name__=='__main__': main()
