"What others need to take part, to cite, and to install a release."
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
def read(name): return (ROOT/name).read_text(encoding='utf-8')
FORMS = sorted((ROOT/'.github').rglob('*.yml'))

def test_the_version_is_one():
    version, = re.findall(r'^version = (.*)$', read('settings.ini'), re.M)
    assert yaml.safe_load(read('CITATION.cff'))['version']==version
    assert f'__version__ = "{version}"' in read('ftkit/__init__.py')
    assert f'## {version}' in read('CHANGELOG.md')
    assert "version=cfg['version']" in read('setup.py') # What is built has it from settings.ini too

def test_the_command_says_the_version(capsys):
    from ftkit.cli.main import main
    with pytest.raises(SystemExit, match='0'): main(['--version'])
    version, = re.findall(r'^version = (.*)$', read('settings.ini'), re.M)
    assert capsys.readouterr().out==f'ftkit {version}\n'

def test_a_release_is_installed_on_every_python_it_names():
    jobs = yaml.safe_load(read('.github/workflows/publish.yml'))['jobs']
    lowest = re.search(r'^min_python = (.*)$', read('settings.ini'), re.M)[1]
    pythons = jobs['try']['strategy']['matrix']['python']
    assert pythons[0]==lowest and len(pythons)>3
    assert any('tools/install_check.py --dist dist' in o.get('run', '') for o in jobs['try']['steps'])

@pytest.mark.parametrize('path', FORMS, ids=[o.name for o in FORMS])
def test_forms_and_workflows_can_be_read(path):
    found = yaml.safe_load(path.read_text(encoding='utf-8'))
    if path.parent.name=='workflows':
        assert found['permissions']=={'contents': 'read'} and all('timeout-minutes' in o or 'environment' in o
                                                                  for o in found['jobs'].values())
    elif path.name!='config.yml': assert found['name'] and all(o['id'] for o in found['body'])

def test_a_release_is_built_tried_and_then_published_without_a_secret():
    text = read('.github/workflows/publish.yml')
    jobs = yaml.safe_load(text)['jobs']
    assert jobs['try']['needs']=='build' and jobs['publish']['needs']=='try'
    assert jobs['publish']['permissions']=={'id-token': 'write'} and 'secrets.' not in text

def test_hooks_call_what_is_there():
    hooks = yaml.safe_load(read('.pre-commit-config.yaml'))['repos'][0]['hooks']
    for o in hooks:
        for name in re.findall(r'(?:tools|tests)/\w+\.py', o['entry']): assert (ROOT/name).is_file()
