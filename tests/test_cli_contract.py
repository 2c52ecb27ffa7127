"""What scripts may rely on: exit codes, exactly one JSON object on stdout, no row lost, never a traceback
on screen."""
import json, subprocess, sys

import ftkit as ft
import pytest
import ftkit.cli.main as cli_main
import ftkit.cli.parser as cli_parser
import ftkit.data.checks.report as data_checks_report

CHECKS = {'unreadable':'error', 'empty':'error', 'role-order':'error', 'leaked-marker':'error',
          'secret':'error',
          'conflict':'error', 'exact-duplicate':'error', 'split-leak':'error', 'imbalance':'note',
          'too-few':'note',
          'too-long':'warning', 'cut-off':'warning', 'near-duplicate':'warning', 'label-noise':'warning',
          'format':'warning', 'markup':'warning', 'mojibake':'warning', 'language':'warning',
          'refusal':'warning',
          'pii':'warning'}
VERBS = 'park mend sell rent paint weigh wash store ship borrow sharpen return'.split()
THINGS = (
    'bicycle kettle piano ladder tent violin carpet mirror wardrobe blender statue lantern scooter'.split())
KINDS = 'wooden old broken heavy rusty small antique leather plastic foreign yellow'.split()
PLACES = (
    'station harbour library market castle school bridge museum bakery hospital airport theatre cinema '
    'stadium park mill farm'.split())
OPENERS = ('Where can I', 'How do I', 'Who would help me to', 'When should I', 'Is it safe to',
           'What does it cost to', 'Why must I')

def row(i):
    "A question and an answer of their own; no two of them are alike"
    verb,thing,kind,place = (o[i*k%len(o)] for o,k in ((VERBS, 5), (THINGS, 3), (KINDS, 7), (PLACES, 11)))
    ask = (
        f'{OPENERS[i%7]} {verb} {kind} {thing}s behind the {place} {i} days before {PLACES[i*3%17]} number '
        f'{i*i+5} opens?')
    return dict(prompt=ask,
                completion=f'{verb.title()} the {thing} at {place} desk {i*7+3}, open till {i%12+1}, ask for '
                           f'{KINDS[i*5%11]} form {i*13}.')
def jsonl(path, rows):
    path.write_text(''.join(o+'\n' if isinstance(o, str) else json.dumps(o)+'\n' for o in rows),
                    encoding='utf-8')
    return path

def test_flags_are_spelled_with_dashes_and_underscores_are_read(capsys):
    for words in (('--max-steps', '4', '--allow-leak', '--answer-format=a_b'),
                  ('--max_steps', '4', '--allow_leak', '--answer_format=a_b')):
        o = cli_parser.parser().parse_args(['train', 'run_a.yaml', '--out', 'runs_b', *words])
        assert (o.max_steps, o.allow_leak, o.answer_format, o.config, o.out)==('4', True, 'a_b', 'run_a.yaml',
            'runs_b')
    assert cli_parser.parser().parse_args(['check', '--', '--my_rows.jsonl']).file==['--my_rows.jsonl']
    with pytest.raises(SystemExit): cli_parser.parser().parse_args(['train', '--help'])
    said = capsys.readouterr().out
    assert '--max-steps' in said and '--allow-leak' in said and '--lora.r' in said
    assert '--max_steps' not in said

def test_checks_are_listed_where_they_are_asked_for(capsys):
    from ftkit.data.checks.issue import CHECKS as DECLARED
    # split-leak needs two sets
    assert {o.name:o.severity for o in DECLARED}.items()<=CHECKS.items() and len(DECLARED)==len(CHECKS)-1
    for command in ('check', 'clean'):
        with pytest.raises(SystemExit): cli_parser.parser().parse_args([command, '--help'])
        said = capsys.readouterr().out
        assert all(o.name in said for o in DECLARED if command=='check' or o.recipe)
        assert command=='check' or 'strip_markers, drop: [leaked-marker]' in said

