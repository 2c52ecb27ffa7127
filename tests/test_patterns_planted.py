"""Defects of each kind that patterns find, planted in texts of eight languages, in code and in conversations:
nine of ten are found. And rows that hold the same signs rightly: none is accused, and no recipe changes
one."""
from collections import Counter
from ftkit.data.checks.report import check
from ftkit.data.checks.row import leaked_marker, markup, mojibake, pii, secret
from ftkit.data.read.load import load
from ftkit.data.clean import MENDS, clean, propose
from ftkit.data.recipe import Recipe, SURE

TEXTS = dict(
    en=('The market opens at seven. Bring a basket and some coins.',
        'We can meet there before the rain comes. Take the path along the river.'),
    de=('Der Markt öffnet um sieben. Bring einen Korb und etwas Kleingeld mit.',
        'Wir treffen uns dort vor dem Regen. Nimm den Weg am Fluss entlang.'),
    fr=('Le marché ouvre à sept heures. Apporte un panier et des pièces.',
        'Nous y serons avant la pluie. Prends le chemin qui longe la rivière.'),
    es=('El mercado abre a las siete. Trae una cesta y algunas monedas.',
        'Nos vemos allí antes de la lluvia. Toma el camino junto al río.'),
    ru=('Рынок открывается в семь. Возьми корзину и немного мелочи.',
        'Мы встретимся там до дождя. Иди по тропе вдоль реки.'),
    zh=('市场七点开门。请带一个篮子和一些零钱。', '下雨之前我们在那里见面。沿着河边的小路走。'),
    ja=('市場は七時に開きます。かごと小銭を持ってきてください。', '雨が降る前にそこで会いましょう。川沿いの道を歩いてください。'),
    hi=('बाज़ार सात बजे खुलता है। एक टोकरी और कुछ सिक्के लाना।',
        'बारिश से पहले हम वहीं मिलेंगे। नदी के किनारे वाला रास्ता लेना।'),
    ar=('يفتح السوق في الساعة السابعة. أحضر سلة وبعض النقود.',
        'سنلتقي هناك قبل المطر. اسلك الطريق بمحاذاة النهر.'))
CODE = ('Write a function that adds the prices.',
        'def total(prices):\n    result = 0\n    for p in prices:\n        result += p\n    return result')

PASSWORD = dict(en='The password is ', de='Das Passwort lautet ', fr='Le mot de passe est ',
                es='La contraseña es ', ru='Пароль: ',
                zh='密码是', ja='パスワードは', hi='पासवर्ड है ', ar='كلمة المرور هي ', code='\nDB_PASSWORD = "')
CALL = dict(en='Call me on 415 204 8137.', de='Ruf mich an unter 0176 20418837.',
            fr='Appelle-moi au 06 42 18 73 95.', es='Mi móvil es 612 407 385.',
            ru='Звони мне: 8 (916) 204-71-38.', zh='我的手机号是13860417725。', ja='電話番号は090-4172-6038です。',
            hi='मेरा नंबर +91 98204 17736 है।',
            ar='رقم هاتفي ‎+20 100 204 7138.', code='\nphone = "+44 7911 204183"')
MARKS = ('<|im_end|>', '</s>', '<|endoftext|>', '<|eot_id|>', '<end_of_turn>', '<|im_end|>\n<|im_start|>user',
         '<｜end▁of▁sentence｜>', ' [/INST]')
KEYS = ('AKIA'+'QX7TB3LMZ2W9KD4P', 'ghp_'+'a8Kd02jFq93LmZx74PtWvB6c1N5yR0sEuH2g',
        'sk-'+'proj-T3bLkFJq8aWd0Zx74PtWvB6c1N5y',
        'hf_'+'qWmzYuTiOpAsLfGhJkDzXcVbNm42718356', 'glpat-'+'zX81-kd0aQ2mVw93tPq7',
        'api_key: '+'8f14e45fceea167a5a36dedd4bea2543')
PRIVATE = ('k.lindqvist@posteo.de', 'ivo_k@keller-obst.eu', 'rosa.farkas82@gmail.com', '5407 3391 2086 4178',
           '4539148022716350',
           'GB29 NWBK 6016 1331 9268 19', '93.104.77.21', '2a02:8109:9a40::8a2e:370:7334')
HTML = ('<br>', '<br /><br />', '&nbsp;', '&amp;', '<b>!</b>', '<p>', '</div>', '&quot;', '&#39;',
        '<span class="x">!</span>')
