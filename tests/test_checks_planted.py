"""Sets of several styles, made up from a seed, with every kind of defect planted: how many the checks find,
and how many clean rows they accuse."""
import json, random
from collections import Counter, defaultdict
from time import process_time
import pytest
from ftkit.data.checks.issue import CHECKS, look_at, parsed_rows, usual
from ftkit.data.checks.report import check
from ftkit.data.read.load import load

# Words to make sentences of. Two sentences share few word triples: clean rows are not near duplicates of each
# other.
W = {k:v.split(', ') for k,v in dict(
    who='the baker, a lighthouse keeper, our neighbour, the night nurse, a young violinist, the harbour '
        'master, '
        'my aunt, a retired '
        'surveyor, the village council, an apprentice welder, the beekeeper, a tram driver, the museum '
        'guide, two '
        'brothers, the librarian, '
        'a stonemason, the ferry crew, an amateur astronomer, the orchard owner, a travelling clockmaker, '
        'the '
        'choir, a vet, the cartographer, '
        'a night watchman, the glass blower, the postwoman, a weaver, the river pilot, an old printer, the '
        'mountain guide',
    did='repaired, painted, measured, forgot, borrowed, described, moved, weighed, sketched, cleaned, hid, '
        'opened, compared, sold, photographed, '
        'counted, catalogued, tested, rebuilt, carried, examined, wrapped, labelled, buried, restored, '
        'dismantled, inherited, polished, traded, sorted',
    what='a brass compass, the cellar door, seven jars of honey, the old turbine, a rowing boat, the attic '
         'window, a crate of lemons, the '
         'church organ, a leaking pump, the garden wall, a box of letters, the weather station, a cracked '
         'bell, '
         'the signal lamp, a copper kettle, '
         'three walnut chairs, the loom, a faded map, the sluice gate, an iron stove, the bicycle, a sack of '
         'barley, the telescope, a quilt, '
         'the greenhouse roof, a basket of plums, the printing press, a wooden flute, the chimney, a fishing '
         'net',
    where='behind the station, near the old mill, in the flooded quarry, on the north pier, above the '
          'bakery, '
          'across the frozen lake, beside the '
          'canal, under the viaduct, at the edge of the forest, in a windy courtyard, along the ridge, '
          'outside '
          'the town hall, by the tidal pool, '
          'between two barns, in the upper valley, next to the observatory, on a narrow terrace, inside the '
          'boathouse, past the last farm, '
          'near the border post, in the market hall, at the foot of the dam',
    when='last winter, before sunrise, during the storm, on a quiet Sunday, after the harvest, in early '
         'March, '
         'while the others slept, that same '
         'evening, three weeks later, when the bells rang, at low tide, within an hour, just after lunch, on '
         'the '
         'longest day, late in autumn, '
         'once the snow had melted, long before noon, in the first week of June, every second Tuesday, '
         'shortly '
         'after midnight',
    why='because the rope had frayed, since nobody else was awake, to save a little money, so that the '
        'children '
        'could see it, out of plain '
        'curiosity, because rain was on its way, for want of a better plan, to settle an argument, since the '
        'key '
        'was lost, as the contract '
        'demanded, because it smelled of smoke, to please a visitor, since the old one had rusted, for the '
        'sake '
        'of peace, because winter came early',
    how='with great care, rather clumsily, without any help, using only a spoon, in complete silence, by '
        'candlelight, faster than expected, with '
        'borrowed tools, under protest, one piece at a time, almost by accident, in good humour, with cold '
        'hands, '
        'following an old sketch, '
        'against all advice',
    adj='heavier, quieter, warmer, older, cheaper, stranger, brighter, narrower, softer, more fragile, less '
        'reliable, more useful, drier, sharper, smoother',
    topic='sourdough, tide tables, kite building, beekeeping, bicycle brakes, cloud types, wool dyeing, '
          'chess '
          'openings, compost, glacier travel, '
          'clock repair, bird migration, letterpress, map projections, soap making, violin strings, mushroom '
          'picking, rope knots, solar ovens, '
          'stone walls, tea blending, pinhole cameras, rain gauges, canoe repair, jam, lichens, sign '
          'painting, '
          'star charts, herb gardens, ice houses').items()}