def test_check_names_and_fields(ftkit):
    code,o,_ = ftkit('check', ft.sample('tickets_dirty'), '--json')
    assert code==1 and o['rows_in']==o['rows_kept']+len(o['dropped'])
    assert {i['check']:i['severity'] for i in o['issues']}.items() <= CHECKS.items()
    for i in o['issues']:
        assert i.keys()-{'partner_line'} == {'check', 'severity', 'id', 'line', 'message', 'spans'}
        assert all(len(s)==3 and s[1]<=s[2] for s in i['spans']) and bool(i['spans'])>=(i['check'] in ('pii',
            'secret', 'cut-off')), i
        assert ('partner_line' in i)==(i['check'] in ('exact-duplicate', 'near-duplicate', 'conflict',
                                                      'split-leak')), i
        if i['check'] in ('exact-duplicate', 'near-duplicate'): assert i['partner_line']<i['line']
        if i['check'] in ('imbalance', 'too-few'): assert (i['id'], i['line'])==(None, None)

def test_every_planted_row_is_found(ftkit):
    truth = [json.loads(o) for o in ft.sample('tickets_truth').read_text(encoding='utf-8').splitlines()]
    _,o,_ = ftkit('check', ft.sample('tickets_dirty'), '--json')
    found = {(i['check'], i['line']) for i in o['issues']}
    planted = [t for t in truth if t['check']!='label-noise']
    assert sum((t['check'], t['line']) in found for t in planted)>=.95*len(planted)

def test_clean_file_is_fine(ftkit, tmp_path):
    code,o,_ = ftkit('check', jsonl(tmp_path/'a.jsonl', map(row, range(60))), '--json')
    assert (code, o['rows_in'], o['rows_kept'], o['dropped'])==(0, 60, 60, [])

def test_lines_count_blank_lines_and_records(ftkit, tmp_path):
    f = tmp_path/'a.jsonl'
    f.write_text('\n'+json.dumps(row(1))+'\n\n{"prompt": "x"\n'+json.dumps(row(2))+'\n', encoding='utf-8')
    code,o,_ = ftkit('check', f, '--json')
    assert (code, o['rows_in'], o['rows_kept'], [d['line'] for d in o['dropped']])==(1, 3, 2, [4])
    assert all(d['reason'] for d in o['dropped'])

def test_against(ftkit, tmp_path):
    a,b = jsonl(tmp_path/'a.jsonl', map(row, range(60))), jsonl(tmp_path/'b.jsonl', ['', row(100), row(7)])
    code,o,_ = ftkit('check', a, '--against', b, '--json')
    leak, = [i for i in o['issues'] if i['check']=='split-leak']
    assert (code, leak['line'], leak['partner_line'])==(1, 8, 3)
    near = jsonl(tmp_path/'c.jsonl', [row(7)|dict(completion='No.')])
    def leaks(threshold):
        found = ftkit('check', a, '--against', near, '--threshold', threshold, '--json')[1]['issues']
        return sum(i['check']=='split-leak' for i in found)
    assert leaks('1')<leaks('.1')
    assert ftkit('check', a, '--threshold', '.8', '--json')[0]==2

def test_map_and_label(ftkit, tmp_path):
    rows = [dict(frage=row(i)['prompt'], antwort=row(i)['completion'], art='ab'[i%2]) for i in range(60)]
    f = jsonl(tmp_path/'a.jsonl', rows)
    assert ftkit('check', f, '--json')[0]==2
    code,o,_ = ftkit('check', f, '--map', 'prompt=frage,completion=antwort', '--label', 'art', '--json')
    assert (code, o['rows_kept'])==(0, 60)
    code,_,err = ftkit('check', f, '--map', 'prompt=frag,completion=antwort')
    assert code==2 and 'frag' in err and 'frage' in err
    assert ftkit('check', f, '--map', 'frage')[0]==2

@pytest.mark.parametrize('text', ['', '\n\n', 'not json\nat all\n', '{"a": 1}\n{"a": 2}\n'])
def test_empty_or_wholly_unreadable_is_2(ftkit, tmp_path, text):
    (tmp_path/'a.jsonl').write_text(text, encoding='utf-8')
    code,o,err = ftkit('check', tmp_path/'a.jsonl', '--json')
    assert (code, o['rows_kept'], o['rows_in'])==(2, 0, len(o['dropped'])) and err
    assert ftkit('check', tmp_path/'a.jsonl')[0]==2

def test_missing_file_is_2(ftkit, capsys, tmp_path):
    assert cli_main.main(['check', str(tmp_path/'none.jsonl')])==2
    assert 'none.jsonl' in capsys.readouterr().err

