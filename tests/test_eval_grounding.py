"""What a source does not support is marked, and what it says otherwise is not: numbers, dates, names,
quotations in several languages."""
import datetime, json, random, subprocess, sys
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given, settings, strategies as st

from ftkit.evaluation.dates import facts, source_facts, unsupported_facts
from ftkit.evaluation.facts import number_words
from ftkit.evaluation.grounding import has_source, unsupported_names, unsupported_quotes
from ftkit.evaluation.metric import METRICS
from ftkit.evaluation.support import (checked_sentences, likelihood_gains, load_checker, novel_share,
                                      sentence_spans, sentence_supports,
    support)

quick = settings(max_examples=80, deadline=None)
def missing(source, answer, lang='en'):
    return [answer[o.start:o.end] for o in unsupported_facts(source, answer, lang)]

SAME = [ # One thing, said in two ways
    ('2 lamps', 'two lamps', 'en'), ('two lamps', '2 lamps', 'en'), ('1,000 pounds', '1000 pounds', 'en'),
    ('1.000 Euro', '1000 Euro', 'de'),
    ('1 000 euros', '1000 euros', 'fr'), ('2.5 percent', '2,5 %', 'de'),
    ('2 million people', '2,000,000 people', 'en'), ('1.5m', '1,500,000', 'en'),
    ('3 Mrd. Euro', '3 billion euros', 'en'), ('the 3rd time', 'the third time', 'en'),
    ('twenty-five', '25', 'en'), ('25', 'twenty-five', 'en'),
    ('fünfundzwanzig', '25', 'de'), ('25 Stück', 'fünfundzwanzig Stück', 'de'),
    ('quatre-vingt-dix-sept', '97', 'fr'), ('97', 'quatre-vingt-dix-sept', 'fr'),
    ('treinta y dos', '32', 'es'), ('32', 'treinta y dos', 'es'), ('ventuno', '21', 'it'),
    ('vinte e cinco', '25', 'pt'), ('двадцать пять', '25', 'ru'),
    ('vijfentwintig', '25', 'nl'), ('三百二十人', '320', 'en'), ('320人', '三百二十人', 'zh'), ('两万', '20000', 'en'),
    ('one hundred and five', '105', 'en'), ('५ किलो', '5 किलो', 'hi'),
    ('２０２４', '2024', 'ja'), ('a dozen eggs', '12 eggs', 'en'),
    ('2024-03-05', '5 March 2024', 'en'), ('5 March 2024', '2024-03-05', 'en'),
    ('March 5th, 2024', '05/03/2024', 'en'), ('5. März 2024', '5 March 2024', 'en'),
    ('le 5 mars 2024', '5. März 2024', 'de'), ('el 5 de marzo de 2024', '05.03.2024', 'es'),
    ('2024年3月5日', 'March 5, 2024', 'en'), ('5 марта 2024', '05.03.24', 'ru'),
    ('5 March 2024', 'March 2024', 'en'), ('5 March 2024', 'in 2024', 'en'),
    ('on 5 March; in 2024', '5 March 2024', 'en'),
    ('15:00', '3 pm', 'en'), ('3 p.m.', '15:00', 'en'), ('um 15 Uhr', '3 pm', 'en'),
    ('AB-1234', 'ab 1234'.replace(' ', ''), 'en'), ('AB 1234', 'AB-1234', 'en'),
    ('#4711', 'order 4711', 'en'), ('https://www.mill.org/a', 'mill at www.mill.org/a.', 'en'),
    ('Ann@Mill.org', 'ann@mill.org', 'en')]
@pytest.mark.parametrize('source,answer,lang', SAME)
def test_said_otherwise(source, answer, lang):
    assert missing(f'It says: {source}, and no more.', answer, lang)==[]

