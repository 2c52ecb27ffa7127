"""JSON answers field by field: hand counts, properties, and what scikit-learn, scipy's brute force and
jsonschema say."""
import itertools, json, sys, warnings

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from ftkit.evaluation.by_field import (OTHER_FIELDS, field_paths, field_sums, field_table,
                                       precision_recall_f1, ratio_interval)
from ftkit.evaluation.equal import (as_date, as_number, identical, is_nothing, normalise, same_value,
                                    token_f1, value_key, words)
from ftkit.evaluation.fields import (_agreement, _best_pairs, _contents, _quick_pairs, all_right, can_repair,
                                     field_kinds, field_mean,
    field_scores, leaves, repaired)
from ftkit.evaluation.schema import check_schema, infer_schema, schema_errors
from ftkit.evaluation.task import as_json

quick = settings(max_examples=40, deadline=None)
scalars = st.none() | st.booleans() | st.integers(-50, 1500) | st.floats(allow_nan=False,
    allow_infinity=False) | st.text(max_size=12)
keys = st.text(alphabet='ab.[]"é ', max_size=3)
jsons = st.recursive(scalars, lambda o: st.lists(o, max_size=4) | st.dictionaries(keys, o, max_size=4),
                     max_leaves=14)
objects = st.dictionaries(keys, jsons, max_size=4) | st.lists(jsons, max_size=4)

# Values

@quick
@given(st.text(max_size=30))
def test_normalising_twice_changes_nothing(text): assert normalise(normalise(text))==normalise(text)

@quick
@given(st.integers(-10**12, 10**12))
def test_a_whole_number_is_found_in_every_grouping(n):
    for text in (f'{n}', f'{n:,}', f'{n:,}'.replace(',', ' '), f'{n:,}'.replace(',', "'"),
                 f'{n:,}'.replace('-', '−'), f' {n} ', f'{n}.0'):
        assert as_number(text)==n, text
    assert same_value(f'{n:,}', n) and same_value(float(n), n)

@quick
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_equals_its_own_text(x):
    assert same_value(x, repr(x)) and not same_value(x, True)

@quick
@given(st.dates())
def test_a_date_is_read_in_every_spelling_that_has_one_meaning(day):
    if day.year<1000: return
    month = day.strftime('%B')
    spellings = [day.isoformat(), f'{day.year}/{day.month}/{day.day}', f'{day.day}.{day.month}.{day.year}',
                 f'{day.day} {month} {day.year}',
                 f'{month} {day.day}, {day.year}', f'{day.day:02}-{month[:3]}-{day.year}',
                 f'{day.year}年{day.month}月{day.day}日']
    assert {as_date(o) for o in spellings}=={day.isoformat()}
    slashes = as_date(f'{day.day}/{day.month}/{day.year}')
    assert slashes==(day.isoformat() if day.day>12 or day.day==day.month else None)

@quick
@given(jsons, jsons)
def test_equality_is_symmetric_and_weaker_than_identity(a, b):
    assert same_value(a, b)==same_value(b, a)
    if identical(a, b): assert same_value(a, b)
    hash(value_key(a))

@pytest.mark.parametrize('a,b', [(1, True), (0, False), (0, None), ('1', True), ('true', True), ('007', '7'),
                                 ('03/04/2026', '04/03/2026'),
                                 ('10²', '102'), ('', 0), ([1, 2], [2, 1]), ('1.2.3', '123'), ('-5', '5')])
def test_what_is_not_the_same(a, b): assert not same_value(a, b)

# Parsing

@quick
@given(objects)
def test_json_is_parsed_as_it_was_written(o):
    assert identical(as_json(json.dumps(o)), o) and identical(repaired(json.dumps(o)), o)

@quick
@given(st.text(alphabet='{}[]",:a1 \n`', max_size=40))
def test_nothing_breaks_the_repair(text):
    found = repaired(text)
    assert found is None or isinstance(found, (dict, list))

@pytest.mark.parametrize('text', ['{"a":'*50_000, '['*50_000, '{'*50_000+'}'*50_000, '[1,'*900, '"'*5000,
                                  '{"a": "\\ud800"}'])
