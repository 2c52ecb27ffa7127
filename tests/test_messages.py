"""What becomes of a row: columns beside its shape, weights, calls, nulls that a table invented, trees, and
what is told of it."""
import json

import pytest
from ftkit.data.table import Dropped
from ftkit.data.read.options import Unreadable
from ftkit.data.read.load import load
from ftkit.data.read.write import save

def user(o, **kw): return dict(role='user', content=o, **kw)
def bot(o, **kw): return dict(role='assistant', content=o, **kw)
def said(exs, i=0): return [(m['role'], m.get('content')) for m in exs[i].messages]
def written(path, *rows):
    path.write_text(''.join(json.dumps(o, ensure_ascii=False)+'\n' for o in rows), encoding='utf-8')
    return path

TALK = [user('When?'), bot('In May.')]

@pytest.mark.parametrize('row,columns', [
    (dict(m=TALK, sys='Be terse.'), dict(messages='m', system='sys')),
    (dict(conversations=TALK, sys='Be terse.'), dict(system='sys')),
    (dict(prompt='When?', completion='In May.', sys='Be terse.'), dict(system='sys')),
    (dict(text='When?', label='In May.', sys='Be terse.'), dict(system='sys')),
    (dict(messages=TALK, system='Be terse.'), None), (dict(messages=TALK, system_prompt='Be terse.'), None)])
def test_a_system_prompt_of_its_own_column_is_said(row, columns):
    assert said(load([row], columns=columns))==[('system', 'Be terse.'), ('user', 'When?'),
                                                ('assistant', 'In May.')]

@pytest.mark.parametrize('row', [dict(question='When?', answer='In May.'),
                                 dict(prompt='When?', completion='In May.'),
                                 dict(text='When?', label='In May.'),
                                 dict(instruction='When?', output='In May.'),
                                 dict(prompt=TALK[:1], response='In May.')])
def test_more_to_the_prompt_is_said_or_refused(row):
    assert [o for o in said(load([row|dict(basis='It was May.')], columns=dict(input='basis')))
            if o[0]!='system'][0]==('user', 'When?\n\nIt was May.')
    with pytest.raises(Unreadable,
                       match='input was named for one of its columns, and rows of messages have no place '
                             'for it'):
        load([dict(messages=TALK, basis='It was May.')], columns=dict(input='basis'))

def test_what_nothing_uses_is_told_with_its_share():
    exs = load([dict(prompt='When?', completion='In May.', basis='It was May.', n=1),
                dict(prompt='When?', completion='In May.', basis='', n=2)]*2)
    notes = [(o.code, o.columns, o.share) for o in exs.notes]
    assert notes==[('unused-column', ('basis',), .5), ('unused-column', ('n',), 1)]
    assert 'lines 1, 3' in str(exs.notes[0]) and [o.extra['n'] for o in exs]==[1, 2]*2
    exs = load([dict(messages=[user('a', mood='glad'), bot('b')])])
    assert [(o.code, o.columns) for o in exs.notes]==[('unused-field', ('mood',))]
    assert exs[0].messages[0]['mood']=='glad'

def test_rows_that_ftkit_saved_tell_nothing_again(tmp_path):
    rows = [dict(prompt='a', completion=4, topic='x'), dict(text='a', label=['b', 'c']),
            dict(messages=[user('a'), bot('b', weight=0, mood='glad'), user('c'), bot('d')],
                 tools='[{"name": "f", "x": null}]'),
            dict(messages=[user('a'),
                           bot(None,
                               tool_calls=[dict(function=dict(name='f', arguments='{"z": null, "a": 1}'))])])]
    first = load(rows)
    again = load(save(first, tmp_path/'a.jsonl'))
    assert [o.hash for o in again]==[o.hash for o in first] and again.fingerprint==first.fingerprint
    assert again.column('messages').equals(first.column('messages'))
    assert again.column('tools').equals(first.column('tools'))
    assert {o.code for o in again.notes}<={'unused-field'}

