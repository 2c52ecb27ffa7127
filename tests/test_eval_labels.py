"Metrics of labels beside scikit-learn's, on random and on odd answers."
import json, time, warnings
import numpy as np, pytest
from ftkit.evaluation.labels import (NOT_A_LABEL, accuracy, balanced_accuracy, class_table, cohen_kappa,
                                     confusion, label_of,
                                     label_set, macro_f1, macro_precision, macro_recall, not_a_label,
                                     right_label, weighted_f1)

from ftkit.evaluation.multilabel import (micro_f1, micro_precision, micro_recall, multilabel_counts,
                                         multilabel_macro_f1,
                                         multilabel_places, multilabel_table, subset_accuracy)
from ftkit.evaluation.task import Task

metrics = pytest.importorskip('sklearn.metrics')

ODD = dict(
    perfect=('abc', 'abc'), one_class=('aaaa', 'aaaa'), one_class_missed=('aaaa', 'abbz'),
    never_predicted=('aabbcc', 'aabbaa'),
    no_labels=('aabbcc', 'zzzzzz'), never_in_references=('aabb', 'acac'), one_row=('a', 'b'),
    all_wrong=('abab', 'baba'))

def random_case(seed, n=400, k=7):
    rng = np.random.default_rng(seed)
    labels = [f'label_{i}' for i in range(k)]
    refs = rng.choice(labels[:k-1], n, p=rng.dirichlet(np.full(k-1, .5))) # The last one is in no reference
    other = rng.choice([*labels, 'none of them', ''], n)
    return labels, refs.tolist(), np.where(rng.random(n)<.6, refs, other).tolist()

def oracle(labels, refs, answers):
    "What scikit-learn says, with everything that is not a label as one class that no reference has."
    read = [o if (o := label_of(a, labels)) is not None else NOT_A_LABEL for a in answers]
    said = dict(labels=sorted({*refs}), zero_division=0)
    p,r,f,_ = metrics.precision_recall_fscore_support(refs, read, average='macro', **said)
    return dict(accuracy=metrics.accuracy_score(refs, read),
                balanced=metrics.balanced_accuracy_score(refs, read),
                precision=p, recall=r, macro=f,
                weighted=metrics.f1_score(refs, read, average='weighted', **said),
                kappa=metrics.cohen_kappa_score(refs, read)), read

def ours(counts):
    return dict(accuracy=accuracy(counts), balanced=balanced_accuracy(counts),
                precision=macro_precision(counts),
                recall=macro_recall(counts), macro=macro_f1(counts), weighted=weighted_f1(counts),
                kappa=cohen_kappa(counts))

@pytest.mark.parametrize('case', [*ODD, *range(20)])
def test_equal(case):
    labels,refs,answers = random_case(case) if isinstance(case, int) else (['a', 'b', 'c'],
        *map(list, ODD[case]))
    counts = confusion(refs, answers, labels)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        want,read = oracle(labels, refs, answers)
        matrix = metrics.confusion_matrix(refs, read, labels=[*labels, NOT_A_LABEL])
        each = metrics.precision_recall_fscore_support(refs, read, labels=labels, zero_division=0)
    assert counts.dtype.kind=='i' and (counts==matrix[:-1]).all()
    got = ours(counts)
    for k,v in want.items(): assert got[k]==pytest.approx(v, abs=1e-12, nan_ok=True), k
    table = class_table(counts, labels)
    for i,label in enumerate(labels):
        row = table[label]
        assert row['support']==each[3][i]
        if row['support']:
            assert [row[o]['value'] for o in ('precision', 'recall',
                                              'f1')]==pytest.approx([o[i] for o in each[:3]])
        else: assert row['recall']['value'] is row['f1']['value'] is None

def test_many_at_once():
    labels,refs,answers = random_case(1)
    counts = confusion(refs, answers, labels)
    draws = np.stack([np.random.default_rng(0).multinomial(c.sum(), c/max(1, c.sum()), 200) for c in counts],
                     1)
    for k,v in ours(draws).items(): assert np.allclose(v, [ours(o)[k] for o in draws], equal_nan=True), k

HOSTILE = ['<img src=x onerror=alert(1)>', '.*', '(a+)+$', '{{ 7*7 }}', '${x}', '__import__("os")',
           "'; drop table rows; --",
           '\x00', 'a\u202eb', '%s%n', '\\', '日本語', 'Straße', 'İstanbul', '👩‍👩‍👧', 'e\u0301', 'x'*10_000]

def test_hostile_texts():
    assert [label_of(o, HOSTILE) for o in HOSTILE]==HOSTILE
    assert [label_of(f' "{o}" ', HOSTILE) for o in HOSTILE if o.strip()]==HOSTILE
    assert [label_of(f'It is {o}', HOSTILE) for o in HOSTILE]==[None]*len(HOSTILE)
    assert np.trace(confusion(HOSTILE, HOSTILE[::-1], HOSTILE))==1
    assert label_of('STRASSE', HOSTILE)=='Straße' and label_of('é', HOSTILE)=='e\u0301'
    start = time.process_time()
    for o in ('a'*1_000_000, '"'*1_000_000, ' '*1_000_000, '_-'*500_000): assert label_of(o, HOSTILE) is None
    assert time.process_time()-start<2