FORMS = ('{who} {did} {what} {where} {when}.', '{when}, {who} {did} {what} {how}.',
         '{who} had {did} {what}, {why}.',
         '{what} {where} is {adj} than {what2}.',
         'It was {who} who {did} {what} {when}, {why}.', '{where}, {who} and {who2} {did} {what}.',
         'Nobody knew that {who} {did} {what} {how}.',
         'You will find {what} {where}, {adj} than before.',
         '{who} says that {what} {where} can be {did} {how}.',
         'If {who} comes {when}, {what} must be {did} {how}.')
NAMES = (
    'Ada Brandt, Ivo Keller, Mira Osei, Tom Aldous, Lena Farkas, Noor Haddad, Piet Vos, Rosa Lind, Sam '
    'Okafor, '
         'Una Reyes').split(', ')
PLACES = ('Lisbon, Tromso, Ghent, Nairobi, Lima, Osaka, Split, Tartu, Cork, Hobart, Quito, Bergen, Izmir, '
          'Pune').split(', ')

class Maker:
    def __init__(self, seed): self.rng = random.Random(seed)
    def pick(self, k): return self.rng.choice(W[k] if isinstance(k, str) else k)
    def say(self): # One sentence
        s = self.pick(FORMS).format(**{k:self.pick(k) for k in W}, who2=self.pick('who'),
                                    what2=self.pick('what'))
        return s[0].upper()+s[1:]
    def text(self, a, b): return ' '.join(self.say() for _ in range(self.rng.randint(a, b)))
    def ask(self):
        a,b,c = self.say()[:-1],self.pick('topic'),self.pick('what')
        return self.pick(
            (f'Explain {b} to somebody who has just {self.pick("did")} {c} {self.pick("where")}.',
             f'What has {b} to do with {c} {self.pick("where")}?',
             f'Write about this: {a}.', f'{a}. Why was that?',
             f'How would {self.pick("who")} teach {b} {self.pick("when")}, {self.pick("how")}?',
             f'Tell me why {self.pick("who")} {self.pick("did")} {c} {self.pick("how")}.',
             f'Give advice on {b} {self.pick("where")} {self.pick("when")}.'))

def prose(m): return dict(instruction=m.ask(), output=m.text(2, 5))

def mixed(m): # Answers of many kinds: lists, titles, code, sentences, numbers
    r,ask = m.rng.random(),m.ask()
    if r<.2:
        return dict(prompt=f'List what {m.pick("who")} needs for {m.pick("topic")} {m.pick("when")}, '
                           f'{m.pick("why")}.',
                         completion='\n'.join(f'{m.pick(("-", "-"))} {m.pick("what")} {m.pick("where")}'
                                              for _ in range(m.rng.randint(3, 6))))
    if r<.35: return dict(prompt=f'Steps: {ask}', completion='\n'.join(f'{i}. {m.say()}' for i in range(1,
            m.rng.randint(4, 6))))
    if r<.45: return dict(prompt=f'A title for a story in which {m.say()[:-1]}',
                          completion=f'{m.pick("what").title()} {m.pick("where").title()}')
    if r<.55:
        a,b,n = m.pick(NAMES).split()[0].lower(),m.pick('topic').split()[0].lower(),m.rng.randint(2, 99)
        return dict(prompt=f'Write a Python function {b}_{a} that multiplies by {n} and adds '
                           f'{m.rng.randint(1, 9)} if {m.pick("who")} asks.',
                    completion=f'def {b}_{a}(x):\n    "{m.say()}"\n    y = x*{n}\n    return y')
    if r<.62:
        return dict(prompt=f'How many grams weighs {m.pick("what")} {m.pick("where")} {m.pick("when")}?',
                    completion=str(m.rng.randint(10, 9000)))
    return dict(prompt=ask, completion=m.text(1, 4))

