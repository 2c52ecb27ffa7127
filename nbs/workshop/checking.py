"""What the checking cells of the workshop say: that an answer is right, or what to look at; never the answer.

A check yields things to look at, and where there are none the answer is right. What somebody typed may be
anything, so whatever cannot be read is something to look at as well."""
import functools, json, random
from pathlib import Path

import ftkit as ft
from ftkit.data.read.write import to_row
from ftkit.sharing.unpacked import unpack

RIGHT, NOT_YET = 'Right.', 'Not yet. Look at this:'

def check(
    moral # What has been seen now, said where the answer is right
):
    "Make a checking function of a generator of things to look at"
    def declared(looks):
        @functools.wraps(looks)
        def said(*args):
            found = [*looks(*args)]
            print('\n'.join([NOT_YET, *(f'- {o}' for o in found)]) if found else f'{RIGHT} {moral}')
        return said
    return declared

def count(n, noun): return f"{n} {noun}{'s'*(n!=1)}"

def whole_numbers(given):
    "`given` as a set, or None where it is no collection of whole numbers"
    if given=={}: return set() # What looks like an empty set
    if not isinstance(given, (set, frozenset, list, tuple)): return None
    return {*given} if all(type(o) is int for o in given) else None

# 1. Find the planted faults

SEEN = { # Planted fault → where an eye finds it
    'wrong label': 'One answer names a category that its message is not about.',
    'broken JSON in the answer': 'One answer is written with other signs than the rest.',
    'truncated answer': 'How do the answers end? All of them?',
    'leaked marker': 'One answer goes on where a ticket is over.',
    'wrongly decoded text': 'One message has signs that nobody types.',
    'boilerplate refusal': 'One answer is none to its message.',
    'e-mail address': 'One message has something in it that a model had better not learn by heart.',
    'unfilled placeholder': 'One message begins as no customer begins.'}

def planted():
    "Line → what was planted there"
    rows = map(json.loads, Path(ft.sample('tickets_truth')).read_text(encoding='utf-8').splitlines())
    return {o['line']: o for o in rows}

def page(
    dirty # All rows of the sample with planted faults
):
    "Twenty rows, eight of them with a fault that can be seen by eye"
    truth = planted()
    first = {o['defect']: line for line,o in sorted(truth.items(), reverse=True)}
    bad = {first[o] for o in SEEN}
    touched = {*truth}|{o.get('partner_line') for o in truth.values()}
    good = random.Random(7).sample(sorted(o.line for o in dirty if o.line not in touched), 20-len(bad))
    return dirty.filter(lambda o: o.line in bad|{*good})

@check('All eight, by reading. That is what it finds, and what it costs: now let the checks read all 799.')
def found_by_eye(mine, rows):
    mine,truth,there = whole_numbers(mine),planted(),{o.line for o in rows}
    if mine is None: yield '`mine` holds line numbers, such as {12, 345}.'; return
    if not mine: yield 'No line is named yet. Walk through the rows with j and k, and write down what is odd.'
    for line in sorted(mine-there): yield f'Line {line} is none of these {len(there)} rows.'
    for line in sorted(o for o in mine & there if o not in truth):
        yield f'Nothing was planted in line {line}. Read its message and its answer once more.'
    left = [SEEN[truth[o]['defect']] for o in sorted(there-mine) if o in truth]
    if mine and left: yield f"{count(len(left), 'planted fault')} still unseen. {left[0]}"

@check('A check suspects, a person decides. It also names rows that are right, and one wrong label of the '
       'twelve is suspected by no check at all: line numbers are in ft.sample("tickets_truth").')
def really_wrong(wrong, suspects):
    wrong,truth,there = whole_numbers(wrong),planted(),{o.line for o in suspects}
    if wrong is None: yield '`wrong` holds line numbers, such as {12, 345}.'; return
    for line in sorted(wrong-there): yield f'Line {line} is not among the suspects.'
    labels = {o for o in there if truth.get(o, {}).get('defect')=='wrong label'}
    fine,left = {o for o in wrong & there if o not in truth},labels-wrong
    if len(fine)>1: yield ( # One may be argued about
        f'{len(fine)} rows that you call wrong have the category that their authors meant. Read the message, '
        'not what the check suggests: what does the customer want to have done?')
    if len(left)>1: yield ( # And one here
        f'{len(left)} wrong labels of {len(labels)} are still to be named. Cover the answer, say the '
        'category yourself, then look.')

# 2. Break a mask and mend it

GOOD = """{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' }}
{%- if m['role'] == 'assistant' %}
{%- generation %}{{ m['content'] + '<|im_end|>' }}{% endgeneration %}
{%- else %}{{ m['content'] + '<|im_end|>' }}
{%- endif %}{{ '\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"""

FAULTY = """{% for m in messages %}
{%- generation %}{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] }}{% endgeneration %}
{{- '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"""

def examined(rows, model, template):
    "`(tokenizer, diagnosis)` of rows with this template"
    tok = ft.load_tokenizer(model)
    tok.chat_template = template
    return tok, rows.examine(tok)

