"Answers made elsewhere: whatever files hold, numbers are of the right rows, or there are none."
import json

import pytest

from ftkit.data.instruct import default_instruction
from ftkit.evaluation.given import read_answers, score

def scored(tmp_path, references, answers, **more):
    for name,rows in dict(r=references, a=answers).items():
        (tmp_path/f'{name}.jsonl').write_text('\n'.join(map(json.dumps, rows)))
    return score(tmp_path/'r.jsonl', tmp_path/'a.jsonl', **more)

def value(s, metric): return s['models']['a'][metric]['value']

@pytest.mark.parametrize('as_id', [int, float, str])
@pytest.mark.parametrize('row', [lambda i, o: dict(id=i, reference=o),
                                 lambda i, o: dict(id=i, prompt=f'q{i}', completion=o)])
def test_answers_in_another_order_find_their_references_by_any_id(tmp_path, as_id, row):
    given = [dict(id=as_id(i), answer='yn'[i%2]) for i in reversed(range(12))]
    if as_id is str: given = [dict(o, id=str(int(o['id']))) for o in given]
    assert value(scored(tmp_path, [row(i, 'yn'[i%2]) for i in range(12)], given), 'accuracy')==1

@pytest.mark.parametrize('odd', [[1], {'a': 1}, 1.5, True])
def test_an_id_that_is_none_is_refused_and_not_left_out(tmp_path, odd):
    with pytest.raises(ValueError, match=r'a\.jsonl line 1: the id .* is neither text nor a whole number'):
        scored(tmp_path, [dict(id='x', reference='y')], [dict(id=odd, answer='y')])

@pytest.mark.parametrize('values,metric', [([{'a': i, 'b': [i]} for i in range(12)], 'all_right'),
                                           ([i%3 for i in range(12)], 'accuracy')])
def test_objects_and_numbers_are_answers_as_json(tmp_path, values, metric):
    references,answers = [dict(reference=o) for o in values],[dict(answer=o) for o in values]
    assert value(scored(tmp_path, references, answers), metric)==1
    with pytest.raises(ValueError, match='line 12 has no answer'):
        scored(tmp_path, references, answers[:-1]+[dict(answer=None)])

@pytest.mark.parametrize('name,said', [('no.jsonl', 'There is no file'), ('', 'is a folder'),
                                       ('a.csv', 'answers are read from JSON lines')])
def test_a_file_of_answers_that_is_none_is_said(tmp_path, name, said):
    (tmp_path/'a.csv').write_text('id,answer\n1,y\n')
    with pytest.raises((ValueError, OSError), match=said): read_answers(tmp_path/name)

def test_what_is_not_defined_is_no_value_and_valid_json(tmp_path):
    s = scored(tmp_path, [dict(reference='yes')], [dict(answer='yes')], task='label')
    assert value(s, 'cohen_kappa') is None
    json.dumps(s, allow_nan=False)
    assert 'nan' not in repr(s)

def test_tables_of_the_only_model_need_no_name(tmp_path):
    rows = ['yn'[i%2] for i in range(12)]
    s = scored(tmp_path, [dict(reference=o) for o in rows], [dict(answer=o) for o in rows])
    assert [*s.classes_frame().recall]==[1, 1] and s.confusion_frame().values.trace()==12
    assert '12 reference rows' in s['why']

def test_lists_of_few_words_are_labels_though_the_lists_recur(tmp_path):
    rows = [['red', 'blue'], ['blue', 'red'], ['red']]*8
    s = scored(tmp_path, [dict(reference=json.dumps(o)) for o in rows],
               [dict(answer=json.dumps(o[::-1])) for o in rows])
    assert s['task']=='labels' and value(s, 'micro_f1')==value(s, 'subset_accuracy')==1

def test_labels_that_no_reference_has_are_said(tmp_path):
    rows = [['red', 'blue'], ['blue', 'red'], ['red']]*8
    s = scored(tmp_path, [dict(reference=json.dumps(o)) for o in rows],
               [dict(answer=json.dumps(o+['junk'])) for o in rows])
    assert value(s, 'micro_f1')==1 and value(s, 'subset_accuracy')==0
    assert "a gives 1 label that no reference has, 24 times in all, most often 'junk'" in repr(s)

def test_no_share_is_above_all_or_below_none(tmp_path):
    rows = [{'a': i} for i in range(20)]
    s = scored(tmp_path, [dict(reference=o) for o in rows], [dict(answer=o) for o in rows[:-1]+[{'a': -1}]])
    for o in (s['models']['a']['field_score'], s['models']['commonest']['field_score']):
        assert 0<=o['low']<=o['value']<=o['high']<=1

@pytest.mark.parametrize('labels,listed', [(['a', 'b'], 'a, b'), (['a, b', 'c'], 'a, b; c'),
                                           (['a, b', 'c; d'], 'a, b | c; d')])
