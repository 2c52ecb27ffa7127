"""Two pytests share files of tests: each is run once, whole, and what a module makes is made once and
tidied up."""
import os, subprocess, sys
from pathlib import Path

HERE = Path(__file__).parent
TEXT = '''
import os, pytest
from pathlib import Path
def note(what):
    with open(Path(__file__).parent/'notes', 'a') as f:
        f.write(f'{what} {Path(__file__).stem} {os.getpid()}\\n')
@pytest.fixture(scope='module')
def made(): note('made'); yield; note('gone')
def test_a(made): note('a')
def test_b(made): note('b')
'''

def test_each_file_is_run_once_and_whole(tmp_path):
    (tmp_path/'claims').mkdir()
    (tmp_path/'conftest.py').write_text(
        f'import sys\nsys.path.insert(0, {str(HERE)!r})\nfrom claims import *\n')
    files = [tmp_path/f'test_{n}.py' for n in range(6)]
    for o in files: o.write_text(TEXT)
    (tmp_path/'claims'/files[3].name).touch() # Somebody else's
    words = [sys.executable, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', *map(str, files)]
    both = [subprocess.Popen(words, cwd=tmp_path, env=os.environ|dict(FTKIT_CLAIMS=str(tmp_path/'claims')))
            for _ in range(2)]
    assert [p.wait(240) for p in both]==[0, 0]
    notes = [o.split() for o in (tmp_path/'notes').read_text().splitlines()]
    for o in files:
        own = [(what, pid) for what,name,pid in notes if name==o.stem]
        assert [what for what,_ in own]==([] if o==files[3] else ['made', 'a', 'b', 'gone'])
        assert len({pid for _,pid in own})<=1
    assert {o.name for o in (tmp_path/'claims').iterdir()}=={o.name for o in files}