def test_arguments_and_tools_as_text_are_those_given_as_objects(tmp_path):
    def row(args, tools):
        return dict(messages=[user('Rain?'),
                              bot('',
                                  tool_calls=[dict(type='function',
                                                   function=dict(name='rain', arguments=args))])],
                    tools=tools)
    args,tools = dict(zip='1', city='Oslo'),[dict(type='function', function=dict(name='rain',
        description='Says if it rains', parameters=dict(b=1, a=2)))]
    exs = load([row(args, tools), row(json.dumps(args), json.dumps(tools)),
                row(json.dumps(args), [json.dumps(o) for o in tools])])
    assert len({*exs.column('messages').to_pylist()})==len({*exs.column('tools').to_pylist()})==1
    assert not exs.notes
    assert '"zip":"1","city":"Oslo"' in exs.column('messages')[0].as_py()
    assert '"b":1,"a":2' in exs.column('tools')[0].as_py()
    broken = load([row(args, tools), row('{"zip": "1"', tools), row(args, '[{')])
    assert [(o.line, o.reason.split(':')[0]) for o in broken.dropped]==[(2, 'message 2 (assistant)'),
        (3, 'tools')]
    assert 'arguments of its call of rain' in broken.dropped[0].reason

def test_nulls_that_a_table_invented_are_not_learned(tmp_path):
    pa,pq = pytest.importorskip('pyarrow'),pytest.importorskip('pyarrow.parquet')
    call = lambda **kw: [user('Rain?'),
                         bot(None,
                             tool_calls=[dict(type='function', function=dict(name='rain', arguments=kw))])]
    tool = lambda **kw: [dict(type='function', function=dict(name='rain', parameters=dict(properties=kw)))]
    rows = [dict(messages=call(city='Oslo', at=dict(hour=1)), tools=tool(city=dict(type='string'))),
            dict(messages=call(zip='1', at=dict(day=2)), tools=tool(zip=dict(type='string', nullable=True)))]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path/'a.parquet')
    exs = load(tmp_path/'a.parquet')
    args = [o.messages[1]['tool_calls'][0]['function']['arguments'] for o in exs]
    assert args==[dict(city='Oslo', at=dict(hour=1)), dict(at=dict(day=2), zip='1')]
    assert [o.tools for o in exs]==[o['tools'] for o in rows]
    assert {(o.code, o.columns) for o in exs.notes}=={('null', ('arguments',)), ('null', ('tools',))}
    nullable = tool(city=dict(type=['string', 'null']))
    kept = load([dict(messages=call(city=None), tools=nullable)])
    assert kept[0].messages[1]['tool_calls'][0]['function']['arguments']==dict(city=None) and not kept.notes

def test_classes_have_their_names_in_tables(tmp_path):
    pa,pq = pytest.importorskip('pyarrow'),pytest.importorskip('pyarrow.parquet')
    kind = dict(names=['fault', 'delivery'], _type='ClassLabel')
    features = dict(text=dict(dtype='string', _type='Value'), label=dict(feature=kind, _type='Sequence'))
    for name,labels,form in (('one', [0, 1, -1], kind), ('many', [[0], [0, 1], []], features['label'])):
        meta = {b'huggingface': json.dumps(dict(info=dict(features=features|dict(label=form))))}
        table = pa.table(dict(text=['a', 'b', 'c'], label=labels)).replace_schema_metadata(meta)
        pq.write_table(table, tmp_path/f'{name}.parquet')
        pa.feather.write_feather(table, tmp_path/f'{name}.arrow') if hasattr(pa, 'feather') else None
        for source in (tmp_path/f'{name}.parquet', table):
            exs = load(source)
            assert [o.label for o in exs]==['fault', 'delivery' if name=='one' else 'fault, delivery']
            assert len(exs.dropped)==1

@pytest.mark.parametrize('name', ['conversation', 'items', 'contents', 'chat'])
def test_turns_under_other_names_and_as_text(name, tmp_path):
    for turns in (TALK, json.dumps(TALK), str(TALK), [dict(role='Human', parts=[dict(text='When?')]),
                                                      dict(role='model', parts=[dict(text='In May.')])]):
        assert said(load([{name:turns}]))==[('user', 'When?'), ('assistant', 'In May.')]
    assert isinstance(load([{name:TALK}, {name:'words'}]).dropped[0], Dropped) # Not what it may look like

def test_roles_of_ones_own():
    rows = [dict(messages=[dict(role='Kunde', content='When?'), dict(role='developer', content='Brief!'),
                           dict(role='Agent', content='In May.')])]
    exs = load(rows, columns={'role:Kunde':'user', 'role:agent':'assistant'})
    assert [m['role'] for m in exs[0].messages]==['user', 'system', 'assistant']
    assert {o.columns[0] for o in exs.notes if o.code=='role'}=={'Kunde', 'developer', 'Agent'}
    assert [m['role'] for m in load(rows)[0].messages]==['Kunde', 'system', 'Agent'] # For `check` to report
    with pytest.raises(ValueError, match='a role is one of system, user, assistant, tool'):
        load(rows, columns={'role:Kunde':'customer'})

