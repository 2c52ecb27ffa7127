"""The pages of the documentation that are made from the code: API, command line, checks, findings, mistakes,
glossary. Used by tools/make_docs.py."""
import argparse, ast, contextlib, inspect, os, re, sys, tempfile
from pathlib import Path

from readme import ROOT, row

def table(head, rows):
    "A Markdown table; empty where there are no rows"
    rows = [*rows]
    return row(*head)+row(*['---']*len(head))+''.join(row(*o) for o in rows)+'\n' if rows else ''

def slug(text): return re.sub(r'[^\w\s-]', '', text.lower()).strip().replace(' ', '-')
def plain(text): return ' '.join(str(text).split())
def fenced(text, kind='text'): return f'```{kind}\n{str(text).rstrip()}\n```\n\n'
def toctree(names, more=':hidden:\n'): return '```{toctree}\n'+more+'\n'.join(names)+'\n```\n'

def keywords(*words): # Sphinx's search looks into them as well
    return f"---\nmyst:\n  html_meta:\n    keywords: {', '.join(words)}\n---\n\n"

# What ft offers

def _shown_default(text):
    "A default as a signature may have it"
    try: ast.parse(text, mode='eval')
    except SyntaxError: return '...'
    return text if len(text)<=40 else '...'

def _given(name, o):
    "`(parameters with default and meaning, what is returned)`; of a verb without the noun that it belongs to"
    from ftkit.base.verbs import parameter_docs, parameter_notes
    given = parameter_docs(o)
    first = next(iter(inspect.signature(o).parameters), '')
    if not name.startswith('ft.') and first!='self': given = given[1:]
    try: back = parameter_notes(o).get('return', '')
    except OSError: back = ''
    return given, plain(back or '')

def _signature(o, given):
    kinds = inspect.signature(o).parameters
    words,starred = [],False
    for name,default,_ in given:
        kind = kinds[name].kind
        if kind is inspect.Parameter.KEYWORD_ONLY and not starred:
            words.append('*')
            starred = True
        mark = {inspect.Parameter.VAR_POSITIONAL:'*', inspect.Parameter.VAR_KEYWORD:'**'}.get(kind, '')
        starred = starred or mark=='*'
        words.append(mark+name+(f'={_shown_default(default)}' if default else ''))
    return f"({', '.join(words)})"

def entry(name):
    "One name of `ft`, or one verb of a noun"
    from ftkit.api import find_public
    from ftkit.base.verbs import own_doc
    o = find_public(name)
    if not callable(o): # A property
        return f':::{{py:attribute}} {name}\n\n{inspect.getdoc(o) or ""}\n:::\n\n'
    given,back = _given(name, o)
    kind = 'class' if isinstance(o, type) else 'function'
    facts = table(('parameter', 'default', 'meaning'),
                  ((f'`{n}`', f'`{d}`' if d else '', plain(t)) for n,d,t in given))
    back = f'Returns: {back}\n' if back and kind=='function' else ''
    doc = re.sub(r'^(\s*)([-*+]|\d+\.)(?=\s)', r'\1\\\2', own_doc(o), flags=re.M)
    return f':::{{py:{kind}}} {name}{_signature(o, given)}\n\n{doc}\n\n{facts}{back}:::\n\n'

WORDS_OF = { # Subject of the API: words by which it is looked for
    'Read':'load, csv, jsonl, parquet, columns',
    'Check and clean':'checks, recipe, near duplicates, private data',
    'Review':'keep, drop, verdict, kappa', 'Split':'leak, train test split, group',
    'Tokens and template':'mask, chat template, doctor', 'Configure':'settings, RunConfig, presets, memory',
    'Train':'resume, stop, watch, attach', 'Look at a run':'curves, history, report',
    'Evaluate and export':'gate, GGUF, merged, serve, chat', 'Judge by hand':'blind, annotators, agreement'}