def unusable(name, template):
    "What is wrong with a template before it is tried"
    if not isinstance(template, str) or not template.strip():
        yield f'`{name}` is a chat template, a text in quotes.'

def refusals(diagnosis):
    "What the doctor says of rows that it cannot fill or that learn nothing"
    for o in diagnosis.findings:
        if o.name!='nothing-to-learn': continue
        yield (f'The doctor says: {o.message.split(". ")[0]}. Compare the braces and the words in them with '
               'those of `good`.')

@check('One word moved, and the model would never have learned to stop. The loss would have looked fine.')
def broken(template, rows, model):
    if odd := [*unusable('broken', template)]: return (yield from odd)
    _,diagnosis = examined(rows, model, template)
    if odd := [*refusals(diagnosis)]: return (yield from odd)
    names = {o.name for o in diagnosis.errors()}
    if not names: yield ('The doctor finds nothing: the end of the turn is still learned. Which words in the '
                         'template say where learning begins and where it ends?')
    for o in sorted(names-{'no-turn-end-loss'}):
        yield f'The doctor finds {o!r}. Something else broke: change less.'
    if names and 'no-turn-end-loss' not in names: yield 'The end of the turn is still learned.'

@check('What the assistant says is learned, the end of its turn with it, and nothing that others say.')
def mended(template, rows, model):
    if odd := [*unusable('mended', template)]: return (yield from odd)
    tok,diagnosis = examined(rows, model, template)
    if odd := [*refusals(diagnosis)]: return (yield from odd)
    for o in diagnosis.errors(): yield f'The doctor still finds {o.name!r}: {o.message.split(":")[0]}.'
    if diagnosis.errors(): return
    n,m = (rows.tokenize(o, 2048) for o in (tok, examined(rows, model, GOOD)[0]))
    if n.table['input_ids']!=m.table['input_ids']: yield (
        'The text of a conversation is another one than with `good`. Only what is marked is to change: '
        'compare the two token views.')
    elif n.learned!=m.learned: yield (
        f'{n.learned:,} tokens of these rows are learned, and {m.learned:,} are said by the assistant.')

# 3. Leak a row and catch it

def write_leaky(splits, rows, folder):
    "Save splits with these rows put behind those of training, and open them again"
    more = dict(train=rows)
    for name,part in splits.items():
        mine = [{k:v for k,v in to_row(o).items() if k!='hash'} for o in part]
        ft.load([*mine, *more.get(name, ())]).save(Path(folder)/f'{name}.jsonl')
    return ft.load_splits(folder, allow_leak=True)

def asked_otherwise(example, disguise):
    "A row whose user says `disguise(text)`, as JSON lines have it"
    def said(m): return m|dict(content=disguise(m['content'])) if m['role']=='user' else m
    return {k:v for k,v in to_row(example).items() if k not in ('id', 'hash')}|dict(
        messages=[said(o) for o in example.messages])

def leak(
    disguise, # Text of a prompt → the text in other words
    splits, # Clean ones
    folder='leaked' # Made, with three test rows among those of training
):
    "Put three test rows into training in other words; what does not give a text leaves them as they are"
    def safely(text):
        said = disguise(text) if callable(disguise) else None
        return said if isinstance(said, str) and said.strip() else text
    return write_leaky(splits, [asked_otherwise(o, safely) for o in splits['test'][:3]], folder)

@check('Three test rows are in the training rows in other words. Whoever compares files finds none of them; '
       'a comparison of wording finds all three, and a run refuses to be made of them.')
def leaked(splits):
    found = splits.overlap
    if found['exact']: yield (
        f"{count(found['exact'], 'row')} can be found by plain comparison, which overlooks case and spacing. "
        'Let `disguise` change the words themselves.')
    if gone := 3-found['exact']-found['near']: yield (
        f"{count(gone, 'row')} got past the comparison of wording too. That is the worst kind, and only a "
        'column that says whose row it is helps (group=). For now change fewer words.')

def scattered(splits, folder='scattered', n=7, seed=3):
    "Put seven test rows into training: copied, in other case, in other words"
    ways = [lambda t: t, str.upper, lambda t: 'Hello, '+t, lambda t: ' '.join(t.split()[1:])]
    long = [o for o in splits['test'] if len(o.messages[-2]['content'].split())>12]
    rows = [asked_otherwise(o, ways[i%len(ways)]) for i,o in enumerate(random.Random(seed).sample(long, n))]
    return write_leaky(splits, rows, folder)

@check('The test rows stay as they were, and what was like them left the training rows: never the other way '
       'round, or the test would get easier each time.')