def test_labels_with_commas_are_told_apart(labels, listed):
    assert default_instruction(labels).endswith(f'The labels are: {listed}.')

@pytest.mark.parametrize('labels,answers', [(['-1', '0'], ['1', '0']), (['A-', 'B'], ['A', 'B'])])
def test_a_sign_is_part_of_a_label(tmp_path, labels, answers):
    s = scored(tmp_path, [dict(reference=o) for o in labels*8], [dict(answer=o) for o in answers*8])
    assert value(s, 'accuracy')==value(s, 'not_a_label')==.5

def test_hyphens_between_words_are_spaces(tmp_path):
    s = scored(tmp_path, [dict(reference=o) for o in ['card-lost', 'sign up']*8],
               [dict(answer=o) for o in ['Card lost', '- sign-up']*8])
    assert value(s, 'accuracy')==1

@pytest.mark.parametrize('given,said', [([1], 'Answer 1 has no answer'), ([None], 'Answer 1 has no answer'),
                                        ([dict(id=.5, answer='y')], 'Answer 1: the id 0.5 is neither')])
def test_answers_handed_over_are_read_as_those_of_a_file(tmp_path, given, said):
    with pytest.raises(ValueError, match=said): scored_here(tmp_path, given)
    sound = [dict(id=float(i), answer=i%2) for i in range(12)]
    assert value(scored_here(tmp_path, {'a': sound}), 'accuracy')==1

def scored_here(tmp_path, given):
    rows = [dict(id=i, reference=i%2) for i in range(12)]
    (tmp_path/'r.jsonl').write_text('\n'.join(map(json.dumps, rows)))
    return score(tmp_path/'r.jsonl', given)

def test_json_that_no_reference_is_is_refused_and_some_that_are_none_are_said(tmp_path):
    plain,given = [dict(reference=f'some words {i}') for i in range(30)],[dict(answer='a b')]*30
    with pytest.raises(ValueError, match="none of 30 references is a JSON object or list: the"):
        scored(tmp_path, plain, given, task='json')
    rows = [dict(reference='{"a": 1}')]*28+plain[:2]
    s = scored(tmp_path, rows, [dict(answer='{"a": 1}')]*30)
    assert any('2 of 30 references are not JSON' in o for o in s['notes']), s['notes']
    assert s['models']['a']['all_right']['n']==28

def test_what_has_no_value_is_said_in_words_and_is_no_row_of_dashes(tmp_path, monkeypatch):
    monkeypatch.setattr('ftkit.evaluation.fields.can_repair', lambda: False)
    monkeypatch.setattr('ftkit.evaluation.score.can_repair', lambda: False)
    rows = [[{k:{'a': i}} for i in range(30)] for k in ('reference', 'answer')]
    s = scored(tmp_path, *rows)
    assert 'pip install json-repair' in repr(s)
    none = next(o for o in s.lines() if o.startswith('Without a value: '))
    assert 'JSON after repair' in none and not any(o.startswith('JSON after repair  ') for o in s.lines())
    silent = next(o for o in s.lines() if o.startswith('In no answer: '))
    assert 'did not end by itself' in none and 'did not end by itself' not in silent # Nobody knows

def test_invented_labels_are_marked_though_f1_does_not_see_them(tmp_path):
    rows = [['x', 'y'], ['y', 'z'], ['z', 'x']]*10
    s = scored(tmp_path, [dict(reference=', '.join(o)) for o in rows],
               [dict(answer=', '.join([*o, 'made-up'])) for o in rows], task='labels')
    assert value(s, 'micro_f1')==1 and value(s, 'invented_label')==1
    assert s['flags']['invented_label'][0]['spans']==[[6, 13, 'no label']]

def test_a_model_that_gives_one_class_has_no_interval_of_macro_precision(tmp_path):
    rows = [dict(reference='abcd'[i%4]) for i in range(100)]
    s = scored(tmp_path, rows, [dict(answer='a')]*100)
    o = s['models']['a']['macro_precision']
    assert (o['value'], o['low'], o['why'])==(.0625, None, '3 of 4 classes are never answered')
    assert s['models']['a']['macro_f1']['low'] is not None
    guessed = scored(tmp_path, rows, [dict(answer='abcd'[i%3]) for i in range(100)], headline='cohen_kappa')
    assert guessed['models']['a']['macro_precision']['low'] is None

def test_a_table_in_a_notebook_does_not_wrap_and_runs_nothing(tmp_path):
    bad = '<img src=x onerror=alert(1)>'
    s = scored(tmp_path, [dict(reference=f'{bad}{i%2}') for i in range(12)], [dict(answer=bad)]*12)
    page = s._repr_html_()
    assert '<img' not in page and 'white-space:pre' in page and 'mathjax_ignore' in page