def api():
    "What `ft` offers, a page a subject"
    import ftkit as ft
    from ftkit.api import stages
    nouns = '\n'.join(f"- `{k}`: `{v.rpartition('.')[2]}`" for k,v in ft.NOUNS.items())
    index = ('# API reference\n\n`import ftkit as ft`, then the names below, in the order of the road. '
             '`ft.help()` prints this list, `ft.help(name)`, or `?` behind a name, what each parameter '
             'means.\n')
    for stage,names in stages():
        page = slug(stage)
        index += f'\n## {stage}\n\n' + ''.join(f'- {{py:obj}}`{o}`: {what}\n' for o,what in names)
        yield f'api/{page}.md', (keywords(stage, *WORDS_OF.get(stage, '').split(', '))+
                                 f'# {stage}\n\n'+''.join(entry(o) for o,_ in names))
    old = table(('before', 'now'), ((f'`ft.{k}`', f'`{new}`') for k,(_,new) in ft.OLD.items()))
    yield 'api/index.md', (
        f'{index}\n## What a word stands for\n\n{nouns}\n\n## Names of before\n\nRead for one release, with '
        f'a notice.\n\n{old}\n'+toctree([slug(o) for o,_ in stages()]))

# Command line

def _commands(parser, name='ftkit'):
    "Every command with its parser; a command that only holds others is left out"
    subs = next((a for a in parser._actions if isinstance(a, argparse._SubParsersAction)), None)
    if not subs: yield name,parser
    else:
        for k,o in subs.choices.items(): yield from _commands(o, f'{name} {k}')

def cli():
    "What each command prints with --help"
    from ftkit.cli.parser import parser
    with _set('COLUMNS', '100'), _set('NO_COLOR', '1'):
        found = [(name, o.description, o.format_help()) for name,o in _commands(parser())]
    for name,what,text in found:
        yield f"cli/{slug(name)}.md", f'# {name}\n\n{what[:1].upper()}{what[1:]}.\n\n{fenced(text)}'
    listed = table(('command', 'what it does'), ((f'[`{n}`]({slug(n)}.md)', what) for n,what,_ in found))
    yield 'cli/index.md', keywords('command line', 'terminal', 'exit code', 'exit status', 'json')+(
        '# Command line and exit codes\n\nEverything but the panels also runs from a terminal. `--json` puts '
        'exactly one JSON object on standard output; all else goes to standard error.\n\n'+listed+
        '\n## Exit codes\n\n'+table(('exit code', 'meaning'), EXITS)+'\n'+
        toctree([slug(n) for n,*_ in found]))

EXITS = (
    ('0', 'fine; of `gate` ship, of `rerun` the same, of `verify` the same, of `train`, `watch` and `resume` '
          'finished, stopped or let go of'),
    ('1', 'findings of severity error; of `gate` do not ship, of `rerun` drift, of `verify` another answer, '
          'of `train`, `watch` and `resume` failed'),
    ('2', 'bad input: a file, a flag or a setting that cannot be meant; the message says which'),
    ('3', "a fault of ftkit's own"),
    ('4', 'of `gate` and `rerun`: it cannot be told, and why'),
    ('130', 'Ctrl-C before there was a run'))

@contextlib.contextmanager
def _set(name, value):
    "An environment variable for a while"
    was,os.environ[name] = os.environ.get(name),value
    try: yield
    finally:
        if was is None: del os.environ[name]
        else: os.environ[name] = was

# Checks