OTHER = [ # The source, an answer, what is not in the source
    ('2 lamps', 'three lamps', 'en', ['three']), ('1,000', '1,500', 'en', ['1,500']),
    ('2 million', '2 billion', 'en', ['2 billion']), ('zwei Lampen', 'drei Lampen', 'de', ['drei']),
    ('deux lampes', 'trois lampes', 'fr', ['trois']), ('dos', 'cuarenta y dos', 'es', ['cuarenta y dos']),
    ('dois', 'três', 'pt', ['três']), ('два', 'девять', 'ru', ['девять']),
    ('三百人', '四百人', 'zh', ['四百']), ('2.5 %', '25 %', 'en', ['25 %']), ('5 March 2024', '6 March 2024', 'en',
    ['6 March 2024']), ('2024-03-05', '5 May 2024', 'en', ['5 May 2024']),
    ('5. März', '5. April', 'de', ['5. April']), ('2024年3月5日', '2024年3月6日', 'zh', ['2024年3月6日']),
    ('5 March', '5 March 2023', 'en', ['5 March 2023']), ('at 3 pm', 'at 4 pm', 'en', ['4 pm']),
    ('AB-1234', 'AB-1235', 'en', ['AB-1235']), ('ann@mill.org', 'bob@mill.org', 'en', ['bob@mill.org']),
    ('www.mill.org', 'www.barn.org', 'en', ['www.barn.org'])]
@pytest.mark.parametrize('source,answer,lang,found', OTHER)
def test_not_in_the_source(source, answer, lang, found):
    assert missing(f'It says: {source}, and no more.', answer, lang)==found

def test_words_that_are_no_numbers_in_their_language():
    assert missing('He left.', 'Once more he had a cent, a tax due and one elf.', 'en')==[]
    # Nine, or new
    assert missing('Er ging.', 'Das sei ein Fest.', 'de')==[]
    assert missing('Il part.', 'Un livre neuf.', 'fr')==['neuf']
    assert missing('No.', 'You may march on; the second one, first of all.', 'en')==['second']

@quick
@given(st.integers(0, 10**12), st.sampled_from(['{:,}', '{}', '{:_}']))
def test_integers_are_found_however_they_are_grouped(n, form):
    text = form.format(n).replace('_', ' ')
    assert missing(f'It is {n} exactly', f'So {text}!')==[]
    assert missing(f'It is {text} exactly', f'So {n}!')==[]
    if n>9: assert missing(f'It is {n} exactly', f'So {n+1}!')!=[] or str(n+1) in text

@quick
@given(st.dates(datetime.date(1950, 1, 1), datetime.date(2049, 12, 31)))
def test_dates_are_found_however_they_are_written(d):
    forms = [f'{d:%Y-%m-%d}', f'{d.day} {d:%B} {d.year}', f'{d:%B} {d.day}, {d.year}', f'{d:%d/%m/%Y}',
             f'{d:%d.%m.%Y}', f'{d:%b} {d.day}, {d.year}',
             f'{d.year}年{d.month}月{d.day}日']
    for source in forms:
        assert all(missing(f'On {source}.', f'Then, {o}')==[] for o in forms)
    later = d+datetime.timedelta(days=40)
    assert missing(f'On {forms[0]}.', f'Then, {later:%Y-%m-%d}')==[f'{later:%Y-%m-%d}']

