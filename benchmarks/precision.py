"""How much of what each check flags on real text is worth a reader's time.

    python benchmarks/precision.py draw --files FILES.yaml --out draw.jsonl [--n 30] [--seed 0]
                                        [--checks cut-off pii]
    python benchmarks/precision.py show draw.jsonl [--from 0] [--to 40]    # the place marked ⟦so⟧
    python benchmarks/precision.py read draw.jsonl --reader NAME [--answers 'rrwu…']    # keys r, w, u
    python benchmarks/precision.py table [--files FILES.yaml] [--seed 0] [--by language]
    python benchmarks/precision.py planted --files FILES.yaml [--seed 0] [--by language]    # what is found

FILES.yaml lists what to read, which nobody else needs to have:

    - {file: /data/gsm8k/train.jsonl, name: gsm8k train, kind: maths, language: en}
    - {file: /data/squad.json, name: …, kind: extractive, language: ja,
       columns: {prompt: question, completion: answer}}

Drawn at random: each finding has a number that hangs on its own text and the seed alone, and the lowest `n`
of a check and a kind of text are read. So a verdict outlives changes to the checks: what is still flagged
keeps its verdict, what is new is drawn beside it. A seed that was read while the checks were mended says
nothing about them: take another for figures.

Verdicts are lines of benchmarks/verdicts.jsonl: hashes and names, no text. `right`: worth the reader's time,
something there is wrong or has to be decided. `wrong`: a good row. `unsure`: counted as not worth it. With
`--files`, `table` counts what the checks flag today (and says how many of it nobody has read); without, all
verdicts there are."""
import argparse, json, sys
from collections import Counter, defaultdict
from datetime import date
from hashlib import sha256
from pathlib import Path
import yaml
from ftkit.data.checks.issue import CHECKS
from ftkit.data.checks.report import check
from ftkit.data.example import message_text
from ftkit.data.read.load import load

VERDICTS = Path(__file__).with_name('verdicts.jsonl')
WORDS = dict(r='right', w='wrong', u='unsure')
KEY = ('check', 'row', 'at') # What a finding is known by

def short_hash(*parts, n:int=16)->str:
    return sha256(json.dumps(parts, ensure_ascii=False).encode(errors='backslashreplace')).hexdigest()[:n]

def turns_of(ex)->list: return [(m['role'], message_text(m)) for m in ex.messages]

def around(text:str, a:int, b:int, width:int=260)->str:
    "The text with the place marked, and as much around it as a reader needs"
    inside = text[a:b] if b-a<=2*width else f'{text[a:a+width]} […] {text[b-width:b]}'
    head,tail = text[max(0, a-width):a],text[b:b+width]
    return f"{'… ' if a>width else ''}{head}⟦{inside}⟧{tail}{' …' if len(text)>b+width else ''}"

def shown(turns:list, span=None, most:int=500)->str:
    "A row for a reader: the turn in question with the place, the others cut"
    at = span[0] if span else len(turns)-1
    some = [i for i in range(len(turns)) if i in (0, at-1, at, at+1)]
    lines = [f'({len(turns)} turns)'] if len(turns)>len(some) else []
    for i in some:
        role,text = turns[i]
        if span and i==at: text = around(text, *span[1:])
        elif len(text)>most: text = f'{text[:most*2//3]} […] {text[-most//3:]}'
        lines.append(f'[{i+1} {role}] {text}')
    return '\n'.join(lines)

def findings(spec:dict, checks:list)->list: # of dict, one for each finding about a row
    "What the checks flag in a file"
    exs = load(spec['file'], spec.get('limit'), columns=spec.get('columns') or None)
    rows = {o:i for i,o in enumerate(exs.column('id').to_pylist())}
    res = []
    for o in check(exs, checks=checks, label=spec.get('label', '')):
        if o.id not in rows: continue
        turns = turns_of(exs[rows[o.id]])
        span,partner = o.evidence.get('span'),o.evidence.get('partner')
        other = turns_of(exs[rows[partner]]) if partner in rows else None
        said = turns[span[0]][1][span[1]:span[2]] if span else ''
        res.append(dict(check=o.check, row=short_hash(turns),
                        at=short_hash(said, span and span[0], other, n=8),
                        file=spec['name'], kind=spec['kind'], language=spec.get('language', 'en'),
                        line=o.line,
                        severity=o.severity, message=o.message, text=shown(turns, span),
                        other=shown(other) if other else ''))
    return res

