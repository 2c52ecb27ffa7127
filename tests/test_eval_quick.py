"What was made quick for long sources finds the same as its plain definition."
import re, unicodedata

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from ftkit.evaluation import dates, facts, grounding, ngrams
from ftkit.evaluation.given import score
from ftkit.evaluation.score import asked_of
from ftkit.data.read.load import load

quick = settings(max_examples=60, deadline=None)
said = st.sampled_from(
    ("The Müller's ÀÉ don’t n't -lrb- ABC-12 #77 a/b.c 3pm 2024-05-06 05.06.2024 3月5日 2024년 two "
     'of six hundred and İstanbul ſix www.mill.org https://a.b/c 東京 Привет vingt deux x1_y @').split())
texts = st.lists(said, max_size=14).map(' '.join) | st.text(max_size=60) | st.text(
    alphabet="aB1-_/.#@:'’é月 \n", max_size=60)

@quick
@given(texts, texts)
def test_has_source(source, reference):
    cjk = sum(ord(c)>0x2e80 for c in source[:2000])
    for k in (1, 5):
        n = len(source)*k
        assert grounding.has_source(source*k, reference)==(n+2*cjk*k>=150 and n>len(reference))

@quick
@given(texts)
def test_words_of_names(text):
    plain = unicodedata.normalize('NFKD', re.sub(r"['’]s?$", '', text).casefold())
    assert grounding._folded(text)==''.join(c for c in plain if not unicodedata.combining(c))
    letters = [c for c in text[:2000] if c.isalpha()]
    assert grounding._cased(text)==(sum(c.lower()!=c.upper() for c in letters)>.5*len(letters))

@quick
@given(texts)
def test_folded_words(text):
    found = ngrams._word_pattern().findall(ngrams._as_written(text))
    assert ngrams.folded_words(text)==[unicodedata.normalize('NFKC', o).casefold() for o in found]
    assert len(found)==len(ngrams.word_spans(text))

@quick
@given(st.lists(st.integers(0, 2**64-1), max_size=40))
def test_prefix_polynomials(numbers):
    total,plain = 0,[0]
    for o in numbers: plain.append(total := (total*int(ngrams._BASE)+o)%2**64)
    assert ngrams._sums(np.array(numbers, np.uint64)).tolist()==plain

def worded(text, words):
    "As `_worded`, every word of the text in turn"
    row = []
    def ended():
        at = 0
        while at<len(row):
            n,used = facts._value([o[2] for o in row[at:at+24]])
            yield facts.Fact(row[at][0], row[at+used-1][1], 'number', frozenset({str(n)}))
            at += used
        row.clear()
    for m in facts._LETTERS.finditer(text):
        n = words.get(m[0].lower())
        if row and n is not None and not facts._BETWEEN.fullmatch(text, row[-1][1], m.start()):
            yield from ended()
        if n is not None: row.append((*m.span(), n))
        elif row and m.start()-row[-1][1]>5: yield from ended()
    yield from ended()

numbers = st.lists(st.sampled_from(
    'two hundred and und et y vingt deux quatre twenty-five thousand or the , . zwei '
                                   'fünf cien dos'.split()), max_size=14).map(' '.join)
@quick
@given(numbers | texts, st.sampled_from(dates.LANGUAGES))
def test_numbers_in_words(text, lang):
    words = facts.number_words(lang)
    assert [*facts._worded(text, words)]==[*worded(text, words)]

PLAIN = re.compile(dates._IDENTIFIER.pattern.replace(r'(?=[#A-Za-z0-9_/.-]{0,300}\d)', ''))
@quick
@given(texts)
def test_identifiers_and_dates(text):
    def with_digit(pattern): return [m.span() for m in pattern.finditer(text) if any(map(str.isdigit, m[0]))]
    assert PLAIN.pattern!=dates._IDENTIFIER.pattern and with_digit(dates._IDENTIFIER)==with_digit(PLAIN)
    links = [(m.start(), m.start()+len(m[0].rstrip('.,;:!?'))) for m in dates._LINK.finditer(text)]
    assert [o[:2] for o in dates._addresses(text) if o.kind=='link']==links
    if not re.search(r'\d', text) or not ('月' in text or '월' in text): assert not dates._HAN_DATE.search(text)

SOURCE = (
    'Ann Lee of the Old Mill wrote on 5 March 2024 that two lamps for 1,000 pounds were broken when the '
          'parcel came, and asked again whether the shop would pay. Nobody had answered her. ')
@pytest.mark.parametrize('first', [True, False])
def test_references_are_scored_the_same_before_and_after_answers(first):
    rows = load([dict(prompt=f'{SOURCE}Case {i}.',
                      completion=f'Ann Lee wrote about {i+40} lamps, and of parcels '
                      'that did not come at all.') for i in range(12)])
    a = asked_of(rows, task='text')
    alone = a.as_references() if first else None
    a.score_all([dict(answer='Bob Smith has 77 lamps.')]*12)
    b = asked_of(rows, task='text')
    assert (alone or a.as_references())==a.as_references()==b.as_references()
    assert a.as_references()[3]['scores']['unsupported_numbers'] and len(a.as_references())==12
