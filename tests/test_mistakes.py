"""What people do wrong on the way from a file to a model: each message says what, where, and what next."""
import json, re
from types import SimpleNamespace

import pytest
import ftkit as ft

ROWS = [dict(prompt=f'question {i} about order {i*7%13}', completion=f'answer {i%5} with {i}')
        for i in range(60)]
FILES = {'a.jsonl':'\n'.join(map(json.dumps, ROWS)), 'bad.json':'{"a": 1', 'x.pdf':'%PDF-1.4 nothing',
         'pic.png':'\x89PNG\r\n', 'typo.yaml':'model: tiny-random\ntrain: a.jsonl\nlearning_rte: 1e-3\n',
         'fast.yaml':'model: tiny-random\ntrain: a.jsonl\nlearning_rate: fast\n',
         'torn.yaml':'model: [torn\n'}

# By stage: what is typed, what the message says is wrong, and what it says to do next
MISTAKES = {
'reading': [
    ("ft.load('b.jsonl')", 'There is no file b.jsonl', 'Did you mean a.jsonl?'),
    ('ft.load(7)', 'int is not a source of rows', 'Known: the path of a file, a frame'),
    ("ft.load('bad.json')", 'bad.json is neither JSON nor JSON lines', 'at column 8'),
    ("ft.load('x.pdf')", "x.pdf cannot be read: its name ends in '.pdf'", 'Copy its rows into a table'),
    ("ft.load('pic.png')", "pic.png cannot be read", 'Known: .jsonl'),
    ("ft.load('.')", 'holds files of several splits', 'Pick one: load('),
    ('ft.load([dict(a=1, b=2)])', 'Line 1: columns a, b are in no known shape', 'Say what your columns mean'),
    ("ft.load(rows, columns=dict(prompt='question'))",
     "has no column 'question'", "Did you mean 'completion'?"),
    ("ft.load(rows, columns=dict(promt='prompt'))",
     "names 'promt', which is not a target", "Did you mean 'prompt'?"),
    ("ft.load(rows, columns='prompt')", "columns is 'prompt'", "a dict, such as {'prompt': 'Frage'}"),
    ('ft.load(rows, limit=-1)', 'limit is -1', 'a number of rows, or None for all'),
    ("ft.load(rows, encoding='utf8x')", "encoding is 'utf8x'", 'Try utf-8'),
    ("ft.load('a.jsonl', colums={})", "load has no argument 'colums'", "Did you mean 'columns'?"),
    ("ft.laod('a.jsonl')", "ftkit has no 'laod'", "Did you mean 'load'?"),
    ("ft.load_dataset('imdb')", "no 'load_dataset'", "ft.load('rows.jsonl') reads rows"),
    ('ft.Dataset.from_list(rows)', "no 'Dataset'", 'ft.load('),
    ("ft.guess_columns('nope.csv')", 'There is no file nope.csv', 'It was looked for in'),
    ('ft.map_columns(7)', 'int is not a source of rows', 'Known:')],
'rows': [
    ("exs['prompt']", "'prompt' is not a row number", "examples.column('prompt')"),
    ('exs[100]', 'There is no row 100', 'there are 60 examples, numbered from 0'),
    ('exs.map(len)', "no 'map'", 'ex.edit('),
    ('exs.select([1])', "no 'select'", 'examples[2:5]'),
    ("exs.to_json('x')", "no 'to_json'", 'examples.save(path)'),
    ('exs.head()', "no 'head'", 'examples.look()'),
    ('exs.sample(-3)', 'n is -3', 'Choose from 0 to 60'),
    ('exs.sample(1000)', 'n is 1,000', 'Choose from 0 to 60')],
'checking and cleaning': [
    ("exs.check('typo')", 'against takes examples, and got str', 'Read them first: examples = ft.load(…)'),
    ("exs.check(only='dup')", "check has no argument 'only'", 'There are: examples, against, checks'),
    ("exs.clean('nope.yaml')", "There is no recipe 'nope.yaml'", 'report.propose() makes one'),
    ('exs.clean(dict(dedupe=True))', 'recipe is dict', 'give ft.Recipe(…)'),
    ('ft.Recipe(dedup=True)', "Unknown key 'dedup'", 'Known: normalize'),
    ("ft.load_recipe('nope.yaml')", "There is no recipe 'nope.yaml'", 'recipe.save(path) writes it'),
    ('exs.drop_duplicates()', "no 'drop_duplicates'", 'report.propose() offers a recipe')],
'reviewing and splitting': [
    ("ft.Review('r.jsonl').decide('x', 'maybe')", "verdict is 'maybe'", 'one of keep, drop, fix, unsure'),
    ("exs.apply_review('nope.jsonl')", 'There is no review file nope.jsonl', ''),
    ("ft.Judgements('a.jsonl')",
     'a.jsonl is not a session of judgements', 'run.judge(), or ftkit judge, starts one'),
    ('exs.split((.5, .2))', 'fractions are (0.5, 0.2)', 'add up to 1, such as (0.8, 0.1, 0.1)'),
    ('exs.split(.2)', 'fractions are 0.2', 'three numbers'),
    ("exs.split((.7, .15, .15), group='contract')",
     "No row has a column 'contract'", 'There is no other column'),
    ("exs.split((.7, .15, .15), by='label')", "split has no argument 'by'", 'There are: examples, fractions'),
    ('exs.train_test_split(test_size=.1)', "no 'train_test_split'", 'examples.split(')],
'tokens': [
    ("exs.tokens('no-such-model')", "model is 'no-such-model'", 'one of smollm2-135m-instruct, tiny-random'),
    ("exs.tokenize('tiny-random')", "tok is the name 'tiny-random'", "ft.load_tokenizer('tiny-random')"),
    ("exs.examine('tiny-random')", "tok is the name 'tiny-random'", 'ft.load_tokenizer('),
    ('exs.tokenize(tok, max_length=-5)', 'max_length is -5', 'at least 1'),
    ('ft.AutoTokenizer', "no 'AutoTokenizer'", 'ft.load_tokenizer(name)')],
'settings': [
    ('ft.RunConfig()', 'model and train are missing', 'ft.RunConfig('),
    ("ft.RunConfig('tiny-random', 'a.jsonl')", "validation is ''", 'To go without, set eval_steps'),
    ("ft.RunConfig('tiny-random', 'a.jsonl', output_dir='x')",
     "Unknown key 'output_dir'", 'cfg.create(folder)'),
    ("ft.RunConfig('tiny-random', 'a.jsonl', bf16=True)", "Unknown key 'bf16'", "Did you mean 'dtype'?"),
    ("ft.RunConfig('tiny-random', 'a.jsonl', learning_rate='fast')",
     "learning_rate is 'fast'", 'such as 2e-4'),
    ("ft.RunConfig('tiny-random', 'a.jsonl', learning_rate=-1)", 'learning_rate is -1', 'from 1e-8 to 1'),
    ("ft.RunConfig('tiny-random', 'a.jsonl', method='lorra')",
     "method is 'lorra'", 'one of full, lora, qlora'),
    ("ft.RunConfig('tiny-random', 'a.jsonl', batch_size=0)", 'batch_size is 0', 'Typical values: 8, 16, 32'),
    ('ft.LoraArgs(rank=8)', "Unknown key 'rank'", "Did you mean 'r'?"),
    ('ft.LoraArgs(r=0)', 'lora.r is 0', 'at least 1'),
    ('ft.LoraConfig(r=8)', "no 'LoraConfig'", 'ft.LoraArgs'),
    ("ft.load_config('typo.yaml')", "typo.yaml: Unknown key 'learning_rte'", "Did you mean 'learning_rate'?"),
    ("ft.load_config('fast.yaml')", "fast.yaml: learning_rate is 'fast'", 'such as 2e-4'),
    ("ft.load_config('torn.yaml')", 'torn.yaml line 2: not YAML', "expected ',' or ']'"),
    ("ft.load_config('nope.yaml')", 'There is no config nope.yaml', '`ftkit config show` prints one'),
    ("cfg.with_presets('fastest')", "preset is 'fastest'", 'one of cpu-workshop'),
    ('cfg.learning_rte', "no 'learning_rte'", "Did you mean 'learning_rate'?"),
    ("ft.form('x')", 'cfg is str', 'ft.form(path=…)')],
'training': [
    ('ft.train(7)', 'not from int', 'a config, its file, or rows'),
    ('ft.train(exs)', 'model is missing', 'ft.train(rows, model='),
    ("ft.train(dict(dev=exs), model='tiny-random')", "'dev' is not one of train", 'as examples.split() does'),
    ('ft.Trainer(model=None)', "no 'Trainer'", 'ft.train(cfg) trains'),
    ('cfg.start()', "no 'start'", 'cfg.create(folder).start()'),
    ("cfg.create('other')", 'other holds other files', 'Choose another name'),
    ("ft.attach('nope')", 'nope holds no run', 'Runs here: run'),
    ("ft.Run('nope').status()", 'There is no run', 'ft.runs() lists'),
    ('run.resume()', 'run was never started', 'Start it with run.start()'),
    ('run.stop()', 'run was never started', 'there is nothing to stop'),
    ("run.rows('dev')", "split is 'dev'", 'one of train, validation, test'),
    ('run.learning_rate', "no 'learning_rate'", "run.config has a run's settings")],
'evaluating and taking along': [
    ('run.evaluate()', 'run has no adapter yet (created)', 'Start it with run.start()'),
    ("run.ask('hi')", 'has learned nothing yet', ''),
    ("run.generate('hi')", "no 'generate'", "run.ask('…')"),
    ('run.judge()', 'run has no evaluation on test rows', "run.evaluate('test')"),
    ("run.worst('all')", "split is 'all'", 'train or validation'),
    ("run.export('ggufs')", "form is 'ggufs'", 'adapter, merged, vllm, gguf, ollama'),
    ('run.merge_and_unload()', "no 'merge_and_unload'", "run.export('adapter'), 'merged'"),
    ("run.save_pretrained('x')", "no 'save_pretrained'", 'run.export('),
    ("run.push_to_hub('x')", "no 'push_to_hub'", "run.push('user/name')"),
    ("run.push('faq')", "'faq' is not a name on the Hub", 'such as mira/faq'),
    ('run.serve()', 'has no export of its weights', "Make one: run.export('gguf')"),
    ("run.verify('localhost')", "'localhost' is not an address", 'such as http://127.0.0.1:8000/v1'),
    ("run.pack('x.tar')", "out is 'x.tar'", 'ends in .zip'),
    ("run.compare('other')", 'other holds no run', 'Runs here: run'),
    ("ft.help('laod')", "'laod' is not a name in ftkit", "Did you mean 'load'?")]}
