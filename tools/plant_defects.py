"""Make `tickets_dirty.jsonl` and `tickets_truth.jsonl` out of the clean sample: the same rows with defects
planted, and the list of them.

Run from the repository's root: python tools/plant_defects.py. The same seed makes the same files."""
import json, random
from pathlib import Path

here = Path(__file__).resolve().parent.parent/'ftkit/samples'
rng = random.Random(20261122)
LABELS = ('billing', 'delivery', 'returns', 'fault', 'how_to', 'account')

def with_answer(row, text):
    return row|dict(messages=[*row['messages'][:-1], row['messages'][-1]|dict(content=text)])
def with_ask(row, text):
    return row|dict(messages=[row['messages'][0], row['messages'][1]|dict(content=text), row['messages'][2]])
def ask(row): return row['messages'][1]['content']
def answer(row): return row['messages'][2]['content']

def relabelled(row):
    wrong = rng.choice([o for o in LABELS if o!=row['label']])
    return with_answer(row, json.dumps(json.loads(answer(row))|dict(category=wrong), ensure_ascii=False,
                                       separators=(',', ':')))|dict(label=wrong)

def reworded(row): # A copy as it comes from a second export: a greeting, a word changed, a word dropped
    w = ask(row).split()
    w[len(w)//2] = 'really'
    del w[3*len(w)//4]
    return with_ask(row, 'Hello, '+' '.join(w))

def shouted(row): return with_ask(row, ask(row).upper().replace(' ', '  ', 2)+' ')

def other_roles(row): # An order of turns that no chat template expects
    system,user,assistant = row['messages']
    return row|dict(messages=rng.choice(([system, assistant, user], [system, user, user, assistant],
                                         [system, user],
                                         [system, user, assistant|dict(role='asistant')],
                                         [system, user, assistant, dict(role='user', content='Thank you.')])))

def garbled(text): # UTF-8 read as if it were Windows-1252
    return (text+rng.choice((' It’s urgent.', ' I paid £20 extra.',
                             ' Café Zoë is next door.'))).encode().decode('cp1252', 'replace')

def told_more(row, *choices): return with_ask(row, f'{ask(row)} {rng.choice(choices)}')

FOREIGN = (
    'Guten Tag, meine Bestellung ist seit zwei Wochen überfällig und niemand antwortet auf meine Fragen. Was '
    'soll ich tun?',
           'Bonjour, la bouilloire que vous m’avez envoyée ne chauffe plus du tout et je voudrais être '
           'remboursé.',
           'Hola, quiero cambiar la dirección de entrega de mi pedido porque me mudo la semana que viene.',
           'Здравствуйте, пылесос не заряжается уже третий день, хотя кабель новый. Помогите, пожалуйста.',
           '你好，我上个月买的台灯不亮了，请问可以换一个新的吗？')
REFUSALS = ("I'm sorry, but I can't assist with that request.",
            'As an AI language model, I do not have access to your orders.',
            'I am unable to help with that.', 'I apologize, but I cannot fulfill this request.')
# Put together from halves, or a scanner would take them for live keys
KEYS = ('AKIA'+'QX7TB3LMZ2W9KD4P', 'ghp_'+'a8Kd02jFq93LmZx74PtWvB6c1N5yR0sEuH2g', 'password: Tr0ub4dor&3',
        'sk_live_'+'4eC39HqLyjWDarjtT1zdp7dc')

# defect, the check that should find it, how many, how it is made (None: the line itself is broken)
IN_PLACE = (('wrong label', 'label-noise', 12, relabelled),
            ('broken JSON in the answer', 'format', 5, lambda o: with_answer(o, answer(o).replace('"', "'"))),
            ('answer in prose', 'format', 3,
             lambda o: with_answer(o, 'This is a ticket about '+o['label']+', please route it.')),
            ('white space around the answer', 'format', 3, lambda o: with_answer(o, f'\n {answer(o)}  ')),
            ('prompt in a template', 'format', 3, lambda o: with_ask(o, f'Q: {ask(o)}\nA:')),
            ('empty answer', 'empty', 4, lambda o: with_answer(o, rng.choice(['', '  ', '\n', '\u200b']))),
            ('turns in a wrong order', 'role-order', 5, other_roles),
            ('truncated answer', 'cut-off', 5, lambda o: with_answer(o, answer(o)[:rng.randint(30, 70)])),
            ('leaked marker', 'leaked-marker', 5, lambda o: with_answer(o, answer(o)+rng.choice(
                ['<|im_end|>', '</s>', '<|im_end|>\n<|im_start|>user', '<end_of_turn>']))),
            ('unfilled placeholder', 'leaked-marker', 2,
             lambda o: with_ask(o, 'Dear {{agent_name}}, '+ask(o))),
            ('e-mail address', 'pii', 2, lambda o: told_more(o, 'Write to petra@lindqvist-garn.se please.')),
            ('phone number', 'pii', 2, lambda o: told_more(o, 'Or ring me on +44 1632 960 188.',
                                                           'My number is (415) 555-0132.')),
            ('card number', 'pii', 2, lambda o: told_more(o, 'I paid with 4539 1480 2271 6350.',
                                                          'The card is 5407-3391-2086-4178.')),
            ('IBAN', 'pii', 2, lambda o: told_more(o, 'Refund it to DE89 3704 0044 0532 0130 00.',
                                                   'Account GB82WEST12345698765432.')),
            ('IP address', 'pii', 2, lambda o: told_more(o, 'It happened from 93.104.77.21 too.',
                                                         'My router shows 84.17.52.93.')),
            ('key or password', 'secret', 4, lambda o: told_more(o, *KEYS)),
            ('wrongly decoded text', 'mojibake', 4, lambda o: with_ask(o, garbled(ask(o)))),
            ('remnant of HTML', 'markup', 4, lambda o: with_ask(o, ask(o).replace(' ', rng.choice(
                (' <br>', '&nbsp;', ' <b>really</b> ', ' &amp; ')), 1))),
            ('other language', 'language', 4, lambda o: with_ask(o, rng.choice(FOREIGN))),
            ('boilerplate refusal', 'refusal', 4, lambda o: with_answer(o, rng.choice(REFUSALS))),
            ('text out of all proportion', 'too-long', 3, lambda o: with_ask(o, ' '.join([ask(o)]*25))),
            ('broken line', 'unreadable', 3, None))

def answered_otherwise(row): # The same question, another urgency and summary
    o = json.loads(answer(row))
    return with_answer(row, json.dumps(o|dict(urgency='low' if o['urgency']!='low' else 'high',
                                              summary='Customer has a question.'),
                                       ensure_ascii=False, separators=(',', ':')))

COPIES = (('exact copy', 'exact-duplicate', 6, lambda o: o),
          ('copy in other case and spacing', 'exact-duplicate', 4, shouted),
          ('reworded copy', 'near-duplicate', 8, reworded),
          ('another answer to the same question', 'conflict', 4, answered_otherwise))

def main():
    rows = [json.loads(o) for o in (here/'tickets.jsonl').read_text(encoding='utf-8').splitlines()]
    free = rng.sample(range(len(rows)), len(rows))
    out = [(o, None) for o in rows] # (row or broken text, truth)
    for defect,check,n,make in IN_PLACE:
        for i in (free.pop() for _ in range(n)):
            row = make(rows[i]) if make else json.dumps(rows[i], ensure_ascii=False)[:rng.randint(60, 500)]
            out[i] = row, dict(check=check, defect=defect)
    later = [] # Copies go somewhere behind their original
    for defect,check,n,make in COPIES:
        for i in (free.pop() for _ in range(n)):
            later.append((rng.randint(i+1, len(rows)), make(rows[i]), dict(check=check, defect=defect, of=i)))
    order = sorted([(i, 0, *o) for i,o in enumerate(out)]+[(i-.5, k+1, *o) for k,(i,*o) in enumerate(later)],
                   key=lambda o: o[:2])
    line = {i:n for n,(i,k,*_) in enumerate(order, 1) if k==0}
    truth = [dict(line=n)|{k:v for k,v in t.items() if k!='of'}|(dict(partner_line=line[t['of']]) if 'of' in t
        else {})
             for n,(_,_,_,t) in enumerate(order, 1) if t]
    text = [o if isinstance(o, str) else json.dumps(o, ensure_ascii=False) for _,_,o,_ in order]
    (here/'tickets_dirty.jsonl').write_text('\n'.join(text)+'\n', encoding='utf-8')
    (here/'tickets_truth.jsonl').write_text(''.join(json.dumps(o)+'\n' for o in truth), encoding='utf-8')
    print(f'{len(text)} lines, {len(truth)} with a planted defect')

if __name__=='__main__': main()