def test_hostile_answers_are_parsed_or_refused(text):
    found = repaired(text)
    if found is not None: field_scores(found, {'a': 1})

def test_without_json_repair_only_what_is_json_is_read(monkeypatch):
    monkeypatch.setitem(sys.modules, 'json_repair', None)
    monkeypatch.setattr('ftkit.evaluation.fields.can_repair', lambda: False)
    assert repaired("{'a': 1}") is None and repaired('```json\n{"a": 1}\n```')=={'a': 1}

@pytest.mark.skipif(not can_repair(), reason='json-repair is not installed')
def test_almost_json_is_read():
    for text in ("{'a': 1}", '{"a": 1,}', '{"a": 1', 'Sure!\n{"a": 1}', '{a: 1}'):
        assert repaired(text)=={'a': 1}, text

# Paths

@quick
@given(objects)
def test_paths_of_different_fields_differ(o):
    flat = leaves(o)
    single = [k for k in flat if '[]' not in k]
    assert all(not isinstance(flat[k], (dict, list)) for k in single)
    def count(v, inside=False):
        if isinstance(v, dict): return sum(count(x) for x in v.values())
        if isinstance(v, list) and not inside: return sum(count(x, True) for x in v if x!=[])
        return 1
    values = sum(len(v) if '[]' in k else 1 for k,v in flat.items())
    assert values==count(o), (flat, o)

# Scores

@quick
@given(objects)
def test_an_answer_equal_to_its_reference_is_all_right(o):
    found = field_scores(o, o)
    assert all_right(found) and field_mean(found)==1
    assert all(s.exact and s.right==s.predicted==s.wanted and s.missing==s.invented==s.wrong==0
               for s in found.values())

@quick
@given(objects, objects)
def test_counts_add_up(a, r):
    there,back = field_scores(a, r),field_scores(r, a)
    assert there.keys()==back.keys()
    for path,s in there.items():
        assert min(s[:4])>=0 and s.missing>=0 and s.invented>=0
        assert s.right+s.missing+s.wrong==s.wanted and s.right+s.invented+s.wrong==s.predicted
        assert 0<=s.score<=1 and (s.score==1 or not s.normalized)
        if s.exact and s.there and s.asked: assert s.normalized
    values = lambda o: sum(not is_nothing(x) for v in leaves(o).items()
                           for x in (v[1] if '[]' in v[0] else [v[1]]))
    assert sum(s.predicted for s in there.values())==values(a)
    assert sum(s.wanted for s in there.values())==values(r)

@quick
@given(objects)
def test_an_answer_that_is_no_json_has_everything_missing(r):
    found = field_scores(None, r)
    assert not all_right(found) and field_mean(found)==0
    assert all(s.missing==s.wanted and s.predicted==0 for s in found.values())

@quick
@given(st.lists(st.sampled_from('abc'), max_size=6), st.lists(st.sampled_from('abc'), max_size=6),
       st.randoms())
def test_the_order_of_a_list_does_not_matter_unless_asked(a, r, rng):
    mixed = rng.sample(a, len(a))
    assert field_scores({'x': a}, {'x': r})['x[]'][:5]==field_scores({'x': mixed}, {'x': r})['x[]'][:5]
    places = field_scores({'x': a}, {'x': r}, ordered=('x[]',))['x[]'] if a or r else None
    if places: assert places.right==sum(x==y for x,y in zip(a, r))

lines = st.lists(st.fixed_dictionaries({'sku': st.sampled_from('abc'), 'qty': st.integers(1, 3)}), min_size=1,
                 max_size=5)
@settings(max_examples=30, deadline=None)
@given(lines, lines)
def test_objects_are_paired_as_well_as_can_be(a, r):
    found = field_scores({'i': a}, {'i': r})
    right = sum(s.right for s in found.values())
    short,long = sorted((a, r), key=len)
    best = max(sum(x[k]==y[k] for x,y in zip(short, p) for k in x) for p in itertools.permutations(long,
        len(short)))
    assert right==best