ALL = [(stage, *o) for stage,some in MISTAKES.items() for o in some]

@pytest.fixture(scope='module')
def there(tmp_path_factory, tiny_cache):
    "A folder with files, rows, a config and a run that nobody has started"
    d = tmp_path_factory.mktemp('mistakes')
    with pytest.MonkeyPatch.context() as m:
        m.setenv('FTKIT_CACHE', str(tiny_cache))
        m.chdir(d)
        for name,text in FILES.items(): (d/name).write_text(text)
        exs = ft.load(ROWS)
        exs.split((.7, .15, .15)).save(d/'other')
        cfg = ft.RunConfig('tiny-random', 'other/train.jsonl', 'other/validation.jsonl', max_steps=2)
        yield dict(ft=ft, rows=ROWS, exs=exs, cfg=cfg, run=cfg.create(d/'run'),
                   tok=ft.load_tokenizer('tiny-random'))

@pytest.mark.parametrize('stage,typed,what,step', ALL, ids=[o[1] for o in ALL])
def test_a_mistake_is_answered(there, stage, typed, what, step):
    with pytest.raises(Exception) as e: eval(typed, dict(there))
    said = str(e.value)
    assert what in said and step in said and len(said)<700, said
    assert not re.search(r'object at 0x|__init__|<class|Traceback', said), said

