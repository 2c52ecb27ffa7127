"""README.md is nbs/index.ipynb as Markdown; docs/settings.md lists the fields of `RunConfig`, docs/checks.md
the checks, docs/api.md what is public; stubs for editors are written by tools/stub.py.

    python tools/readme.py            # write them
    python tools/readme.py --check    # are they up to date?"""
import posixpath, re, sys
from pathlib import Path

import nbformat
import stub
from nbconvert.exporters import MarkdownExporter

ROOT = Path(__file__).resolve().parents[1]
INDEX, README = ROOT/'nbs'/'index.ipynb', ROOT/'README.md'
SETTINGS, CHECKS = ROOT/'docs'/'settings.md', ROOT/'docs'/'checks.md'
API = ROOT/'docs'/'api.md'
DIRECTIVE = re.compile(r'^#\| *([\w-]+):? *(.*)\n?', re.M)
LINK = re.compile(r'(\]\(|(?:src|href)=")([^)"\s]+)')
AWAY = re.compile(r'[a-z][a-z+.-]*:|[#/]') # What a link that is not relative starts with

def shown(nb):
    "`nb` with only what a reader should see: no raw cells, hidden cells or `#|` lines"
    cells = []
    for c in nb.cells:
        flags = dict(DIRECTIVE.findall(c.source)) if c.cell_type=='code' else {}
        if c.cell_type=='raw' or {'hide', 'default_exp'} & flags.keys() or flags.get('include')=='false':
            continue
        if c.cell_type=='code':
            c.source = DIRECTIVE.sub('', c.source).strip()
            if 'hide_output' in flags or flags.get('output')=='false': c.outputs = []
            bare = 'hide_input' in flags or flags.get('echo')=='false'
            if bare: c.metadata['transient'] = {'remove_source': True}
            if (bare or not c.source) and not c.outputs: continue
        cells.append(c)
    nb.cells = cells
    nb.metadata['language_info'] = {'name': 'python'}   # A clean notebook does not say
    return nb

def moved(text):
    "Relative links of a file in nbs/, as they read from the root; code blocks are left alone"
    def fix(m):
        head,to = m.groups()
        return m.group(0) if AWAY.match(to) else head + posixpath.normpath(posixpath.join('nbs', to))
    parts = re.split(r'(^```.*?^```[^\n]*$)', text, flags=re.M|re.S)
    return ''.join(o if i%2 else LINK.sub(fix, o) for i,o in enumerate(parts))

def readme(index=INDEX):
    "The text of README.md"
    exporter = MarkdownExporter()
    kinds = ('text/markdown', 'text/plain')
    exporter.register_filter('filter_data_type', lambda out: [o for o in kinds if o in out][:1])
    text = exporter.from_notebook_node(shown(nbformat.read(index, as_version=4)))[0]
    text = re.sub(r'\n{3,}', '\n\n', re.sub(r'[ \t]+$', '', text, flags=re.M)).strip()
    name = Path(index).name
    return f"<!-- Made from nbs/{name} by tools/readme.py; edit the notebook. -->\n\n{moved(text)}\n"

def row(*cells): return '| ' + ' | '.join(str(o).replace('|', '\\|') for o in cells) + ' |\n'

def checks():
    "The text of docs/checks.md"
    from ftkit.data.checks.issue import CHECKS
    def fix(o): return ', '.join(f'`{k}`' for k in (o.mend, o.recipe) if k)
    found = ''.join(row(f'`{o.name}`', o.severity, o.says, fix(o), ', '.join(o.needs)) for o in CHECKS)
    return ('<!-- Made from nbs/data/checks by tools/readme.py. -->\n\n# Checks\n\n'
            'What `examples.check()` and `ftkit check` look for. *Error*: do not train on it; *warning*: '
            'read it; *note*: know '
            'it.\nThe fixes are settings of a recipe, for `examples.clean(…)` and `ftkit clean`. Notes never '
            'drop a row.\n\n'
            f"{row('check', 'severity', 'what it finds', 'fixes', 'better with')}{row(*['---']*5)}{found}")

