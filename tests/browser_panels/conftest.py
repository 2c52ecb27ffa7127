"""Panels in a real browser: a bare page, the real ES module, a fake model, and the real python widget
behind it."""
import json, os, queue
from pathlib import Path
import pytest
from pages import Pages

HOSTILE = (
    '<script>window.ran=1</script><img src="http://x.invalid/" onerror="window.ran=2">\u202e\x1b[2J\ud800end')

MODEL = """
(esm, css, theme, vars, state) => {
  document.body.dataset.jpThemeLight = String(theme === "light");
  document.head.append(Object.assign(document.createElement("style"), { textContent: css + vars }));
  const heard = new Set(), pass = (ms) => ms.forEach((m) => heard.forEach((f) => f(m)));
  const model = { get: (k) => state[k], on: (_e, f) => heard.add(f), off: (_e, f) => heard.delete(f),
    send: (m) => window.toPython(m).then(pass) };
  setInterval(() => window.drain().then(pass), 50);
  const url = URL.createObjectURL(new Blob([esm], { type: "text/javascript" }));
  return import(url).then((mod) => {
    const show = () => mod.default.render({ model, el: document.getElementById("el") });
    let close = show();
    window.another = () => {
      mod.default.render({ model, el: document.body.appendChild(document.createElement("div")) });
    };
    window.reopen = () => {
      close();
      document.getElementById("el").replaceWith(Object.assign(document.createElement("div"), { id: "el" }));
      close = show();
    };
  });
}"""
# What is read aloud without a name, what is a landmark within another, and words too faint to read
UNHEARD = """() => {
  const ink = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const over = (colour, [r, g, b]) => {
    ink.fillStyle = `rgb(${r},${g},${b})`; ink.fillRect(0, 0, 1, 1);
    ink.fillStyle = colour; ink.fillRect(0, 0, 1, 1);
    return [...ink.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const look = (e) => getComputedStyle(e);
  const behind = (e) => e ? over(look(e).backgroundColor, behind(e.parentElement)) : [255, 255, 255];
  const plain = (v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const bright = (c) => c.map((v) => plain(v / 255)).reduce((n, v, i) => n + v * [.2126, .7152, .0722][i], 0);
  const seen = (e) => e.checkVisibility() && e.getClientRects().length;
  const all = (what) => [...document.querySelectorAll(what)].filter(seen);
  const named = ["group", "progressbar", "dialog"].map((o) => `#el [role=${o}]`).join();
  const nameless = all(`#el button, #el input, #el section, ${named}`)
    .filter((e) => !(e.getAttribute("aria-label") || (e.tagName === "BUTTON" && e.innerText.trim())));
  const within = all("#el header:not([role=none]), #el [role=region] [role=region], #el main");
  const said = (e) => [...e.childNodes].some((o) => o.nodeType === 3 && o.data.trim());
  const faint = all("#el *").filter((e) => said(e) && !e.closest(".sr, :disabled")).filter((e) => {
    const under = behind(e), [a, b] = [under, over(look(e).color, under)].map(bright);
    return (Math.max(a, b) + .05) / (Math.min(a, b) + .05) < 4.5;
  });
  return [...nameless, ...within, ...faint].map((e) => e.outerHTML.slice(0, 200));
}"""

def unusable(page, place):
    "What axe-core finds serious, or worse: rule, what it is about, and the first elements"
    from axe_playwright_python.sync_playwright import Axe
    page.add_style_tag(content='*, *::before { transition: none !important; animation: none !important }')
    found = Axe().run(page, place).response['violations']
    return [(o['id'], o['help'], [n['html'][:200] for n in o['nodes'][:3]], len(o['nodes']))
            for o in found if o['impact'] in ('serious', 'critical')]

VARS = dict(
    light=':root{--jp-layout-color1:#fff;--jp-content-font-color1:rgba(0,0,0,.87)} body{background:#fff}',
            dark=':root{--jp-layout-color1:#111;--jp-content-font-color1:#fff} body{background:#111}')

