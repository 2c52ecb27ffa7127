"The layers of CONTRIBUTING.md: imports go to lower numbers, and nothing is loaded before it is needed."
import ast, importlib, importlib.util, json, os, re, subprocess, sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LIB = ROOT/'ftkit'
WIDGETS = {'ipywidgets', 'anywidget', 'IPython'}
HEAVY = {'torch', 'transformers', 'trl', 'peft', 'datasets', 'accelerate', 'bitsandbytes'}
HEADER = re.compile(r'File to edit: \S*?(\d+)_[\w.]+\.ipynb')

def name_of(path):
    parts = path.relative_to(ROOT).with_suffix('').parts
    return '.'.join(parts[:-1] if parts[-1]=='__init__' else parts)

def numbers():
    "The notebook's number of each generated module: `{'ftkit.base.files': 0, …}`"
    found = {name_of(o): HEADER.search(o.read_text(encoding='utf-8')) for o in sorted(LIB.rglob('*.py'))}
    return {k: int(m.group(1)) for k,m in found.items() if m}

NUMBERS = numbers()
PATHS = {name_of(o): o for o in LIB.rglob('*.py')}

def imports(source, module):
    "The ftkit modules that `source` imports, inside functions too, as `(line, name)`"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import): found = [o.name for o in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = '.'.join(module.split('.')[:-node.level]) if node.level else ''
            base = '.'.join(filter(None, [base, node.module]))
            within = [f'{base}.{o.name}' for o in node.names]
            found = [o if o in PATHS else base for o in within]
        else: continue
        yield from ((node.lineno, o) for o in found if o.split('.')[0]=='ftkit')

def upward(source, module):
    "What `source` imports from its own or a higher number, as messages"
    own = NUMBERS[module]
    for line,name in imports(source, module):
        if name not in NUMBERS: yield f'{module} line {line} imports {name}, which no notebook makes'
        elif NUMBERS[name]>=own: yield f'{module} ({own:02}) line {line} imports {name} ({NUMBERS[name]:02})'

def loaded(code):
    "Names of the modules in memory after `code` ran in a new python"
    out = subprocess.run([sys.executable, '-c',
                          f'{code}\nimport sys, json; print(json.dumps([*sys.modules]))'],
                         capture_output=True, text=True, cwd=ROOT)
    assert out.returncode==0, out.stderr
    return set(json.loads(out.stdout.splitlines()[-1]))

def test_there_are_modules(): assert {'ftkit.base.files', 'ftkit.config.fields'} <= NUMBERS.keys()

def test_contributing_lists_every_notebook():
    listed = re.findall(r'`(\d{3} [\w.]+)`', (ROOT/'CONTRIBUTING.md').read_text(encoding='utf-8'))
    there = sorted((ROOT/'nbs').rglob('[0-9][0-9][0-9]_*.ipynb'), key=lambda o: o.name)
    assert listed == [o.stem.replace('_', ' ', 1) for o in there]

@pytest.mark.parametrize('module', NUMBERS)
def test_imports_go_to_lower_numbers(module):
    assert [*upward(PATHS[module].read_text(encoding='utf-8'), module)] == []

def test_an_import_that_goes_up_is_found():
    high = max(NUMBERS, key=NUMBERS.get)
    assert len([*upward(f'def f():\n    from {high} import x', 'ftkit.base.files')]) == 1
    assert len([*upward('from . import config', 'ftkit.base.files')]) == 1
    assert len([*upward('from ftkit import load', 'ftkit.base.files')]) == 1
    assert [*upward('from ftkit.base.files import x\nimport json', 'ftkit.config.fields')] == []

EACH = """
import importlib, json, os, sys
def grow(on): # Each in a child of a python that has imported one of those that it imports itself, no other
    for module in BEYOND.get(on, []):
        if (pid := os.fork())==0:
            importlib.import_module(module)
            print(json.dumps([module, sorted({o.partition('.')[0] for o in sys.modules})]), flush=True)
            grow(module)
            os._exit(0)
        os.waitpid(pid, 0)
BEYOND = json.loads(sys.argv[1])
grow('')
"""

def first_of(module):
    "The module with the highest number that this one imports at its top: most of what it needs comes with it"
    body = ast.parse(PATHS[module].read_text(encoding='utf-8')).body
    tops = '\n'.join(ast.unparse(o) for o in body if isinstance(o, (ast.Import, ast.ImportFrom)))
    return max((o for _,o in imports(tops, module) if o in NUMBERS), key=NUMBERS.get, default='')

@pytest.fixture(scope='module')
def loads():
    """What is in memory after each module below the panels was imported, and before it one that it imports
    itself"""
    beyond = {}
    for module in (k for k,n in NUMBERS.items() if n<800):
        beyond.setdefault(first_of(module), []).append(module)
    out = subprocess.run([sys.executable, '-c', EACH, json.dumps(beyond)], capture_output=True, text=True,
                         cwd=ROOT)
    return {module: {*mods} for module,mods in map(json.loads, out.stdout.splitlines())}

@pytest.mark.parametrize('module', [k for k,n in NUMBERS.items() if n<800])
def test_below_the_panels_no_widgets_are_loaded(loads, module):
    assert not (WIDGETS | {'plotly'} | HEAVY) & loads[module]

def test_importing_ftkit_loads_nothing():
    mods = loaded('import ftkit as ft; assert ft.__version__ and ft.__all__ and dir(ft)')
    assert not (WIDGETS | HEAVY | {'numpy', 'pandas', 'plotly', 'polars', 'pyarrow', 'yaml'}) & mods
    assert not [o for o in mods if o.startswith('ftkit.')]

def test_importing_ftkit_is_quick():
    def secs(): # Of processor time: other work does not count
        start = sum(os.times()[2:4])
        subprocess.run([sys.executable, '-c', 'import ftkit as ft'], cwd=ROOT, check=True)
        return sum(os.times()[2:4])-start
    assert min(secs() for _ in range(5)) < 1.0

def test_public_names_resolve_and_hide_no_module():
    import ftkit
    top = {o.split('.')[1] for o in PATHS if o!='ftkit'}
    assert ftkit.__all__ and not top & set(ftkit.__all__)
    for o in NUMBERS: importlib.import_module(o) # Which puts each into its package under its own name
    assert [o for o in ftkit.__all__ if not hasattr(ftkit, o)] == []
    assert set(ftkit.__all__) <= set(dir(ftkit))

NOUNS = """data.examples.Examples
data.checks.report.Report
data.recipe.Recipe
data.review.Review
data.splits.sets.Splits
config.settings.RunConfig
run.folder.Run
model.memory.Estimate""".split()

@pytest.mark.parametrize('noun', NOUNS)
def test_verbs_are_there_at_once_and_load_what_they_need_when_used(noun):
    module,_,name = noun.rpartition('.')
    mods = loaded(f'from ftkit.{module} import {name}; assert len([o for o in dir({name}) if o[0]!="_"])')
    assert not (WIDGETS | HEAVY | {'pandas', 'plotly'}) & mods
    import ftkit.base.verbs, inspect
    cls = getattr(importlib.import_module(f'ftkit.{module}'), name)
    own = {k: o for k,o in vars(cls).items() if isinstance(o, ftkit.base.verbs.later)}
    assert all(inspect.signature(o.__get__(None)).parameters for o in own.values())
    assert own or noun in ('data.recipe.Recipe', 'data.review.Review')

# The browser half

OURS = sorted(o for o in (LIB/'static').rglob('*.js') if o.parent.name!='vendor')
MARKUP = re.compile(
    r'''[.\[]\s*['"`]?(innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|srcdoc)\b'''
                    r'|document\.write|DOMParser|\beval\(|new Function')
REMOTE = re.compile(r'''(from|import|import\(|fetch\(|url\()\s*['"`]?https?:''')

def short_path(path): return str(path.relative_to(LIB/'static'))

@pytest.mark.parametrize('path', OURS, ids=short_path)
def test_javascript_makes_no_markup_from_text_and_needs_no_network(path):
    lines = enumerate(path.read_text(encoding='utf-8').splitlines(), 1)
    assert [(n, o.strip()) for n,o in lines if MARKUP.search(o) or REMOTE.search(o)] == []

def test_markup_is_found():
    assert all(map(MARKUP.search, ['a.innerHTML = b', 'a["outerHTML"]', 'el.insertAdjacentHTML("x", y)',
                                   'eval(x)']))
    assert not MARKUP.search('// never innerHTML: the text is not ours')

def idle_imports(source):
    "Names that the top of `source` imports and nothing in it uses"
    tree = ast.parse(source)
    given = {(a.asname or a.name).partition('.')[0] for o in tree.body
        if isinstance(o, (ast.Import, ast.ImportFrom)) for a in o.names}
    return given-{o.id for o in ast.walk(tree) if isinstance(o, ast.Name)}

@pytest.mark.parametrize('module', NUMBERS)
def test_what_is_imported_is_used(module):
    assert idle_imports(PATHS[module].read_text(encoding='utf-8'))==set()

def shadowed(source):
    "Functions of a JavaScript module whose name means something else inside it, as `(line, name)`"
    top = set(re.findall(r'^(?:export )?function (\w+)', source, re.M))
    for n,line in enumerate(source.splitlines(), 1):
        found = re.findall(r'(?:\b(?:const|let) |, )(\w+) = ',
                           line) + re.findall(r'^\s+(?:const|let) \{?([\w, ]+)\}? = ', line)
        found += re.findall(r'(?:=|^\s+function \w+)\s*\(([\w, ]*)\)', line)
        yield from ((n, o) for o in top & {w for f in found for w in re.findall(r'\w+', f)})

@pytest.mark.parametrize('path', OURS, ids=short_path)
def test_a_name_means_one_thing_in_a_script(path): assert [*shadowed(path.read_text(encoding='utf-8'))]==[]

STARTS = re.compile(
    r'^( *)(?!if|for|while|switch|catch)(?:.*\bfunction\b.*|(?:get |static |async )*\w+\(.*\) |.*=> )\{$')

def function_lengths(source):
    """Lines of each function of a JavaScript file, as `(length, first line)`; a function ends where its
    indentation comes back"""
    lines = source.splitlines()
    for n,line in enumerate(lines):
        if not (m := STARTS.match(line)): continue
        end = next((i for i in range(n+1, len(lines)) if re.match(m[1]+r'\S', lines[i])), len(lines)-1)
        yield end-n+1, n+1

@pytest.mark.parametrize('path', OURS, ids=short_path)
def test_functions_of_the_browser_half_are_short(path):
    assert [o for o in function_lengths(path.read_text(encoding='utf-8')) if o[0]>40]==[]

def test_a_long_function_is_found():
    body = '    a();\n'*50
    for head in ('  draw(x) {', 'export function f(a) {', '  const f = (x) => {', '  get g() {'):
        depth = len(head)-len(head.lstrip())
        assert [*function_lengths(f'{head}\n{body}{" "*depth}}}\n')]==[(52, 1)]
    assert [*function_lengths('if (x) {\n'+body+'}\n')]==[]

def test_template_strings_end_on_their_line():
    "`module` drops the indentation of every line"
    assert [(p.name, n) for p in OURS for n,o in enumerate(p.read_text(encoding='utf-8').splitlines(), 1)
            if len(re.findall(r'(?<!\\)`', re.sub(r'^ *(//|/?\*).*|// .*$', '', o)))%2]==[]

def test_no_heading_is_empty():
    for p in sorted((ROOT/'nbs').rglob('*.ipynb')):
        cells = [(o['cell_type'], ''.join(o['source']).strip())
                 for o in json.loads(p.read_text(encoding='utf-8'))['cells']]
        for (kind,text),(_,after) in zip(cells, [*cells[1:], ('markdown', '# end')]):
            bare = kind=='markdown' and re.fullmatch(r'#+ .*', text)
            depth = len(after)-len(after.lstrip('#'))
            assert not (bare and 0<depth<=len(text)-len(text.lstrip('#')) and
                        not after.startswith('#|')), (p.name, text)

def private_imports(source, module):
    "Names with an underscore that `source` takes from another floor of ftkit: within one, modules share them"
    def away(o):
        name = '.'.join([*(module.split('.')[:-o.level] if o.level else []), o.module or ''])
        return name.startswith('ftkit') and name.split('.')[1:2]!=module.split('.')[1:2]
    return {a.name for o in ast.walk(ast.parse(source)) if isinstance(o, ast.ImportFrom) and away(o)
            for a in o.names if a.name.startswith('_')}

@pytest.mark.parametrize('module', NUMBERS)
def test_what_is_private_stays_in_its_folder(module):
    assert private_imports(PATHS[module].read_text(encoding='utf-8'), module)==set()

def test_a_private_name_from_elsewhere_is_found():
    assert private_imports(
        'from ..base.files import _a, b\nfrom ftkit.run.log import _c\nfrom .words import _d\nfrom '
        '.read.text import _e',
                           'ftkit.data.table')=={'_a', '_c'}

QUESTION = re.compile(r'(What|How|Which|Why|Whether|Where|Who|When)\b')

@pytest.mark.parametrize('module', NUMBERS)
def test_what_a_function_does_is_said_in_the_imperative(module):
    defs = [o for o in ast.walk(ast.parse(PATHS[module].read_text(encoding='utf-8')))
        if isinstance(o, ast.FunctionDef)]
    assert [o.name for o in defs if QUESTION.match(ast.get_docstring(o) or '')]==[]


def public(source):
    "Names that `source` defines for others: functions, classes and constants without an underscore"
    for o in ast.parse(source).body:
        if isinstance(o, (ast.FunctionDef, ast.ClassDef)):
            if not any('patch' in ast.unparse(d) for d in o.decorator_list): yield o.name
        elif isinstance(o, (ast.Assign, ast.AnnAssign)):
            at = o.targets if isinstance(o, ast.Assign) else [o.target]
            yield from (w.id for t in at for w in ast.walk(t) if isinstance(w, ast.Name) and isinstance(w.ctx,
                ast.Store))

def twice(sources):
    "Public names with two homes: `{name: [module, …]}`"
    homes = {}
    for module,source in sources.items():
        for name in {*public(source)}:
            if not name.startswith('_'): homes.setdefault(name, []).append(module)
    return {k: sorted(v) for k,v in homes.items() if len(v)>1}

TWO_HOMES = {'main': 'where a command line begins'} # Name → why two modules may define it

def test_a_public_name_has_one_meaning():
    found = twice({k: PATHS[k].read_text(encoding='utf-8') for k in PATHS if not k.endswith('._modidx')})
    assert {k: v for k,v in found.items() if k not in TWO_HOMES}=={}
    assert TWO_HOMES.keys()<=found.keys()

def test_a_name_with_two_homes_is_found():
    assert twice(dict(a='def f(): pass\nA,B = 1,2', b='class f: pass\nB: int = 3\n_A = 1'))==dict(f=['a',
        'b'], B=['a', 'b'])
    assert twice(dict(a='@patch\ndef f(self:A): pass\n_x = 1\nfor i in (): pass',
                      b='def f(): pass\n_x = 2'))=={}

def unloaded(source):
    "Modules of the standard library that `source` reaches through their package without importing them"
    tree = ast.parse(source)
    imported = {a.name for o in ast.walk(tree) if isinstance(o, ast.Import) for a in o.names}
    imported |= {o.module for o in ast.walk(tree) if isinstance(o, ast.ImportFrom) and not o.level}
    reached = {f'{o.value.id}.{o.attr}' for o in ast.walk(tree) if isinstance(o, ast.Attribute) and
               isinstance(o.value, ast.Name)}
    packages = {o for o in imported if o in sys.stdlib_module_names and o!='os'}
    return {o for o in reached-imported if o.split('.')[0] in packages and
            importlib.util.find_spec(o.split('.')[0]).submodule_search_locations
            and importlib.util.find_spec(o)}

@pytest.mark.parametrize('module', NUMBERS)
def test_a_module_that_is_used_is_imported(module):
    assert unloaded(PATHS[module].read_text(encoding='utf-8'))==set()

def test_a_module_that_nobody_imported_is_found():
    assert unloaded(
        'import importlib, json\nimportlib.metadata.version("a"), json.loads("1"), '
        'importlib.import_module("b")')=={'importlib.metadata'}

def top_names(tree):
    "What a module binds, in order: `(name, line, is it a method of another class?)`"
    for o in tree.body:
        if isinstance(o, (ast.Import, ast.ImportFrom)):
            yield from ((a.asname or a.name.split('.')[0], o.lineno, False) for a in o.names)
        elif isinstance(o, (ast.FunctionDef, ast.ClassDef)):
            yield o.name, o.lineno, any(ast.unparse(d).startswith('patch') for d in o.decorator_list)
        elif isinstance(o, ast.Assign):
            yield from ((n.id, o.lineno, False) for n in ast.walk(o)
                        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))

def test_no_patched_method_takes_the_name_of_something_before_it():
    "`patch` of fastcore 1.8 and older leaves None in its place: a module, or a function, is lost"
    lost = []
    for module,path in PATHS.items():
        had = set()
        for name,line,patched in top_names(ast.parse(path.read_text(encoding='utf-8'))):
            if patched and name in had: lost.append(f'{module}:{line} {name}')
            if not patched: had.add(name)
    assert not lost
