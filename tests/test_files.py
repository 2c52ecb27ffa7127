"""What people bring: files of every packing, folders of them, tables without a header, classes kept as
numbers; and files made to do harm."""
import bz2, gzip, io, json, lzma, subprocess, sys, time, zipfile
from types import SimpleNamespace

import ftkit as ft
import numpy as np
import pyarrow as pa, pyarrow.parquet as pq, pytest
from ftkit.cli.main import main
from ftkit.data.read.options import Unreadable
from ftkit.data.read.guess import guess_columns

ROWS = [dict(prompt=f'What is {i} and {i}?', completion=f'It is {2*i}.') for i in range(20)]
LINES = ''.join(json.dumps(o)+'\n' for o in ROWS).encode()
zstd = lambda data: pa.Codec('zstd').compress(data, asbytes=True)
PACK = {'.gz':gzip.compress, '.xz':lambda data: lzma.compress(data, preset=0), '.bz2':bz2.compress,
        '.zst':zstd}

def put(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path

@pytest.mark.parametrize('suffix', PACK)
def test_packings(tmp_path, suffix, peak):
    assert len(ft.load(put(tmp_path/f'a.jsonl{suffix}', PACK[suffix](LINES))))==20
    # Two parts, one file
    assert len(ft.load(put(tmp_path/'whatever.jsonl',
                           PACK[suffix](LINES[:500])+PACK[suffix](LINES[500:]))))==20
    with zipfile.ZipFile(tmp_path/'a.zip', 'w') as z: z.writestr(f'in/a.jsonl{suffix}', PACK[suffix](LINES))
    assert len(ft.load(tmp_path/'a.zip'))==20
    noise = PACK[suffix](
        ''.join(f'{{"prompt":"{np.random.default_rng(i).bytes(40).hex()}","completion":"x"}}\n'
                for i in range(5000)).encode())
    # bzip2 has blocks of 900 KB
    cut = ft.load(put(tmp_path/f'b.jsonl{suffix}', noise[:len(noise)*2//3])) if suffix!='.bz2' else None
    assert suffix=='.bz2' or 0<len(cut)<5000 and 'breaks off' in cut.dropped[-1].reason
    bomb = put(tmp_path/f'c.jsonl{suffix}', PACK[suffix](b'{"prompt":"'+b'x'*(40*2**20)))
    before = peak()
    with pytest.raises(Unreadable, match='unpacks to more than 32 MiB'): ft.load(bomb)
    assert peak()-before<150

def test_many_files_count_each_row_once(tmp_path):
    put(tmp_path/'d/a.jsonl', LINES)
    put(tmp_path/'d/sub/b.csv', 'prompt,completion\nx?,y\n')
    put(tmp_path/'d/c.json', '[{"prompt":"q","completion":"a"},3]')
    put(tmp_path/'d/README.md', 'hi'); put(tmp_path/'d/.hidden.jsonl', 'x')
    for source in (tmp_path/'d', [tmp_path/'d/a.jsonl', tmp_path/'d/c.json', tmp_path/'d/sub/b.csv'],
                   str(tmp_path/'d/**/[abc]*')):
        exs = ft.load(source)
        assert (len(exs), exs.rows_in) == (22, 23) and exs.dropped[0].reason.startswith('c.json: ')
        assert exs.dropped[0].line==2
        note = next(o for o in exs.notes if o.code=='files')
        assert '3 files were read' in note and 'c.json 2 rows = 1 kept + 1 dropped' in note
        assert {o.source.rpartition('/')[2] for o in exs}=={'a.jsonl', 'b.csv', 'c.json'}
    assert any('README.md' in o for o in ft.load(tmp_path/'d').notes)
    with pytest.raises(Unreadable, match='named twice'):
        ft.load([tmp_path/'d/a.jsonl', tmp_path/'d/sub/../a.jsonl'])
    with pytest.raises(FileNotFoundError, match='No file is like'): ft.load(str(tmp_path/'d/*.parquet'))
    with pytest.raises(FileNotFoundError, match='Did you mean a.jsonl'):
        ft.load([tmp_path/'d/c.json', tmp_path/'d/aa.jsonl'])
    put(tmp_path/'e/train.jsonl', LINES); put(tmp_path/'e/test.jsonl', LINES)
    with pytest.raises(Unreadable, match=r"splits, which are not mixed.*e/train.jsonl"): ft.load(tmp_path/'e')
    assert any(o.code=='splits-mixed' for o in ft.load(str(tmp_path/'e/*.jsonl')).notes)

def test_home_and_standard_input(tmp_path, monkeypatch):
    monkeypatch.setenv('HOME', str(tmp_path))
    put(tmp_path/'a.jsonl', LINES)
    assert len(ft.load('~/a.jsonl'))==20
    for data in (LINES, gzip.compress(LINES), b'prompt,completion\n'+b'a,b\n'*20):
        monkeypatch.setattr(sys, 'stdin', SimpleNamespace(buffer=io.BytesIO(data), isatty=lambda: False))
        for name in ('-', '/dev/stdin'): assert len(ft.load(name))==20 # Asked again, it is still there
    monkeypatch.setattr(sys, 'stdin', SimpleNamespace(buffer=io.BytesIO(), isatty=lambda: True))
    with pytest.raises(Unreadable, match='Nothing is piped'): ft.load('-')

def test_the_end_of_a_pipe(tmp_path, capsys):
    got = subprocess.run([sys.executable, '-m', 'ftkit.cli.main', 'check', '-', '--json'], input=LINES,
                         capture_output=True)
    assert json.loads(got.stdout)['rows_in']==20
    put(tmp_path/'a.tsv', ''.join(f'Where is parcel number {i} now?\t{"AB"[i%2]}\n' for i in range(20)))
    for words,rows in ((['a.tsv', '--header', 'text,label'], 20),
                       (['a.tsv', '--header', 'text,label', '--sep', 'tab', '--quote', 'none'], 20),
                       (['a.tsv', 'a.tsv'], 0), (['a.tsv', '--header', 'text'], 0),
                       (['*.tsv', '--header', 'text,label'], 20)):
        main(['check', *(str(tmp_path/o) if '.tsv' in o else o for o in words), '--json'])
        assert json.loads(capsys.readouterr().out)['rows_kept']==rows
    out = tmp_path/'in'/'b.jsonl'
    put(tmp_path/'in/a.jsonl', LINES); put(tmp_path/'r.yaml', 'normalize: true')
    assert main(['clean', str(tmp_path/'in'), '--recipe', str(tmp_path/'r.yaml'), '--out', str(out)])==2
    assert not out.exists()

SAYINGS = [f'"Well" is what number {i} said, and then, no' if i%5==0 else f'"So {i}' if i%7==0
           else f'This is number {i}, is it not' for i in range(60)]

def test_tables_without_a_header_and_with_stray_quotes(tmp_path):
    f = put(tmp_path/'a.txt', ''.join(f'{o}\t{"AB"[i%2]}\n' for i,o in enumerate(SAYINGS)))
    with pytest.raises(Unreadable, match='no line with the names of its columns'): ft.load(f)
    exs = ft.load(f, header=['text', 'label'])
    assert [o.prompt[-1]['content'] for o in exs]==SAYINGS and exs.rows_in==60
    assert any('quotes that are part of its text' in o for o in exs.notes)
    assert not [o for o in ft.load(f, header=['text', 'label'], sep='\t', quote='').notes
                if 'as a system turn' not in o]
    assert len(ft.load(f, header=False, columns=dict(text='column_1', label='column_2')))==60
    assert ft.load(f, header=['text', 'label'], quote='"').dropped # As the user says
    g = guess_columns(f)
    assert g.mapping==dict(text='column_1', label='column_2')
    labels = put(tmp_path/'b.tsv', ''.join(f'{"ham" if i%3 else "spam"}\tmessage number {i} of them all\n'
                                           for i in range(30)))
    assert len(ft.load(labels, header='label,text'.split(',')))==30

@pytest.mark.parametrize('head,rows', [
    ('text,label', 'Tell me about number {i},A\n'), ('utterance,intent', 'Where is {i},arrival\n'), ('', ''),
    ('What did you like most about us?,score', 'I liked the number {i} very much,{i}\n'),
    ('0,1', 'some words number {i},A\n'),
    (',text,kind', '{i},a text of many words {i},A\n'), ('name,2019,2020', 'somebody {i},{i},{i}\n')])
def test_a_header_is_a_header(tmp_path, head, rows):
    f = put(tmp_path/'a.csv', head+'\n'+''.join(rows.format(i=i) for i in range(30)))
    assert [o.name for o in guess_columns(f).columns]==(head.split(',') if rows else [])
    assert not guess_columns(f).notes

def test_a_broken_quote_costs_its_row(tmp_path):
    rows = ''.join(f'"Q {i}, please?","A ""{i}"" it is\nand more"\n' for i in range(500))
    exs = ft.load(put(tmp_path/'a.csv', 'prompt,completion\n'+rows.replace('"A ""7""', '"A "7"')+'"open,x\n'+
                      rows))
    assert len(exs)==999 and exs.rows_in-len(exs)==len(exs.dropped)<5
    assert all("quote=''" in o.reason or 'rest of the record' in o.reason for o in exs.dropped)

@pytest.mark.parametrize('name', ['a.json', 'a.jsonl', 'a.txt'])
def test_json_over_several_lines(tmp_path, name):
    text = '\n'.join(json.dumps(o, indent=2) for o in ROWS)
    exs = ft.load(put(tmp_path/name, text))
    assert len(exs)==20 and any('one after another' in o for o in exs.notes)
    exs = ft.load(put(tmp_path/name, text.replace('"It is 6."', 'It is 6.')))
    assert (len(exs), exs.rows_in)==(19, 20)
    assert len(ft.load(put(tmp_path/name, text.replace('}\n{', '},\n{'))))==20

@pytest.mark.parametrize('text,words', [("{'prompt': 'q?', 'completion': 'a'}", 'json.dumps'),
                                        ('{"prompt":"q","completion":"a",}', 'comma before'),
    ('{"prompt":"q","completion":None}', 'json.dumps'), ('{"prompt":"q","completion":"a"} {"prompt":"q"}',
                                                         'second value')])
def test_what_is_refused_names_its_remedy(tmp_path, text, words):
    with pytest.raises(Unreadable, match=words): ft.load(put(tmp_path/'a.jsonl', text+'\n'+text))

@pytest.mark.parametrize('name,words', [('https://x.org/d/rows.csv', "curl -L -o 'rows.csv'"),
                                        ('https://huggingface.co/datasets/o/n', r"load\('o/n'\)"),
    ('hf://datasets/o/n', r"load\('o/n'\)"),
    ('s3://b/k.parquet', "load the copy, such as load\\('k.parquet'\\)")])
def test_addresses(name, words):
    with pytest.raises(Unreadable, match=words): ft.load(name)

def test_options_of_tables_are_used_or_named(tmp_path):
    f = put(tmp_path/'a.jsonl', LINES)
    assert any('sep was not used' in o for o in ft.load(f, sep=';').notes)
    with pytest.raises(ValueError, match='these rows are in memory'): ft.load(ROWS, header=True)
    for bad in (dict(sep='||'), dict(quote='""'), dict(header=['a', 'a']), dict(header=2)):
        with pytest.raises(ValueError, match=next(iter(bad))): ft.load(f, **bad)

def test_what_datasets_saved(tmp_path):
    datasets = pytest.importorskip('datasets')
    features = datasets.Features(dict(text=datasets.Value('string'),
                                      label=datasets.ClassLabel(names=['no', 'yes'])))
    data = datasets.Dataset.from_dict(dict(text=['a', 'b', 'c'], label=[1, 0, 1]), features=features)
    data.save_to_disk(tmp_path/'one')
    datasets.DatasetDict(train=data, test=data).save_to_disk(tmp_path/'two')
    data.to_parquet(tmp_path/'a.parquet')
    for source in ('one', 'two/train', 'a.parquet'):
        exs = ft.load(tmp_path/source)
        assert [o.label for o in exs]==['yes', 'no', 'yes'] and any('0 = no, 1 = yes' in o for o in exs.notes)
    with pytest.raises(Unreadable, match='holds the splits train, test. Pick one'): ft.load(tmp_path/'two')

def shared(n, size):
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(n, 'int32')), pa.array(['x'*size]))

def test_a_value_that_many_rows_share(tmp_path, peak):
    n = 400
    asked = [f'q {i}' for i in range(n)]
    said = pa.StructArray.from_arrays([pa.array(['user', 'assistant']*n), shared(2*n, 3*2**20)],
                                      ['role', 'content'])
    tables = dict(a=pa.table(dict(prompt=asked, completion=shared(n, 3*2**20))),
                  b=pa.table(dict(prompt=asked, completion=shared(n, 9*2**17))),
                  c=pa.table(dict(messages=pa.ListArray.from_arrays(pa.array(range(0, 2*n+1, 2), pa.int32()),
        said))),
                  d=pa.table(dict(messages=pa.ListArray.from_arrays(pa.array([0, 2*n], pa.int32()), said))))
    before = peak()
    for name,t in tables.items():
        pq.write_table(t, tmp_path/f'{name}.parquet', compression='zstd')
        with pytest.raises(Unreadable, match='unpacks to more than 32 MiB.*FTKIT_MAX_UNPACKED'):
            ft.load(tmp_path/f'{name}.parquet')
    assert peak()-before<400
    few = pa.table(dict(prompt=asked, completion=shared(n, 1000)))
    pq.write_table(few, tmp_path/'few.parquet')
    assert len(ft.load(tmp_path/'few.parquet'))==n==len(ft.load(few))

@pytest.mark.parametrize('about', ['{', '[]', '3', '['*99_999, '{"info":{"features":[]}}',
                                   '{"info":{"features":{"label":{"names":["a"],"_type":"ClassLabel"}}}}',
    '{"info":{"features":{"text":{"names":["a"],"_type":"ClassLabel"}}}}',
    '{"info":{"features":{"label":{"names":{"a":1},"_type":"ClassLabel"}}}}', 'y'*10**6])
def test_hostile_descriptions(tmp_path, about):
    t = pa.table(dict(text=['a', 'b'], label=[0, 7])).replace_schema_metadata({'huggingface':about,
        'pandas':about})
    pq.write_table(t, tmp_path/'a.parquet')
    exs = ft.load(tmp_path/'a.parquet')
    assert exs.rows_in==2 and (len(exs)==2 or '7' in exs.dropped[0].reason)

class _Evil: # What a pickle of a stranger does when it is opened
    def __init__(self, mark): self.mark = mark
    def __reduce__(self): return open, (str(self.mark), 'w')

def described(mark, secret):
    "What a table may say of itself, to be run, imported, opened, or looked up"
    code,path = f'open({str(mark)!r}, "w")',str(secret)
    pandas = dict(index_columns=[path, dict(kind='range', name='evil', start=0, stop=2**62, step=1)],
                  creator=dict(library='evil', version=code),
                  column_indexes=[dict(name=None, field_name=path, pandas_type='object',
                                       numpy_type='evil.call', metadata=dict(encoding=code))],
                  columns=[dict(name='label', field_name='label', pandas_type='categorical',
                                numpy_type='evil:call', metadata=dict(num_categories=2**62, ordered=code))],
                  attributes=dict(evil=code), pandas_version='$(id)')
    named = dict(_type='evil.call', names=[code], dtype='evil:call', id=path, decode=True, names_file=path,
                 path=path)
    info = dict(info=dict(features=dict(label=named, prompt=dict(_type='Audio', sampling_rate=2**62,
        path=path)), builder_name='evil', download_checksums={path:{}},
                          script_version=code, splits=dict(train=dict(name='../..', shard_lengths=[2**62]))),
                          fingerprint='../../evil')
    texts = dict(huggingface=json.dumps(info), pandas=json.dumps(pandas),
                 PANDAS_ATTRS=json.dumps(dict(a=code)), geo=path, evil=code)
    import pickle
    yield texts
    yield {k:pickle.dumps(_Evil(mark)) for k in texts}
    yield {k:json.dumps(dict(info=dict(features=dict(label=dict(_type='ClassLabel',
        names=[f'n{i}' for i in range(10**5)]))))) for k in texts}
    yield {k:b'\xff\0'*999 for k in texts}
    yield dict(huggingface='x'*2**22)

@pytest.mark.parametrize('name', ['a.parquet', 'a.arrow', 'a.feather'])
def test_what_a_table_says_of_itself_is_data(tmp_path, monkeypatch, name, peak):
    import sys
    import pyarrow.feather as feather
    mark,secret = tmp_path/'RAN',tmp_path/'secret.json'
    secret.write_text('private')
    (tmp_path/'evil.py').write_text(f'open({str(mark)!r}, "w")\ndef call(*a): pass\n')
    monkeypatch.syspath_prepend(tmp_path)
    opened = []
    sys.addaudithook(lambda event, args: opened.append(args[0]) if event=='open' and args and
                     str(args[0]) in (str(secret), str(mark)) else None)
    for about in described(mark, secret):
        t = pa.table(dict(prompt=['q', 'r'], completion=['a', 'b'],
                          label=[0, 1])).replace_schema_metadata(about)
        if name.endswith('parquet'): pq.write_table(t, tmp_path/name)
        elif name.endswith('feather'): feather.write_feather(t, str(tmp_path/name))
        else:
            with pa.ipc.new_file(tmp_path/name, t.schema) as f: f.write_table(t)
        began,before = time.process_time(),peak()
        exs = ft.load(tmp_path/name)
        assert [(o.prompt[-1]['content'], o.answer) for o in exs]==[('q', 'a'), ('r', 'b')]
        assert time.process_time()-began<5 and peak()-before<200
        assert all(len(o)<3000 and 'private' not in o for o in exs.notes)
    assert not mark.exists() and not opened and 'evil' not in sys.modules

def test_strange_schemas(tmp_path):
    deep = pa.array(['x'])
    for _ in range(1000): deep = pa.ListArray.from_arrays(pa.array([0, 1], pa.int32()), deep)
    pq.write_table(pa.table(dict(prompt=['q'], completion=['a'], z=deep)), tmp_path/'deep.parquet')
    with pytest.raises(Unreadable, match='nested too deeply'): ft.load(tmp_path/'deep.parquet')
    t = time.process_time()
    pq.write_table(pa.table({f'c{i}':[1] for i in range(2000)}), tmp_path/'wide.parquet')
    with pytest.raises(Unreadable) as e: ft.load(tmp_path/'wide.parquet')
    assert time.process_time()-t<5 and len(str(e.value))<2000
    pq.write_table(pa.table(dict(prompt=['q'], completion=['a'])).replace_schema_metadata({'x':'y'*2**25}),
                   tmp_path/'huge.parquet')
    with pytest.raises(Unreadable, match='of itself'): ft.load(tmp_path/'huge.parquet')

def test_lines_of_decisions_and_answers_have_a_limit(tmp_path, monkeypatch, peak):
    from ftkit.base.lines import read_jsonl
    monkeypatch.setenv('FTKIT_MAX_ROW', '1')
    f = put(tmp_path/'review.jsonl', b'{"v":1}\n'+b'"'+b'x'*2**25+b'"\n{"v":2}\n')
    before = peak()
    lines = [*read_jsonl(f)]
    assert [o.value for o in lines]==[dict(v=1), None, dict(v=2)] and 'FTKIT_MAX_ROW' in lines[1].error
    assert [o.n for o in lines]==[1, 2, 3]
    assert peak()-before<50

TALK = [dict(role='user', content='2+2?'), dict(role='assistant', content='4')]
@pytest.mark.parametrize('rows,mapping', [
    ([dict(id=f'x{i}', dialogue=f'Doctor: how? {i}', section_text=f'He is well, {i}.', kind='AB'[i%2])
      for i in range(9)], dict(prompt='dialogue', completion='section_text')),
    ([dict(question=f'What is {i}?', sha=f'{i:040x}') for i in range(9)], {}),
    ([dict(query=f'What is {i}?', n=i+1) for i in range(5)], {}),
    ([dict(sentence_pair_id=str(i), sentence1=f'a b {i}', sentence2=f'c d {i}', label='xy'[i%2])
      for i in range(9)], dict(text='sentence1', label='label')),
    ([dict(prompt='2+2?', chosen=TALK, rejected=TALK)], dict(messages='chosen')),
    ([dict(prompt=TALK[:1], chosen=TALK[1:], rejected=TALK[1:])], dict(prompt='prompt', completion='chosen')),
    ([dict(instruction='a b', input='c', chosen='d', rejected='e')],
     dict(instruction='instruction', output='chosen'))])
def test_guesses(rows, mapping):
    g = guess_columns(rows)
    assert g.mapping==mapping
    for o in g.previews if mapping else ():
        asked,answered = o.messages[-2:]
        assert [m['role'] for m in o.messages]==['system']*('label' in mapping)+['user', 'assistant']
        assert asked['content']!=answered['content']