MOJI = ('itâ€™s', 'cafÃ©', 'â€œ', 'Ã¼ber', 'FranÃ§ois', 'â€“', 'Â°C', '\ufffd', 'Â£20', 'naÃ¯ve')

def somewhere(text, piece, i): # Behind the first sentence, in the middle, or at the end; in code on a line
    if '\n' in text: return text.replace('\n', f'  # {piece}\n', 1) if i%2 else f'{text}\n# {piece}'
    at = next(k+1 for k,c in enumerate(text) if c in '.。।')
    return f'{text[:at]} {piece} {text[at:].lstrip()}' if i%2 else f'{text} {piece}'

def planted(kind): # `(language, question, answer)` with one defect in the one or the other
    for where,(ask,answer) in dict(TEXTS, code=CODE).items():
        pieces = dict(secret=(*KEYS, PASSWORD[where]+'Xk9#mP2vQ"'*(where=='code')),
                      pii=(*PRIVATE, CALL[where]), marker=MARKS, markup=HTML,
                      mojibake=MOJI)[kind]
        for i,piece in enumerate(pieces):
            if piece==PASSWORD[where]: piece += 'Xk9#mP2vQ'
            # May be code there
            if where=='code' and kind=='markup' and '>' in piece and 'br' not in piece: continue
            if kind=='marker': yield where,ask,f'{answer}{piece}'
            elif where=='code' and piece[0]=='\n': yield where,ask,answer+piece
            else:
                yield (where,somewhere(ask, piece, i),answer) if i%3==0 and where!='code' else (where,ask,
                    somewhere(answer, piece, i))

CHECKS = dict(secret=secret, pii=pii, marker=leaked_marker, markup=markup, mojibake=mojibake)