class Stage:
    "One panel on one page"
    def __init__(self, pages, panel, theme='light', width=1000, hold=False, lose=0):
        self.panel,self.news,self.faults,self.hold,self.lose = panel,queue.Queue(),[],hold,lose
        panel.send = lambda m, *_: self.news.put(json.loads(json.dumps(m, allow_nan=False)))
        self.pages,self.page = pages,pages.take()
        self.page.stage,page = self,self.page
        page.set_viewport_size(dict(width=width, height=800))
        page.set_content('<!doctype html><body style="margin:16px"><div id="el"></div></body>')
        page.evaluate(f'(args) => ({MODEL})(...args)',
                      [panel._esm, panel._css, theme, VARS[theme], dict(key=panel.key, first=panel.first)])
    def drain(self):
        res = []
        while not self.hold and not self.news.empty(): res.append(self.news.get())
        return res
    def said(self, m):
        if self.lose: self.lose -= 1; return [] # On its way to python
        self.panel._handle_custom_msg(m, [])
        return self.drain()
    def text(self): return self.page.inner_text('#el')
    def wait(self, words):
        seen = 'w => document.getElementById("el").innerText.includes(w)'
        self.page.wait_for_function(seen, arg=words, timeout=60_000)
    def decided_on_a_full_disk(self, file, key):
        "Press a key while `file` cannot be written; hand the decision over once it can"
        good = file.decide
        def bad(*_, **__): raise OSError('No space left on device')
        file.decide = bad
        self.page.keyboard.press(key)
        self.wait('No space left on device')
        self.wait('1 not saved yet')
        again = self.page.get_by_text('Send again', exact=True)
        again.wait_for()
        file.decide = good
        again.dispatch_event('click') # It may have been sent again by itself, and the button hidden
    def reach(self, what):
        "Go to an element by Tab alone"
        for _ in range(60):
            if self.page.evaluate('w => document.activeElement.matches(w)', what): return
            self.page.keyboard.press('Tab')
        raise AssertionError(f'{what} is not reached')
    def dark(self):
        "Go on in the dark"
        self.page.evaluate('document.body.dataset.jpThemeLight = "false"')
        self.page.add_style_tag(content=VARS['dark'])
    def settle(self):
        self.page.evaluate('() => new Promise((f) => requestAnimationFrame(() => requestAnimationFrame(f)))')
    def unheard(self): return self.page.evaluate(UNHEARD)
    def is_for_all(self):
        "Is all of it named, legible, and no wider than a telephone?"
        assert self.unheard()==[] and self.page.evaluate('document.body.scrollWidth')<=360
    def shot(self, name):
        "A picture, where they are asked for, of what every reader must be able to use"
        assert (found := unusable(self.page, '#el'))==[], found
        if folder := os.environ.get('FTKIT_SHOTS'):
            self.page.locator('#el').screenshot(path=Path(folder)/f'{name}.png')
    def close(self):
        assert self.page.evaluate('window.ran') is None, 'a script from the data ran'
        assert not self.page.locator('#el script, #el img').count()
        self.page.stage = None
        self.pages.give(self.page)
        assert not self.faults, self.faults

@pytest.fixture(params=['light', 'dark'])
def theme(request): return request.param

@pytest.fixture(scope='session')
def blank_pages(browser): return Pages(browser)

@pytest.fixture
def pages(blank_pages): return blank_pages

@pytest.fixture(scope='session')
def dirty():
    from ftkit.base.system import sample
    from ftkit.data.read.load import load
    return load(sample('tickets_dirty'))

@pytest.fixture
def stage(pages):
    """Put a panel on a page; at the end nothing may have run, been asked of the network, or been
    complained about"""
    open_ = []
    def put(panel, **kw): open_.append(Stage(pages, panel, **kw)); return open_[-1]
    yield put
    for o in open_: o.close()

@pytest.fixture
def hostile(): return HOSTILE
