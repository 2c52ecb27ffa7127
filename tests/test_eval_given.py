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