MEASURED = { # As benchmarks/README.md has it: what share of what a check flagged is worth reading
    'exact-duplicate':('97% (37 of 38)', 'read while mending'),
    'near-duplicate':('96% (52 of 54)', 'read while mending'),
    'cut-off':('83% (30 of 36; 68%–92%)', 'chats, code and instructions'),
    'empty':('100% (12 of 12; 76%–100%)', 'instructions'),
    'markup':('100% (37 of 37; 91%–100%)', 'chats, code, instructions and short texts'),
    'format':('84% (27 of 32; 68%–93%)', 'after the last mending; 78 % and 70 % in the draws before'),
    'conflict':('13 of 13 (77%–100%)', 'all that was flagged in 76 files, five of one kind'),
    'language':('11 of the 14 that are left are right (79%; 52%–92%)',
                'after mending what the same findings showed; before it 48 %'),
    'leaked-marker':('98% (42 of 43; 88%–100%)', 'the second of two draws'),
    'mojibake':('100% (15 of 15; 80%–100%)', 'second halves of 21 files in eight languages'),
    'refusal':('100% (20 of 20; 84%–100%)', 'second halves of 21 files in eight languages'),
    'pii':('100% (25 of 25; 87%–100%)', 'some 50 files in ten languages'),
    'too-long':('(70 %, 14 of 20)', 'of the check as it was before its last changes'),
    'label-noise':('F1 0.90, 0.93, 0.95', 'at 2, 5 and 10 % of the labels of banking77 flipped on purpose')}
# Rows for what the shipped sample has not
RARE = {'too-few':[dict(prompt=f'question {i}', completion=f'answer {i}') for i in range(12)],
        'imbalance':[dict(text=f'message {i} about things {i*7}', label='rare' if i<2 else 'common')
                     for i in range(200)]}

def _excerpt(issue, ex):
    "The words that an issue is about, with what stands around them; of a whole row how it begins"
    asked = next((i for i,m in enumerate(ex.messages) if m['role']=='user'), 0)
    n,a,b = issue.evidence.get('span') or (asked, 0, 0)
    text = ex.messages[n]['content']
    low,high = max(0, a-50), min(len(text), max(b, a+30)+50)
    return '…'*(low>0)+plain(text[low:high])[:220]+'…'*(high<len(text))

def examples_of_checks():
    "Check → `(words of a row, or empty, the message)`, found by running it"
    import ftkit as ft
    from ftkit.data.checks.issue import CHECKS
    found = {}
    def take(exs, report):
        rows = {o.id:o for o in exs}
        for o in report:
            ex = rows.get(o.id)
            words = _excerpt(o, ex) if ex else plain(o.evidence.get('text', ''))[:160]
            found.setdefault(o.check, (words, o.message))
    exs = ft.load(ft.sample('tickets_dirty'))
    take(exs, exs.check())
    for name,rows in RARE.items():
        exs = ft.load(rows)
        take(exs, [o for o in exs.check(checks=[CHECKS[name]])])
    return found

CHECKS_HEAD = """# Checks: duplicates, private data, labels

What `examples.check()` and `ftkit check` look for. *Error*: do not train on it; *warning*: read it; *note*:
know it. The fixes are settings of a recipe, for `examples.clean(…)` and `ftkit clean`. Notes never drop a
row.

Precision is the share of findings on real public text that were worth reading, with a 95 % interval.
Findings were drawn at random and read by a language model, not by people; how, and on which files, is in
[the benchmarks](../project/benchmarks.md#what-is-worth-reading). Examples are from the shipped sample
`tickets_dirty`, which has planted defects.

"""

def measured(o):
    "What is recorded of a check, in a sentence or two"
    share,how = MEASURED.get(o.name, ('', ''))
    share = share.strip('()') if share[:1]=='(' else share
    what = 'Measured' if o.name=='label-noise' else 'Precision'
    text = f'{what}: {share} ({how}).' if share else 'Precision was not measured.'
    read,wrong = o.read
    return text+f' Rows that a recipe would drop for it: {read} were read, {wrong} wrongly found.'*bool(read)

