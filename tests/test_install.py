"What `make` says while it installs: a dozen lines of ours, and pip's own where it failed."
import sys
import time

import install
import pytest

SAID = '''Looking in indexes: somewhere
Collecting numpy>=2 (from ftkit==0.1.0)
  Downloading numpy-2.4.6-cp311-manylinux.whl (16.5 MB)
Collecting small
  Using cached small-1-py3-none-any.whl (500 kB)
Processing {wheel} (from numpy)
Installing collected packages: numpy, small, other
Successfully installed numpy-2.4.6 small-1 other-2
'''

@pytest.fixture
def pip(tmp_path, monkeypatch):
    "A pip that says this and ends with this code"
    monkeypatch.setattr(install, 'LOG', tmp_path/'install.log')
    def make(text, code=0):
        (tmp_path/'pip.py').write_text(f'import sys\nprint({text!r}, end="")\nsys.exit({code})')
        monkeypatch.setattr(install, 'PIP', [sys.executable, str(tmp_path/'pip.py')])
        return install.pip
    return make

def test_how_much_is_counted_and_pips_words_go_to_a_log(pip, tmp_path, capsys):
    (tmp_path/'other.whl').write_bytes(b'x'*3_000_000)
    text = SAID.format(wheel=tmp_path/'other.whl')
    assert pip(text)('numpy')
    out = capsys.readouterr().out.splitlines()
    assert out[0]=='  20 MB are here; unpacking 3 packages' and out[-1].startswith('  done in')
    assert len(out)==2
    assert (tmp_path/'install.log').read_text()==text

def test_a_failure_shows_what_pip_said_and_names_the_log(pip, tmp_path, capsys):
    assert not pip('Collecting nothing\nERROR: No matching distribution found for nothing\n', 1)('nothing')
    out = capsys.readouterr().out
    assert 'pip: ERROR: No matching distribution found for nothing' in out
    assert str(tmp_path/'install.log') in out
    assert not pip('ERROR: quiet\n', 1)('nothing', may_fail=True) and capsys.readouterr().out==''

def test_a_long_silence_says_how_far_it_is(capsys):
    p = install.Progress()
    p.hear('Collecting a\n')
    p.hear('  Downloading a-1.whl (150.0 MB)\n')
    p.tick()
    assert capsys.readouterr().out==''
    p.said = time.time()-20
    p.tick()
    assert '1 package found, 150 MB' in capsys.readouterr().out
