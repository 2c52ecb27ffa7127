"""What is learned of 13 kinds of conversation with chat templates of others, checked by code of its own.

    python benchmarks/templates.py FOLDER_OR_FILE … [--show refused] [--kind plain] [--jobs N]

Each `.jinja` file gets a tokenizer made on the spot, whose special tokens are those named in the template. A
row is right if every word of every answer is learned, with a token that ends it, nothing else is, and what
stands before the last answer is, token by token, the prompt that the template asks with. It is refused if
ftkit says that it would train nothing, or the doctor holds it back. Anything else is wrong, and the goal is
that nothing is. `otherwise` counts the right rows whose earlier turns stand as trl's training template writes
them, and not as the model is asked; `ended` those whose last answer gets the tokenizer's end token, since the
template closes none: the row must be transformers' own but for that."""
import argparse, collections, json, os, re
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from ftkit.data.example import Example
from ftkit.model.doctor.diagnosis import examine
from ftkit.model.spans import ENDED_BY_EOS, byte_tokenizer
from ftkit.model.render import OTHERWISE
from ftkit.model.rows import rows_of

ENDS = ('<|im_end|>', '<|eot_id|>', '<|eot|>', '<|return|>', '<end_of_turn>', '<turn|>',
        '<|END_OF_TURN_TOKEN|>', '[|endofturn|]',
        '<｜end▁of▁sentence｜>', '<|assistant_end|>', '<|end|>', '<end_of_utterance>', '<sep>', '<|user|>',
        '<seed:eos>', '[e~[',
        '<|endoftext|>', '<|end_of_text|>', '<|message_sep|>')
BEGINS = ('<|begin_of_text|>', '<bos>', '<｜begin▁of▁sentence｜>', '<|startoftext|>', '<BOS_TOKEN>',
          '<seed:bos>', ']~!b[')
NAMED = re.compile(
    r'<[|｜][^<>|｜\s\'"{}]{1,40}[|｜]>|\[\|\w+\|\]|</?s>|'
    r'<(?:bos|eos|pad|sep|start_of_turn|end_of_turn|end_of_utterance|'
    r'turn\||\|turn|\|?channel\|?|BOS_TOKEN|EOS_TOKEN)>|'
    r'\[/?(?:INST|SYSTEM_PROMPT|THINK|AVAILABLE_TOOLS|TOOL_CALLS|'
    r'TOOL_RESULTS|ARGS|CALL_ID)\]|<seed:(?:bos|eos)>|<SPECIAL_\d+>|\[[eb]~[\[\]]|\]~b\]|\]~!b\[')

def tokenizer(template):
    "Bytes, merges over white space, and the control tokens that a template names"
    from tokenizers import AddedToken
    tok = byte_tokenizer(['x\n\n\n y', 'a\n\n b', '  c   d', '\n \n', 'the answer is']*9, 700, template)
    found = sorted(set(NAMED.findall(template)))
    tok.add_tokens([AddedToken(o, special=True, normalized=False) for o in found], special_tokens=True)
    end = next((o for o in ENDS if o in found), '</s>')
    begin = next((o for o in BEGINS if o in template), '<s>' if 'bos_token' in template or '<s>' in template
                 else None)
    tok.add_special_tokens(dict(eos_token=end,
                                pad_token='<|unused|>')|(dict(bos_token=begin) if begin else {}))
    if not begin: tok.bos_token = None
    return tok

def user(o): return dict(role='user', content=o)
def bot(o, **kw): return dict(role='assistant', content=o)|kw
def call(n):
    return dict(id=f'call{n:05}', type='function',
                function=dict(name='lookup', arguments=dict(city=f'Qcity{n}Q')))

TOOLS = [dict(type='function', function=dict(name='lookup', description='Looks up', parameters=dict(
    type='object', properties=dict(city=dict(type='string', description='Where')), required=['city'])))]