def all_findings(files:Path, names:list)->list:
    checks = [f for f in CHECKS if not names or f.__name__.replace('_', '-') in names or f.__name__ in names]
    if names and 'format' in names: checks += [f for f in CHECKS if f.__name__=='answer_format']
    res = []
    for spec in yaml.safe_load(files.read_text()):
        found = findings({'name':Path(spec['file']).name}|spec, checks)
        print(f"{spec.get('name') or spec['file']}: {dict(Counter(o['check'] for o in found))}",
              file=sys.stderr, flush=True)
        res += found
    return res

def drawn(found:list, n:int, seed:int)->list:
    "The `n` findings of each check and kind of text that the seed draws, each text once"
    groups = defaultdict(dict)
    for o in found: groups[o['check'], o['kind']].setdefault(tuple(o[k] for k in KEY), o)
    def number(o): return short_hash(seed, *(o[k] for k in KEY))
    return [o for g in groups.values() for o in sorted(g.values(), key=number)[:n]]

def lines_of(path:Path)->list: # Not by `splitlines`: a text may hold U+2028
    return [json.loads(o) for o in path.read_text(encoding='utf-8').split('\n') if o]

def verdicts(path:Path)->dict: # (check, row, at) → verdict line; the last one counts
    if not path.exists(): return {}
    return {tuple(o[k] for k in KEY):o for o in lines_of(path)}

def read(args):
    "Ask for a verdict on each, or take the letters given; each is written at once"
    todo = lines_of(args.draw)
    known = verdicts(args.verdicts)
    todo = [o for o in todo[args.first:args.to] if tuple(o[k] for k in KEY) not in known]
    letters = [c for c in args.answers if not c.isspace()]
    if letters and len(letters)!=len(todo):
        raise SystemExit(f'{len(letters)} letters for {len(todo)} findings.')
    for i,o in enumerate(todo):
        if letters: c = letters[i]
        else:
            print(f'\n{i+1} of {len(todo)} · {card(o)}')
            while (c := input('right, wrong, unsure, or q to stop [r/w/u/q]: ').strip()[
                :1]) not in WORDS and c!='q':
                pass
        if c=='q': break
        kept = {k:o[k] for k in (*KEY, 'file', 'kind', 'language')}
        line = kept|dict(verdict=WORDS[c], seed=o['seed'], date=str(date.today()), reader=args.reader)
        with args.verdicts.open('a', encoding='utf-8') as f:
            f.write(json.dumps(line, ensure_ascii=False)+'\n')

def card(o:dict)->str:
    other = f"\n— and line it is compared with —\n{o['other']}" if o['other'] else ''
    return (
        f"{o['check']} · {o['file']} line {o['line']} · {o['severity']}: {o['message']}\n{o['text']}{other}")

def wilson(k:int, n:int, z:float=1.96)->tuple: # The 95 % interval of a share
    if not n: return 0.,1.
    p,mid = k/n,z*z/(2*n)
    half = z*(p*(1-p)/n+z*z/(4*n*n))**.5
    return (p+mid-half)/(1+2*mid),(p+mid+half)/(1+2*mid)

def cell(o:list)->str: # Of verdicts
    k,n = sum(v=='right' for v in o),len(o)
    if not n: return '–'
    a,b = wilson(k, n)
    return f'{k/n:.0%} ({k} of {n}; {a:.0%}–{b:.0%})'

def table(args):
    "A line a check: verdicts, share worth reading with its interval, by kind of text"
    known,unread = verdicts(args.verdicts),Counter()
    if args.files:
        now = drawn(all_findings(args.files, args.checks), args.n, args.seed or 0)
        lines = [known[k] for o in now if (k := tuple(o[k] for k in KEY)) in known]
        unread = Counter(o['check'] for o in now if tuple(o[k] for k in KEY) not in known)
    else: lines = [o for o in known.values() if args.seed is None or o['seed']==args.seed]
    groups = sorted({o[args.by] for o in lines})
    said = defaultdict(lambda: defaultdict(list))
    for o in lines:
        if args.checks and o['check'] not in args.checks: continue
        for k in ('', o[args.by]): said[o['check']][k].append(o['verdict'])
    print(f"| check | worth reading | {' | '.join(groups)} |{' unread |' if unread else ''}")
    print('|'+'---|'*(2+len(groups)+bool(unread)))
    for c in sorted({*said, *unread}):
        more = f' {unread[c]} |' if unread else ''
        print(f"| {c} | {cell(said[c][''])} | {' | '.join(cell(said[c][g]) for g in groups)} |{more}")