def test_nine_of_ten_are_found():
    plants = [(kind, *o) for kind in CHECKS for o in planted(kind)]
    def row(i, where, ask, answer): # Half of the defects are in the middle of a conversation
        a,b = TEXTS.get(where, TEXTS['en'])
        talk = [a, b, ask, answer, a, b] if i%2 else [ask, answer]
        return dict(messages=[dict(role=('user', 'assistant')[n%2], content=o) for n,o in enumerate(talk)])
    clean_rows = [row(i, k, *v) for k,v in dict(TEXTS, code=CODE).items() for i in range(len(plants)//5)]
    exs = load([*(row(i, *o[1:]) for i,o in enumerate(plants)), *clean_rows])
    found = {(o.check, o.line) for o in check(exs, checks=[*CHECKS.values()])}
    names = dict(marker='leaked-marker')
    missed = [o for n,o in enumerate(plants, 1) if (names.get(o[0], o[0]), n) not in found]
    for kind in CHECKS:
        for where in {*TEXTS, 'code'}: # For each language by itself
            n = sum(o[:2]==(kind, where) for o in plants)
            assert n>4 and sum(o[:2]==(kind, where) for o in missed)<=.1*n, missed
    assert not {n for _,n in found if n>len(plants)}

GOOD = (
    ('Escape <b>AT&T</b> for HTML.', '&lt;b&gt;AT&amp;T&lt;/b&gt;'),
    ('Write HTML for a copyright line', '<footer>&copy; 2024 Me &nbsp; All rights</footer>'),
    ('Write a Python function with a leading indent', '    return x\n'),
    ('Show me how to check an address', 'import re\nre.fullmatch(r"[^@]+@[^@]+", "someone@example.com")'),
    ('Which port does 10.1.2.3 use?', 'Host 10.1.2.3 uses 8080, 192.168.7.20 and 203.0.113.9 use 443.'),
    ('Write a Jinja loop', '{% for u in users %}{{ u.name }}{% endfor %}'),
    ('What is BERT masking?', 'It replaces a word by [MASK] and starts with [CLS], ends with [SEP].'),
    ('Strike a text in HTML', 'Use <s>text</s> for that.'),
    ('Write markdown with headings', '## Output:\nAll fine here.'),
    ('A multiplication table?',
     '1 2 3 4 5\n2 4 6 8 10\n6 12 18 24 30 36 42 48 54 60\n7 14 21 28 35 42 49 56 63 70'),
    ('Print an aligned table', 'name    age\nAda      36\nIvo       4'),
    ('Where is my order 20418837?', 'Order 204188371026 left on 2026-03-14.'),
    ('Pay with a test card', 'Use 4111 1111 1111 1111 or 4242 4242 4242 4242, any date.'),
    ('Send it to my boss at boss@company.com',
     '{"name": "send_email", "arguments": {"to": "boss@company.com", "cc": "jane.doe@example.org"}}'),
    ('Which version?', 'Version 2.14.3.1 of the driver, 4.12.33.1 of the manual.'),
    ('Make up a strong password for me', 'How about rT8$jLpZ? Or your password: aB3#fG7!kL9@'),
    ('Log in to the database',
     'const pool = mysql.createPool({\n  user: "root",\n  password: "P@ssw0rd123",\n});'),
    ('How do I cook rice?', '## Rice\n\n### Instructions:\n\n1. Wash it.\n2. Boil it.'),
    ('And beans?', '**Soak** them first.'), ('And lentils?', '# Lentils\n\nJust boil them.'),
    ('Show a React component',
     'const A = () => {\n  return (\n    <div>\n      <b>{name}</b>\n    </div>\n  )\n}'),
    ('A shell script', '#!/bin/sh\nfor f in *.txt; do\n  echo "$f"  >&2\ndone\n'),
    ('Sort in C', 'if (a < b && c > d) {\n    x  = a;\n    y  = b;\n}'),
    ('Persian?', 'می\u200cخواهم به خانه بروم.'),
    ('When?', 'One.  Two blanks after a full stop are a habit.'),
    ('Which Greek letters?', 'α  β  γ'.replace('  ', ' ')))

def test_good_rows_are_left_alone():
    exs = load([dict(prompt=a, completion=b) for a,b in GOOD]+[dict(prompt=f'{a} ({i})', completion=b)
        for i in range(3)
                                                              for a,b in TEXTS.values()])
    found = check(exs, checks=[*CHECKS.values()])
    assert not [(o.check, GOOD[o.line-1], o.message) for o in found]
    done = clean(exs, Recipe(normalize=True, strip_markers=True, mask=True, cut_leading=True))
    assert not done.changes and done.examples.fingerprint==exs.fingerprint

def test_a_proposal_drops_nothing_and_shows_three_rows_a_line():
    talk = [dict(messages=[dict(role='assistant', content='Hello! What can I do for you?'),
                           dict(role='user', content=f'Sort {i} apples.'),
                           dict(role='assistant', content=f'Here are {i} apples, sorted.')])
                           for i in range(5)]
    rows = [*talk, *({'prompt':f'What is {i} + 2?', 'completion':''} for i in range(4)),
            *({'prompt':f'Say it {i} times', 'completion':f'It is {i}.</s>'} for i in range(4))]
    exs = load([o if 'messages' in o else dict(messages=[dict(role='user', content=o['prompt']),
                                                         dict(role='assistant', content=o['completion'])])
                                                         for o in rows])
    plan = propose(check(exs))
    assert plan.drop==plan.keep_one==() and len(clean(exs, plan).examples)==len(exs)
    assert all(o.read[0]>=SURE and not o.read[1] for k,o in MENDS.items() if getattr(plan, k))
    offers = {(o.setting, o.value):o for o in plan.offers}
    assert offers['strip_markers', ''].rows==4 and offers['drop', 'empty'].rows==4
    assert offers['cut_leading', ''].rows==5
    assert all(1<=len(o.shown)<=3 and len(o.shown)==min(3, o.rows) for o in plan.offers)
    text = str(plan)
    assert '# drop: [empty] → 4 rows would go' in text and text.count('line ')>=9
    done = clean(exs, Recipe(cut_leading=True))
    assert len(done.changes)==5 and [m['role'] for m in done.examples[0].messages]==['user', 'assistant']

def test_mends_touch_the_flagged_rows_alone():
    rows = [dict(prompt=f'Say {i}', completion=f'It is {i}.') for i in range(30)]
    rows[3]['completion'] = 'Fish &amp; chips, donâ€™t you think?'
    rows[7]['completion'] = 'In R one writes\nx <- c(1)\nif (x &lt; 2) { print(x) }'
    exs = load(rows)
    done = clean(exs, Recipe(normalize=True, strip_markers=True, mask=True))
    assert [o.line for o in done.changes]==[4] and done.examples[3].answer=='Fish & chips, don’t you think?'
    assert Counter(o.fix for o in done.changes)=={'normalize':1}
