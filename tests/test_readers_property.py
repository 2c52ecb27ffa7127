"""Whatever a file holds: no exception but the documented ones, and rows in = rows kept + rows dropped."""
import csv, gzip, io, json, zipfile
import pyarrow as pa, pyarrow.parquet as pq, pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st
from ftkit.base.files import content_hash
from ftkit.data.table import Dropped
from ftkit.data.example import Example
from ftkit.data.gather import examples_of
from ftkit.data.convert import to_example
from ftkit.data.read.source import READERS
from ftkit.data.read.options import Unreadable
from ftkit.data.read.guess import guess_columns
from ftkit.data.read.load import load
from ftkit.data.read.write import save, to_row

settings.register_profile('readers', derandomize=True, deadline=None, max_examples=60, database=None,
                          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
settings.load_profile('readers')

TEXT = st.text(st.characters(codec='utf-8'), max_size=40)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
JSONS = st.recursive(SCALARS, lambda o: st.lists(o, max_size=4) | st.dictionaries(TEXT, o, max_size=4),
                     max_leaves=12)
MESSAGE = st.fixed_dictionaries(dict(role=st.sampled_from(['system', 'user', 'assistant', 'tool', 'x'])),
    optional=dict(content=JSONS | TEXT, tool_calls=JSONS, name=TEXT))
NAMES = st.sampled_from(
    'messages conversations prompt completion response instruction input output question answer '
                        'text label system tools id hash extra chosen rejected history'.split()) | TEXT
ROWS = (st.dictionaries(NAMES, TEXT | JSONS | st.lists(MESSAGE, max_size=3), max_size=6) | JSONS
        | st.fixed_dictionaries(dict(prompt=TEXT, completion=TEXT), optional=dict(label=SCALARS, more=JSONS)))

def blank(line): return not line.strip(b' \t\r\n\x0b\x0c')

def attempt(source, **kw):
    "Read, or be refused in the documented way; in both cases every row is accounted for"
    try: res = load(source, **kw)
    except Unreadable as e:
        assert str(e) and all(isinstance(d, Dropped) and d.reason for d in e.dropped)
        return e
    assert res.rows_in==len(res)+len(res.dropped)
    assert all(d.reason and d.line>0 and len(d.text)<=500 for d in res.dropped)
    [d.text.encode() for d in res.dropped]
    rows = list(res)
    assert len(rows)==len(res) and len({o.id for o in rows})==len(rows)
    assert all(o.hash==h for o,h in zip(rows, res.column('hash').to_pylist()))
    return res

def written(tmp_path, name, data):
    (tmp_path/name).write_bytes(data)
    return tmp_path/name

LINE = (ROWS.map(lambda o: json.dumps(o).encode())
        | ROWS.map(lambda o: json.dumps(o, ensure_ascii=False).encode(errors='surrogatepass'))
        | st.binary(max_size=60).map(lambda b: b.replace(b'\n', b''))
        | TEXT.map(lambda t: t.replace('\n', '').encode()))

@given(st.lists(LINE, max_size=8), st.sampled_from([b'\n', b'\r\n']))
@example([b'{"prompt":"a\\u2028b\\u0085","completion":"\x0b"}', b'', b'{"prompt":"a","completion":"b"}'],
         b'\n')
@example(['{"prompt":"a\u2028b\x85c","completion":"d"}'.encode()], b'\n')
def test_every_line_of_json_lines_is_accounted_for(tmp_path, lines, end):
    data = end.join(lines)
    # Another encoding, and other lines
    if data.startswith((b'\xff\xfe', b'\xfe\xff')) or b'\0' in data: return
    if data.lstrip().startswith(b'['): return # A JSON array
    res = attempt(written(tmp_path, 'a.jsonl', data))
    raw = data.removeprefix(b'\xef\xbb\xbf').split(b'\n')
    assert res.rows_in==sum(not blank(o) for o in raw)
    at = {d.line for d in res.dropped} | ({o.line for o in res} if not isinstance(res, Unreadable) else set())
    assert at=={n for n,o in enumerate(raw, 1) if not blank(o)}

@given(st.lists(ROWS, max_size=8), st.booleans(), st.integers(0, 3))
def test_rows_in_memory_and_arrays(tmp_path, rows, ascii, indent):
    n = attempt(rows).rows_in
    assert n==len(rows)
    text = json.dumps(rows, ensure_ascii=ascii, indent=indent or None)
    res = attempt(written(tmp_path, 'a.json', text.encode(errors='surrogatepass')))
    assert res.rows_in==len(rows) or b'\xed' in text.encode(errors='surrogatepass')

@given(st.sampled_from([*READERS.names]+['.txt', '', '.gz', '.zip', '.csv.gz', '.jsonl.zip']),
       st.binary(max_size=300))
@example('.csv', b'prompt,completion\na,b\0c\n\0,"\0"\n')
@example('.jsonl', b'\0')
@example('.json', b'[' * 100_000)
@example('.json', b'{"a":' * 100_000)
@example('.parquet', b'PAR1' + b'\0' * 100 + b'PAR1')
@example('.arrow', b'ARROW1\0\0' + b'\1' * 100 + b'ARROW1')
@example('.gz', b'\x1f\x8b\x08' + b'\0' * 40)
@example('.zip', b'PK\x05\x06' + b'\0' * 18)
@example('.zip', b'PK\x03\x04' + b'\7' * 60)
def test_random_bytes(tmp_path, suffix, data): attempt(written(tmp_path, 'a'+suffix, data))

@given(st.lists(st.lists(TEXT, min_size=1, max_size=4), max_size=6), st.sampled_from(',;\t'),
       st.text('a,;"\n\r\0é', max_size=20))
def test_csv(tmp_path, rows, sep, tail):
    f = io.StringIO(newline='')
    csv.writer(f, delimiter=sep).writerows([['prompt', 'completion', 'id'], *rows])
    res = attempt(written(tmp_path, 'a.csv', f.getvalue().encode()))
    assert res.rows_in==len(rows) or any('\r' in c for o in rows for c in o)
    attempt(written(tmp_path, 'b.csv', (f.getvalue()+tail).encode()))
    attempt(written(tmp_path, 'b.tsv', (f.getvalue()+tail).encode()))

def cut(data, at): return data[:int(len(data)*at)]

@settings(max_examples=15)
@given(st.floats(0, 1), st.integers(0, 2**20), st.integers(0, 255))
@example(0., 96, 128) # A column's name is not text
@example(1., 700, 255) # Offsets that lead out of the file
def test_damaged_tables_and_archives(tmp_path, at, where, byte):
    rows = [dict(prompt=f'question {n}', completion='answer', label='x') for n in range(200)]
    table = pa.Table.from_pylist(rows)
    pq.write_table(table, tmp_path/'a.parquet')
    with pa.ipc.new_file(str(tmp_path/'a.arrow'), table.schema) as f: f.write_table(table, 50)
    with pa.ipc.new_stream(str(tmp_path/'s.arrow'), table.schema) as f: f.write_table(table, 50)
    lines = '\n'.join(map(json.dumps, rows)).encode()
    (tmp_path/'a.jsonl.gz').write_bytes(gzip.compress(lines))
    with zipfile.ZipFile(tmp_path/'a.zip', 'w', zipfile.ZIP_DEFLATED) as z: z.writestr('a.jsonl', lines)
    for name in ('a.parquet', 'a.arrow', 's.arrow', 'a.jsonl.gz', 'a.zip'):
        data = (tmp_path/name).read_bytes()
        assert len(attempt(tmp_path/name))==200
        attempt(written(tmp_path, 'cut-'+name, cut(data, at)))
        spot = where % len(data)
        attempt(written(tmp_path, 'hit-'+name, data[:spot]+bytes([byte])+data[spot+1:]))

ODD = '{"prompt":"Wo ist meine Karte für die Bücher? 日本語","completion":"Hier — wirklich"}\n'
@pytest.mark.parametrize('enc',
                         'utf-8 utf-8-sig utf-16 utf-16-le utf-16-be utf-32 utf-32-le utf-32-be'.split())
@pytest.mark.parametrize('name', ['a.jsonl', 'a.json', 'a.csv'])
def test_unicode_encodings(tmp_path, enc, name):
    text = {'a.jsonl':ODD*3, 'a.json':'['+ODD+','+ODD+','+ODD+']',
            'a.csv':'prompt,completion\n'+3*'Bücher 日本,gut — so\n'}[name]
    res = attempt(written(tmp_path, name, text.encode(enc)))
    assert len(res)==3 and '日本' in res[0].text and not res.dropped
    assert bool(res.notes)==(not enc.startswith('utf-8'))

@pytest.mark.parametrize('name', ['a.jsonl', 'a.json', 'a.csv', 'a.csv.gz'])
def test_windows_1252_is_said(tmp_path, name):
    line = '{"prompt":"café","completion":"“x” – y"}'
    text = {'a.jsonl':f'{{"prompt":"a","completion":"b"}}\n{line}\n',
            'a.json':f'[{line},{line}]'}.get(name, 'prompt,completion\na,b\ncafé,“x” – y\n')
    data = text.encode('cp1252')
    res = attempt(written(tmp_path, name, gzip.compress(data) if name.endswith('gz') else data))
    assert len(res)==2 and res[1].prompt[0]['content']=='café' and res[1].answer=='“x” – y'
    assert 'Windows-1252' in res.notes[0] and 'Pass encoding=' in res.notes[0] and res.notes[0] in repr(res)
    if not name.endswith('gz'):
        quiet = load(tmp_path/name, encoding='latin-1')
        assert not quiet.notes and quiet[1].prompt[0]['content']=='café'

@pytest.mark.parametrize('name', ['a.jsonl', 'a.json', 'a.csv'])
def test_an_encoding_that_makes_words_is_named(tmp_path, name):
    asks,says = 'Сколько будет два плюс два?','Это будет четыре.'
    row = json.dumps(dict(prompt=asks, completion=says), ensure_ascii=False)
    text = {'a.jsonl':row, 'a.json':f'[{row}]'}.get(name, f'prompt,completion\n{asks},{says}')
    res = load(written(tmp_path, name, text.encode('cp1251')))
    assert "encoding='cp1251' gives 'Сколько будет" in res.notes[0]
    assert res.check().counts['mojibake']==2
    assert load(tmp_path/name, encoding='cp1251')[0].answer==says

def test_a_few_broken_lines_in_utf8(tmp_path):
    good = '{"prompt":"für","completion":"b"}'.encode()
    lines = [b'{"prompt":"a","completion":"b"}', b'{"prompt":"f\xfcr","completion":"b"}', good,
             b'{"prompt":"\xff","completion":"b"}']
    res = attempt(written(tmp_path, 'a.jsonl', b'\n'.join(lines)))
    assert [o.line for o in res]==[1, 3] and [d.line for d in res.dropped]==[2, 4] and not res.notes
    assert res.dropped[0].reason=='not UTF-8: byte 0xFC at 12'
    rows = b'prompt,completion\nf\xfcr,b\n'+'für,b\n'.encode()+b'"x\n\xff",c\n'
    res = attempt(written(tmp_path, 'a.csv', rows))
    assert [o.line for o in res]==[2]
    assert [(d.line, d.reason[:9]) for d in res.dropped]==[(1, 'not UTF-8'), (3, 'not UTF-8')]

def test_huge_fields_and_numbers(tmp_path):
    big = 'x'*5_000_000
    line = json.dumps(dict(prompt=big, completion='b'))
    for name,data in (('a.jsonl', line), ('a.json', f'[{line}]'), ('a.csv', f'prompt,completion\n{big},b\n')):
        res = attempt(written(tmp_path, name, data.encode()))
        assert len(res)==1 and len(res[0].prompt[0]['content'])==len(big)
    lines = ['{"prompt":"a","completion":"b","n":'+n+'}' for n in ('1'*4000, '1'*5000, '1e999', 'NaN',
        '-Infinity')]
    res = attempt(written(tmp_path, 'n.jsonl', '\n'.join(lines).encode()))
    assert [d.line for d in res.dropped]==[2] and [o.extra['n'] for o in res][1:]==[None]*3
    res = attempt([dict(messages=[dict(role='user', content='a', weight=float('nan'))])]*2)
    assert 'NaN' in res.dropped[0].reason

def test_a_key_that_stands_twice(tmp_path):
    lines = ['{"prompt":"a","completion":"b"}', '{"prompt":"a","completion":"b","completion":"c"}',
             '{"messages":[{"role":"user","role":"x","content":"a"}]}',
             '{"prompt":"\\":\\"","completion" : "b"}']
    for name,text in (('a.jsonl', '\n'.join(lines)), ('a.json', '['+','.join(lines)+']')):
        res = attempt(written(tmp_path, name, text.encode()))
        assert len(res)==2 and [d.line for d in res.dropped]==[2, 3]
        assert "duplicate key 'completion'" in res.dropped[0].reason

TOOLS = st.none() | st.lists(st.dictionaries(TEXT, TEXT, max_size=2), max_size=2)
FULL = st.fixed_dictionaries(dict(prompt=TEXT, completion=TEXT, label=st.none() | TEXT, more=JSONS,
                                  tools=TOOLS))

@given(st.lists(FULL, min_size=1, max_size=8))
def test_round_trip(tmp_path, rows):
    try: old = load(rows)
    except Unreadable: return
    again = load(save(old, tmp_path/'a.jsonl'))
    assert [to_row(o) for o in again]==[to_row(o) for o in old] and again.fingerprint==old.fingerprint

@given(ROWS)
def test_the_hash_in_the_table_is_the_hash_of_the_content(row):
    try: ex = to_example(row)
    except (ValueError, TypeError): return
    try: exs = examples_of([ex])
    except (ValueError, pa.ArrowException): return # NaN or half a character: `load` drops such a row
    assert exs.column('hash')[0].as_py()==content_hash(dict(messages=ex.messages, tools=ex.tools,
                                                            label=ex.label))
@given(st.lists(ROWS, max_size=6))
def test_guesses_never_fail(rows):
    g = guess_columns(rows)
    assert str(g) and all(isinstance(o, Example | str) for o in g.previews)

def test_frames_and_data_sets():
    pd,datasets = pytest.importorskip('pandas'),pytest.importorskip('datasets')
    frame = pd.DataFrame(dict(prompt=['a', None, 'c', 4], completion=['b', 'x', float('nan'), 'd'],
                              n=[1, 2, 3, None]))
    res = attempt(frame)
    assert len(res)==1 and res.rows_in==4
    assert [d.reason for d in res.dropped][:2]==['prompt is empty (null)', 'completion is empty (null)']
    turns = [dict(role='user', content='a'), dict(role='assistant', content='b')]
    assert attempt(pd.DataFrame(dict(messages=[turns])))[0].answer=='b'
    with pytest.raises(Unreadable, match='called the same'): load(pd.DataFrame([[1, 2]], columns=['a', 'a']))
    data = datasets.Dataset.from_list([dict(text='a', label=0), dict(text='b', label=1),
                                       dict(text='c', label=-1)],
        features=datasets.Features(text=datasets.Value('string'),
                                   label=datasets.ClassLabel(names=['neg', 'pos'])))
    for source in (data, data.to_iterable_dataset()):
        res = attempt(source)
        assert [(o.answer, o.label) for o in res]==[('neg', 'neg'), ('pos', 'pos')] and res.rows_in==3
    assert attempt(data.select([1]))[0].label=='pos'
    with pytest.raises(Unreadable, match="Pick one: load.data.'train'"):
        load(datasets.DatasetDict(train=data, test=data))

@pytest.mark.parametrize('name,data,note', [
    ('a', b'{"prompt":"a","completion":"b"}\n', 'read as JSON'),
    ('a.txt', b'prompt\tcompletion\na\tb\n', 'read as CSV'),
    ('a.json', b'{"prompt":"a","completion":"b"}\n{"prompt":"c"\n', 'JSON lines'),
    ('a.csv', b'prompt;completion\na;b\n', 'semicolons'),
    ('a.jsonl', b'[{"prompt":"a","completion":"b"}]', 'JSON array'),
    ('a.json', b'{"rows":[{"prompt":"a","completion":"b"}]}', "key 'rows'"),
    ('a.json', b'[{"prompt":"a","completion":"b"},', 'never closed'),
    ('a.csv', b'sep=|\nprompt|completion\na|b\n', None)])
def test_what_was_assumed_is_said(tmp_path, name, data, note):
    res = attempt(written(tmp_path, name, data))
    assert len(res)==1 and (note in res.notes[0] if note else not res.notes)

def test_one_broken_cell_costs_one_row(tmp_path):
    data = 'prompt,completion\na,b\nc,"d" e\nf,g\n"x\ny",z\nh,"never closed\ni,j\n\nk,l\n'
    res = attempt(written(tmp_path, 'a.csv', data.encode()))
    assert [o.line for o in res]==[1, 3, 4, 6, 7] and res[2].prompt[0]['content']=='x\ny'
    assert [d.line for d in res.dropped]==[2, 5] and 'line 7 is never closed' in res.dropped[1].reason

def test_a_column_that_is_nowhere_is_named_with_the_nearest(tmp_path):
    rows = ''.join(f'where is card {n}?,arrival\n' for n in range(1500))
    path = written(tmp_path, 'a.csv', f'text,category\n{rows}'.encode())
    for kw in (dict(label='categry'), dict(columns=dict(text='text', label='categry')),
               dict(columns=dict(prompt='categry'))):
        with pytest.raises(Unreadable, match="no column 'categry'.*Did you mean 'category'"): load(path, **kw)
    with pytest.raises(ValueError, match="'promt', which is not a target.*Did you mean 'prompt'"):
        load(path, columns=dict(promt='text'))
    assert load(path, label='category')[1499].label=='arrival'
    late = [dict(prompt=str(n), completion='b') for n in range(1500)] + [dict(prompt='a', completion='b',
        kind='x')]
    assert load(late, label='kind')[1500].label=='x'

def test_zip_of_several_says_how_to_choose(tmp_path):
    with zipfile.ZipFile(tmp_path/'a.zip', 'w') as z:
        for o in ('train.csv', 'sub/test.csv', '__MACOSX/train.csv', 'notes.md'):
            z.writestr(o, 'prompt,completion\na,b\n')
    with pytest.raises(Unreadable,
                       match=r"2 data files: train.csv, sub/test.csv. Name one: load\('a.zip/train.csv'\)"):
        load(tmp_path/'a.zip')
    assert load(tmp_path/'a.zip'/'sub'/'test.csv').source=='a.zip/sub/test.csv'

def test_a_large_table_lies_in_a_file_that_is_gone_at_once(tmp_path, monkeypatch):
    monkeypatch.setenv('FTKIT_CACHE', str(tmp_path/'cache'))
    monkeypatch.setattr('ftkit.data.gather.SPILL_bytes', 1000)
    rows = [dict(prompt=f'question {n}', completion='x'*50) for n in range(9000)]
    res = attempt(rows)
    assert len(res)==9000 and res[8999].text.startswith('question 8999')
    assert not list((tmp_path/'cache'/'tables').iterdir())
    monkeypatch.setattr('ftkit.data.gather.SPILL_bytes', 2**28)
    assert load(rows).fingerprint==res.fingerprint and res.index(res[7000].id)==7000

@pytest.mark.parametrize('first', ['[1, 2]', '[broken', '{broken', '[]'])
@pytest.mark.parametrize('suffix', ['.jsonl', '.json'])
def test_a_first_line_that_is_no_row_costs_only_itself(tmp_path, first, suffix):
    rows = [dict(prompt=f'{i}?', completion='x') for i in range(3)]
    (tmp_path/f'a{suffix}').write_text('\n'.join([first, *map(json.dumps, rows)])+'\n')
    exs = load(tmp_path/f'a{suffix}')
    assert [o.line for o in exs]==[2, 3, 4] and [o.line for o in exs.dropped]==[1]