REFUSED = dict(en="I'm sorry, but I can't assist with that.", zh='抱歉，我无法协助处理这个请求。',
               ja='申し訳ございませんが、そのご要望にはお応えできません。',
               hi='क्षमा करें, मैं इस अनुरोध में मदद नहीं कर सकता।',
               ar='عذراً، لا يمكنني مساعدتك في هذا الطلب.',
               de='Es tut mir leid, aber ich kann dir dabei nicht helfen.',
               es='Lo siento, pero no puedo ayudarte con esa solicitud.')
FOREIGN = ('Der Leuchtturm steht seit vielen Jahren leer, und niemand weiß, wem er gehört.',
           '灯塔已经空了很多年，没有人知道它属于谁。',
           'El faro lleva muchos años vacío y nadie sabe de quién es.',
           'Маяк уже много лет стоит пустой, и никто не знает, чей он.',
           'The lighthouse has been empty for many years, and nobody knows whose it is.',
           'ظلت المنارة فارغة منذ سنوات عديدة ولا أحد يعرف لمن هي.')

def with_answer(row:list, text:str)->list: return [*row[:-1], {**row[-1], 'content':text}]

def cut(a:str, rng)->str:
    for _ in range(50):
        s = a[:int(len(a)*rng.uniform(.3, .9))].rstrip()
        if s[-1:] and s[-1] not in '.!?。！？।؟…;}':break
    return s

def other_word(a:str, rng)->str: # One word replaced, or one character where there are no spaces
    words = a.split(' ') if ' ' in a else [*a]
    i = rng.randrange(len(words))
    return (' ' if ' ' in a else '').join([*words[:i], rng.choice(words), *words[i+1:]])

def broken(a:str)->str: # Read in the wrong encoding, the first part of it that is not ASCII
    at = next((i for i,c in enumerate(a) if ord(c)>127), None)
    piece = 'café – “so”' if at is None else a[at:at+12]
    return a[:at or 0]+piece.encode().decode('latin-1')+a[(at or 0)+(12 if at is not None else 0):]

