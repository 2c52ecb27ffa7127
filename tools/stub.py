"""Stubs for editors and type checkers: they see neither lazy names of `ft` nor methods that are attached.

    python tools/stub.py            # write ftkit/__init__.pyi and the others
    python tools/stub.py --check    # are they up to date?

`ftkit/__init__.pyi` has the names of `_HOME`. The module of each class that can be reached from them, and has
methods by `@patch` or `verbs`, gets a stub with all of them, with signatures as they are written and the text
that `?` shows. `tools/readme.py` writes them too."""
import ast, builtins, importlib, inspect, re, sys, textwrap
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KEPT = {'property', 'classmethod', 'staticmethod', 'cached_property', 'contextmanager'}
WIDE = 110
ANY = 'from typing import Any'
FRAMES = ('pandas', 'polars') # Loaded late, and named in annotations

def path_of(module): return ROOT.joinpath(*module.split('.')).with_suffix('.py')

class Module:
    "A module of ftkit as it is written"
    def __init__(self, name):
        self.name,self.tree = name,ast.parse(path_of(name).read_text(encoding='utf-8'))
        self.imported = {} # Name → line that imports it
        for o in ast.walk(self.tree):
            if isinstance(o, ast.ImportFrom):
                for a in o.names: self.imported.setdefault(a.asname or a.name, self._from(o, a))
            elif isinstance(o, ast.Import):
                for a in o.names: self._import(a)
        self.own = {o.name:o for o in self.tree.body if isinstance(o, (ast.ClassDef, ast.FunctionDef))
                    and not is_patch(o)}
        self.values = {t.id:o for o in self.tree.body if isinstance(o, ast.Assign) for t in o.targets
                       if isinstance(t, ast.Name)}

    def _import(self, a):
        if a.asname: self.imported.setdefault(a.asname, f'import {a.name} as {a.asname}')
        else: # `import urllib.error, urllib.request`
            top = a.name.partition('.')[0]
            old = self.imported.get(top, '')
            if a.name not in old: self.imported[top] = f'{old}, {a.name}' if old else f'import {a.name}'

    def _from(self, o, a):
        where = '.'.join(self.name.split('.')[:-o.level] if o.level else [])
        where = '.'.join(filter(None, [where, o.module]))
        return f'from {where} import {a.name}' + (f' as {a.asname}' if a.asname else '')

    def line(self, name):
        "How another module gets what is called `name` here; empty for what Python has"
        if name in self.own or name in self.values: return f'from {self.name} import {name}'
        if name in self.imported: return self.imported[name]
        if name in FRAMES: return f'import {name}'
        if hasattr(builtins, name): return ''
        raise ValueError(f'{self.name}: where is {name!r} from?')

    def home(self, name):
        "`(module, class)` of a name that stands in an annotation, if it is a class of ftkit"
        line = self.line(name).split()
        if line[:1]!=['from'] or not line[1].startswith('ftkit.'): return None
        there = module(line[1])
        if isinstance(there.own.get(line[3]), ast.ClassDef): return there.name, line[3]
        return there.home(line[3]) if line[3] in there.imported else None

@cache
def module(name): return Module(name)

def decorators(o): return [ast.unparse(d) for d in o.decorator_list]
def is_patch(o): return any(d.partition('(')[0]=='patch' for d in decorators(o))

@cache
def all_modules():
    found = sorted((ROOT/'ftkit').rglob('*.py'))
    return [module('.'.join(o.relative_to(ROOT).with_suffix('').parts)) for o in found
            if o.stem not in ('__init__', '__main__', '_modidx')]

@cache
def attached():
    "`(module, class)` → [(method, function, its module, kind)]: by `@patch`, `verbs`, `later`, or assigned"
    res = {}
    def put(m, cls, name, f, where=None, kind=''):
        res.setdefault(m.home(cls) or (m.name, cls), []).append((name, f, where or m, kind))
    def late(m, cls, name, said):
        where,f = function(said.value)
        put(m, cls, name, f, where)
    for m in all_modules():
        for o in m.tree.body:
            if isinstance(o, ast.FunctionDef) and is_patch(o):
                said = next(d for d in decorators(o) if d.startswith('patch'))
                kind = 'property' if 'as_prop' in said else 'classmethod' if 'cls_method' in said else ''
                for cls in annotated(o.args.args[0].annotation): put(m, cls, o.name, o, kind=kind)
            elif isinstance(o, ast.Expr) and ast.unparse(o).startswith('verbs('):
                for k in o.value.keywords: late(m, o.value.args[0].id, k.arg, k.value)
            elif isinstance(o, ast.ClassDef):
                for k in o.body:
                    if isinstance(k, ast.Assign) and ast.unparse(k.value).startswith('later('):
                        late(m, o.name, k.targets[0].id, k.value.args[0])
            elif isinstance(o, ast.Assign) and isinstance(o.targets[0], ast.Attribute): # `Recipe.save = …`
                f = m.own.get(ast.unparse(o.value))
                if f is not None: put(m, ast.unparse(o.targets[0].value), o.targets[0].attr, f)
    return res