SYSTEM = dict(role='system', content='Usys aU be brief Usys bU')
ASK,TELL = user('Uask one aU and Uask one bU'), bot('Qtell one aQ is it. Qtell one bQ')
ASK2,TELL2 = user('Uask two aU'), bot('Qtell two aQ, then Qtell two bQ')
RESULT = dict(role='tool', name='lookup', tool_call_id='call00001', content='{"found": "Uresult aU"}')
KINDS = dict(
    plain=[ASK, TELL], system=[SYSTEM, ASK, TELL], two=[ASK, TELL, ASK2, TELL2],
    three=[SYSTEM, ASK, TELL, ASK2, TELL2, user('Uask three aU'), bot('Qtell three aQ')],
    code=[ASK, bot('Qtell aQ:\n\n```python\ndef f(x):\n    return {"a": x}\n```\n\nQtell bQ')],
    blanks=[ASK, bot('\n\n  Qtell aQ and Qtell bQ')], trailing=[ASK, bot('Qtell aQ and Qtell bQ \n\n')],
    letters=[user('Uask aU: 你好? ½'), bot('Qtell aQ 東京 naïve 🙂 Qtell bQ')],
    thought=[ASK, bot('Qtell aQ', reasoning_content='Qthink aQ so Qthink bQ')],
    thoughts=[ASK, bot('Qtell aQ', reasoning_content='Qthink aQ'), ASK2,
              bot('Qtell bQ', reasoning_content='Qthink bQ')],
    written=[ASK, bot('<think>\nQthink aQ\n</think>\n\nQtell aQ')],
    tool=[ASK, bot('', tool_calls=[call(1)]), RESULT, TELL2], call=[ASK, bot('', tool_calls=[call(1)])])

def words(m): # What a message says: of an answer Q…Q, of others U…U
    text = '\n'.join(str(m.get(k) or '') for k in ('content', 'reasoning_content', 'tool_calls'))
    return re.findall(r'\bQ\w[\w ]*Q|U\w[\w ]*U', text)

def learned(row, word): # Is each token of a word learned; None if it is not in the text
    at = row.text.find(word)
    if at<0: return None
    over = [l for (a, b),l in zip(row.spans, row.learn) if b>at and a<at+len(word)]
    return 1 if all(over) else 0 if not any(over) else .5

def runs(row): # `(first, stop)` of learned tokens
    marks = [0, *row.learn, 0]
    edges = [i for i,(a, b) in enumerate(zip(marks, marks[1:])) if a!=b]
    return list(zip(edges[::2], edges[1::2]))

def spelled(messages): # Templates differ in what they want
    text = lambda o: o|dict(function=o['function']|dict(arguments=json.dumps(o['function']['arguments'])))
    calls = lambda m, f, **kw: m|dict(tool_calls=[*map(f, m['tool_calls'])])|kw if 'tool_calls' in m else m
    thought = lambda m: {'thinking' if k=='reasoning_content' else k:v for k,v in m.items()}
    for f in (dict, text):
        for kw in ({}, dict(content=None)):
            yield [calls(m, f, **kw) for m in messages]
            yield [thought(calls(m, f, **kw)) for m in messages]
    yield [m|dict(content=[dict(type='text', text=m['content'])]) for m in messages]

# By transformers' own verb: `[(text, …)]`, with a prompt to answer where `asks` says so
def rendered(tok, messages, tools, *asks):
    "What each spelling becomes that the template takes; where it takes none, the first reason is raised"
    found,why = [],None
    for o in spelled(messages):
        try:
            found.append([tok.apply_chat_template(o, tools=tools, add_generation_prompt=k, tokenize=False)
                          for k in asks])
        except Exception as e: why = why or e
    if not found: raise why
    return found

def asked(tok, messages, tools, text):
    found = rendered(tok, messages, tools, False, True)
    return next((o for o in found if text.startswith(o[1])), found[0])

# What a row with an end of our own has, beside that, that transformers would not write
def unlike(tok, messages, tools, row):
    if row.ids[-1]!=tok.eos_token_id or not row.learn[-1]:
        return f'it ends with {row.pieces[-1]!r}, not with eos_token'
    said = row.text.removesuffix(tok.eos_token).rstrip()
    try: texts = [o.rstrip() for o, in rendered(tok, messages, tools, False)]
    except Exception as e: return f'transformers cannot write it: {e}'
    if said not in texts and 'closed' not in row.how:
        return f'it ends with {said[-60:]!r}, transformers writes {texts[0][-60:]!r}'