def test_a_fault_of_ours_is_3(ftkit, tmp_path, monkeypatch, capsys):
    def broken(*_, **__): return {}['x']
    monkeypatch.setattr(data_checks_report, 'check', broken)
    assert cli_main.main(['check', str(jsonl(tmp_path/'a.jsonl', [row(1)]))])==3
    err = capsys.readouterr().err.strip()
    assert len(err.splitlines())==1 and 'Traceback' not in err
    assert 'KeyError' in open(err.split(' is in ')[1].rstrip('.'), encoding='utf-8').read()

def test_split(ftkit, tmp_path):
    f = jsonl(tmp_path/'a.jsonl', [*map(row, range(100)), '{"broken'])
    code,o,_ = ftkit('split', f, '--out', tmp_path/'d', '--json')
    assert code==0 and o['rows_in']==101==sum(o['splits'].values())+len(o['dropped'])
    assert o['overlap']==dict(exact=0, near=0) and list(o['splits'])==['train', 'validation', 'test']
    for k,n in o['splits'].items(): assert len((tmp_path/'d'/f'{k}.jsonl').read_text().splitlines())==n
    again = ftkit('split', f, '--out', tmp_path/'e', '--json')[1]
    assert again==o and (tmp_path/'d/test.jsonl').read_bytes()==(tmp_path/'e/test.jsonl').read_bytes()

