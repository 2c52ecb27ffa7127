"""A small file that becomes a large one is refused with words, in bounded time and memory; each limit can
be moved."""
import gzip, time, zipfile

import ftkit as ft
import pytest
from ftkit.config.yaml import read_yaml
from ftkit.base.lines import brief
from ftkit.data.recipe import recipe_from

def packed(path, unit, mib, head=b'', tail=b''):
    with gzip.open(path, 'wb', 6) as f:
        f.write(head)
        for _ in range(mib): f.write(unit*(2**20//len(unit)))
        f.write(tail)
    return path

@pytest.mark.parametrize('name,unit,head', [('a.jsonl', b'x', b'{"prompt":"'), ('a.jsonl', b'x\n', b''),
                                            ('a.csv', b'\n', b'prompt,completion\n"'),
    ('a.json', b'[],', b'{"a":['), ('a.json', b'[],', b'[{"a":['), ('a.parquet', b'\0', b'PAR1'),
    ('a.arrow', b'\0', b'ARROW1'),
    ('a.jsonl', b'x\0', b'\xff\xfe'), ('a', b'a,', b'a,b\n')])
def test_an_archive_that_grows(tmp_path, name, unit, head, peak):
    f = packed(tmp_path/f'{name}.gz', unit, 40, head)
    t,before = time.process_time(),peak()
    with pytest.raises(ValueError, match='unpacks to|looks like neither'): ft.load(f)
    assert time.process_time()-t<5 and peak()-before<150

def test_the_limit_can_be_moved(tmp_path, monkeypatch):
    f = packed(tmp_path/'a.jsonl.gz', b' ', 33, b'{"prompt":"2+2?","completion":"4"}\n')
    with pytest.raises(ValueError, match='FTKIT_MAX_UNPACKED to a number of MiB above 32'): ft.load(f)
    monkeypatch.setenv('FTKIT_MAX_UNPACKED', '64')
    assert len(ft.load(f))==1
    with zipfile.ZipFile(tmp_path/'a.zip', 'w', zipfile.ZIP_DEFLATED) as z:
        z.writestr('a.jsonl', b' '*(70*2**20))
    with pytest.raises(ValueError, match='unpacks to more than 64 MiB'): ft.load(tmp_path/'a.zip')

@pytest.mark.parametrize('there', [True, False])
def test_a_workbook_that_grows(tmp_path, monkeypatch, there, peak):
    "It is not opened: neither with the package that reads workbooks nor without"
    import sys
    from types import SimpleNamespace
    book = SimpleNamespace(load_workbook=lambda *a, **k: pytest.fail('it was opened'))
    monkeypatch.setitem(sys.modules, 'openpyxl', book if there else None)
    with zipfile.ZipFile(tmp_path/'a.xlsx', 'w', zipfile.ZIP_DEFLATED) as z:
        z.writestr('xl/worksheets/sheet1.xml', b' '*(70*2**20))
    before = peak()
    with pytest.raises(ValueError,
                       match='unpacks to more than' if there else 'pip install openpyxl. Or save it as CSV'):
        ft.load(tmp_path/'a.xlsx')
    assert peak()-before<50

def test_a_row_too_long_is_dropped_alone(tmp_path, monkeypatch):
    monkeypatch.setenv('FTKIT_MAX_ROW', '0.01')
    good,long = b'{"prompt":"2+2?","completion":"4"}',b'{"prompt":"'+b'x'*20_000+b'","completion":"4"}'
    (tmp_path/'a.jsonl').write_bytes(b'\n'.join([good, b'', long, good]))
    exs = ft.load(tmp_path/'a.jsonl')
    assert len(exs)==2 and [d.line for d in exs.dropped]==[3] and 'FTKIT_MAX_ROW' in exs.dropped[0].reason
    (tmp_path/'a.csv').write_bytes(b'prompt,completion\na,b\nc,'+b'x'*20_000+b'\nd,e\n')
    exs = ft.load(tmp_path/'a.csv')
    assert (len(exs), [d.line for d in exs.dropped])==(2, [2])
    (tmp_path/'a.json').write_bytes(b'['+good+b','+long.replace(b'x', b'x'*200)+b']')
    exs = ft.load(tmp_path/'a.json')
    assert len(exs)==1 and 'longer than' in exs.dropped[0].reason
    monkeypatch.setenv('FTKIT_MAX_DROPPED', '0.01')
    (tmp_path/'b.jsonl').write_bytes(b'x\n'*100)
    with pytest.raises(ValueError, match='could not be read'): ft.load(tmp_path/'b.jsonl')

def test_nothing_is_lost_in_the_usual_case(tmp_path):
    rows = b''.join(b'{"prompt":"%d?","completion":"%d"}\n\n\n' % (i, i) for i in range(20_000))
    (tmp_path/'a.jsonl.gz').write_bytes(gzip.compress(rows))
    (tmp_path/'a.jsonl').write_bytes(b'\n'*70_000+rows)
    packed,plain = ft.load(tmp_path/'a.jsonl.gz'),ft.load(tmp_path/'a.jsonl')
    assert packed.fingerprint==plain.fingerprint and packed.column('line').to_pylist()[-1]==3*19_999+1
    assert plain.column('line').to_pylist()[:2]==[70_001, 70_004]
    # Broken off: what came before is kept
    (tmp_path/'b.jsonl.gz').write_bytes((tmp_path/'a.jsonl.gz').read_bytes()[:-3000])
    assert 0<len(ft.load(tmp_path/'b.jsonl.gz'))<20_000

BOMB = 'relabel: &a {x: y}\n'+''.join(f'b{i}: &b{i} [{", ".join([f"*b{i-1}" if i else "*a"]*9)}]\n'
                                      for i in range(12))
@pytest.mark.parametrize('text,words', [(BOMB, 'its aliases'), ('a: &a [*a]', 'alias is inside'),
    ('a: &a {x: 1}\nb: {<<: [*a, *a]}', 'merges keys'), ('['*200_000, 'too deeply'),
    ('{a: '*100_000, 'too deeply'),
    ('- '*100_000, 'too deeply'), ('a: "'+'x'*2**20+'"', 'too many')])
def test_yaml(text, words):
    t = time.process_time()
    with pytest.raises(ValueError, match=words) as e: read_yaml(text, 'r.yaml')
    assert str(e.value).startswith('r.yaml') and len(str(e.value))<400 and time.process_time()-t<5

@pytest.mark.parametrize('text', ['drop: ['+'x'*100_000+']', 'relabel: {a: [b, b, b]}', 'x'*9999+': 1',
                                  'mask: '+'x'*99_999,
    'relabel: &a {b: c}\nlabel: [*a, *a, *a]', 'max_length: '+'9'*5000, 'label: 2026-99-99'])
def test_messages_are_short(text):
    with pytest.raises(ValueError) as e: recipe_from(text)
    assert len(str(e.value))<900
    with pytest.raises(ValueError) as e: ft.RunConfig('m'*9, 't', 'v', lr_scheduler='x'*10**6)
    assert len(str(e.value))<600 and len(brief({'a':'x'*10**7}))<300

def test_answers_nested_deeply_go_all_the_way():
    answers = ['{"a":'+'['*d+']'*d+'}' for d in (90, 480, 900, 950, 980, 990, 994, 2000,
                                                 100_000)]+['['+'9'*5000+']', '{"a":'+'9'*9999]
    exs = ft.load([dict(prompt=f'Question {i}, please?', completion=o, label='x')
                   for i,o in enumerate(answers)])
    assert len(exs.check())
    assert len(exs.clean(ft.Recipe(relabel={'x':'y'}, normalize=True, mask=True)).examples)==len(answers)

@pytest.mark.parametrize('made', ['[]', '{', '['*200_000, '{"fingerprints": 3}', 'link', 'pipe', 'huge'])
def test_a_folder_of_splits_from_elsewhere(tmp_path, made):
    import os
    (tmp_path/'test.jsonl').write_text('{"prompt":"2+2?","completion":"4"}\n')
    diary = tmp_path/'diary.txt'
    diary.write_text('dear diary')
    if made=='pipe': os.mkfifo(tmp_path/'split.json')
    else: (tmp_path/'split.json').write_text('{"fingerprints": {}}' if made=='link' else made)
    if made=='link': (tmp_path/'test.opened.jsonl').symlink_to(diary)
    if made=='huge': os.truncate(tmp_path/'split.json', 2**36) # Takes no room on the disk
    exs = ft.load(tmp_path/'test.jsonl')
    assert len(exs)==1 and 'could not be written down' in ' '.join(exs.notes)
    assert diary.read_text()=='dear diary'

def test_an_alarm_of_somebody_else_outlives_a_pattern_of_a_config():
    "Its handler and what is left of its time come back, also where the pattern took too long"
    import signal
    from ftkit.training.samples import right_format
    heard = []
    was = signal.signal(signal.SIGALRM, lambda *_: heard.append(1))
    before = signal.setitimer(signal.ITIMER_REAL, 200) # Of pytest, perhaps
    try:
        assert right_format('a'*40+'!', '(a+)+') is None and right_format('yes', 'yes|no') is True
        assert 0<signal.getitimer(signal.ITIMER_REAL)[0]<199.2 and not heard # The pattern had a second of it
        signal.setitimer(signal.ITIMER_REAL, .01)
        end = time.monotonic()+60
        while not heard and time.monotonic()<end: time.sleep(.02)
        assert heard==[1]
    finally:
        signal.setitimer(signal.ITIMER_REAL, *before)
        signal.signal(signal.SIGALRM, was)

def test_a_train_file_is_split_again_or_it_is_said_what_its_seed_did(tmp_path, capsys):
    from ftkit.cli.main import main
    ft.load(ft.sample('tickets'), limit=300).split().save(tmp_path/'d')
    file = str(tmp_path/'d/train.jsonl')
    assert main(['split', file, '--out', str(tmp_path/'e')])==2
    said = capsys.readouterr().err
    assert 'seed 42 has dealt these rows before' in said and '--seed 43' in said
    assert main(['split', file, '--out', str(tmp_path/'e'), '--seed', '43'])==0
