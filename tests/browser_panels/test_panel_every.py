"What must hold of every panel: it fits, it stands still where that is asked for, and needs no mouse."
import pytest
from every import PANELS

# What sticks out of a panel, what is cut off without a sign, and columns of a few letters
LOST = """() => {
  const el = document.getElementById("el"), box = (e) => e.getBoundingClientRect(), look = getComputedStyle;
  const drawn = (e) => e.closest(".sr, svg, .u-over, .chart"), side = box(el).right + 1;
  const seen = (e) => e.checkVisibility() && e.getClientRects().length && !drawn(e);
  const scrolls = (e) => e !== el && (/auto|scroll/.test(look(e).overflowX) || scrolls(e.parentElement));
  const own = (e) => [...e.childNodes].filter((o) => o.nodeType === 3).map((o) => o.data.trim()).join("");
  const signed = (e) => look(e).textOverflow === "ellipsis" || look(e).webkitLineClamp !== "none";
  const cut = (e) => /hidden|clip/.test(look(e).overflowX) && e.scrollWidth > e.clientWidth + 1 && !signed(e);
  const size = (e) => parseFloat(look(e).fontSize);
  const thin = (e) => own(e).length > 6 && e.clientWidth && box(e).height > 4.5 * size(e)
    && box(e).width < 2.5 * size(e) && look(e).writingMode === "horizontal-tb";
  const all = [...el.querySelectorAll("*")].filter(seen);
  const out = all.filter((e) => box(e).right > side && !scrolls(e.parentElement));
  const wide = document.documentElement.scrollWidth > innerWidth ? ["the page scrolls sideways"] : [];
  const found = (some, why) => some.map((e) => `${why}: ${e.outerHTML.slice(0, 160)}`);
  const [cuts, thins] = [cut, thin].map((o) => all.filter(o));
  return [...wide, ...found(out, "out"), ...found(cuts, "cut"), ...found(thins, "thin")];
}"""
MOVING = """() => {
  const moves = (e, part) => {
    const s = getComputedStyle(e, part || null);
    return s.animationName !== "none" || s.transitionDuration.split(",").some((o) => parseFloat(o));
  };
  const kinds = ["", "::before", "::after"];
  const parts = (e) => kinds.filter((part) => moves(e, part)).map((o) => e.className + o);
  return [...document.querySelectorAll("#el, #el *")].flatMap(parts);
}"""

def put(stage, tmp_path, name, **kw):
    make,words = PANELS[name]
    p = make(tmp_path)
    p.first = p.opening()
    s = stage(p, **kw)
    s.wait(words)
    return s

@pytest.mark.parametrize('name', PANELS)
def test_it_fits_stands_still_and_is_read_by_all(stage, tmp_path, name):
    "A telephone, a notebook at 200 %, no motion where none is wanted, and what axe-core finds on both"
    s = put(stage, tmp_path, name)
    page = s.page
    if name in ('monitor', 'runs'): assert page.evaluate(MOVING) # It would be found
    page.emulate_media(reduced_motion='reduce')
    assert page.evaluate(MOVING)==[]
    page.emulate_media(reduced_motion='no-preference')
    zoomed = page.context.new_cdp_session(page)
    size = dict(width=640, height=400, deviceScaleFactor=2, mobile=False)
    zoomed.send('Emulation.setDeviceMetricsOverride', size)
    s.settle()
    assert page.evaluate('[innerWidth, devicePixelRatio]')==[640, 2]
    assert page.evaluate(LOST)==[]
    zoomed.send('Emulation.clearDeviceMetricsOverride')
    zoomed.detach()
    page.set_viewport_size(dict(width=360, height=800))
    s.settle()
    assert page.evaluate(LOST)==[]
    if name=='grade': s.shot('every-grade-light') # All others are in a test of their own, too
    s.dark()
    s.shot(f'every-{name}-dark')