def test_rows_agree_with_the_matrix():
    for seed in range(5):
        labels,refs,answers = random_case(seed)
        refs = [o if i%9 else 'new one' for i,o in enumerate(refs)]
        answers = [o if i%18 else ' "New-one." ' for i,o in enumerate(answers)]
        every = label_set(refs, labels)
        counts,task = confusion(refs, answers, every),Task('label', tuple(every))
        known = [dict(answer=a, reference=r, task=task) for a,r in zip(answers, refs)]
        assert sum(right_label(**o) for o in known)==np.trace(counts)
        assert sum(bool(not_a_label(**o)) for o in known)==counts[:, -1].sum()

def test_unseen_reference_is_a_label():
    refs,answers = ['a', 'new', 'new'], ['a', 'New.', 'a']
    labels = label_set(refs, ['a', 'b'])
    assert labels==['a', 'b', 'new']
    assert accuracy(confusion(refs, answers, labels))==pytest.approx(2/3)

def test_a_hundred_thousand_rows():
    rng = np.random.default_rng(0)
    labels = [f'label {i}' for i in range(150)]
    refs = rng.choice(labels, 100_000).tolist()
    # A third of them all different
    answers = [o if i%3 else f'Row {i}: I would say {o}' for i,o in enumerate(refs)]
    start = time.process_time()
    counts = confusion(refs, answers, labels)
    class_table(counts, labels)
    ours(counts)
    assert time.process_time()-start<2
    assert counts[:, -1].sum()==33_334

def binarized(rows, classes):
    return np.array([[c in row for c in classes] for row in rows], int).reshape(len(rows), len(classes))

@pytest.mark.parametrize('seed', range(12))
def test_several_labels(seed):
    rng = np.random.default_rng(seed)
    labels = [f'{o}{i}' for i in range(4) for o in 'ABC']
    def sets(rate): return [[o for o in labels if rng.random()<rate and o!='C3'] for _ in range(120)]
    wanted = sets(rng.choice([.05, .3]))
    given = [[*(o for o in row if rng.random()<.7), *(o for o in [*labels, 'new'] if rng.random()<.05)]
             for row in wanted]
    if not seed: given = [[] for _ in wanted]
    refs,answers = [', '.join(o) for o in wanted],['; '.join([*o, *o[:1]]) for o in given]
    places,others = multilabel_places(refs, answers, labels)
    counts = multilabel_counts(places, len(labels))
    classes = sorted({o for row in wanted for o in row})
    want,got = binarized(wanted, classes),binarized(given, classes)
    for average in ('micro', 'macro'):
        p,r,f,_ = metrics.precision_recall_fscore_support(want, got, average=average, zero_division=0)
        if average=='micro':
            assert (micro_precision(counts), micro_recall(counts), micro_f1(counts))==pytest.approx((p, r, f))
        else: assert multilabel_macro_f1(counts)==pytest.approx(f)
    every = [*labels, 'new']
    right = [subset_accuracy(answer=a, reference=r, task=Task('labels', tuple(labels)))
             for a,r in zip(answers, refs)]
    assert np.mean(right)==pytest.approx(metrics.accuracy_score(binarized(wanted, every),
        binarized(given, every)))
    assert sum(others.values())==sum(len({*o}-{*classes}) for o in given)
    table = multilabel_table(counts, labels)
    each = metrics.precision_recall_fscore_support(want, got, average=None, zero_division=0)
    for i,o in enumerate(classes):
        assert [table[o][k]['value'] for k in ('precision', 'recall',
                                               'f1')]==pytest.approx([e[i] for e in each[:3]])
    drawn = rng.integers(0, 4, 120)
    again = [i for i,n in enumerate(drawn) for _ in range(n)]
    redrawn = multilabel_counts(multilabel_places(refs, answers, labels)[0], len(labels), drawn)
    assert np.array_equal(redrawn[:, 0],
                          (binarized([wanted[i] for i in again], labels)*binarized([given[i] for i in again],
        labels)).sum(0))

def test_several_labels_of_many_rows():
    rng = np.random.default_rng(0)
    labels = [f'I{i}' for i in range(500)]
    rows = [[labels[i] for i in o] for o in rng.integers(0, 500, (100_000, 4))]
    refs,answers = [json.dumps(o) for o in rows],[', '.join(o[:3]) for o in rows]
    start = time.process_time()
    places,_ = multilabel_places(refs, answers, labels)
    counts = multilabel_counts(places, 500)
    assert time.process_time()-start<6
    assert micro_precision(counts)==1 and micro_recall(counts)<1