def checks():
    "Every check, with an example and what was measured"
    from ftkit.data.checks.issue import CHECKS
    found = examples_of_checks()
    def fixes(o): return ', '.join(f'`{k}`' for k in (o.mend, o.recipe) if k)
    text = keywords('check', 'precision', 'duplicates', 'private data', 'personal data', 'secrets')
    text += CHECKS_HEAD
    text += table(('check', 'severity', 'what it finds', 'fixes', 'better with'),
                  ((f'[`{o.name}`](#{slug(o.name)})', o.severity, o.says, fixes(o), ', '.join(o.needs))
                   for o in CHECKS))
    for o in CHECKS:
        words,message = found[o.name]
        text += f'\n## {o.name}\n\n{o.says}. Severity: {o.severity}.'
        text += f' Fixes: {fixes(o)}.' if fixes(o) else ''
        text += '\n\n'+(f'A row that has it:\n\n{fenced(words)}' if words else '')
        text += f'What is said of it:\n\n{fenced(message)}'
        text += measured(o)+'\n'
    return 'reference/checks.md', text

# Findings of the doctor

def examples_of_findings():
    "Finding → `(what it means, a message)`, for three rows of ten that have it"
    from ftkit.model.spans import byte_tokenizer
    from ftkit.model.doctor import findings as of
    from ftkit.model.doctor.row import Seen
    from ftkit.model.doctor.tokenizer import Marks
    none = dict(open_end=-1, pad_at=-1, double_end=-1, start='', swallowed=False, typed=frozenset(),
                prompt=False, refused='')
    faults = {
        'nothing-to-learn':dict(refused='The answer is empty.'), 'no-turn-end-loss':dict(open_end=40),
        'other-end':dict(other_end=True), 'double-bos':dict(start='double'),
        'missing-bos':dict(start='missing'),
        'pad-masks-eos':dict(pad_at=40), 'system-swallowed':dict(swallowed=True),
        'prompt-learned':dict(prompt=True),
        'ids-beyond-embeddings':dict(strange=20), 'rows-beyond-positions':dict(n=900, last=899),
        'double-eos':dict(double_end=41), 'end-added':dict(ended=True), 'answer-cut':dict(n=900, last=899),
        'control-in-text':dict(typed=frozenset(['<|im_end|>'])), 'prompt-joined':dict(joined=True),
        'padding-waste':dict(n=500)}
    found = {}
    for name,rows,words in of._LOOKS:
        positions = 256 if name=='rows-beyond-positions' else 4096
        tok = byte_tokenizer()
        tok.bos_token = '<|endoftext|>'
        marks = Marks(tok, '<|im_end|>', dict(vocab_size=300, max_position_embeddings=positions))
        fault = faults[name]
        seen = [Seen(**dict(dict(line=i+1, n=50, first=20, last=40)|none, **(fault if i<3 else {})))
                for i in range(10)]
        if name=='padding-waste':
            seen = [o._replace(n=20+480*(i%4==0), last=19, first=5) for i,o in enumerate(seen*8)]
        case = of._Case(seen, 512 if name!='rows-beyond-positions' else 1024, 8, marks, set(),
                        "'<|im_end|>' stands outside the generation marks.")
        found[name] = plain(words.__doc__), words(case, rows(case))
    return found

FINDINGS_HEAD = """# Findings of the doctor

The doctor looks at all rows as the trainer gets them: `examples.examine(tok)`, `ftkit doctor FILE --model
M`, and before every run. An error blocks a run, until its name stands in `ignore_findings`; {fatal} cannot
be ignored. A warning blocks nothing. The messages below are of made-up rows.

"""

def findings():
    "Every finding of the doctor"
    from ftkit.model.doctor.tokenizer import ERRORS, FATAL, MODEL_LIMITS, WARNINGS
    found = examples_of_findings()
    groups = {'Errors':ERRORS, "Errors by the model's limits":MODEL_LIMITS, 'Warnings':WARNINGS}
    text = keywords('doctor', 'mask', 'bos', 'eos', 'padding', 'ignore_findings', 'chat template')
    text += FINDINGS_HEAD.format(fatal=', '.join(f'`{o}`' for o in FATAL))
    text += table(('finding', 'severity', 'what it means'),
                  ((f'[`{o}`](#{o})', 'warning' if k=='Warnings' else 'error', found[o][0])
                   for k,names in groups.items() for o in names))
    for group,names in groups.items():
        text += f'\n## {group}\n'
        for o in names: text += f'\n### {o}\n\n{found[o][0]}.\n\n{fenced(found[o][1])}'
    return 'reference/findings.md', text