def test_there_are_sixty_and_none_twice(): assert len({o[1] for o in ALL})==len(ALL)>=60

def test_in_a_notebook_it_is_the_message_and_the_line_that_was_typed(there):
    from IPython.core.interactiveshell import InteractiveShell
    from ftkit.base.tracebacks import show_short
    shell,shown = InteractiveShell(),[]
    def show(etype, value, stb): shown.append(re.sub(r'\x1b\[[\d;]*m', '', '\n'.join(stb)))
    shell._showtraceback = show
    shell.set_custom_exc((Exception,), show_short)
    shell.user_ns.update(there)
    shell.run_cell("x = 1\ndef mine(): return ft.load('b.jsonl')\nmine()")
    text, = shown
    assert text.startswith('FileNotFoundError: There is no file b.jsonl.') and text.count('---->')==2, text
    assert '----> 3 mine()' in text and 'load.py' not in text and text.endswith('within ftkit.'), text
    shell.run_cell('%tb')
    assert 'load.py' in shown[1]
    for o in ('1/0', 'ft.load(rows).filter(lambda o: o.nothing)'): # Of the reader's own
        shell.run_cell(o)
        assert 'Traceback (most recent call last)' in shown[-1] and 'ftkit.' not in shown[-1].splitlines()[-1]
    InteractiveShell.clear_instance()
