"""Make `tickets_dirty.jsonl` and `tickets_truth.jsonl` out of the clean sample: the same rows with defects planted,
and the list of them.

Run from the repository's root: python tools/plant_defects.py. The same seed makes the same files."""
import json, random
from pathlib import Path

here = Path(__file__).resolve().parent.parent/'ftkit/samples'
rng = random.Random(20261122)
LABELS = ('billing', 'delivery', 'returns', 'fault', 'how_to', 'account')

def with_answer(row, text): return row|dict(messages=[*row['messages'][:-1], row['messages'][-1]|dict(content=text)])
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

# defect, the check that should find it, how many, how it is made (None: the line itself is broken)
IN_PLACE = (('wrong label', 'label-noise', 12, relabelled),
            ('broken JSON in the answer', 'format', 5, lambda o: with_answer(o, answer(o).replace('"', "'"))),
            ('answer in prose', 'format', 3,
             lambda o: with_answer(o, 'This is a ticket about '+o['label']+', please route it.')),
            ('empty answer', 'empty', 4, lambda o: with_answer(o, rng.choice(['', '  ', '\n']))),
            ('truncated answer', 'cut-off', 5, lambda o: with_answer(o, answer(o)[:rng.randint(30, 70)])),
            ('leaked marker', 'leaked-marker', 5, lambda o: with_answer(o, answer(o)+rng.choice(
                ['<|im_end|>', '</s>', '<|im_end|>\n<|im_start|>user', '<end_of_turn>']))),
            ('e-mail address', 'pii', 1, lambda o: with_ask(o, ask(o)+' Write to petra.lindqvist@example.com please.')),
            ('phone number', 'pii', 1, lambda o: with_ask(o, ask(o)+' Or ring me on +44 1632 960 188.')),
            ('broken line', 'unreadable', 3, None))
COPIES = (('exact copy', 'exact-duplicate', 6, lambda o: o),
          ('copy in other case and spacing', 'exact-duplicate', 4, shouted),
          ('reworded copy', 'near-duplicate', 8, reworded))

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
    truth = [dict(line=n)|{k:v for k,v in t.items() if k!='of'}|(dict(partner_line=line[t['of']]) if 'of' in t else {})
             for n,(_,_,_,t) in enumerate(order, 1) if t]
    text = [o if isinstance(o, str) else json.dumps(o, ensure_ascii=False) for _,_,o,_ in order]
    (here/'tickets_dirty.jsonl').write_text('\n'.join(text)+'\n', encoding='utf-8')
    (here/'tickets_truth.jsonl').write_text(''.join(json.dumps(o)+'\n' for o in truth), encoding='utf-8')
    print(f'{len(text)} lines, {len(truth)} with a planted defect')

if __name__=='__main__': main()