def chat(m):
    turns = [dict(role='system', content='You are a patient guide who answers in plain words.')]
    for _ in range(m.rng.randint(1, 3)):
        turns += [dict(role='user', content=m.pick((m.ask(), m.say(),
                                                    f'and {m.pick("what")} {m.pick("where")}?',
                                                    f'ok, {m.say()[:-1].lower()}, what then'))),
                  dict(role='assistant', content=m.text(1, 3)+m.pick(('', '',
                                                                      ' '+f'Does that help with '
                                                                          f'{m.pick("topic")}?')))]
    return dict(messages=turns)

MOODS = dict(praise='wonderful, lovely, a delight, better than I hoped, perfect for us',
             complaint='broken, useless, late again, far too loud, a waste of money',
             question='is it waterproof, where do I send it, can I change it, does it come in green, how '
                      'long '
                      'does it take',
                      order='please send two, I want to reserve one, book it for me, put me down '
                                            'for three, I will take it')
def classify(m):
    label = m.pick(list(MOODS))
    a,b = m.pick('what'),m.pick(MOODS[label].split(', '))
    return dict(text=m.pick((f'{m.say()} {a}: {b}', f'{b}, {a} {m.pick("where")}',
                             f'About {a} that {m.pick("who")} {m.pick("did")} {m.pick("when")}: {b}!')),
                             label=label)

def extract(m):
    name,place,n = m.pick(NAMES),m.pick(PLACES),m.rng.randint(1, 40)
    goods = m.pick('what').split(' ', 1)[1]
    return dict(messages=[dict(role='user',
                               content=f'{name} in {place} ordered {n} of {goods} {m.pick("when")}. '
                                                    f'{m.say()}'),
                          dict(role='assistant', content=json.dumps(dict(name=name, city=place, amount=n,
                                  item=goods)))])

def quiz(m):
    r,who,what = m.rng.random(),m.pick('who'),m.pick('what')
    did,where,when = m.pick('did'),m.pick('where'),m.pick('when')
    if r<.3:
        return dict(question=f'Where has {who} {did} {what} {when}, {m.pick("why")}?',
                    answer=where.capitalize())
    if r<.5: return dict(question=f'In which year was {what} {where} first {did} by {who}, {m.pick("how")}?',
                         answer=str(m.rng.randint(1600, 1999)))
    if r<.7: return dict(question=f'Who {did} {what} {where}, {m.pick("why")}?', answer=m.pick(NAMES))
    return dict(question=f'What did {who} do with {what} {when} {where}?', answer=m.say())

STYLES = dict(prose=prose, mixed=mixed, chat=chat, classify=classify, extract=extract, quiz=quiz)

# Defects: each takes (row, maker, get, put) where get and put reach the last question and the last answer
ASKS,ANSWERS = ('instruction', 'prompt', 'text', 'question'),('output', 'completion', 'label', 'answer')
def get(row, answer=True):
    if 'messages' in row: return row['messages'][-1 if answer else -2]['content']
    return row[next(o for o in (ANSWERS if answer else ASKS) if o in row)]
def put(row, text, answer=True):
    row = json.loads(json.dumps(row))
    if 'messages' in row: row['messages'][-1 if answer else -2]['content'] = text
    else: row[next(o for o in (ANSWERS if answer else ASKS) if o in row)] = text
    return row
def somewhere(m, text, what): # Between two words
    w = text.split(' ')
    at = m.rng.randint(0, len(w))
    return ' '.join(w[:at]+[what]+w[at:])

MARKS = ('<|im_end|>', '</s>', '<|endoftext|>', '<|eot_id|>', '<end_of_turn>', '<|im_end|>\n<|im_start|>user',
         ' [/INST]', '\n\n### Instruction:\nGo on', '\n\nHuman: and then?',
         '\n<|assistant|>', '<|end|>', '\nAssistant: Sure.', ' {{user_name}}', '\n### Response:')