BETWEEN = """() => {
  const b = (id) => Object.assign(document.createElement("button"), { id, textContent: id });
  document.body.prepend(b("before"));
  document.body.append(b("after"));
  document.getElementById("before").focus();
}"""
# Where the focus is, how it looks, and whether it can be seen
HERE = """() => {
  const e = document.activeElement, s = getComputedStyle(e), all = [...document.querySelectorAll("*")];
  const o = e.getBoundingClientRect(), line = s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 1;
  const there = o.width > 0 && o.bottom > 0 && o.top < innerHeight;
  e.dataset.reached = "yes";
  return { id: e.id, at: all.indexOf(e), shown: line && there, what: e.outerHTML.slice(0, 120) };
}"""
# What can be clicked or typed into, and was not reached
UNREACHED = """() => [...document.querySelectorAll("#el *")].filter((e) => {
  const seen = e.checkVisibility() && e.getClientRects().length && !e.disabled && !e.dataset.reached;
  const used = e.onclick || /^(BUTTON|INPUT|SELECT|TEXTAREA|SUMMARY)$/.test(e.tagName);
  const arrows = e.closest("[role=listbox], [role=tablist]"); // One stop each: arrow keys do the rest
  const twice = e.classList.contains("track"); // The name beside it, or its filter, does the same
  return seen && used && !arrows && !twice && e.tabIndex >= -1;
}).map((e) => e.outerHTML.slice(0, 120))"""

@pytest.mark.parametrize('name', PANELS)
def test_tab_goes_through_it_and_out_again(stage, tmp_path, name):
    "In the order of the page, each stop to be seen, nothing left out, and no trap on the way back either"
    s = put(stage, tmp_path, name)
    s.page.evaluate(BETWEEN)
    stops = []
    for _ in range(250):
        s.page.keyboard.press('Tab')
        stops.append(s.page.evaluate(HERE))
        if stops[-1]['id']=='after': break
    assert stops[-1]['id']=='after', stops[-3:]
    assert [o['what'] for o in stops[:-1] if not o['shown']]==[]
    assert [o['at'] for o in stops]==sorted(o['at'] for o in stops)
    assert s.page.evaluate(UNREACHED)==[]
    for _ in stops: s.page.keyboard.press('Shift+Tab')
    assert s.page.evaluate('document.activeElement.id')=='before'

# What a letter would do as a shortcut; what is typed into a field asks for none of it
SHORTCUTS = {'decide', 'undo', 'turn', 'go', 'open', 'shut', 'say', 'stop', 'reveal', 'filter', 'order',
             'start'}

@pytest.mark.parametrize('name', PANELS)
def test_no_shortcut_while_typing(stage, tmp_path, name):
    s = put(stage, tmp_path, name)
    if name in ('review', 'worst', 'judge', 'grade', 'sentences'): # Their shortcuts open fields, too
        s.reach('.list' if name in ('review', 'worst') else '.judge')
        s.page.keyboard.press('c')
    if name=='chat':
        for o in s.page.locator('summary').all(): o.press('Enter')
    asked,said = [],s.said
    def heard(m): # A comment is kept when one goes elsewhere: it decides nothing
        if m['kind']!='decide' or m.get('verdict'): asked.append(m['kind'])
        return said(m)
    s.said = heard
    fields = '#el :is(textarea, input:not([type=checkbox], [type=range])):not(:disabled)'
    some = [o for o in s.page.locator(fields).all() if o.is_visible()][5::-1] # A search closes what is below
    assert some or name in ('columns', 'monitor', 'runs', 'evals', 'labels')
    for o in some:
        o.focus()
        for k in 'kdfujpneclz[]/?123': s.page.keyboard.press(k)
        assert o.evaluate('o => o===document.activeElement')
        if o.get_attribute('type')!='number': assert 'kdfuj' in o.input_value()
    s.page.wait_for_timeout(400) # What is typed is told a moment later
    assert not SHORTCUTS & {*asked}, asked

def pressed(s, *keys):
    for k in keys: s.page.keyboard.press(k)

def focused(s): return s.page.evaluate('document.activeElement.outerHTML.slice(0, 200)')

def road_look(s):
    s.reach('.counted button'); pressed(s, 'Enter')
    s.page.locator('.counted button[aria-pressed=true]').wait_for()
    assert 'aria-pressed="true"' in focused(s) # It is where it was
    pressed(s, 'Enter')
    s.page.locator('.counted button[aria-pressed=true]').wait_for(state='detached')
    s.reach('[aria-label="Filter by check"] button:nth-child(2)'); pressed(s, 'Space')
    s.page.locator('.chip[aria-pressed=true]', has_text='format').wait_for()
    s.reach('.list'); pressed(s, 'ArrowDown')
    s.page.locator('[role=option][aria-selected=true][data-at="1"]').wait_for()
    pressed(s, '/')
    s.page.keyboard.type('kettle')
    pressed(s, 'Escape')
    assert 'role="listbox"' in focused(s)
    s.reach('[aria-label="The chosen example"]')

