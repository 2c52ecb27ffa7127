"""How answers behave: faults planted in several languages are marked where they stand, faultless answers
are not, whatever the text."""
import random, string
from time import process_time

import pytest
from hypothesis import given, settings, strategies as st

from ftkit.data.example import Example
from ftkit.evaluation import behaviour, grounding, recited as recited_, repetition as repetition_
from ftkit.evaluation.metric import METRICS, Metric
from ftkit.evaluation.ngrams import (folded_words, longest_common_run, ngram_numbers, ngrams, word_numbers,
                                     word_spans)
from ftkit.evaluation.recited import remembered, training_index
from ftkit.evaluation.repetition import collapsed, loop_at_end, repeated_share, same_answers

quick = settings(max_examples=60, deadline=None)
few = st.text('ab', max_size=40)
texts = st.text(max_size=60) | st.text(alphabet='aé東ทीи1.,-\'"+#`<>|{}[]\\ \n', max_size=60)
PROMPT = [dict(role='system', content='Be brief.'),
          dict(role='user', content='My lamp broke on the way. What can I do about it?')]
KNOWN = dict(reference='Send it back within a month, please.', source=PROMPT[1]['content'], prompt=PROMPT,
             stopped=True, task=None,
             tokens=9, training=None)
FLAGS = [m for module in (behaviour, repetition_, recited_, grounding) for m in vars(module).values()
         if isinstance(m, Metric) and m.drawn=='flag']

def marks(name, answer, **known):
    got = METRICS[name](**(KNOWN|dict(answer=answer)|known))
    return None if got is None else [answer[a:b] for a,b,_ in got]

GOOD = dict(
    en='Please send it back within a month, and we will refund the price.',
    de='Bitte senden Sie es innerhalb eines Monats zurück, wir erstatten den Preis.',
    fr='Veuillez le renvoyer dans un délai d’un mois, nous vous rembourserons.',
    es='Por favor, devuélvalo en el plazo de un mes y le reembolsaremos el precio.',
    it='La preghiamo di restituirlo entro un mese, le rimborseremo il prezzo.',
    pt='Por favor, devolva-o no prazo de um mês e reembolsaremos o preço.',
    ru='Пожалуйста, верните его в течение месяца, и мы вернём деньги.', zh='请在一个月内将其退回，我们会退还货款。',
    ja='一か月以内にご返送ください。代金を返金いたします。',
    ko='한 달 이내에 반품해 주시면 대금을 환불해 드립니다.', ar='يرجى إعادته خلال شهر وسنعيد لك الثمن.',
    hi='कृपया इसे एक महीने के भीतर वापस भेजें, हम पैसे लौटा देंगे।')

@pytest.mark.parametrize('lang', GOOD)
def test_a_good_answer_is_not_flagged(lang):
    found = {m.name:m(**(KNOWN|dict(answer=GOOD[lang], reference=GOOD[lang], source='', prompt=[])))
             for m in FLAGS}
    assert not {k:v for k,v in found.items() if v}

@pytest.mark.parametrize('lang', GOOD)
def test_the_reference_sets_the_language(lang):
    others = {k:v for k,v in GOOD.items() if k!=lang and {k, lang}!={'es', 'pt'}}
    wrong = {k:bool(marks('wrong_language', v, reference=GOOD[lang])) for k,v in others.items()}
    assert sum(wrong.values())>=.9*len(wrong), wrong

@pytest.mark.parametrize('text', [
    "I'm sorry, but I can't assist with that request.", 'I cannot provide medical advice.',
    'As an AI language model, I do not have feelings.',
    'Es tut mir leid, aber ich kann Ihnen dabei nicht helfen.', 'Als KI-Sprachmodell kann ich das nicht.',
    'Je suis désolé, je ne peux pas vous aider.',
    'Lo siento, no puedo ayudarte con eso.', 'Mi dispiace, ma non posso aiutarti.',
    'Desculpe, mas não posso ajudar com isso.', 'Het spijt me, ik kan u daar niet mee helpen.',
    'К сожалению, я не могу помочь с этим.', '抱歉，我无法协助您完成这个请求。', '申し訳ありませんが、そのご質問にはお答えできません。',
    '죄송하지만 도와드릴 수 없습니다.',
    'عذراً، لا أستطيع مساعدتك في ذلك.', 'क्षमा करें, मैं इसमें मदद नहीं कर सकता।',
    'Przykro mi, nie mogę pomóc.', 'Üzgünüm, bu konuda yardımcı olamam.'])
def test_refusals(text):
    assert marks('refusal', text)
    assert marks('refusal', text, reference=text) is None # Right where the reference declines
    assert marks('missed_refusal', text, reference="I'm sorry, I can't help with that.")==[]
    assert marks('missed_refusal', 'Put it in the oven.', reference=text)==['Put it in the oven.']