def api():
    "The text of docs/api.md"
    import ftkit as ft
    from ftkit.api import stages
    text = (
        '<!-- Made from the docstrings by tools/readme.py. -->\n\n# What ftkit offers\n\nWhat `ft.help()` '
        'prints, in the order of the road. ')
    nouns = ', '.join(f"`{k}` stands for `{v.rpartition('.')[2]}`" for k,v in ft.NOUNS.items())
    text += (
        f'`ft` is the package, {nouns}. `ft.help(name)`, or `?` behind\na name, says what each parameter '
        f'means.\n')
    old = ''.join(f'| `ft.{k}` | `{new}` |\n' for k,(_,new) in ft.OLD.items())
    for stage,names in stages():
        text += f'\n## {stage}\n\n' + ''.join(f'- `{o}`: {what}\n' for o,what in names)
    return (text+
            f'\n## Names of before\n\nRead for one release, with a notice.\n\n| before | now '
            f'|\n|---|---|\n{old}')

def settings():
    "The text of docs/settings.md"
    from ftkit.config.rates import LR
    from ftkit.config.settings import SECTIONS, fields_of
    from ftkit.config.presets import PRESETS
    def text(f): return f'`{f.default!r}`' if not f.required else 'needed'
    def words(f): return f.help + (f". One of {', '.join(f'`{o}`' for o in f.choices)}" if f.choices else '')
    def usual(f): return ' '.join(filter(None, (f.about.reach and f'{f.about.reach}.', f.about.hint)))
    fields = ''
    for section,title in SECTIONS.items():
        own = [f for f in fields_of() if f.about.section==section]
        fields += f"\n## {title}\n\n{row('field', 'default', 'what it is', 'range')}{row(*['---']*4)}"
        fields += ''.join(row(f'`{f.name}`', text(f), words(f), usual(f)) for f in own)
    def there(o): return f'`{o[0]}`' + (f' ({o[1]})' if o[1] not in (None, '') else '')
    same = ''.join(row(f'`{f.name}`', there(f.about.axolotl), there(f.about.llamafactory))
                   for f in fields_of() if f.about.axolotl)
    rates = ''.join(row(f'`{k}`', f'{lr:g}', why) for k,(lr,why) in LR.items())
    presets = ''.join(row(f'`{o.name}`', o.help,
                          ', '.join(f'`{k}: {v}`' + (f' ({o.why[k]})' if k in o.why else '')
                                 for k,v in o.changes.items())) for o in PRESETS.values())
    return ('<!-- Made from nbs/config by tools/readme.py. -->\n\n'
            '# Settings of a run\n\n'
            'The form, the YAML and the flags of `ftkit train` are made from the same list.\n\n'
            'The sections are those of the form.\n'
            f"{fields}\n## Usual learning rates\n\n"
            f"{row('what is trained', 'lr', 'why')}{row('---', '---', '---')}{rates}\n## Presets\n\n"
            f"{row('preset', 'for', 'sets')}{row('---', '---', '---')}{presets}\n## The same under another "
            f"name\n\n"
            'With the default there, which a config that is read takes. `ftkit config convert` does the '
            'rest.\n\n'
            f"{row('field', 'axolotl', 'LLaMA-Factory')}{row('---', '---', '---')}{same}")

def main(args):
    made = {README:readme(), SETTINGS:settings(), CHECKS:checks(), API:api()}
    old = [o.name for o,text in made.items() if not o.exists() or o.read_text(encoding='utf-8')!=text]
    if '--check' not in args:
        for o,text in made.items(): o.write_text(text, encoding='utf-8')
    elif old: sys.exit(f"{' and '.join(old)}: not up to date. Run: python tools/readme.py")
    stub.main(args)

if __name__=='__main__': main(sys.argv[1:])