def function(where):
    "`(module, function or class)` for `data.checks.report.check`"
    there,_,name = where.rpartition('.')
    m = module(f'ftkit.{there}')
    return m, m.own[name]

def annotated(o):
    "The names in an annotation, in quotes too"
    if isinstance(o, ast.Subscript) and ast.unparse(o.value)=='Literal': yield 'Literal'
    elif isinstance(o, ast.Name): yield o.id
    elif isinstance(o, ast.Constant) and isinstance(o.value, str): yield from annotated(ast.parse(o.value))
    else:
        for n in ast.iter_child_nodes(o) if o is not None else (): yield from annotated(n)

def annotations(o): # Of everything in a class or function that a reader gets
    for n in ast.walk(o):
        if isinstance(n, ast.FunctionDef): yield n.returns
        elif isinstance(n, ast.AnnAssign): yield n.annotation

def reached():
    "Modules of classes that can be reached from `ft`, and have something attached"
    import ftkit as ft
    todo = [function(o) for o in (*ft._HOME.values(), *ft.NOUNS.values())]
    seen,res = set(),set()
    while todo:
        m,o = todo.pop()
        if (m.name, o.name) in seen: continue
        seen.add((m.name, o.name))
        more = [(m, o)]
        if isinstance(o, ast.ClassDef):
            if (m.name, o.name) in attached(): res.add(m.name)
            more += [(where, f) for _,f,where,_ in attached().get((m.name, o.name), ())]
            todo += [(module(h[0]), module(h[0]).own[h[1]]) for b in o.bases for n in annotated(b)
                     if (h := m.home(n))]
        for where,node in more:
            for a in annotations(node):
                todo += [(module(h[0]), module(h[0]).own[h[1]]) for n in annotated(a)
                         if (n in where.own or n in where.imported) and (h := where.home(n))]
    return res

# Text

def constant(o):
    "A default as it is written, if a reader learns something from it"
    if o is None: return ''
    plain = ast.unparse(o)
    try: ast.literal_eval(o)
    except ValueError: return '...'
    return plain if len(plain)<40 else '...'

def parameters(a, of_class=''):
    "The parameters of a function; of a method the first is `self` or `cls`, whatever its name is there"
    first = [*a.posonlyargs, *a.args]
    defaults = [None]*(len(first)-len(a.defaults))+a.defaults
    def said(o, default, star=''):
        note = f': {ast.unparse(o.annotation)}' if o.annotation else ''
        value = constant(default)
        return star+o.arg+note+(f' = {value}' if value and note else f'={value}' if value else '')
    res = [said(o, d) for o,d in zip(first, defaults)]
    if of_class: res[:1] = [of_class]
    if a.vararg: res.append(said(a.vararg, None, '*'))
    elif a.kwonlyargs: res.append('*')
    res += [said(o, d) for o,d in zip(a.kwonlyargs, a.kw_defaults)]
    return res+([said(a.kwarg, None, '**')] if a.kwarg else [])

def signature(f, name, of_class='', head=()):
    "`def …:`, on several lines where it is long"
    returns = f' -> {ast.unparse(f.returns)}' if f.returns else ' -> None' if name=='__init__' else ''
    words = parameters(f.args, of_class)
    one = f"def {name}({', '.join(words)}){returns}:"
    if len(one)+4>WIDE or any('\n' in o for o in words):
        one = f"def {name}(\n" + ''.join(f'    {o},\n' for o in words) + f'){returns}:'
    return '\n'.join([*(f'@{o}' for o in head), one])

def quoted(text):
    "A docstring; empty where there is nothing to say"
    if not text: return ''
    text = text.replace('\\', '\\\\').replace('"""', r'\"\"\"')
    return f'"""{text}"""' if '\n' not in text and not text.endswith('"') else f'"""{text}\n"""'