def test_split_by_group_label_and_previous(ftkit, tmp_path):
    rows = [row(i)|dict(talk=i//5, label='rare' if i%5==0 else 'usual') for i in range(200)]
    f = jsonl(tmp_path/'a.jsonl', rows[:150])
    assert ftkit('split', f, '--out', tmp_path/'d', '--group', 'talk', '--label', 'label', '--fractions',
                 '.6,.2,.2', '--json')[0]==0
    where = lambda d: {o.id:k for k,v in ft.load_splits(d).items() for o in v}
    talks = {k:{o.extra['talk'] for o in v} for k,v in ft.load_splits(tmp_path/'d').items()}
    assert not talks['train'] & talks['test'] and not talks['train'] & talks['validation']
    g = jsonl(tmp_path/'b.jsonl', rows)
    code,o,_ = ftkit('split', g, '--out', tmp_path/'e', '--group', 'talk', '--previous', tmp_path/'d',
                     '--seed', 7, '--json')
    old,new = where(tmp_path/'d'), where(tmp_path/'e')
    assert code==0 and {k:new[k] for k in old}==old and len(new)==200
    assert cli_main.main(['split', str(f), '--out', str(tmp_path/'x'), '--group', 'customer'])==2

def test_a_label_column_of_another_name(ftkit, tmp_path):
    f = tmp_path/'a.csv'
    f.write_text('text,category\n'+''.join(f"\"{row(i)['prompt']}\",{'ab'[i%2]}\n" for i in range(120)),
                 encoding='utf-8')
    assert ftkit('check', f, '--label', 'category', '--json')[1]['rows_kept']==120
    assert sum(ftkit('split', f, '--out', tmp_path/'d', '--label', 'category',
                     '--json')[1]['splits'].values())==120
    assert {len([o for o in v if o.label=='a']) for v in ft.load_splits(tmp_path/'d').values()}=={48, 6}

def test_a_leak_has_to_be_overruled_by_name(ftkit, tmp_path):
    d = tmp_path/'d'
    d.mkdir()
    jsonl(d/'train.jsonl', map(row, range(30)))
    jsonl(d/'test.jsonl', [row(3), row(50)])
    code,o,err = ftkit('split', d, '--out', tmp_path/'e', '--json')
    assert (code, o['overlap'])==(1, dict(exact=1, near=0)) and '--allow-leak' in err
    assert not (tmp_path/'e').exists()
    assert ftkit('split', d, '--out', tmp_path/'e', '--allow-leak', '--json')[0]==0

def test_a_split_that_gets_no_row_is_an_error(ftkit, tmp_path, capsys):
    f = jsonl(tmp_path/'a.jsonl', [row(1), row(2)])
    assert cli_main.main(['split', str(f), '--out', str(tmp_path/'d')])==2
    assert 'would get no row' in capsys.readouterr().err

def test_clean(ftkit, tmp_path):
    rows = [*map(row, range(20)), row(3), row(21)|dict(completion='Write to ann@firm.com for it.'),
            row(22)|dict(completion=' ')]
    f,r = jsonl(tmp_path/'a.jsonl', rows), tmp_path/'r.yaml'
    r.write_text('mask: true\nkeep_one: [exact-duplicate]\ndrop: [empty]\n')
    code,o,_ = ftkit('clean', f, '--recipe', r, '--out', tmp_path/'b.jsonl', '--json')
    assert code==0 and (o['rows_in'], o['rows_kept'], o['rows_changed'])==(23, 21, 1)
    assert [d['line'] for d in o['dropped']]==[21, 23] and all(d['reason'] for d in o['dropped'])
    assert 'ann@firm.com' not in (tmp_path/'b.jsonl').read_text() and f.read_text().count('ann@firm.com')==1
    r.write_text('drops: [empty]\n')
    code,_,err = ftkit('clean', f, '--recipe', r, '--out', tmp_path/'b.jsonl')
    assert code==2 and "'drop'" in err
    assert ftkit('clean', f, '--recipe', r, '--out', f)[0]==2
    assert ftkit('clean', ft.sample('tickets_dirty'), '--propose', tmp_path/'p.yaml', '--json')[0]==0
    assert ft.load_recipe(tmp_path/'p.yaml').drop==()
    assert '# drop: [empty] → 4 rows would go' in (tmp_path/'p.yaml').read_text()

def test_apply(ftkit, tmp_path):
    f = jsonl(tmp_path/'a.jsonl', map(row, range(10)))
    exs,review = ft.load(f), ft.Review(tmp_path/'r.jsonl', 'ann')
    review.decide(exs[2].id, 'drop', comment='off topic')
    review.decide(exs[3].id, 'keep')
    review.decide(exs[4].id, 'unsure')
    code,o,_ = ftkit('apply', f, '--review', tmp_path/'r.jsonl', '--out', tmp_path/'b.jsonl', '--json')
    assert code==0 and (o['rows_in'], o['rows_kept'], o['rows_changed'])==(10, 9, 0)
    assert [d['line'] for d in o['dropped']]==[3] and 'off topic' in o['dropped'][0]['reason']
    assert ftkit('apply', f, '--review', tmp_path/'r.jsonl', '--out', tmp_path/'c.jsonl', '--unsure', 'drop',
                 '--json')[1]['rows_kept']==8
    assert cli_main.main(['apply', str(f), '--review', str(tmp_path/'none'), '--out',
                          str(tmp_path/'c.jsonl')])==2

def test_what_is_read_is_never_written(tmp_path, capsys):
    f,d = jsonl(tmp_path/'train.jsonl', map(row, range(60))), tmp_path
    (d/'r.yaml').write_text('mask: true\n')
    ft.Review(d/'r.jsonl', 'ann').decide(ft.load(f)[0].id, 'drop')
    before = {o:o.read_bytes() for o in d.iterdir()}
    for args in (['apply', f, '--review', d/'r.jsonl', '--out', d/'r.jsonl'], ['split', f, '--out', d],
                 ['clean', f, '--recipe', d/'r.yaml', '--out', d/'r.yaml'],
                 ['clean', f, '--propose', d/'r.yaml'],
                 ['clean', f, '--recipe', d/'r.yaml', '--out', f],
                 ['clean', f, '--recipe', d/'r.yaml', '--out', d/'x.csv']):
        assert cli_main.main([*map(str, args)])==2, args
    assert {o:o.read_bytes() for o in d.iterdir()}==before

def test_bad_input_is_told_as_json_too(ftkit, tmp_path):
    f = jsonl(tmp_path/'a.jsonl', map(row, range(20)))
    for args in (['check', tmp_path/'none.jsonl'], ['check', f, '--against', tmp_path/'none'],
                 ['check', f, '--label', 'x'],
                 ['check', f, '--map', 'prompt'], ['check', f, '--encoding', 'klingon'],
                 ['check', f, '--max-length', 0],
                 ['split', f, '--out', tmp_path/'d', '--fractions', 'nan,.5,.5'],
                 ['split', f, '--group', 'x']):
        code,o,err = ftkit(*args, '--json')
        assert code==2 and o['error'] and o['error'] in err, args
        assert o.keys()>={'rows_in', 'dropped'} and ('overlap' in o)==(args[0]=='split')

def test_decisions_that_are_none_are_said(ftkit, tmp_path):
    f,r = jsonl(tmp_path/'a.jsonl', map(row, range(10))), tmp_path/'r.jsonl'
    ft.Review(r, 'ann').decide(ft.load(f)[0].id, 'drop')
    ft.Review(r, 'ann').decide('no-such-row', 'drop')
    r.write_text(r.read_text()+json.dumps(dict(v=1, id=ft.load(f)[1].id, verdict='dorp'))+'\n{"v": 1, "id')
    code,o,err = ftkit('apply', f, '--review', r, '--out', tmp_path/'b.jsonl', '--json')
    assert (code, o['rows_kept'])==(0, 9) and "'dorp'" in err and 'line 4' in err and 'gone' in err
    (tmp_path/'not.jsonl').write_text('hello\n')
    assert ftkit('apply', f, '--review', tmp_path/'not.jsonl', '--out', tmp_path/'b.jsonl', '--json')[0]==2

def test_broken_lines_of_against_are_said(ftkit, tmp_path):
    a,b = jsonl(tmp_path/'a.jsonl', map(row, range(60))), jsonl(tmp_path/'b.jsonl', [row(99), '{"broken'])
    assert 'line 2' in ftkit('check', a, '--against', b, '--json')[2]

def test_other_tools_are_another_question(ftkit, tmp_path):
    rows = [row(1)|dict(tools=[dict(name=o)], completion=f'Call {o}.') for o in ('find', 'send', 'find')]
    o = ftkit('check', jsonl(tmp_path/'a.jsonl', [*rows, *map(row, range(2, 60))]), '--json')[1]
    assert [(i['check'], i['line'], i['partner_line']) for i in o['issues'] if i['severity']=='error']==[
        ('exact-duplicate', 3, 1)]

def test_stdout_is_one_object_in_a_process_of_its_own(tmp_path):
    f = jsonl(tmp_path/'a.jsonl', [*map(row, range(20)), 'x'])
    got = subprocess.run([sys.executable, '-m', 'ftkit.cli.main', 'check', str(f), '--json'],
                         capture_output=True, text=True)
    assert got.returncode==1 and json.loads(got.stdout)['rows_in']==21 and 'Traceback' not in got.stderr

def test_what_was_assumed_is_said_to_scripts(ftkit, tmp_path):
    f = tmp_path/'a.jsonl'
    f.write_text(json.dumps([row(i) for i in range(12)]), encoding='utf-8')
    said = dict(code='assumed', message='a.jsonl holds a JSON array, not JSON lines; read as such.',
                columns=[], share=None)
    _,o,err = ftkit('check', f, '--json')
    assert o['notes']==[said] and said['message'] in err
    assert ftkit('split', f, '--json')[1]['notes']==[said]
    rec = tmp_path/'r.yaml'
    rec.write_text('normalize: true\n', encoding='utf-8')
    code,o,_ = ftkit('clean', f, '--recipe', rec, '--out', tmp_path/'b.jsonl', '--json')
    assert (code, o['notes'])==(0, [said])
    assert ftkit('check', jsonl(tmp_path/'c.jsonl', map(row, range(12))), '--json')[1]['notes']==[]

def test_an_interrupt_while_ftkit_is_being_imported_ends_with_words(tmp_path):
    "Before there is a command line that could hear it"
    (tmp_path/'polite.py').write_text('import builtins, os, signal\nreal = builtins.__import__\n'
        'def late(name, *a, **k):\n    if name=="argparse": os.kill(os.getpid(), signal.SIGINT)\n    return '
        'real(name, *a, **k)\n'
        'builtins.__import__ = late\nimport runpy\nrunpy.run_module("ftkit", run_name="__main__", '
        'alter_sys=True)')
    got = subprocess.run([sys.executable, tmp_path/'polite.py'], capture_output=True, text=True, cwd=tmp_path)
    assert (got.returncode, got.stdout, got.stderr)==(130, '', 'ftkit: interrupted\n')