def test_what_is_no_text_or_a_bad_answer_is_dropped_by_row():
    rows = [dict(messages=TALK, images=['a.jpg']), dict(messages=TALK, images=[]),
            dict(messages=TALK, audio=dict(path='a.wav', bytes=None)),
            dict(messages=TALK, kto_tag=False), dict(messages=TALK, kto_tag=True),
            dict(messages=[user('<image> Who?'), bot('She.')])]
    exs = load(rows)
    assert [(o.line, o.reason[:20]) for o in exs.dropped]==[(1, 'it comes with images'),
                                                            (3, 'it comes with audio,'),
                                                            (4, 'kto_tag is false: it')]
    assert {o.code:o.share for o in exs.notes}=={'kto':1/3, 'placeholder':1/3}
    assert 'line 6' in str(exs.notes[-1])

def test_trees_of_replies(tmp_path):
    turn = lambda id, parent, role, text: dict(message_id=id, parent_id=parent, role=role, text=text,
                                               lang='en')
    path = written(tmp_path/'tree.jsonl', turn('a', None, 'prompter', 'Hi'),
                   turn('b', 'a', 'assistant', 'Hello.'),
                   turn('c', 'a', 'assistant', 'Good day.'), turn('d', 'b', 'prompter', 'Well?'),
                   turn('e', 'd', 'assistant', 'Well.'))
    exs = load(path)
    assert exs.rows_in==5 and [o.line for o in exs]==[2, 3, 5] and [o.line for o in exs.dropped]==[1, 4]
    assert [(m['content'], m.get('weight')) for m in exs[2].messages]==[('Hi', None), ('Hello.', 0),
        ('Well?', None), ('Well.', None)]
    assert {o.extra['thread'] for o in exs}=={'a'} and exs.notes[0].code=='threads'
    assert [o.columns for o in exs.notes if o.code=='unused-column']==[('lang',)]
    assert load(path, limit=2).rows_in==2
    from ftkit.data.checks.report import check
    assert not [o for o in check(exs) if o.check=='unreadable'] # A turn that asks is not a fault
    pairs = 'id,parent_id,prompt,response\na,,When?,In May.\nb,a,And where?,In Oslo.\nc,x,Lost?,Yes.\n'
    (tmp_path/'a.csv').write_text(pairs)
    exs = load(tmp_path/'a.csv')
    assert said(exs, 1)==[('user', 'When?'), ('assistant', 'In May.'), ('user', 'And where?'),
                          ('assistant', 'In Oslo.')]
    assert [(o.line, o.reason) for o in exs.dropped]==[(3, "its parent_id 'x' is not among the rows")]

def test_the_command_line_tells_it_too(tmp_path, capsys):
    from ftkit.cli.main import main
    path = written(tmp_path/'a.jsonl', dict(question='When?', answer='In May.', basis='It was May.'))
    try: main(['check', str(path), '--json'])
    except SystemExit: pass
    notes = json.loads(capsys.readouterr().out)['notes']
    assert [(o['code'], o['columns'], o['share']) for o in notes]==[('unused-column', ['basis'], 1)]
    try: main(['check', str(path), '--map', 'input=basis', '--json'])
    except SystemExit: pass
    assert json.loads(capsys.readouterr().out)['notes']==[]

def test_an_edited_call_keeps_the_order_of_its_keys(tmp_path):
    from ftkit.data.review import Review
    from ftkit.data.apply import apply
    exs = load([dict(messages=[user('Rain?'),
                               bot('',
                                   tool_calls=[dict(function=dict(name='rain',
        arguments=dict(zip='1', city='Oslo')))])])])
    review = Review(tmp_path/'r.jsonl', 'ann')
    review.decide(exs[0], 'fix', messages=[user('Rain today?'), exs[0].messages[1]])
    kept = apply(exs, Review(tmp_path/'r.jsonl', 'ann'))[0]
    assert kept[0].messages[0]['content']=='Rain today?'
    assert '"zip":"1","city":"Oslo"' in kept.column('messages')[0].as_py()