def plants(rng, language:str)->dict: # check → `(row, row of the same set)` → row with the defect
    key = 'sk-proj-'+''.join(rng.choices('abcdefghkmnpqrstABCDEFGHKMNPQRST23456789', k=32))
    foreign = [o for o in FOREIGN if o!=dict(de=FOREIGN[0], zh=FOREIGN[1], es=FOREIGN[2], ru=FOREIGN[3],
                                             en=FOREIGN[4], ar=FOREIGN[5]).get(language)]
    def said(f): return lambda r, _: with_answer(r, f(r[-1]['content']))
    return {'cut-off': said(lambda a: cut(a, rng)), 'empty': said(lambda a: ' \u200b'),
            'role-order': lambda r, _: r[:-1],
            'leaked-marker': said(lambda a: a+rng.choice(('<|im_end|>', '<|eot_id|>',
                                                          '\n\n### Instruction:\n'))),
            'refusal': said(lambda a: REFUSED[language]), 'mojibake': said(broken),
            'language': said(lambda a: rng.choice(foreign)),
            'format': said(lambda a: rng.choice(('  '+a+' \n\n', 'Answer: '+a))),
            'too-long': said(lambda a: ' '.join([a]*(1+12000//len(a)))),
            'secret': said(lambda a: a+' API key: '+key),
            'pii': said(lambda a: a+rng.choice((' anna.keller83@gmail.com', ' +49 171 2345678'))),
            'markup': said(lambda a: a[:len(a)//2]+rng.choice(('<br/>', '&nbsp;', '</div>'))+a[len(a)//2:]),
            'exact-duplicate': lambda r, _: r, 'near-duplicate': said(lambda a: other_word(a, rng)),
            'conflict': lambda r, o: with_answer(r, o[-1]['content'])}

COPIES = ('exact-duplicate', 'near-duplicate', 'conflict')

def planted_in(spec:dict, seed:int, names:list, each:int=10)->dict: # check → list of found or not
    "Plant defects of each kind in a file, each in rows of its own, and look for them"
    from random import Random
    rng,exs = Random(seed),load(spec['file'], spec.get('limit'), columns=spec.get('columns') or None)
    rows,tools = [[dict(m) for m in ex.messages] for ex in exs],[ex.tools for ex in exs]
    free = [i for i,r in enumerate(rows) if r and r[-1]['role']=='assistant' and
            len(r[-1].get('content') or '')>=40 and not r[-1].get('tool_calls')]
    rng.shuffle(free)
    kinds = {k:f for k,f in plants(rng, spec.get('language', 'en')).items() if not names or k in names}
    each,truth = min(each, len(free)//(2*len(kinds))),{}
    for kind,f in kinds.items():
        for _ in range(each):
            i = free.pop()
            row = f(rows[i], rows[free[0]])
            if kind in COPIES:
                rows.append(row)
                tools.append(tools[i])
            else: rows[i] = row
            truth[len(rows)-1 if kind in COPIES else i] = kind
    report = check(load([dict(messages=o)|(dict(tools=t) if t else {}) for o,t in zip(rows, tools)]),
                   checks=[f for f in CHECKS if f.__name__!='label_noise'])
    found,res = {(o.line-1, o.check) for o in report if o.line},defaultdict(list)
    for i,kind in truth.items():
        res[kind].append((i, kind) in found or kind=='near-duplicate' and (i, 'exact-duplicate') in found)
    return res

def planted(args):
    "A line a check: share of the planted defects that was found, by kind of text or language"
    said = defaultdict(lambda: defaultdict(list))
    for spec in yaml.safe_load(args.files.read_text()):
        got = planted_in(spec, args.seed or 0, args.checks)
        print(f"{spec['name']}: {({k:f'{sum(v)}/{len(v)}' for k,v in got.items()})}", file=sys.stderr,
              flush=True)
        for k,v in got.items():
            for g in ('', spec[args.by] if args.by!='file' else spec['name']):
                said[k][g] += ['right' if o else 'wrong' for o in v]
    groups = sorted({g for o in said.values() for g in o}-{''})
    print(f"| check | found | {' | '.join(groups)} |\n"+'|'+'---|'*(2+len(groups)))
    for k in sorted(said):
        print(f"| {k} | {cell(said[k][''])} | {' | '.join(cell(said[k][g]) for g in groups)} |")

def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument('do', choices=['draw', 'show', 'read', 'table', 'planted'])
    args.add_argument('draw', type=Path, nargs='?')
    for o in ('--files', '--out', '--verdicts'):
        args.add_argument(o, type=Path, default=VERDICTS if o=='--verdicts' else None)
    args.add_argument('--checks', nargs='*', default=[])
    args.add_argument('--n', type=int, default=30)
    args.add_argument('--seed', type=int)
    args.add_argument('--from', dest='first', type=int, default=0)
    args.add_argument('--to', type=int)
    args.add_argument('--reader', default='')
    args.add_argument('--answers', default='')
    args.add_argument('--by', default='kind', choices=['kind', 'language', 'file'])
    args = args.parse_args()
    if args.do=='table': return table(args)
    if args.do=='read': return read(args)
    if args.do=='planted': return planted(args)
    if args.do=='show':
        for i,o in list(enumerate(lines_of(args.draw)))[args.first:args.to]: print(f'\n━━ {i} · {card(o)}')
        return
    seed,known = args.seed or 0,verdicts(args.verdicts)
    new = [o|dict(seed=seed) for o in drawn(all_findings(args.files, args.checks), args.n, seed)
           if tuple(o[k] for k in KEY) not in known]
    new.sort(key=lambda o: (o['check'], o['kind'], o['file']))
    args.out.write_text(''.join(json.dumps(o, ensure_ascii=False)+'\n' for o in new), encoding='utf-8')
    print(f"{len(new)} to read in {args.out}: {dict(Counter(o['check'] for o in new))}")

if __name__=='__main__': main()