def in_words(n): # English, below a million
    small = (
        'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen '
        'sixteen seventeen eighteen nineteen').split()
    tens = '_ _ twenty thirty forty fifty sixty seventy eighty ninety'.split()
    if n<20: return small[n]
    if n<100: return tens[n//10]+(f'-{small[n%10]}' if n%10 else '')
    if n<1000: return f'{small[n//100]} hundred'+(f' and {in_words(n%100)}' if n%100 else '')
    return f'{in_words(n//1000)} thousand'+(f' {in_words(n%1000)}' if n%1000 else '')

@quick
@given(st.integers(2, 999_999))
def test_number_words_are_read(n):
    assert missing(f'It is {n}.', f'So {in_words(n)} it is.')==[]
    [o] = facts(f'So {in_words(n)} it is.')
    assert o.readings=={str(n)}

@pytest.mark.parametrize('lang', 'en de nl fr es it pt ru'.split())
def test_every_language_counts_to_ninety(lang):
    assert {*range(2, 17), *range(20, 91, 10)}-{70, 90}<={*number_words(lang).values()}

LETTER = (
    'Ann Lee of the Old Mill wrote to the World Health Organization on 5 March 2024 that two lamps for 1,000 '
    'pounds were broken when '
          'the parcel came to Düsseldorf. She said: "I want my money back by Friday, not a voucher."')
def strangers(source, answer, lang='en'):
    return [answer[a:b] for a,b in unsupported_names(source, answer, lang)]
@pytest.mark.parametrize('source,answer,lang,found', [
    (LETTER, 'Ann Lee told the WHO in March.', 'en', []), (LETTER, "Lee's lamps broke in Dusseldorf.", 'en',
                                                           []), (LETTER, 'ANN wrote again.', 'en', []),
    (LETTER, 'Then Bob Ray wrote to Unicef from Oslo.', 'en', ['Bob Ray', 'Unicef', 'Oslo']),
    (LETTER, 'Officials were told. They agreed.', 'en', []),
    (LETTER, 'How To Send Back Your Lamps', 'en', []),
    ('Frau Merkel kam.', 'Dann sprach Olaf Scholz zu den Leuten im Saal.', 'de', ['Olaf Scholz']),
    ('Marie est venue.', 'Hier, Marie a parlé à Pierre Dupont.', 'fr', ['Pierre Dupont']),
    ('Анна приехала.', 'Вместе с Анной был Пётр.', 'ru', ['Пётр']),
    ('王小明说，微软很好。', '王小明说 Google 很好。', 'zh', ['Google']), ('ジョンが来た。', 'ジョンとマイケルが来た。', 'ja', ['マイケル']),
    ('قال السيد كريم', 'قال السيد محمود', 'ar', ['محمود']),
    ('The British Broadcasting Corporation said.', 'The BBC said.', 'en', []),
    ('It was in Germany.', 'A German said so to a Frenchman.', 'en', ['Frenchman'])])
def test_names(source, answer, lang, found): assert strangers(source, answer, lang)==found

def test_quotations():
    def wrong(answer): return [answer[a:b] for a,b in unsupported_quotes(LETTER, answer)]
    assert wrong('She said "I want my money back by Friday" and «not a voucher».')==[]
    assert wrong('She said “I never want to see you again”.')==['“I never want to see you again”']
    assert wrong('{"said": "I never want to see you again"}')==[] and wrong('a "nice lamp"')==[]

def flag(name, answer, source=LETTER, reference='Two lamps were broken.'):
    return METRICS[name](answer=answer, reference=reference, source=source)
def test_metrics_say_why_and_need_a_source():
    assert flag('unsupported_numbers', 'Three lamps')==[(0, 5, 'number not in the source')]
    assert flag('unsupported_dates', 'On 6 March 2024')==[(3, 15, 'date not in the source')]
    assert flag('unsupported_ids', 'See AB-12 now')==[(4, 9, 'identifier not in the source')]
    assert flag('unsupported_numbers', 'Three lamps', source='How many?') is None
    assert not has_source('How many?', 'Three')
    for name in ('unsupported_numbers', 'unsupported_names', 'low_support'):
        assert flag(name, 'Two lamps were broken.')==[]
    assert not any('halluc' in f'{o.name} {o.title} {o.says}'.lower() for o in METRICS)

def test_sentences():
    text = 'Mr. Lee paid 3.50 to A. Kim on 3. März 2024. "Why?" she asked. 1. Tea\n2. Milk。好的！वह आया। Ok'
    spans = sentence_spans(text)
    assert [text[a:b] for a,b in spans][:2]==['Mr. Lee paid 3.50 to A. Kim on 3. März 2024.',
                                              '"Why?" she asked.']
    assert ''.join(text[a:b] for a,b in spans).replace(' ', '')==text.replace(' ', '').replace('\n', '')

@quick
@given(st.text(max_size=80), st.text(alphabet='ab1. \n好', max_size=40))
def test_support_is_a_share_and_copies_have_all_of_it(source, answer):
    s = support(source, answer)
    assert s is None or -1e-9<=s<=1
    if answer.strip() and s is not None: assert support(f'{source} {answer}', answer)==pytest.approx(1)
    for n in (1, 2, 3): assert novel_share(answer, answer, n) in (0, None)
    assert all(0<=a<b<=len(answer) for a,b,_ in sentence_supports(source, answer))

def test_support_falls_with_what_is_new():
    said = [support(LETTER, o) for o in ('Two lamps for 1,000 pounds were broken when the parcel came.',
                                         'Two lamps for 1,000 pounds were cracked when the parcel came.',
                                         'Two lamps arrived broken and cost 1,000 pounds.',
                                         'Three lamps arrived broken and cost 1,500 pounds.',
                                         'Nobody in this town had expected anything else.')]
    assert said[:4]==sorted(said[:4], reverse=True) and said[0]==1 and said[-1]<.4

def test_likelihoods_are_asked_once_and_in_order():
    seen = []
    def score(asks):
        seen.append(asks)
        return [len(m[-1]['content'])/100 for m,_,_ in asks]
    prompt = [dict(role='system', content='Be brief.'), dict(role='user', content='x'*200)]
    got = likelihood_gains(prompt, 'A bee. C dee.', score)
    assert [(o['start'], o['end'], round(o['gain'], 2)) for o in got]==[(0, 6, 1.99), (7, 13, 1.99)]
    assert len(seen)==1
    assert [o[1:] for o in seen[0]]==[('', 'A bee.'), ('A bee. ', 'C dee.')]*2
    assert seen[0][0][0][0]['content']=='Be brief.'
    with pytest.raises(ValueError, match='gave 1 numbers for 2'):
        likelihood_gains(prompt, 'A b.', lambda asks: [1.])

def test_a_local_checker(tmp_path):
    tokenizers,transformers = pytest.importorskip('tokenizers'),pytest.importorskip('transformers')
    pytest.importorskip('torch').manual_seed(0)
    words = ['[UNK]', '[CLS]', '[SEP]', '[PAD]', 'mill', 'sold', 'pigs', 'fly', '.']
    tok = tokenizers.Tokenizer(tokenizers.models.WordLevel({o:i for i,o in enumerate(words)}, '[UNK]'))
    tok.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tok.post_processor = tokenizers.processors.TemplateProcessing('[CLS] $A [SEP]',
        '[CLS] $A [SEP] $B:1 [SEP]:1', [('[CLS]', 1), ('[SEP]', 2)])
    transformers.PreTrainedTokenizerFast(tokenizer_object=tok, unk_token='[UNK]', pad_token='[PAD]',
                                         cls_token='[CLS]', sep_token='[SEP]',
                                         model_max_length=64).save_pretrained(tmp_path)
    config = transformers.BertConfig(vocab_size=len(words), hidden_size=8, num_hidden_layers=1,
                                     num_attention_heads=2, intermediate_size=8, max_position_embeddings=64,
                                     num_labels=2, pad_token_id=3,
                                     id2label={0:'contradiction', 1:'entailment'},
                                     label2id={'contradiction':0, 'entailment':1})
    transformers.BertForSequenceClassification(config).save_pretrained(tmp_path)
    got = checked_sentences('mill sold '*400, 'mill sold. pigs fly.', tmp_path)
    assert [o[:2] for o in got]==[(0, 20)] # What begins small goes on
    check = load_checker(tmp_path)
    other = load_checker(tmp_path, positive='contradiction')
    assert check('mill sold', 'pigs fly')+other('mill sold', 'pigs fly')==pytest.approx(1, abs=1e-5)
    with pytest.raises(ValueError, match="positive is 'yes'"): load_checker(tmp_path, positive='yes')

def test_the_benchmark_reads_labels_and_tells_kinds_apart(tmp_path):
    rng = random.Random(0)
    rows = []
    for i in range(30):
        source = ' '.join(f'w{rng.randrange(99)}' for _ in range(60))
        made = [(' '.join(source.split()[9:20]), 'yes'), (' '.join(f'v{rng.randrange(99)}' for _ in range(9)),
                                                          'no')]
        rows.append(dict(article=source, summary_sentences=[dict(sentence=s, responses=[dict(response=r)]*3)
                                                            for s,r in made]))
    (tmp_path/'made.jsonl').write_text('\n'.join(map(json.dumps, rows)))
    script = Path(__file__).parents[1]/'benchmarks/grounding.py'
    got = json.loads(subprocess.run([sys.executable, script, tmp_path, '--json', '--draws', '20'],
                                    capture_output=True, text=True, check=True).stdout)
    assert got['made']['novel trigrams']['auc']==1 and got['made']['default score (1 - support)']['low']==1

SPAN = dict(summary_start=14, summary_end=18)
SAMPLES = [dict(source='Ann sold a mill.', summary='Ann sold it.  Pigs fly. It was a mill.',
                annotations=[SPAN|dict(label=['Unwanted', 'Unwanted.Extrinsic']),
                             dict(summary_start=25, summary_end=27, label=['Benign'])])]
TABLES = {
    'faceval.csv': 'Dialogue,Summary,w/ Error\nAnn: mill,Ann sold it.,no\nAnn: mill,Pigs fly.,yes\n',
    'cliff.csv': 'origin,doc,summ,model_name,error_type\nxsum,A mill,A mill.,m,correct\n'
                 "xsum,A mill,A pig.,m,['extrinsic-NP']\n",
    'gpt2_cmu.csv': 'knowledge,history,gpt2,begin_label\nA mill,,A mill.,"entailment,uncooperative"\n'
                    'A mill,,A pig.,"entailment,hallucination"\nA mill,,Hi.,generic\n',
    'cmu.csv': 'evidence,response,BEGIN\nA mill,A mill.,Entailment\nA mill,A pig.,Partial Hallucination\n'}

def test_the_benchmark_reads_each_set_of_labels(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1]/'benchmarks'))
    grounding = pytest.importorskip('grounding')
    (tmp_path/'batch_1.json').write_text(json.dumps(dict(samples=SAMPLES)))
    for name,text in TABLES.items(): (tmp_path/name).write_text(text)
    got = grounding.labelled(tmp_path)
    assert {k:[o[2] for o in rows] for k,rows in got.items()}=={
        'FaithBench':[False, True], 'FacEval':[False, True], 'CLIFF xsum':[False, True],
        'BEGIN cmu':[False, True, False, True]}
    # The third met a span marked Benign alone
    assert [o[1] for o in got['FaithBench']]==['Ann sold it.', 'Pigs fly.']
    assert got['BEGIN cmu'][0][:2]==['A mill', 'A mill.']
    (tmp_path/'other.csv').write_text('a,b\n1,2\n')
    with pytest.raises(SystemExit, match='no known labels: a, b'): grounding.labelled(tmp_path)

@pytest.mark.parametrize('piece', ['1 ', 'two ', '5 March ', '2024-03-05 ', 'Ann ', 'a. ', '“a', '万', 'A-1 '])
def test_long_sources_take_time_in_proportion(piece):
    text = piece*(40_000//len(piece))
    t = process_time()
    source_facts.__wrapped__(text)
    unsupported_names(text, LETTER)
    support(text, LETTER)
    assert process_time()-t<4
