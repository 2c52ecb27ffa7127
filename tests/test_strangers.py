"What `benchmarks/hostile.py` calls sound is: its judge is tried on verbs that do each thing a verb may not."
import sys, time
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1]/'benchmarks'))
import hostile

@pytest.fixture(scope='module')
def good(own_cache, tmp_path_factory):
    import ftkit as ft
    return hostile.sound_run(own_cache)

def ends(verb): raise verb
WAYS = dict(code=(lambda d: (d.parents[1]/'RAN').write_text(''), 'code ran'),
            reads=(lambda d: (d.parents[1]/'mine').read_text() and '', 'opened'),
            shows=(lambda d: hostile.PRIVATE, 'showed'),
            writes=(lambda d: open(d.parents[2]/'elsewhere', 'w').close(), 'wrote'),
            changes=(lambda d: (d.parents[1]/'mine').write_text(''), 'outside was changed'),
            key=(lambda d: ends(KeyError('a')), 'ended with KeyError'),
            deep=(lambda d: ends(RecursionError('too deep')), 'RecursionError'),
            short=(lambda d: ends(ValueError('no')), 'said 2 characters'),
            hidden=(lambda d: ends(ValueError('a name that is \x1b[2J')), 'hidden'),
            memory=(lambda d: bytearray(2**33), 'MemoryError'),
            refuses=(lambda d: ends(ValueError('this is harmless')), 'is refused by it'),
            hangs=(lambda d: time.sleep(99), 'took too long'),
            ends=(lambda d: __import__('os').kill(__import__('os').getpid(), 9), 'ended with'))

@pytest.mark.parametrize('how', WAYS)
def test_the_judge_sees_it(good, tmp_path, monkeypatch, how):
    verb,says = WAYS[how]
    monkeypatch.setattr(hostile, 'LIMIT_s', .5 if how=='hangs' else 20)
    _,_,wrong = hostile.tried(tmp_path, good, 0, ('', '', lambda d: None, dict(it=verb), hostile.SOUND))
    assert says in str(wrong)

def test_what_is_damaged_and_refused_by_nobody_is_called_sound(good, tmp_path):
    for verb,wrong in ((lambda d: '', ['is called sound']), (lambda d: ends(ValueError('this is damaged')),
                                                             [])):
        assert hostile.tried(tmp_path, good, 0, ('', '', lambda d: None, dict(it=verb),
                                                 hostile.REFUSED))[2]==wrong

def test_a_sound_run_is(good, tmp_path):
    _,done,wrong = hostile.tried(tmp_path, good, 0, ('', '', lambda d: None, None, hostile.SOUND))
    assert not wrong and len(done)==len(hostile.VERBS)