def test_free_text_pairs_objects_too():
    a = [{'what': 'two large red pens with blue caps'}, {'what': 'one roll of brown packing tape, wide'}]
    r = [{'what': 'one roll of packing tape, brown and wide'}, {'what': 'large red pens with blue caps'}]
    assert field_scores({'i': a}, {'i': r}, {'i[].what': 'text'})['i[].what'].score>.8

def test_the_quick_pairing_is_never_better_and_mostly_as_good():
    rng = np.random.default_rng(0)
    for _ in range(30):
        r = [{'sku': int(rng.integers(40)), 'qty': int(rng.integers(3))} for _ in range(25)]
        a = [o|({'qty': 9} if rng.random()<.3 else {}) for o in (r[k] for k in rng.permutation(25))]
        a,r = [*map(_contents, a)],[*map(_contents, r)]
        value = lambda pairs: sum(_agreement(a[i], r[j]) for i,j in pairs)
        best,quick_ = value(_best_pairs(a, r)),value(_quick_pairs(a, r))
        assert .85*best<=quick_<=best+1e-9
        assert len({i for i,_ in _quick_pairs(a, r)})==len({j for _,j in _quick_pairs(a, r)})==25

def test_an_invoice_by_hand():
    want = {'no': 'INV-17', 'date': '2026-03-09', 'total': 1249.5, 'paid': False,
            'to': {'name': 'Ana Díaz', 'vat': None},
            'lines': [{'sku': 'A1', 'qty': 2}, {'sku': 'B2', 'qty': 1}, {'sku': 'C3', 'qty': 5}],
            'tags': ['urgent', 'export']}
    got = {'no': 'inv-17', 'date': '9 March 2026', 'total': '1,249.50', 'paid': 0,
           'to': {'name': 'Ana Diaz', 'vat': 'ES123'},
           'lines': [{'sku': 'C3', 'qty': 5}, {'sku': 'A1', 'qty': 3}], 'tags': ['export', 'export', 'new'],
           'note': 'thanks'}
    found = {k: (s.right, s.wrong, s.missing, s.invented) for k,s in field_scores(got, want).items()}
    assert found=={'no': (1, 0, 0, 0), 'date': (1, 0, 0, 0), 'total': (1, 0, 0, 0), 'paid': (0, 1, 0, 0),
                   'to.name': (0, 1, 0, 0),
                   'to.vat': (0, 0, 0, 1), 'lines[].sku': (2, 0, 1, 0), 'lines[].qty': (1, 1, 1, 0),
                   'tags[]': (1, 1, 0, 1), 'note': (0, 0, 0, 1)}

def test_kinds():
    refs = [{'a': k, 'b': str(k*1000), 'c': 'yn'[k%2], 'd': f'the customer wants the order {k} sent again',
             'e': f'Name {k}', 'f': [k],
             'g': None, 'h': f'2026-01-{k%28+1:02}', 'i': [{'j': k}], 'k': k>5} for k in range(40)]
    assert field_kinds(refs)=={'a': 'number', 'b': 'number', 'c': 'choice', 'd': 'text', 'e': 'short',
                               'f[]': 'list', 'g': 'short', 'h': 'date',
                               'i[].j': 'number', 'k': 'choice'}

# Tables

def test_a_closed_field_equals_scikit_learn():
    from sklearn.metrics import precision_recall_fscore_support
    rng = np.random.default_rng(1)
    names = ['red', 'green', 'blue']
    want,got = rng.choice(names, 300),rng.choice([*names, 'none'], 300)
    rows = [field_scores({} if g=='none' else {'c': str(g)}, {'c': str(w)}) for g,w in zip(got, want)]
    p,r,f,_ = precision_recall_fscore_support(want, got, labels=names, average='micro', zero_division=0)
    assert np.allclose(precision_recall_f1(field_sums(rows, ['c']).sum(0)), [[p, r, f]])
    table = field_table(rows)['c']
    assert np.allclose([table[k]['value'] for k in ('precision', 'recall', 'f1')], [p, r, f])
    assert table['missing']==(got=='none').sum() and table['missing']+table['wrong']+round(r*300)==300