KEYS = ('AKIA'+'QX7TB3LMZ2W9KD4P', 'ghp_'+'a8Kd02jFq93LmZx74PtWvB6c1N5yR0sEuH2g',
        'sk-'+'proj-T3bLkFJq8aWd0Zx74PtWvB6c1N5y', 'hf_'+'qWertYuiOpAsDfGhJkLzXcVbNm12345678',
        'xoxb-'+'2489011726-aZ81kdQ02mVw',
        'password=Tr0ub4dor&3', 'DB_PASSWORD="x9!kLm2#pQ"', 'my password is Blue7Kettle!',
        'api_key: 8f14e45fceea167a5a36dedd4bea2543',
        '-----BEGIN '+'PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\n-----END PRIVATE KEY-----')
PRIVATE = ('ada@brandt-keller.de', 'write to ivo_k@mail.keller-obst.eu', 'call me on +44 1632 960 188',
           '(415) 555-2671', 'phone 020 7946 0958', '+49 30 901820', 'card 4539 1480 2271 6350',
           '5407339120864178',
           'IBAN DE89 3704 0044 0532 0130 00', 'GB82WEST12345698765432', 'from 93.104.77.21', 'at 84.17.52.9',
           '2a02:8109:9a40::8a2e:370:7334', 'ring 555-867-5309')
MOJI = ('itâ€™s', 'cafÃ©', 'naÃ¯ve', 'â€œquiteâ€\x9d', 'FranÃ§ois', 'Ã¼ber', 'â€“', 'lost \ufffd here',
        'Â£20')
HTML = ('<br>', '<br/><br/>', '&nbsp;', '&amp;', '<b>really</b>', '<p>', '</div>', '&quot;so&quot;',
        '<a href="https://example.org">here</a>', '&#39;', '<span class="x">well</span>')
FOREIGN = ('Der Leuchtturm steht seit vielen Jahren leer, und niemand weiß, wem er gehört.',
           'Le phare est vide depuis des années et personne ne sait à qui il appartient.',
           'El faro lleva muchos años vacío y nadie sabe de quién es.',
           'Маяк уже много лет стоит пустой, и никто не знает, чей он.', '灯塔已经空了很多年，没有人知道它属于谁。',
           'Il faro è vuoto da molti anni e nessuno sa di chi sia.',
           'Fyrtornet har stått tomt i många år och ingen vet vem som äger det.',
           'De vuurtoren staat al jaren leeg en niemand weet van wie hij is.',
           'O farol está vazio há muitos anos e ninguém sabe de quem é.', '灯台は何年も前から空っぽで、誰のものか誰も知りません。')
REFUSE = ("I'm sorry, but I can't assist with that request.",
          'As an AI language model, I do not have personal experiences.', 'I cannot help with that.',
          "I'm unable to provide medical advice.", 'As an AI, I cannot answer this.',
          'I apologize, but I cannot fulfill this request.',
          "I am sorry, but as an AI language model I am not able to do this.",
          "Sorry, I can't help with that.",
          "I can't assist with that.", "I'm just an AI, so I cannot say.",
          'I must decline to answer this question.',
          'It would be inappropriate and against my guidelines; I apologize, it is unethical.')