@pytest.mark.parametrize('text', [
    'Sure! Send it back.', 'Sure, here is the summary: it broke.', 'Of course! It',
    "Here's a short summary:\nIt broke.", 'Certainly. It', '**Sure:** it broke',
    'Selbstverständlich! Schicken Sie', 'Natürlich, hier ist die Zusammenfassung: kaputt',
    'Voici le résumé : cassé', 'Por supuesto, aquí está: roto', '¡Claro! Roto',
    'Com certeza! Aqui está: x', 'Certo! Ecco il riassunto: rotto', '好的，以下是摘要：坏了', '当然！坏了', 'もちろんです！壊れました',
    '네, 알겠습니다. 고장', 'Конечно, вот: сломано',
    'بالطبع! تعطل', 'ज़रूर! टूट गया', 'As an AI language model, I', 'Based on the text provided, it broke.'])
def test_preambles(text): assert marks('preamble', text)

@pytest.mark.parametrize('text', [
    'Surely it broke.', 'Of course it broke.', 'Klaräpfel gibt es nicht.', 'Claro que no se puede.',
    'Certain parts broke.', 'billing', '{"sure": 1}', '好的东西坏了', 'Here and there it broke.',
    'Sicherheit geht vor.', 'Absolute zero.', 'Let me go.', 'The summary was long.', '', '   ',
    '네덜란드에서 왔습니다.'])
def test_no_preambles(text): assert not marks('preamble', text)

def test_end_length_and_emptiness():
    assert marks('not_stopped', 'and then', stopped=False)==['and then']
    assert marks('not_stopped', 'x', stopped=None) is None
    assert marks('empty', ' \n\t') and not marks('empty', '0')
    assert marks('too_long', 'x'*100, reference='y'*40)==['x'*20]
    assert not marks('too_long', 'x'*80, reference='y'*40)
    assert not marks('too_long', 'not billing', reference='b')
    assert METRICS['words'](answer='a b c')==3

def test_fences_marks_and_thoughts():
    assert marks('code_fence', 'Here:\n```json\n{}\n```', reference='{}')==['```json', '```']
    assert not marks('code_fence', '```\nx\n```', reference='```py\nx\n```')
    assert not marks('code_fence', 'use `x`', reference='x')
    for text in ('Yes.<|im_end|>', 'Yes.</s>', 'Yes.<end_of_turn>', 'Yes.\n\n### Response: yes', '[INST] Yes',
                 'Yes.\nUser: and now?\nAssistant: No.'):
        assert marks('template_marks', text), text
    assert not marks('template_marks', 'Users: many. Use a < b | c > d.')
    assert marks('open_think', '<think>Hm, so')==['<think>Hm, so']
    assert not marks('open_think', '<think>Hm</think>Yes')
    assert marks('open_think', '<think>a</think><think>b')==['<think>b']
    assert not marks('open_think', 'Hm</think> yes')

