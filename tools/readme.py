"""README.md is nbs/index.ipynb as Markdown.

    python tools/readme.py            # write it
    python tools/readme.py --check    # is it up to date?"""
import posixpath, re, sys
from pathlib import Path

import nbformat
from nbconvert.exporters import MarkdownExporter

ROOT = Path(__file__).resolve().parents[1]
INDEX, README = ROOT/'nbs'/'index.ipynb', ROOT/'README.md'
DIRECTIVE = re.compile(r'^#\| *([\w-]+):? *(.*)\n?', re.M)
LINK = re.compile(r'(\]\(|(?:src|href)=")([^)"\s]+)')
AWAY = re.compile(r'[a-z][a-z+.-]*:|[#/]') # What a link that is not relative starts with

def shown(nb):
    "`nb` with only what a reader should see: no raw cells, hidden cells or `#|` lines"
    cells = []
    for c in nb.cells:
        flags = dict(DIRECTIVE.findall(c.source)) if c.cell_type=='code' else {}
        if c.cell_type=='raw' or {'hide', 'default_exp'} & flags.keys() or flags.get('include')=='false': continue
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

def main(args):
    new = readme()
    if '--check' not in args: README.write_text(new, encoding='utf-8')
    elif not README.exists() or README.read_text(encoding='utf-8')!=new:
        sys.exit('README.md differs from nbs/index.ipynb. Run: python tools/readme.py')

if __name__=='__main__': main(sys.argv[1:])