# Mistakes

def _parts(message, step):
    "Cause and way out: the sentences before the one with the next step, and the rest"
    at = message.find(step) if step else len(message)
    cut = max((m.end() for m in re.finditer(r'[.;:?!]\s+', message[:at])), default=0)
    return message[:cut].rstrip(), message[cut:]

def answered():
    "`(stage, what was typed, kind of error, message, next step)` of each mistake that is tested"
    import warnings
    sys.path[:0] = [str(ROOT/'tests'), str(ROOT/'tests'/'warm')]
    import ftkit as ft
    import test_mistakes as of
    here = os.getcwd()
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter('ignore')
        folder = Path(folder).resolve()
        os.chdir(folder)
        try:
            for name,text in of.FILES.items(): (folder/name).write_text(text)
            exs = ft.load(of.ROWS)
            with contextlib.redirect_stdout(sys.stderr): exs.split((.7, .15, .15)).save(folder/'other')
            cfg = ft.RunConfig('tiny-random', 'other/train.jsonl', 'other/validation.jsonl', max_steps=2)
            given = dict(ft=ft, rows=of.ROWS, exs=exs, cfg=cfg, run=cfg.create(folder/'run'),
                         tok=ft.load_tokenizer('tiny-random'))
            for stage,typed,_,step in of.ALL:
                try: eval(typed, dict(given))
                except Exception as e:
                    said = str(e).replace(f'{folder}/', '').replace(str(folder), 'the current folder')
                    yield stage, typed, type(e).__name__, said, step
                else: raise AssertionError(f'{typed} is no mistake any more')
        finally: os.chdir(here)

MISTAKES_HEAD = """# {n} mistakes, and the way out

What people type on the road, and the answer: what is wrong, and what to do. A message is cause and way out,
read from left to right; where the way out is empty, the cause says it all. Each is tested. `exs` are
examples, `rows` a list of dicts, `cfg` a config, `run` a run that was not started yet, `tok` a tokenizer.
"""

def mistakes():
    "What people do wrong, and what is said to them"
    stages = {}
    for stage,*o in answered(): stages.setdefault(stage, []).append(o)
    text = keywords('mistakes', 'error message', 'TypeError', 'ValueError', 'troubleshooting')
    text += MISTAKES_HEAD.format(n=sum(map(len, stages.values())))
    for stage,some in stages.items():
        text += f'\n## {stage.capitalize()}\n\n'+table(
            ('typed', 'error', 'cause', 'way out'),
            ((_code(typed), f'`{kind}`', *map(_words, _parts(said, step))) for typed,kind,said,step in some))
    return 'reference/mistakes.md', text

def _code(text): return f'`` {text} ``' if '`' in text else f'`{text}`'
def _words(text): # As they are said, in a cell
    return re.sub(r'([*_\[\]`<>\\])', r'\\\1', text)

# Glossary

def glossary():
    "The table of CONTRIBUTING.md as a page"
    text = (ROOT/'CONTRIBUTING.md').read_text(encoding='utf-8')
    text = text.partition('\n## Words\n')[2].partition('\n## ')[0]
    rows = re.findall(r'^\| ([^|]+) \| ([^|]+) \|[^|]*\|$', text, re.M)[1:]
    terms = ''.join(f'{term}\n  {what.strip()}\n\n' for term,what in rows if not what.startswith('-'))
    return 'reference/glossary.md', (
        '# Glossary\n\nOne word for one thing, in names, messages, panels and here. They are those of '
        'transformers, TRL, PEFT and scikit-learn where these have one.\n\n'
        f'```{{glossary}}\n{terms}```\n')

def made():
    "Yield `(page, text)` of all of them"
    yield from api()
    yield from cli()
    yield checks()
    yield findings()
    yield mistakes()
    yield glossary()