def defined(f, name, doc='', of_class='', head=()):
    "One function or method as a stub has it"
    body = quoted(doc)
    if not body: return signature(f, name, of_class, head)+' ...'
    return signature(f, name, of_class, head)+'\n'+textwrap.indent(f'{body}\n...', '    ', bool)

def used(f): # Names of its annotations
    a = f.args
    for o in (*a.posonlyargs, *a.args, *a.kwonlyargs, a.vararg, a.kwarg):
        if o is not None: yield from annotated(o.annotation)
    yield from annotated(f.returns)

class Stub:
    "The text of one, as it grows"
    def __init__(self, name): self.module,self.lines,self.parts = name,{},[]
    def need(self, m, names):
        "Take in the lines that import `names`, as the module `m` calls them"
        for o in names:
            line = m.line(o)
            if line and not line.startswith(f'from {self.module} import '): self.take(o, line)
    def take(self, name, line):
        if self.lines.setdefault(name, line)!=line:
            raise ValueError(f'{self.module}: {name!r} is both "{self.lines[name]}" and "{line}"')
    def text(self):
        return '\n\n'.join(['# Made by tools/stub.py', '\n'.join(sorted(set(self.lines.values()))),
                           *self.parts])+'\n'

def public(name): return not name.startswith('_') or name.startswith('__') and name!='__getattr__'

def spoken(where, name, of_noun=False):
    "What `?` shows of a function, or of a method: `Run.history`"
    from ftkit.base.verbs import explain
    o = importlib.import_module(where)
    for k in name.split('.'): o = getattr(o, k)
    return explain(inspect.unwrap(o), of_noun)

def attribute(value, given):
    "The type of what `__init__` keeps, from the right side of an assignment"
    if isinstance(value, ast.Name) and value.id in given: return given[value.id]
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        if value.func.id in ('tuple', 'list', 'dict', 'set', 'str', 'int', 'bool', 'float', 'Path'):
            return value.func.id
    if isinstance(value, ast.Constant) and value.value is not None: return type(value.value).__name__
    return 'Any'

def kept(f):
    "`name: type` of the attributes that `__init__` sets"
    given = {o.arg:ast.unparse(o.annotation) for o in (*f.args.args, *f.args.kwonlyargs) if o.annotation}
    res = {}
    for o in ast.walk(f):
        if not isinstance(o, ast.Assign): continue
        pairs = [(o.targets[0], o.value)]
        if isinstance(o.targets[0], ast.Tuple) and isinstance(o.value, ast.Tuple):
            pairs = zip(o.targets[0].elts, o.value.elts)
        for to,value in pairs:
            if isinstance(to, ast.Attribute) and ast.unparse(to.value)=='self' and public(to.attr):
                res.setdefault(to.attr, attribute(value, given))
    return res

# Classes and modules

RETURNS = dict(__len__='int', __repr__='str', __str__='str', __bool__='bool', __contains__='bool')
OVERRIDES = {'Judgements.decide'} # Takes less than in the class it is made of
OVERLOADS = { # What depends on the kind of an argument
    'Examples.__getitem__': (('i: int', 'Example'), ('i: slice | list | tuple | range', 'Examples'))}

def methods_of(m, c):
    "`(name, function, its module, lines above it, docstring)` of everything that a class has"
    def own(f): return [o for o in decorators(f) if o.rpartition('.')[2] in KEPT]
    found = [(o.name, o, m, own(o), ast.get_docstring(o)) for o in c.body if isinstance(o, ast.FunctionDef)]
    for name,f,where,kind in attached().get((m.name, c.name), ()):
        doc = ast.get_docstring(f)
        if doc and not kind and public(name):
            verb = f in where.own.values()
            doc = spoken(where.name, f.name if verb else f'{c.name}.{f.name}', verb)
        found.append((name, f, where, [kind] if kind else own(f), doc))
    for name,f,*more in found:
        if name in RETURNS and not f.returns: f.returns = ast.Name(RETURNS[name])
        if public(name) and (name[:2]!='__' or name=='__init__' or f.returns): yield name,f,*more

def fields_of(stub, m, c):
    "`name: type` of what a class declares, and of what its `__init__` keeps"
    res = {}
    for o in c.body:
        if isinstance(o, ast.AnnAssign) and public(o.target.id):
            res[o.target.id] = ast.unparse(o.annotation)+' = ...'*bool(o.value)
            stub.need(m, annotated(o.annotation))
        elif isinstance(o, ast.FunctionDef) and o.name=='__init__':
            for k,v in kept(o).items():
                stub.need(m, annotated(ast.parse(v).body[0].value)) if v!='Any' else stub.take('Any', ANY)
                res.setdefault(k, v)
    return [f'{k}: {v}' for k,v in res.items()]