def faults(tok, messages, tools, row):
    "What is wrong with a row, in words"
    for m in messages:
        for w in words(m):
            got = learned(row, w)
            if got is None: yield f'{m["role"]} says {w!r}, which is not in the row'
            elif got!=(m['role']=='assistant'): yield f'{w!r} of {m["role"]}: learned is {got}'
    if tok.decode(row.ids)!=row.text: yield 'the ids do not give the text back'
    if ENDED_BY_EOS in row.how and (why := unlike(tok, messages, tools, row)): yield why
    special,found = {*tok.all_special_ids,
                     *(i for i,o in tok.added_tokens_decoder.items() if o.special)},runs(row)
    turns = [n for n,m in enumerate(messages) if m['role']=='assistant']
    if len(found)!=len(turns): yield f'{len(found)} runs of learned tokens for {len(turns)} answers'; return
    for (a, b),n in zip(found, turns):
        if row.ids[b-1] not in special:
            yield f'turn {n+1} ends with {row.pieces[b-1]!r}, which is not a control token'
        before = row.text[:row.spans[a][0]]
        try: plain,ask = asked(tok, messages[:n], tools, row.text)
        except Exception as e: yield f'turn {n+1} cannot be asked: {e}'; continue
        k = next((i for i,(x, y) in enumerate(zip(plain, ask)) if x!=y), min(len(plain), len(ask)))
        if not before.endswith(ask[k:]):
            yield f'turn {n+1} is asked with {ask[k:]!r}, and learned after {before[-40:]!r}'
        elif OTHERWISE not in row.how and before!=ask:
            yield f'turn {n+1}: what stands before is not the prompt'
        elif OTHERWISE not in row.how:
            ids,since = tok(ask, add_special_tokens=False)['input_ids'],max((s for _,s in found if s<=a),
                default=0)
            # Earlier answers keep the tokens they were given
            if row.apart: same = ids[len(ids)-a+since:]==row.ids[since:a]
            else: same = ids==row.ids[:a]
            if not same: yield f'turn {n+1}: the ids before are not those of the prompt'

def judge(tok, kind):
    messages,tools = KINDS[kind],TOOLS if kind in ('tool', 'call') else None
    ex = Example(messages, tools=tools)
    row = next(rows_of([ex], tok, 2**20))
    if row.refused: return 'refused',row.refused
    if held := [o for o in examine([ex], tok, 2**20).findings if o.severity=='error']:
        return 'refused','doctor: '+'; '.join(f'{o.name}: {o.message}' for o in held)
    wrong = list(faults(tok, messages, tools, row))
    return ('wrong','; '.join(wrong)) if wrong else ('right','otherwise' if OTHERWISE in row.how else 'ended'
                                                     if ENDED_BY_EOS in row.how else '')

def judged(text, kinds): # `(kind, verdict, what is said)` of a template
    tok,res = tokenizer(text),[]
    for kind in kinds:
        try: res.append((kind, *judge(tok, kind)))
        except Exception as e: res.append((kind, 'wrong', f'{type(e).__name__}: {e}'))
    return res

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('paths', nargs='+', type=Path)
    p.add_argument('--show', default='wrong', help='list these too, with commas: wrong, refused, right')
    p.add_argument('--kind', default='', help='one of '+', '.join(KINDS))
    p.add_argument('--jobs', type=int, default=os.cpu_count(), help='processes that share the templates')
    o = p.parse_args()
    os.environ['TOKENIZERS_PARALLELISM'] = 'false'
    texts = {}
    for f in (f for path in o.paths for f in (sorted(path.rglob('*.jinja')) if path.is_dir() else [path])):
        texts.setdefault(f.read_text(encoding='utf-8'), f)
    tally,why = collections.defaultdict(collections.Counter),collections.Counter()
    with ProcessPoolExecutor(o.jobs) as pool:
        found = pool.map(partial(judged, kinds=[o.kind] if o.kind else [*KINDS]), texts)
        for f,(kind, verdict, said) in ((f, one) for f,all_ in zip(texts.values(), found) for one in all_):
            tally[kind][verdict] += 1
            tally[kind][said if verdict=='right' else ''] += 1
            why[verdict] += 1
            if verdict in o.show.split(','):
                print(f'{verdict} {f.parent.name}/{f.stem} {kind}: {said}', flush=True)
    columns = 'right', 'refused', 'wrong', 'otherwise', 'ended'
    print(f'{len(texts)} templates\n'+f'{"":10}'+''.join(f'{v:>10}' for v in columns))
    for kind,c in tally.items(): print(f'{kind:10}'+''.join(f'{c[v]:10}' for v in columns))
    print('in all    '+''.join(f'{why[v]:10}' for v in columns[:3]))
    if why['wrong']: raise SystemExit(1)

if __name__=='__main__': main()
