import json, math, queue, random, threading, time
import pytest
from ftkit.panels.monitor.panel import MonitorPanel
from ftkit.panels.monitor.updates import message_bytes
from lab import wait_until

# Whatever was to be drawn
DRAWN = '() => new Promise((f) => requestAnimationFrame(() => requestAnimationFrame(f)))'
CLOCK = """() => {
  addEventListener("click", () => { window.clicked = performance.now(); }, true);
  const busy = () => document.getElementById("el").innerText.includes("The kernel is busy");
  const look = () => { if (!window.said && busy())
    window.said = performance.now(); };
  new MutationObserver(look).observe(document.getElementById("el"),
    { subtree: true, childList: true, characterData: true, attributes: true });
}"""

class Run:
    "A run on disk's stead: its events and status are lists here"
    def __init__(self, name='2026-11-22-tickets'):
        self.name,self.path,self.state,self.log,self.stops = name,f'runs/{name}',dict(state='created'),[],0
        self.made = None
    def status(self): return dict(self.state)
    def stop(self, now=False): self.stops += 1; self.now = now
    def text(self): # Of events.jsonl
        if self.made is not self.log: self.made,self.n,self.lines = self.log,0,bytearray()
        for o in self.log[self.n:]: self.lines += json.dumps(dict(attempt=1)|o).encode()+b'\n'
        self.n = len(self.log)
        return self.lines
    def tail(self):
        class Tail:
            at = 0
            def blocks(_):
                part = bytes(self.text()[_.at:])
                _.at += len(part)
                if part: yield part
        return Tail()
    def go(self, a, b, of=120, per=10, samples=True):
        rnd = random.Random(a)
        if a==1 and samples: self.answer(0)
        for i in range(a, b+1):
            self.log.append(dict(kind='train', step=i, of=of, t=1.7*i,
                                 loss=1.9*math.exp(-i/25)+.35+rnd.gauss(0, .09),
                                 tokens=1450*i, grad_norm=.6+2*math.exp(-i/9)+rnd.random()/4,
                                 memory_bytes=2**31+i*2**21,
                                 tokens_per_s=412.0+rnd.gauss(0, 9), epoch=i/40, log_ms=.2,
                                 learning_rate=1e-3*min(i/6, .5+.5*math.cos(math.pi*i/of))))
            val = 1.6*math.exp(-i/22)+.43+max(0, i-70)*.004
            if i%per: continue
            self.log.append(dict(kind='progress', stage='evaluate', step=i, t=1.7*i, done=12, of=12))
            self.log.append(dict(kind='eval', step=i, t=1.7*i, loss=val, best=i<=70, seconds=1.1))
            if samples: self.answer(i)
        self.state = dict(state='running', step=b, of=of)
    def answer(self, i):
        for q,ask in (('k', 'Where is my kettle? It was due on Monday.'),
                      ('p', 'The parcel came, but it is broken.')):
            right = i>20 or (i>10 and q=='k')
            said = '{"category": "delivery", "urgent": false}' if right else 'I am sorry to hear that. '*6
            self.log.append(dict(kind='sample', step=i, t=1.7*i, id=q, prompt=ask, answer=f'{said} ({i})',
                                 stopped=i>10,
                                 tokens=9, right=right))
        self.log.append(dict(kind='samples', step=i, t=1.7*i, n=2, stop_rate=float(i>10),
                             format_rate=min(1, max(0, (i-1)//10*.5))))

def test_live_stop_and_end(stage, theme):
    run = Run()
    p = MonitorPanel(run)
    s = stage(p, theme=theme)
    s.wait('Not started')
    s.shot(f'monitor-created-{theme}')
    run.state = dict(state='starting', step=0, of=120)
    run.log.append(dict(kind='state', t=0.5, step=0, state='loading', text='loading model'))
    p.attend()
    s.wait('loading model')
    s.shot(f'monitor-starting-{theme}')
    run.go(1, 60)
    s.wait('step 60 of 120')
    s.shot(f'monitor-running-{theme}')
    run.go(61, 84)
    s.wait('step 84 of 120')
    s.page.get_by_role('button', name='Stop', exact=True).click()
    s.wait('Stop requested')
    s.wait('the run has not answered yet')
    assert run.stops==1 and not run.now
    run.state = run.state|dict(state='stopping')
    s.wait('The run has heard')
    s.shot(f'monitor-stopping-{theme}')
    run.state = dict(state='stopped', step=84, of=120,
                     reason='Stopped by the user; the best step, 70, was kept.')
    s.wait('Stopped by the user')
    assert not s.page.get_by_role('button', name='Stop').count()
    s.shot(f'monitor-stopped-{theme}')
    p.thread.join(5)
    assert not p.thread.is_alive()

def test_what_goes_on_before_the_first_step(stage):
    run = Run()
    run.state = dict(state='running', step=0, of=120)
    run.log.append(dict(kind='progress', stage='load', t=.5, step=0, done=0, of=1))
    s = stage(MonitorPanel(run))
    s.wait('the model is being loaded')
    run.log.append(dict(kind='progress', stage='load', t=.6, step=0, done=1, of=1))
    run.log.append(dict(kind='progress', stage='samples', t=.7, step=0, done=0, of=2))
    s.wait('the base model is answering the samples')
    assert 'being loaded' not in s.text()
    run.state = dict(state='stopped', step=0, of=120, reason='Stopped.')
    s.wait('Stopped.')

def finished(stage, n, reason):
    "A page with the monitor of a run that made `n` steps, when it is there"
    run = Run()
    run.go(1, n)
    run.state = dict(state='finished', step=n, of=n, reason=reason)
    s = stage(MonitorPanel(run))
    s.wait(reason)
    return s

def test_charts_have_their_css_and_ink(stage):
    s = finished(stage, 120, 'All 120 steps made; the best was step 70.')
    assert s.page.evaluate('getComputedStyle(document.querySelector(".u-over")).position')=='absolute'
    ink = """() => { const c = document.querySelector(".chart canvas");
      const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
      let n = 0; for (let i = 3; i < d.length; i += 4) n += d[i] > 60; return n; }"""
    assert s.page.evaluate(ink)>1000
    s.shot('monitor-finished')

OOM = 'Out of memory at step 12. Try max_length=1024 or method=qlora.'

@pytest.mark.parametrize('state,reason', [('failed', OOM), ('lost', 'Its process ended without a word')])
def test_bad_ends(stage, state, reason):
    run = Run()
    run.go(1, 12)
    run.state = dict(state=state, step=12, of=120, reason=reason)
    s = stage(MonitorPanel(run))
    s.wait(reason)
    s.wait('log.txt')
    s.shot(f'monitor-{state}')

def test_busy_kernel(stage):
    run = Run()
    run.go(1, 12)
    s = stage(MonitorPanel(run))
    s.wait('step 12')
    s.hold = True
    s.page.get_by_role('button', name='Stop', exact=True).click()
    s.wait('Asking…')
    s.wait('The kernel is busy')
    s.shot('monitor-busy')
    s.hold = False
    s.wait('Stop requested')
    run.state = dict(state='stopped', step=12, of=120, reason='Stopped.')
    s.wait('Stopped.')

def test_first_messages_that_are_lost_are_repeated(stage):
    """A page that is opened again may send them to a subshell that JupyterLab has just given up; the
    kernel then drops them"""
    run = Run()
    run.go(1, 12)
    p = MonitorPanel(run)
    s = stage(p, lose=4) # Both, twice
    s.wait('step 12')
    assert 'The kernel is busy' not in s.text() and len(p.views)==1
    run.go(13, 14)
    s.wait('step 14')
    run.state = dict(state='stopped', step=14, of=120, reason='Stopped.')
    s.wait('Stopped.')

@pytest.mark.parametrize('name', ['Stop now', 'Resume', 'Show all', 'Log'])
def test_every_click_says_that_the_kernel_is_busy(stage, name):
    "Also where a note on how the run ended is on the page already"
    run = Run()
    run.go(1, 12)
    run.log.append(dict(kind='sample', step=10, id='k', prompt='p', answer='long '*999, stopped=True))
    if name!='Stop now':
        run.state = dict(state='failed', step=12, of=120, reason='Out of memory.', resumable=True)
    s = stage(MonitorPanel(run))
    s.wait('step 12')
    s.hold = True
    s.page.evaluate(CLOCK)
    if name=='Log': s.page.get_by_text('Log', exact=True).click()
    else: s.page.get_by_role('button', name=name).first.click()
    if name=='Stop now': s.page.get_by_role('button', name='Yes, stop now').click()
    s.wait('The kernel is busy')
    assert s.page.evaluate('window.said-window.clicked')>700 # Milliseconds by the page's own clock
    s.hold = False
    s.page.wait_for_function('!document.getElementById("el").innerText.includes("The kernel is busy")')
    run.state = dict(state='stopped', step=12, of=120, reason='Stopped.')

def test_stop_now_asks_once_more(stage):
    run = Run()
    run.go(1, 30)
    run.state |= dict(checkpoint=20)
    s = stage(MonitorPanel(run))
    s.wait('step 30')
    button = lambda name: s.page.get_by_role('button', name=name, exact=True)
    button('Stop now').click()
    s.wait('Steps after the checkpoint of step 20 are lost.')
    s.shot('monitor-sure')
    assert s.page.evaluate('document.activeElement.textContent')=='Yes, stop now'
    s.page.keyboard.press('Escape')
    assert not run.stops and s.page.evaluate('document.activeElement.textContent')=='Stop now'
    s.page.keyboard.press('Enter')
    s.page.keyboard.press('Enter')
    s.wait('Stop now requested')
    assert (run.stops, run.now)==(1, True)
    run.state = dict(state='stopped', step=30, of=120, reason='Stopped at once.', resumable=True,
                     checkpoint=20)
    s.wait('Stopped at once.')
    assert button('Resume').get_attribute('title')=='Goes on from step 20'

def test_stop_now_after_stop(stage):
    "A run that was asked and does not answer can still be ended"
    run = Run()
    run.go(1, 12)
    s = stage(MonitorPanel(run))
    s.wait('step 12')
    button = lambda name: s.page.get_by_role('button', name=name, exact=True)
    button('Stop').click()
    s.wait('Stop requested')
    button('Stop now').click()
    button('Yes, stop now').click()
    s.wait('Stop now requested')
    assert (run.stops, run.now)==(2, True)
    run.state = dict(state='stopped', step=12, of=120, reason='Stopped at once.')
    s.wait('Stopped at once.')

def test_what_is_read_stays(stage):
    "A chosen step and a marked text, while the run goes on and when everything is told anew"
    run = Run()
    run.go(1, 30)
    p = MonitorPanel(run)
    s = stage(p)
    s.wait('newest: step 30')
    s.page.get_by_label('Step of the answers').select_option('10')
    s.wait('(10)')
    s.page.evaluate('getSelection().selectAllChildren([...document.querySelectorAll(".said")].at(-1))')
    run.go(31, 33)
    s.wait('step 33')
    assert '(10)' in s.page.evaluate('getSelection().toString()')
    p.draw()
    run.go(34, 36)
    s.wait('step 36')
    assert '(10)' in s.text() and '(30)' not in s.text()
    run.state = dict(state='stopped', step=36, of=120, reason='Stopped.')

def test_resume(stage):
    run = Run()
    run.go(1, 30)
    run.state = dict(state='stopped', step=30, of=120, reason='Stopped by the user.', resumable=True,
                     checkpoint=20)
    p = MonitorPanel(run)
    s = stage(p)
    s.wait('Stopped by the user.')
    def no(): raise RuntimeError('Another process holds the run.')
    p.follow.resume = no
    s.page.get_by_role('button', name='Resume').click()
    s.wait('Another process holds the run.')
    assert s.page.get_by_role('button', name='Resume').is_enabled()
    def yes():
        p.follow.asked = 'resume'
        run.state = dict(state='starting', step=20, of=120)
        run.log.append(dict(kind='state', attempt=2, step=20, t=0., state='starting',
                            text='going on from step 20'))
        run.log.append(dict(kind='progress', attempt=2, stage='load', t=.1, step=20, done=3, of=4))
    p.follow.resume = yes
    s.page.get_by_role('button', name='Resume').click()
    s.wait('going on from step 20')
    s.wait('Load the model')
    s.wait('step 20 of 120')
    assert 'Another process' not in s.text() and 'step 30' not in s.text() # What was undone is gone
    s.shot('monitor-resumed')
    run.log += [dict(kind='train', attempt=2, step=i, loss=.5, t=i-20.) for i in range(21, 26)]
    run.state = dict(state='running', step=25, of=120)
    s.wait('step 25 of 120')
    assert [o.step for o in p.follow.curves.train]==list(range(1, 26)) # Each step once
    run.state = dict(state='finished', step=25, of=120, reason='Done.')
    s.wait('Done.')
    p.thread.join(5)
    assert not p.thread.is_alive()

def test_zoom_hover_log_scale_smoothing(stage, theme):
    run = Run()
    run.go(1, 2999, of=3000, per=100)
    run.log.append(dict(kind='train', step=3000, loss=.4, learning_rate=1e-4, grad_norm=1., tokens_per_s=400.,
                        memory_bytes=2**31))
    run.state = dict(state='finished', step=3000, of=3000, reason='Done.')
    s = stage(MonitorPanel(run), theme=theme)
    s.wait('Done.')
    s.wait('step 3,000')
    over = s.page.locator('.chart.loss .u-over')
    box = over.bounding_box()
    at = lambda share: (box['x']+box['width']*share, box['y']+box['height']/2)
    s.page.mouse.move(*at(.5))
    s.page.wait_for_function('/step 1,(49|50)\\d/.test(document.querySelector(".at-step").innerText)')
    shown = s.page.inner_text('.at-step')
    assert all(o in shown for o in ('train', 'smoothed', 'validation at 1,', 'learning rate', 'gradient norm',
                                    'tokens per second',
                                    'memory', 'ended by itself', 'right format')), shown
    s.shot(f'monitor-hover-{theme}')
    s.page.mouse.move(*at(.4))
    s.page.mouse.down(); s.page.mouse.move(*at(.45)); s.page.mouse.move(*at(.5)); s.page.mouse.up()
    s.page.get_by_role('button', name='Whole run').wait_for()
    s.page.mouse.move(*at(.02))
    s.page.wait_for_function('/step 1,(19|20|21)\\d/.test(document.querySelector(".at-step").innerText)')
    def number_at(x):
        s.page.mouse.move(x, at(.5)[1])
        s.page.evaluate(DRAWN)
        return int(s.page.inner_text('.at-step b').split()[1].replace(',', ''))
    def apart(): return number_at(at(.5)[0]+box['width']/300*1.2)-number_at(at(.5)[0])
    wait_until(lambda: 1<=apart()<=3, 60, .05) # After zooming python sends each step of this part
    s.shot(f'monitor-zoomed-{theme}')
    s.page.mouse.dblclick(*at(.5))
    s.page.get_by_role('button', name='Whole run').wait_for(state='hidden')
    ink = 'document.querySelector(".chart.loss canvas").toDataURL()'
    other = lambda seen: s.page.wait_for_function(f'(seen) => seen !== {ink}',
                                                  arg=seen) and s.page.evaluate(ink)
    s.page.mouse.move(1, 1)
    s.page.evaluate(DRAWN)
    before = s.page.evaluate(ink)
    s.page.get_by_label('Log scale').check()
    logs = other(before)
    s.shot(f'monitor-log-{theme}')
    s.page.get_by_label('Smoothing').fill('0.99')
    assert len({before, logs, other(logs)})==3
    s.page.locator('.chart.loss').focus() # And all of it with keys
    s.page.keyboard.press('ArrowLeft')
    s.page.wait_for_function('document.querySelector(".at-step b").innerText!="step 3,000"')
    s.page.keyboard.press('+')
    s.page.get_by_role('button', name='Whole run').wait_for()
    s.page.keyboard.press('0')
    s.page.get_by_role('button', name='Whole run').wait_for(state='hidden')

def test_samples_beside_the_base(stage, theme):
    run = Run()
    run.go(1, 44)
    run.log.append(dict(kind='sample', step=40, id='k', prompt='Where?', answer='It is here. '*200,
                        stopped=False, right=True))
    s = stage(MonitorPanel(run), theme=theme)
    s.wait('newest: step 40')
    rows = lambda: [o.inner_text() for o in s.page.locator('.samples tbody tr').all()]
    assert '(0)' in rows()[1] and '(40)' in rows()[1] and 'cut off · wrong format' in rows()[1]
    assert 'ended by itself · right format' in rows()[1]
    s.page.get_by_role('button', name='Show all').click()
    s.page.wait_for_function('document.querySelector(".samples").innerText.length>2400')
    s.page.get_by_label('Step of the answers').select_option('20')
    s.wait('(20)')
    s.shot(f'monitor-samples-{theme}')
    run.go(45, 50)
    s.page.wait_for_function(
        '[...document.querySelector(".samples select").options].some(o => o.text=="newest: step 50")')
    assert '(20)' in rows()[1] # What one looks at stays
    s.page.get_by_label('Step of the answers').select_option('')
    s.page.wait_for_function('document.querySelector(".samples").innerText.includes("(50)")')
    run.state = dict(state='finished', step=50, of=120, reason='Done.')
    s.wait('Done.')

def test_prompts_that_are_not_shown_are_counted(stage):
    run = Run()
    run.go(1, 12, samples=False)
    s = stage(MonitorPanel(run))
    s.wait('step 12 of 120')
    for q in range(18):
        said = dict(kind='sample', step=10, id=str(q), prompt=f'prompt {q}', answer='yes')
        run.log.append(said)
    s.wait('and 2 more prompts; all: run.report()')
    s.page.wait_for_function('document.querySelectorAll(".samples tbody tr").length==16')

def test_a_view_is_closed_also_without_a_kernel(stage):
    s = finished(stage, 12, 'Done.')
    s.page.evaluate("""() => { window.there = window.toPython;
        window.toPython = () => { throw new Error('closed'); }; }""")
    s.page.evaluate('window.reopen()')
    s.wait('The kernel that made this panel is gone')
    s.wait('finished')

def test_log_and_stages(stage, tmp_path):
    run = Run()
    run.path = tmp_path
    (tmp_path/'log.txt').write_text('first line\n')
    run.log.append(dict(kind='progress', stage='download', t=1., step=0, done=3e7, of=2.7e8))
    run.state = dict(state='starting', step=0, of=0)
    s = stage(MonitorPanel(run))
    s.wait('Download')
    assert s.page.get_by_role('progressbar', name='Download').get_attribute('aria-valuenow')=='0.111'
    s.page.get_by_text('Log', exact=True).click()
    s.wait('first line')
    with open(tmp_path/'log.txt', 'a') as o: o.write('<img src=x onerror=window.ran=1>\u202e second line\n')
    s.wait('⟨U+202E⟩ second line')
    run.log.append(dict(kind='progress', stage='tokenize', t=1., step=0, done=100, of=300))
    run.log.append(dict(kind='progress', stage='export', t=1., step=0, done=0, of=0))
    s.wait('100 of 300')
    s.shot('monitor-log-stages')
    run.state = dict(state='stopped', step=0, of=0, reason='Stopped.')
    s.wait('Stopped.')

def test_several_runs(stage, theme):
    runs = [Run('lr-2e-4'), Run('lr-1e-3'), Run('lr-5e-3')]
    for i,o in enumerate(runs):
        o.go(1, 60+10*i)
        o.log = [e|(dict(loss=e['loss']*(1+i/5)) if 'loss' in e else {}) for e in o.log]
    runs[2].state = dict(state='failed', step=80, of=120, reason='The loss is not a number since step 80.',
                         resumable=True)
    p = MonitorPanel(runs)
    s = stage(p, theme=theme)
    s.wait('2 running')
    s.wait('step 60 of 120')
    assert s.page.locator('.runs tbody tr').count()==3 and s.page.locator('.at-step .key').count()==3
    figures = s.page.get_by_role('group', name='Key figures').locator('tbody tr')
    assert [o.inner_text().split()[0] for o in figures.all()]==[o.name for o in runs]
    assert len({o.locator('td').first.inner_text() for o in figures.all()})==3 # Each has its own
    assert not s.page.locator('.tiles').is_visible()
    s.shot(f'monitor-several-{theme}')
    row = s.page.locator('.runs tbody tr').nth(1)
    row.get_by_role('button', name='lr-1e-3').click()
    s.wait('step 70 of 120')
    row.get_by_role('button', name='Stop', exact=True).click()
    s.wait('stop asked')
    assert [o.stops for o in runs]==[0, 1, 0]
    runs[0].go(61, 65)
    s.wait('65 of 120')
    for o in runs: o.state |= dict(state='stopped', reason='Stopped.')
    s.wait('all ended')

@pytest.mark.parametrize('width', [600, 360])
def test_each_of_several_runs_is_stopped_on_a_narrow_page(stage, width):
    runs = [Run('lr-2e-4'), Run('lr-1e-3')]
    for o in runs: o.go(1, 20)
    s = stage(MonitorPanel(runs), width=width)
    s.wait('2 running')
    for o in s.page.get_by_role('button', name='Stop now').all():
        box = o.bounding_box()
        assert 0<=box['x'] and box['x']+box['width']<=width
    for o in runs: o.state |= dict(state='stopped', reason='Stopped.')
    s.wait('all ended')

def test_hostile_run(stage, hostile, tmp_path):
    run = Run(hostile)
    run.path = tmp_path
    (tmp_path/'log.txt').write_bytes(hostile.encode('utf-8', 'replace'))
    run.go(1, 12)
    run.log.append(dict(kind='state', t=20.0, step=12, state='x', text=hostile))
    run.log.append(dict(kind='sample', step=12, id=hostile, prompt=hostile, answer=hostile, stopped=hostile,
                        right=[hostile]))
    run.log.append(dict(kind='progress', stage=hostile, step=12, done=hostile, of=hostile))
    run.log.append(dict(kind='train', step=13, loss=math.nan, t=22.0, grad_norm=hostile))
    s = stage(MonitorPanel(run))
    s.wait('⟨U+202E⟩')
    s.page.locator('.samples').get_by_text('<img src="http://x.invalid/"').first.wait_for()
    s.page.get_by_text('Log', exact=True).click()
    s.page.locator('pre.log').get_by_text('⟨U+202E⟩').wait_for()
    run.state = dict(state='failed', step=12, of=120, reason=hostile)
    s.page.locator('.note.failed', has_text='⟨U+202E⟩').wait_for()
    s.shot('monitor-hostile')

def test_hostile_runs_over_one_another(stage, hostile):
    runs = [Run(hostile), Run('plain')]
    for o in runs: o.go(1, 12)
    runs[0].state = dict(state='failed', step=12, of=120, reason=hostile)
    p = MonitorPanel(runs)
    s = stage(p)
    s.wait('1 running')
    s.page.locator('.runs', has_text='<script>window.ran=1</script>').wait_for()
    s.page.locator('.runs', has_text='⟨U+202E⟩').wait_for()
    assert '<script' not in p.static_html() and '⟨U+202E⟩' in p.static_html()
    assert '\u202e' not in p.static_text()
    runs[1].state = dict(state='finished', step=12, of=120, reason='Done.')
    s.wait('all ended')

def test_small_updates(stage):
    "A run of fifty steps a second: at most ten messages a second, a kilobyte each, and the page keeps up"
    run = Run()
    run.go(1, 3000, of=4000, per=100)
    p = MonitorPanel(run)
    s = stage(p)
    s.wait('step 3,000 of 4,000')
    sizes,put,went = [],p.send,time.monotonic()
    p.send = lambda m, *_: (sizes.append(message_bytes(m)) if m['kind']=='more' else None, put(m))
    for i in range(3001, 3151):
        run.go(i, i, of=4000, per=10)
        s.page.wait_for_timeout(max(0, 1000*(went+(i-3000)/50-time.monotonic())))
    s.wait('step 3,150')
    took = time.monotonic()-went
    each = sum(sizes)/len(sizes)
    print(f'{len(sizes)} messages in {took:.1f} s, {each:.0f} bytes each, at most {max(sizes)}')
    assert max(sizes)<=1000 and len(sizes)<=10*took
    run.state = dict(state='finished', step=3150, of=4000, reason='Done.')
    s.wait('Done.')

def test_a_flat_line(stage):
    "Losses that differ in their last bit only"
    run = Run()
    run.log = [dict(kind='train', step=i, loss=6.95+(i%2)*1e-15, learning_rate=0., grad_norm=0.,
                    tokens_per_s=5e-324) for i in range(1, 9)]
    run.log.append(dict(kind='eval', step=8, loss=6.95))
    run.state = dict(state='finished', step=8, of=8, reason='Done.')
    s = stage(MonitorPanel(run))
    s.wait('step 8')
    s.page.get_by_label('Log scale').check()
    s.page.wait_for_timeout(200)
    s.shot('monitor-flat')

@pytest.mark.parametrize('n', [10_000, 100_000])
def test_a_long_run_stays_smooth(stage, n):
    "First paint, a redraw and an update at 100,000 points: it is the width of a screen that is drawn"
    run = Run()
    run.log = [dict(kind='train', step=i, loss=99. if i==7_777 else 1+math.sin(i)/9, learning_rate=1e-4,
                    grad_norm=1+math.cos(i)/9,
                    tokens_per_s=400., memory_bytes=2**31, tokens=i, t=i/50) for i in range(1, n+1)]
    run.state = dict(state='running', step=n, of=2*n)
    began = time.monotonic()
    p = MonitorPanel(run)
    made = time.monotonic()-began
    s = stage(p)
    s.wait(f'step {n:,}')
    paint = lambda: float(s.page.evaluate('document.querySelector("[data-paint-ms]").dataset.paintMs'))
    s.page.wait_for_function('document.querySelector("[data-paint-ms]")')
    first = paint()
    redraws,updates = [],[]
    for i in range(1, 31):
        s.page.get_by_label('Smoothing').fill(str(.5+i/100))
        s.page.wait_for_timeout(40)
        redraws.append(paint())
        run.go(n+i, n+i, of=2*n, per=1000)
        s.page.wait_for_function('i => document.querySelector(".at-step b").innerText==i',
                                 arg=f'step {n+i:,}')
        updates.append(paint())
    print(
        f'{n} points: panel made in {1000*made:.0f} ms, first paint {first} ms, redraw {sorted(redraws)[15]} '
        f'ms, '
          f'update {sorted(updates)[15]} ms (medians of 30)')
    # A screen shows 20 pictures in 1000 ms at the least; other work takes time from some of these, so the
    # quicker count
    assert sorted(redraws)[5]<50 and sorted(updates)[5]<50
    run.state = dict(state='finished', step=n+30, of=2*n, reason='Done.')
    s.wait('Done.')

OPEN = """
([esm, css, keys]) => {
  document.head.append(Object.assign(document.createElement("style"), { textContent: css }));
  window.listeners = 0;
  const url = URL.createObjectURL(new Blob([esm], { type: "text/javascript" }));
  window.open_ = async (i) => {
    const heard = new Set(), pass = (ms) => ms.forEach((m) => heard.forEach((f) => f(m)));
    const model = { get: (k) => ({ key: keys[i], first: [] })[k],
      on: (_e, f) => { heard.add(f); window.listeners++; },
      off: (_e, f) => { heard.delete(f); window.listeners--; },
      send: (m) => window.toPython(i, m).then(pass) };
    const timer = setInterval(() => window.drain(i).then(pass), 50);
    const close = (await import(url)).default.render({ model, el: document.getElementById(`el${i}`) });
    return () => { clearInterval(timer); close(); document.getElementById(`el${i}`).replaceChildren(); };
  };
}"""

def test_three_monitors_on_one_page(browser):
    """They live side by side; closed, they leave no thread, no listener and no element, however often that
    is done"""
    runs = [Run(f'run {i}') for i in range(3)]
    for i,o in enumerate(runs): o.go(1, 30+i)
    before = set(threading.enumerate())
    panels,news = [MonitorPanel(o, every_s=.1) for o in runs],[queue.Queue() for _ in runs]
    for p,q in zip(panels, news): p.send = lambda m, *_, q=q: q.put(json.loads(json.dumps(m)))
    def drain(i): return [news[i].get() for _ in range(news[i].qsize())]
    def said(i, m): panels[i]._handle_custom_msg(m, []); return drain(i)
    page,faults = browser.new_page(viewport=dict(width=1000, height=900)),[]
    page.on('pageerror', lambda e: faults.append(str(e)))
    page.expose_function('toPython', said)
    page.expose_function('drain', drain)
    page.set_content('<body>'+''.join(f'<div id="el{i}"></div>' for i in range(3)))
    page.evaluate(OPEN, [panels[0]._esm, panels[0]._css, [p.key for p in panels]])
    cdp = page.context.new_cdp_session(page)
    cdp.send('Performance.enable')
    def held():
        for _ in range(3): cdp.send('HeapProfiler.collectGarbage')
        found = {o['name']:o['value'] for o in cdp.send('Performance.getMetrics')['metrics']}
        return {k:found[k] for k in ('Nodes', 'JSEventListeners', 'JSHeapUsedSize', 'ResizeObservers')
                if k in found}
    shows = 'i => document.getElementById(`el${i}`).innerText.includes(`step ${window.want[i]} of 120`)'
    alive = lambda: [o for o in set(threading.enumerate())-before if o.is_alive()]
    counts = []
    for turn in range(12):
        page.evaluate('async () => { window.done = await Promise.all([0, 1, 2].map(window.open_)) }')
        for i,o in enumerate(runs): o.go(31+i+3*turn, 33+i+3*turn)
        page.evaluate('w => { window.want = w }', [o.state['step'] for o in runs])
        for i in range(3): page.wait_for_function(shows, arg=i, timeout=60_000)
        if not turn: assert len(alive())==3 and page.locator('canvas').count()==18
        page.evaluate('window.done.forEach((f) => f())')
        end = time.monotonic()+60
        while alive() and time.monotonic()<end: page.wait_for_timeout(50)
        assert not alive() and not any(p.views for p in panels) # Nobody looks: nobody reads
        assert page.evaluate('window.listeners')==0 and not page.locator('canvas').count()
        page.evaluate('window.done = null')
        counts.append(held())
    print('after the third turn', counts[2], 'after the twelfth', counts[-1])
    assert counts[-1]['JSEventListeners']<=counts[2]['JSEventListeners']+5
    assert counts[-1]['Nodes']<=counts[2]['Nodes']+60 # Nine times three views have about 5,000
    assert counts[-1]['JSHeapUsedSize']<=counts[2]['JSHeapUsedSize']+1_500_000
    for p in panels: p.close()
    page.close()
    assert not faults, faults

def test_narrow(stage):
    run = Run()
    run.go(1, 60)
    s = stage(MonitorPanel(run), width=480)
    s.wait('step 60')
    s.page.wait_for_timeout(300)
    assert s.page.evaluate('document.documentElement.scrollWidth')<=480
    s.shot('monitor-narrow')
    run.state = dict(state='finished', step=60, of=120, reason='Done.')
    s.wait('Done.')