def road_evals(s):
    s.reach('.answers tbody tr'); pressed(s, 'Enter')
    s.page.locator('.three').wait_for()
    pressed(s, 'Escape')
    s.page.locator('.three').wait_for(state='detached')
    assert 'data-n="0"' in focused(s)
    s.page.evaluate('document.activeElement.blur()')
    s.reach('.wide td button'); pressed(s, 'Enter')
    s.wait('show all rows')
    pressed(s, 'Escape')
    s.wait('1–20 of 60')

def road_labels(s):
    s.reach('.matrix tbody td button'); pressed(s, 'Enter')
    s.wait('show all rows')
    s.reach('.answers tbody tr'); pressed(s, 'Escape')
    s.wait('1–20 of 60')

def road_monitor(s):
    s.page.locator('.u-over').first.wait_for()
    s.reach('button:nth-of-type(2).danger'); pressed(s, 'Enter')
    s.wait('Yes, stop now')
    assert 'Yes' in focused(s)
    pressed(s, 'Escape')
    s.page.get_by_text('Yes, stop now').wait_for(state='hidden')
    s.reach('.chart'); pressed(s, 'ArrowLeft', '+')
    s.page.get_by_role('button', name='Whole run').wait_for()
    pressed(s, 'Escape')
    s.page.get_by_role('button', name='Whole run').wait_for(state='hidden')
    s.reach('.samples select'); pressed(s, 'ArrowDown')
    s.wait('step 60')

def road_runs(s):
    s.page.evaluate('document.activeElement.blur()')
    s.reach('tr:nth-child(2) .name'); pressed(s, 'Enter')
    s.wait('lr-1e-3 · step 80 of 120')
    assert 'lr-1e-3' in focused(s)
    s.reach('[aria-label="Key figures"]')

def road_tokens(s):
    s.reach('[role=slider]'); pressed(s, 'ArrowLeft')
    s.reach('select'); pressed(s, 'ArrowDown')
    s.wait('row 1 of 61')
    s.reach('.tok'); pressed(s, 'ArrowRight', 'ArrowRight')
    s.wait('token 3')
    pressed(s, 'n')
    s.wait('row 2 of 61')
    assert 'class="tok' in focused(s)

def road_columns(s):
    s.reach('[aria-label="What Thema means"]')
    s.page.keyboard.type('label')
    s.wait('label Karten')
    s.reach('pre')

def road_form(s):
    s.reach('[role=tab]'); pressed(s, 'ArrowRight')
    assert 'Differences' in focused(s)
    pressed(s, 'ArrowLeft')
    s.reach('[name="lora.use_dora"]'); pressed(s, 'Space')
    s.page.wait_for_function('document.activeElement.checked')
    s.reach('summary'); pressed(s, 'Enter')
    s.page.locator('details[open]').wait_for()

def road_review(s):
    s.reach('select'); s.reach('.list'); pressed(s, 'd')
    s.wait('1 of ')
    pressed(s, 'c')
    s.page.keyboard.type('why')
    pressed(s, 'Escape')
    assert 'role="listbox"' in focused(s)
    s.reach('.act'); pressed(s, 'Enter')
    s.wait('2 of ')
    pressed(s, '?', 'Escape')
    assert 'role="listbox"' in focused(s)

def road_judge(s):
    s.reach('.judge'); pressed(s, '?', 'Escape')
    s.reach('[data-tag]'); pressed(s, 'Enter')
    s.page.locator('[data-tag][aria-pressed=true]').wait_for()
    s.reach('[data-verdict]'); pressed(s, 'Enter')
    s.wait('2 of 4')

def road_chat(s):
    s.reach('summary'); pressed(s, 'Enter')
    s.reach('[data-at="edit/0/open"]'); pressed(s, 'Enter')
    s.wait('removes the turn after it')
    pressed(s, 'Escape')
    assert 'edit/0/open' in focused(s)

ROADS = dict(look=road_look, evals=road_evals, labels=road_labels, monitor=road_monitor, runs=road_runs,
             tokens=road_tokens, columns=road_columns, form=road_form, review=road_review, worst=road_review,
             judge=road_judge, grade=road_judge, sentences=road_judge, chat=road_chat)

@pytest.mark.parametrize('name', PANELS)
def test_its_work_is_done_by_keyboard_alone(stage, tmp_path, name):
    s = put(stage, tmp_path, name)
    assert ROADS.keys()==PANELS.keys()
    ROADS[name](s)