def test_a_bootstrap_of_two_thousand_tables_is_one_call():
    rng = np.random.default_rng(0)
    rows = [field_scores({'a': int(x), 'b': [1]}, {'a': 1, 'b': [1, 2]}) for x in rng.integers(1, 3, 200)]
    sums = field_sums(rows, field_paths(rows))
    found = precision_recall_f1(sums[rng.integers(0, 200, (2000, 200))].sum(1))
    assert found.shape==(2000, 2, 3) and np.allclose(found[:, 1], [1, .5, 2/3])
    low,high = np.quantile(found[:, 0, 2], [.025, .975])
    table = field_table(rows)['a']['f1']
    assert abs(low-table['low'])<.03 and abs(high-table['high'])<.03

def test_fields_made_up_are_bounded_and_counted():
    rows = [field_scores({f'{k}.{n}': 1 for n in range(30)}, {'a': 1}) for k in range(20)]
    table = field_table(rows)
    assert len(table)==22 and sum(o['invented'] for o in table.values())==600 and table['a']['missing']==20
    assert table[OTHER_FIELDS]['invented']==580

@quick
@given(st.lists(st.tuples(objects, objects), max_size=6))
def test_every_value_stands_in_the_table(pairs):
    rows = [field_scores(a, r) for a,r in pairs]
    table = field_table(rows)
    for k in ('missing', 'invented', 'wrong'):
        assert sum(o[k] for o in table.values())==sum(getattr(s, k) for o in rows for s in o.values())
    json.dumps(table, allow_nan=False)

def test_intervals_hold_their_value():
    rng = np.random.default_rng(0)
    for n in (0, 1, 5, 30):
        for p in (0, .3, 1):
            o = ratio_interval(rng.binomial(1, p, n), np.ones(n))
            if n<5: assert o['low'] is o['high'] is None
            else: assert 0<=o['low']<=o['value']<=o['high']<=1 and o['high']>o['low']

# Schemas

@settings(max_examples=8, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from('abcd'), jsons, max_size=4), min_size=1, max_size=12))
def test_references_fit_their_own_schema(refs):
    from jsonschema import Draft202012Validator
    schema = infer_schema(refs, share=1)
    Draft202012Validator.check_schema(schema)
    for o in refs: assert schema_errors(o, schema)==[]

@quick
@given(objects)
def test_messages_are_there_where_jsonschema_finds_an_error(o):
    from jsonschema import Draft202012Validator
    schema = {'type': 'object', 'properties': {'a': {'type': ['string', 'null']}, 'b': {'enum': ['x', 1]},
                                               'é': {'items': {'minimum': 3}}},
              'required': ['a'], 'additionalProperties': False}
    found = schema_errors(o, schema)
    assert bool(found)!=Draft202012Validator(schema).is_valid(o) and all(len(m)<300 for m in found)

def test_nothing_is_fetched(monkeypatch):
    import socket
    def no(*_, **__): raise AssertionError('the network was asked')
    monkeypatch.setattr(socket.socket, 'connect', no)
    for ref in ('https://example.org/a.json', 'file:///etc/passwd', 'other.json', '#/$defs/none', '#nowhere'):
        with pytest.raises(ValueError, match='Nothing is fetched'):
            check_schema({'properties': {'a': {'items': {'$ref': ref}}}})
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        check_schema({'$id': 'https://example.org/s', '$defs': {'a': {'$id': 'b.json', 'type': 'string'}},
                      'items': {'$ref': 'b.json'}})
        assert schema_errors([1], {'$id': 'https://example.org/s',
                                   '$defs': {'a': {'$id': 'b.json', 'type': 'string'}},
                                   'items': {'$ref': 'b.json'}})
        check_schema({'const': {'$ref': 'https://example.org/a.json'}})
        with pytest.raises(ValueError, match='not known'): check_schema({'$schema': 'https://example.org/x'})