@quick
@given(few)
def test_a_loop_is_what_stands_three_times_at_the_end(text):
    x = [*text]
    period,size = repetition_._period(x)
    def repeats(p): # How many characters at the end have period p
        n = p
        while n<len(x) and x[-n-1]==x[-n-1+p]: n += 1
        return n
    naive = next(((p, repeats(p)) for p in range(1, len(x)//3+1) if repeats(p)>=3*p), (0, 0))
    assert (period, size)==naive

@pytest.mark.parametrize('loop', ['I am late. ', 'ich komme zu spät, ', '我迟到了。', '遅れています、', 'опоздал и ',
                                  'تأخرت ثم ', '{"a": 1}, ', 'very ', '好的', 'ha'])
def test_loops(loop):
    n = 40 if len(loop)<3 else 12
    found = loop_at_end('Well: '+loop*n)
    assert found and found[2]>=3 and found[0]<=6+2*len(loop)
    assert loop_at_end('Well: '+loop*2+'but no more of that') is None

def test_no_loops():
    for text in ('No, no, no.', '1, 2, 3, 4, 5, 6, 7, 8, 9', '| a | b |\n| - | - |\n| c | d |\n| e | f |',
                 'a\n'+'-'*30, 'Row, row, row your boat', '}}}}', '100000'):
        assert loop_at_end(text) is None, text
    items = ', '.join(f'{{"name": "n{i}", "qty": {i}}}' for i in range(40))
    assert not marks('repetition', f'[{items}]')
    assert marks('repetition', ' '.join(f'{i}. The lamp broke on the way to the shop.' for i in range(12)))

words = st.lists(st.sampled_from('abcd'), max_size=24)
@quick
@given(words, words)
def test_the_longest_common_run_is_what_all_pairs_say(a, b):
    n,at = longest_common_run(a, b)
    naive = max((k for k in range(min(len(a), len(b))+1) if {*ngrams(a, k)}&{*ngrams(b, k)} or not k),
                default=0)
    assert n==naive and (not n or tuple(a[at:at+n]) in {*ngrams(b, n)})

@quick
@given(words)
def test_numbers_of_ngrams_tell_ngrams_apart(a):
    numbers = ngram_numbers(word_numbers(a), 3)
    assert len(numbers)==len(ngrams(a, 3)) and len({*numbers.tolist()})==len({*ngrams(a, 3)})

@quick
@given(texts)
def test_words_have_places(text):
    spans = word_spans(text)
    assert len(spans)==len(folded_words(text)) and all(0<=a<b<=len(text) for a,b in spans)

def test_echoes():
    long = 'the lamp on the desk in the hall of the old mill by the river does not work since monday'
    ask = [dict(role='user', content=f'Hello, {long}, what now?')]
    assert marks('prompt_echo', f'You say that {long}.', prompt=ask)==[long]
    assert not marks('prompt_echo', f'You say that {long}.', prompt=ask, reference=f'So {long}.')
    assert not marks('prompt_echo', 'The lamp does not work.', prompt=ask)
    zh = '请问我家客厅里的那盏旧台灯为什么不亮了呢'
    assert marks('prompt_echo', zh, prompt=[dict(role='user', content=zh)], reference='请检查灯泡。')==[zh]

def test_collapse():
    assert same_answers(['a', 'A ', 'b'])['commonest']==2/3
    assert collapsed(['Thanks.']*20, [f'a{i}' for i in range(20)])
    assert not collapsed(['no']*18+['yes']*2, ['no']*17+['yes']*3)

def row(ask, answer, **more):
    return Example([dict(role='user', content=ask), dict(role='assistant', content=answer)], **more)
def said(seed, n=60): # Words that nobody else has
    rng = random.Random(seed)
    return ' '.join(''.join(rng.choices(string.ascii_lowercase, k=6)) for _ in range(n))

def test_recitation_is_found_with_another_prompt_only():
    rows = [row(f'Please summarize the following text for me.\n{said(1000+i)}', said(i)) for i in range(200)]
    training = training_index(rows)
    for i in (0, 7, 199):
        text = f'As they say, {said(i)}'
        assert [text[a:b] for a,b in training.recited(text, 'Tell me a story.')]==[said(i)]
        # The same question, an instruction aside
        assert not training.recited(text, rows[i].messages[0]['content'])
        assert training.recited(text, f'Please summarize the following text for me.\n{said(5000)}')
        assert not training.recited(text, f'Repeat: {said(i)}') and not training.recited(said(9000), 'Hm?')
        assert not training.recited(' '.join(said(i).split()[:12]), 'Hm?')

def test_what_many_answers_share_is_nobodys():
    close = 'if you have any further questions please do not hesitate to contact us at any time best regards'
    training = training_index([row(said(i, 9), f'{said(1000+i, 9)} {close}') for i in range(30)])
    assert not training.recited(f'Yes, {close}', 'Why?')

def test_an_index_that_is_too_large_is_thinned_and_still_finds():
    rows = [row(said(1000+i, 9), said(i)) for i in range(300)]
    training = training_index(rows, most=3000)
    assert training.every>=4 and len(training.runs)<=3000
    assert sum(bool(training.recited(said(i), 'Why?')) for i in range(300))>290
    assert not any(training.recited(said(20_000+i), 'Why?') for i in range(300))

def test_personal_data_and_values_of_training_rows():
    rows = [row('I am Rosa, r.farkas82@posteo.de, +36 1 437 5529', 'Thanks, your number is KD-20471.'),
            row('And I?', 'Ask 93.104.77.21 or Ivo Kelemen.')]
    training = training_index(rows)
    assert marks('training_personal', 'Mail R.Farkas82@posteo.de or a.b@keller-obst.eu',
                 training=training)==['R.Farkas82@posteo.de']
    assert not marks('training_personal', 'Mail r.farkas82@posteo.de', training=training,
                     prompt=[dict(role='user', content='r.farkas82@posteo.de')])
    found = remembered(['It is kd20471.', 'Ask Ivo Kelemen.', 'Mail r.farkas82@posteo.de', 'Which number?'],
                       training)
    assert [bool(o) for o in found]==[True, True, True, False]
    assert marks('training_personal', 'x') is None and marks('recited', 'x') is None

@quick
@given(texts, texts)
def test_places_are_within_the_answer(answer, reference):
    training = training_index([row('Why?', reference or 'x'), row('x', answer or 'y')])
    for m in FLAGS:
        for known in (dict(), dict(reference=reference), dict(source=reference*9), dict(training=training)):
            for a,b,why in m(**(KNOWN|dict(answer=answer)|known)) or []:
                assert 0<=a<=b<=len(answer) and why, m.name

N = 60_000 # Characters; what is quadratic would take minutes
@pytest.mark.parametrize('piece', ['a', 'a ', 'sure, ', '<think>', '```\n', '<|im_end|>', 'ab@', '1,',
                                   '5 March ', 'Ann Lee ', '“a ', '. ', '十', 'A1-', '\n', '\u0301'])
def test_a_long_answer_takes_time_in_proportion(piece):
    text = piece*(N//len(piece))
    training = training_index([row('Why?',
                                   'one two three four five six seven eight nine ten eleven twelve thirteen '
                                   'fourteen')])
    slow = {}
    for m in FLAGS:
        t = process_time()
        m(**(KNOWN|dict(answer=text, training=training, source=KNOWN['source']*5)))
        if (took := process_time()-t)>2: slow[m.name] = took
    assert not slow