def cut(row, m): # In the middle of the last sentence
    a = get(row)
    start = 0 if a.startswith('{') else max(a.rfind('. ', 0, len(a)-2)+2, 0)
    return put(row, a[:start+m.rng.randint((len(a)-start)*2//5, (len(a)-start)*3//5)].rstrip())
def odd_format(row, m, style):
    a = get(row)
    if style=='extract':
        return put(row, m.pick((a.replace('"', "'"), 'Here it is: '+a, f'```json\n{a}\n```',
                                'The order is for '+json.loads(a)['name']+'.', a.replace('"city"',
                                        '"town"'))))
    if style=='classify':
        return put(row, m.pick((a.upper(), a.title(), f'The label is {a}.', a+'!', f' {a}')))
    return m.pick((lambda: put(row, '  '+a+' \n\n'), lambda: put(row, 'Answer: '+a), lambda: put(row,
            a.upper()+'!' if len(a)>15 else ' '+a), lambda: put(row, json.dumps(dict(answer=a))),
                   lambda: put(row, f'Q: {get(row, False)}\nA:', False), lambda: put(row,
                           f'Question: {get(row, False)}\nAnswer:', False), lambda: put(row, get(row,
                                   False).replace(' ', '   ', 3), False)))()
def bad_roles(row, m):
    ask,a = dict(role='user', content=get(row, False)),dict(role='assistant', content=get(row))
    return dict(messages=m.pick(([a, ask], [ask, ask, a], [ask, a, a], [ask, a, dict(role='user',
            content='Thanks, that helps.')], [ask], [dict(role='asistant', content='Hello'), ask, a],
                                 [ask, dict(role='system', content='Be kind.'), a],
                                 [dict(ask, role='bot'), a])))
def near_copy(row, m): # One word in a long text dropped, one replaced
    answer = len(get(row))>len(get(row, False))
    w = get(row, answer).split(' ')
    w[len(w)//2] = 'really'
    if len(w)>14: del w[-3]
    return put(row, ' '.join(w), answer)
def longer(row, m):
    return put(row, m.pick((lambda: m.text(60, 90), lambda: ' '.join([m.say()]*60)))(),
               False) if len(get(row))<60 else put(row, m.pick((lambda: m.text(60, 90),
                                                                lambda: ' '.join([get(row)]*30)))())

def either(f): # In the question or in the answer
    return lambda row, m, style: put(row, f(m, get(row, o)), o) if (o := style not in ('classify',
            'extract') and m.rng.random()<.5) is not None else row

DEFECTS = {
    'empty': lambda r, m, s: put(r, m.pick(('', ' ', '\n\n', '\u200b', '\t ')), m.rng.random()<.7),
    'role-order': lambda r, m, s: bad_roles(r, m),
    'leaked-marker': lambda r, m, s: put(r, get(r)+m.pick(MARKS)),
    'secret': either(lambda m, t: somewhere(m, t, m.pick(KEYS))), 'pii': either(lambda m, t: somewhere(m, t,
            m.pick(PRIVATE))),
    'mojibake': either(lambda m, t: somewhere(m, t, m.pick(MOJI))),
    'markup': either(lambda m, t: somewhere(m, t,
            m.pick(HTML))),
    'language': lambda r, m, s: put(r, m.pick(FOREIGN), s!='classify'), 'refusal': lambda r, m, s: put(r,
            m.pick(REFUSE)),
    'too-long': lambda r, m, s: longer(r, m), 'cut-off': lambda r, m, s: cut(r, m), 'format': odd_format,
    'conflict': lambda r, m, s: r, 'exact-duplicate': lambda r, m, s: r, 'near-duplicate': lambda r, m,
    s: near_copy(r, m), 'unreadable': lambda r, m, s: r}
NOT = dict(classify=('cut-off', 'near-duplicate'), extract=('near-duplicate', ), quiz=('near-duplicate',
        'too-long')) # Too short for it

def planted(style, seed, n=400, each=5):
    "Rows as lines of JSON, and the truth: line → (check, partner's line)"
    m = Maker(seed)
    make = STYLES[style]
    rows = [make(m) for _ in range(n)]
    free = m.rng.sample(range(1, n//2), n//2-1) # Defects sit in the first half, copies behind their originals
    lines,copies = {i:json.dumps(r) for i,r in enumerate(rows)},[]
    truth = {}
    for kind,f in DEFECTS.items():
        if kind in NOT.get(style, ()): continue
        for _ in range(each):
            if kind in ('cut-off', 'too-long', 'near-duplicate') and style in ('mixed', 'quiz',
                    'chat'): # Something to cut, and to repeat
                i = next(i for i in free if ' is ' not in get(rows[i]) and get(rows[i]).count(' ')>7
                         and '\n' not in get(rows[i]) and get(rows[i])[-1]=='.'); free.remove(i)
            else: i = free.pop()
            if kind=='unreadable': lines[i] = m.pick((lines[i][:len(lines[i])//2], '[1, 2]', '{"foo": "bar"}',
                                                      lines[i].replace(':', '', 1), 'null')); truth[i] = kind
            elif kind in ('conflict', 'exact-duplicate', 'near-duplicate'):
                row = f(rows[i], m, style)
                if kind=='conflict': row = put(row,
                                               get(make(m)) if style!='classify' else m.pick([o for o in MOODS
                                                       if o!=get(row)]))
                if kind=='exact-duplicate' and m.rng.random()<.5:
                    row = put(row, get(row, False).upper().replace('.',
                        ''), False)
                if get(row)!=get(rows[i]) or kind!='conflict': copies.append((kind, i, json.dumps(row)))
            else: lines[i] = json.dumps(f(rows[i], m, style), ensure_ascii=False); truth[i] = kind
    res = {k+1:(v, None) for k,v in truth.items()} | {n+k+1:(kind, i+1) for k,(kind,i,_) in enumerate(copies)}
    return [*lines.values(), *(o for _,_,o in copies)], res

def judge(style, seed, tmp_path):
    lines,truth = planted(style, seed)
    path = tmp_path/f'{style}{seed}.jsonl'
    path.write_text('\n'.join(lines)+'\n', encoding='utf-8')
    report = check(load(path))
    found,errors = defaultdict(dict),set()
    for o in report:
        if o.line is None: continue
        found[o.line][o.check] = o
        if o.severity=='error': errors.add(o.line)
    missed = [(kind, n) for n,(kind,partner) in truth.items()
              if kind not in found[n] or partner and found[n][kind].evidence['partner_line']!=partner]
    clean = set(range(1, len(lines)+1))-truth.keys()
    return dict(missed=missed, lines=lines, n=len(truth), found=found, clean=clean, errors=clean&errors,
                accused={n for n in clean if found[n]})

@pytest.mark.parametrize('style', STYLES)
def test_planted(style, tmp_path):
    n,missed,clean,errors,accused = 0,Counter(),0,0,0
    for seed in (1, 2):
        o = judge(style, seed, tmp_path)
        n += o['n']; missed.update(kind for kind,_ in o['missed'])
        clean += len(o['clean']); errors += len(o['errors']); accused += len(o['accused'])
    assert missed.total()<=.05*n, missed
    assert max(missed.values(), default=0)<=3, missed
    assert errors<=.02*clean and accused<=.05*clean, (errors, accused, clean)

@pytest.mark.parametrize('style', ['mixed', 'chat', 'quiz'])
def test_gates_hide_nothing(style, tmp_path):
    "The quick look that polars takes at a row lets through all that the slow look would find"
    path = tmp_path/'rows.jsonl'
    path.write_text('\n'.join(planted(style, 5)[0])+'\n', encoding='utf-8')
    exs = load(path)
    seen = usual(exs)
    for f in CHECKS:
        if getattr(f, 'gate', ''):
            assert look_at(exs, [f], seen)==[o for row in parsed_rows(exs) for o in f.look(row,
                seen)], f.__name__

@pytest.mark.parametrize('piece', ['a', 'a ', '<', '{', '{{', '1', '1 ', '@', 'a@', '[', '(', '\n', ' ',
                                   'call 1',
                                   '. A', '- a\n', 'Human: ', "I can't ", '\u00c3', '#', '|', '"', 'x = 1\n'])
def test_hostile_rows_take_no_time(piece):
    "Much text that invites backtracking, in the question and in the answer"
    text = (piece*300_000)[:300_000]
    exs = load([dict(prompt=text, completion=text), dict(prompt='Who?', completion='Me.')])
    start = process_time()
    check(exs, checks=[f for f in CHECKS if hasattr(f, 'look')])
    assert process_time()-start<8