def of_class(stub, m, c):
    "A class with all that is attached to it"
    data = [o for o in c.decorator_list if ast.unparse(o).startswith('dataclass')]
    bases = [*map(ast.unparse, c.bases), *(f'{o.arg}={ast.unparse(o.value)}' for o in c.keywords)]
    stub.need(m, [n for o in (*c.bases, *data) for n in annotated(o) if n!='True'])
    body = [quoted(ast.get_docstring(c)), *fields_of(stub, m, c)]
    for name,f,where,head,doc in methods_of(m, c):
        if over := OVERLOADS.get(f'{c.name}.{name}'):
            stub.take('overload', 'from typing import overload')
            body += [f'@overload\ndef {name}(self, {given}) -> {kind}: ...' for given,kind in over]
            continue
        stub.need(where, [*used(f), *(o.partition('.')[0] for o in head if o not in dir(builtins))])
        first = '' if 'staticmethod' in head else 'cls' if 'classmethod' in head else 'self'
        text = defined(f, name, doc, first, head)
        if f'{c.name}.{name}' in OVERRIDES:
            text = re.sub('(def .*)', r'\1 # type: ignore[override]', text, count=1)
        body.append(text)
    given = f"({', '.join(bases)})" if bases else ''
    lines = [*(f'@{ast.unparse(o)}' for o in data), f'class {c.name}{given}:']
    return '\n'.join(lines)+'\n'+textwrap.indent('\n'.join(filter(None, body)) or '...', '    ', bool)

def of_module(name):
    "The stub of a module: all in it that is public"
    m = module(name)
    stub = Stub(name)
    for o in m.tree.body:
        if isinstance(o, ast.ClassDef): stub.parts.append(of_class(stub, m, o))
        elif isinstance(o, ast.FunctionDef) and public(o.name) and not is_patch(o):
            stub.need(m, used(o))
            stub.parts.append(defined(o, o.name, ast.get_docstring(o)))
        elif isinstance(o, ast.Assign):
            for k in (t.id for t in o.targets if isinstance(t, ast.Name)):
                if not public(k) or k=='__all__': continue
                kind = type(ast.literal_eval(o.value)).__name__ if constant(o.value)!='...' else 'Any'
                if kind=='Any': stub.take('Any', ANY)
                stub.parts.append(f'{k}: {kind}')
    return stub.text()

def of_face():
    "The stub of `ftkit` itself"
    import ftkit as ft
    stub = Stub('ftkit')
    stub.parts.append('__version__: str\n__all__: list[str]\n'
                      'NOUNS: dict[str, str]\nROAD: dict[str, str]\nOLD: dict[str, tuple[str, str]]\n'
                      'class Renamed(FutureWarning): ...')
    found = [(name, *function(where)) for name,where in ft._HOME.items()]
    for name,m,o in sorted(found, key=lambda o: isinstance(o[2], ast.ClassDef)): # Their lines replace others
        if isinstance(o, ast.ClassDef):
            stub.lines[name] = f'from {m.name} import {o.name} as {name}'
            continue
        stub.need(m, used(o))
        stub.parts.append(defined(o, name, spoken(m.name, o.name)))
    return stub.text()

def stubs():
    "Path → text of all of them"
    sys.path.insert(0, str(ROOT))
    import ftkit as ft
    for o in ft.NOUNS.values(): importlib.import_module(f"ftkit.{o.rpartition('.')[0]}")
    made = {ROOT/'ftkit'/'__init__.pyi':of_face()}
    return made|{path_of(o).with_suffix('.pyi'):of_module(o) for o in sorted(reached())}

def main(args):
    made = stubs()
    extra = {*(ROOT/'ftkit').rglob('*.pyi')}-made.keys()
    old = [o for o,text in made.items() if not o.exists() or o.read_text(encoding='utf-8')!=text]
    if '--check' in args:
        names = ', '.join(o.relative_to(ROOT).as_posix() for o in sorted([*old, *extra]))
        if names: sys.exit(f'{names}: not up to date. Run: python tools/readme.py')
        return
    for o in extra: o.unlink()
    for o in old: o.write_text(made[o], encoding='utf-8')

if __name__=='__main__': main(sys.argv[1:])
