"""How notebooks and the modules they write are cut, in numbers.

    python tools/shape.py                 # this project
    python tools/shape.py PATH/TO/nbs     # notebooks of another nbdev project
    python tools/shape.py --list          # and where the limits are passed"""
import ast, io, json, re, statistics, sys, tokenize
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIMITS = dict(cell=25, function=40, module=350, columns=110)

def cells_of(path):
    "`(kind, source)` of each cell: text, exported or shown."
    for c in json.loads(path.read_text(encoding='utf-8'))['cells']:
        source = c['source'] if isinstance(c['source'], str) else ''.join(c['source'])
        if c['cell_type']=='markdown': yield 'text', source
        elif c['cell_type']=='code': yield ('exported' if re.search(r'^#\s*\|\s*exports?\b', source, re.M) else 'shown'), source

def bare(source):
    "Without the directives of nbdev."
    return '\n'.join(o for o in source.split('\n') if not re.match(r'#\s*\|', o)).strip('\n')

def parsed(source):
    "Its tree; empty where it holds magics."
    try: return ast.parse(source)
    except SyntaxError: return ast.parse('')

def only_imports(tree): return all(isinstance(o, (ast.Import, ast.ImportFrom)) for o in tree.body)

def patched(node): return any('patch' in ast.unparse(o) for o in node.decorator_list)

def public_names(tree):
    "What a cell defines for others: functions, classes, constants."
    for o in tree.body:
        if isinstance(o, (ast.FunctionDef, ast.ClassDef)) and not patched(o): yield o.name
        elif isinstance(o, ast.Assign): yield from (t.id for t in o.targets if isinstance(t, ast.Name))

def functions(tree):
    for o in ast.walk(tree):
        if isinstance(o, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = min([o.lineno, *(d.lineno for d in o.decorator_list)])
            yield o.name, o.end_lineno-first+1

def module_of(path):
    "The file that a notebook writes; None where it is not there."
    name = re.search(r'^#\s*\|\s*default_exp +([\w.]+)', '\n'.join(o for _,o in cells_of(path)), re.M)
    if not name: return None
    end = name[1].replace('.', '/')+'.py'
    for folder in path.resolve().parents: # The library lies beside the notebooks
        found = [o for o in sorted(folder.glob('*/'+end)) if path.name in o.read_text(encoding='utf-8')[:500]]
        if found: return found[0]
        if (folder/'settings.ini').exists() or (folder/'pyproject.toml').exists(): return None

def file_lines(path):
    "Lines of what a notebook writes, as the file has them: blank ones and nbdev's comments too."
    module = module_of(path)
    return len(module.read_text(encoding='utf-8').splitlines()) if module else 0

def semicolons(source):
    "Lines on which two statements stand."
    try: tokens = [*tokenize.generate_tokens(io.StringIO(source).readline)]
    except (tokenize.TokenError, SyntaxError): return
    yield from (o.start[0] for o in tokens if o.type==tokenize.OP and o.string==';')

def nested(tree):
    "Lines of a conditional expression within another."
    for o in ast.walk(tree):
        if isinstance(o, ast.IfExp) and any(isinstance(i, ast.IfExp) for i in (o.body, o.orelse)): yield o.lineno

def packed(tree):
    "Lines that give more than two names at once."
    for o in ast.walk(tree):
        if isinstance(o, ast.Assign) and isinstance(o.targets[0], ast.Tuple) and isinstance(o.value, ast.Tuple) and len(o.targets[0].elts)>2:
            yield o.lineno

def measure(path):
    "Numbers of one notebook, and where its limits are passed."
    cells,found,names,shown,words = [],[],set(),'',0
    for kind,source in cells_of(path):
        if kind=='text': words += len(source.split())
        if kind=='shown': shown += '\n'+source
        if kind!='exported': continue
        code = bare(source)
        tree = parsed(code)
        if not code or only_imports(tree): continue
        n = len(code.split('\n'))
        cells.append(n)
        names |= {o for o in public_names(tree) if not o.startswith('_')}
        lines = code.split('\n')
        def at(n): return lines[n-1].strip()[:60]
        if n>LIMITS['cell']: found.append(('cells over 25 lines', f'{n}: {at(1)}'))
        found += [('functions over 40 lines', f'{k}: {name}') for name,k in functions(tree) if k>LIMITS['function']]
        found += [('lines over 110 columns', f'{len(o)}: {o.strip()[:60]}') for o in lines if len(o)>LIMITS['columns']]
        found += [('`;`', at(o)) for o in semicolons(code)]
        found += [('conditionals within one', at(o)) for o in nested(tree)]
        found += [('more than two names at once', at(o)) for o in packed(tree)]
    unseen = sorted(o for o in names if not re.search(rf'\b{re.escape(o)}\b', shown))
    lines = file_lines(path) if cells else 0
    if lines>LIMITS['module']: found.append(('modules over 350 lines', lines))
    found += [('public names not shown', o) for o in unseen]
    return dict(cells=cells, lines=lines, found=found, names=len(names), unseen=len(unseen), words=words)

def notebooks(folder): return sorted(o for o in Path(folder).rglob('*.ipynb') if '.ipynb_checkpoints' not in o.parts and not o.name.startswith('_'))

def main(words):
    "Print the table; with `--list` also each place."
    folder = next((o for o in words if not o.startswith('-')), ROOT/'nbs')
    all_of = {o: measure(o) for o in notebooks(folder)}
    sizes = [n for o in all_of.values() for n in o['cells']]
    modules = [o['lines'] for o in all_of.values() if o['cells']]
    long = sum(n>LIMITS['cell'] for n in sizes)
    print(f"modules                     {len(modules)}, the longest {max(modules)} lines as a file")
    print(f"exported cells              {len(sizes)}, median {statistics.median(sizes):g} lines, longest {max(sizes)}, "
          f"{100*long/len(sizes):.1f} % over {LIMITS['cell']}")
    print(f"public names                {sum(o['names'] for o in all_of.values())}")
    print(f"words of prose per line     {sum(o['words'] for o in all_of.values())/sum(sizes):.1f}")
    counts = Counter(kind for o in all_of.values() for kind,_ in o['found'])
    for kind,n in sorted(counts.items()): print(f'{kind:27} {n}')
    if '--list' in words:
        for path,o in all_of.items():
            for kind,what in o['found']: print(f'{path}: {kind}: {what}')

if __name__=='__main__': main(sys.argv[1:])