def caught(mended, found):
    train,leaks = found['train'],{o.evidence['partner'] for o in found.leaks}
    if not isinstance(mended, ft.Examples):
        yield '`mended` holds the training rows that stay: found["train"].filter(…).'
        return
    before,ids = {o.id for o in train},{o.id for o in mended}
    if left := leaks & ids: yield (
        f'{len(left)} of {len(leaks)} training rows still say what a row of another split says. '
        'found.leaks has each pair: id is the row in the later split. Where is the other named?')
    if lost := before-ids-leaks: yield (
        f"{count(len(lost), 'row')} left that no test row is like. Take out only what found.leaks names.")
    if ids-before: yield 'There are rows in `mended` that are none of the training rows.'

# 4. Overfit, and be stopped

@check('It learned its few rows by heart, the validation loss said so, and it was stopped: '
       'what it keeps is the best it had, not the last.')
def stopped_early(run):
    o = run.status()
    if o['why']=='early-stop': return
    losses = run.history()
    seen = losses['eval_loss'].dropna() if 'eval_loss' in losses else ()
    yield f"It ended otherwise: {o['reason']}."
    if len(seen)<4: yield (
        f"The validation loss was measured {count(len(seen), 'time')}. To see it turn, a run has to last "
        'some epochs, and to look often: which settings say how long, and how often?')
    elif not run.config.early_stopping_patience: yield (
        'Nothing was to stop it: which setting says after how many looks without gain?')
    else: yield 'The validation loss has not turned for good. What makes it learn faster, or for longer?'

@check('From there on it only got better at what it had seen.')
def kept_step(step, run):
    best = run.status()['best_step']
    if type(step) is not int: yield '`kept` is the number of an optimizer step: read it off the curve.'
    elif step!=best: yield (
        f'The validation loss at step {step} is not the lowest. Look at the curve of validation, not at '
        'that of training: run.history() has the numbers.')

# 5. Judge blind

def prepared(folder='prepared'):
    "The run that was trained and evaluated before the workshop, opened once"
    pack = Path(folder).with_suffix('.zip')
    if not Path(folder).exists() and not pack.exists():
        raise FileNotFoundError(f'{pack} is not here. `make workshop` trains that run and puts it beside the '
                                'notebooks in workshop/: open this one there.')
    return ft.attach(folder if Path(folder).exists() else unpack(pack, folder))

ENOUGH = 10 # Pairs, or as many as there are

def enough(session):
    "Are there as many judgements as the exercise asks for? Before that, names are not told"
    return len(session.items)-len(session.waiting())>=min(ENOUGH, len(session.items))

@check('You did not know whose answer was whose, so what you think of models had no say in it.')
def judged_enough(session):
    done,want = len(session.items)-len(session.waiting()),min(ENOUGH, len(session.items))
    if not enough(session): yield (
        f"{count(done, 'pair')} judged of {want}. Press ? in the panel for its keys: one for the left "
        'answer, one for the right, one for a tie, one where both are bad.')

@check('That is what these judgements can bear, and no more.')
def concluded(conclusion, judged):
    choices = ('tuned', 'reference', 'cannot tell')
    if not judged['revealed']:
        yield 'Names are told after ten judgements. Judge to the end, then run the cell in front once more.'
        return
    o = judged['results']['comparisons'][0]
    if conclusion not in choices: yield f"`conclusion` is one of {', '.join(map(repr, choices))}."
    elif conclusion!=(o['winner'] or choices[2]): yield (
        f"Look at the interval, not at the count: {o['words']}. Is the whole of it on one side of 50 %?")

# 6. Decide

@check('These were written before the numbers were read. That is what makes them rules.')
def rules_first(rules, run):
    names = {*rules} if isinstance(rules, dict) else ()
    if not names:
        yield '`rules` is empty: the gate would have nothing to go by.'
        return
    try: run.gate(rules)
    except (ValueError, TypeError) as e: yield str(e)
    if not any(o.startswith('difference.') for o in names): yield 'No rule compares with the base model.'
    if not names & {'reviewed', 'blind'}: yield 'No rule asks whether a person has looked at rows or answers.'
    own = names-{'reviewed', 'blind', 'forgetting'}
    if all(o.startswith('difference.') for o in own): yield (
        'No rule says how good the tuned model has to be by itself: which metric is the headline?')

@check('A decision that another person can follow, and can carry out again: gate.json in the run has it.')
def decided(decision, because, verdict):
    if decision!=verdict['outcome']: yield (
        '`decision` is not what the rules come to. Is one of them not met? Can one not be told? Then what? '
        "It is 'ship', 'do not ship' or 'cannot tell'.")
    names = {o['rule'] for o in verdict['rules']}
    if not isinstance(because, str) or because not in names:
        yield f"`because` is the name of a rule: {', '.join(sorted(names))}."
    elif decision==verdict['outcome'] and because not in deciding(verdict):
        yield f'The rule {because!r} is not what decided. Another one stands in the way.'

def deciding(verdict):
    "Names of the rules that an outcome hangs on"
    worst = {'do not ship': 'not met', 'cannot tell': 'cannot tell', 'ship': 'met'}[verdict['outcome']]
    return {o['rule'] for o in verdict['rules'] if o['outcome']==worst}
