import json, math, random
import pytest
from ftkit.panels.monitor import MonitorPanel

class Run:
    "A run on disk's stead: its events and status are lists here"
    def __init__(self, name='2026-11-22-tickets'):
        self.name,self.path,self.state,self.log,self.stops = name,f'runs/{name}',dict(state='created'),[],0
    def status(self): return dict(self.state)
    def stop(self, now=False): self.stops += 1
    def tail(self):
        at = 0
        class Tail:
            def new(_):
                nonlocal at
                res = self.log[at:]
                at += len(res)
                return res
        return Tail()
    def go(self, a, b, of=120, per=10):
        rnd = random.Random(a)
        for i in range(a, b+1):
            self.log.append(dict(kind='train', step=i, of=of, t=1.7*i, loss=1.9*math.exp(-i/25)+.35+rnd.gauss(0, .09),
                                 tokens=1450*i,
                                 tokens_per_s=412.0+rnd.gauss(0, 9), epoch=i/40,
                                 lr=1e-3*min(i/6, .5+.5*math.cos(math.pi*i/of))))
            val = 1.6*math.exp(-i/22)+.43+max(0, i-70)*.004
            if i%per==0: self.log.append(dict(kind='eval', step=i, t=1.7*i, loss=val))
        self.state = dict(state='running', step=b, of=of)

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
    s.page.get_by_role('button', name='Stop').click()
    s.wait('Stop asked')
    assert run.stops==1
    s.shot(f'monitor-stopping-{theme}')
    run.state = dict(state='stopped', step=84, of=120, reason='Stopped by the user; the best step, 70, was kept.')
    s.wait('Stopped by the user')
    assert not s.page.get_by_role('button', name='Stop').is_visible()
    s.shot(f'monitor-stopped-{theme}')
    p.thread.join(5)
    assert not p.thread.is_alive()

def test_charts_have_their_css_and_ink(stage):
    run = Run()
    run.go(1, 120)
    run.state = dict(state='finished', step=120, of=120, reason='All 120 steps made; the best was step 70.')
    s = stage(MonitorPanel(run))
    s.wait('the best was step 70')
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
    s.page.get_by_role('button', name='Stop').click()
    s.wait('The kernel is busy')
    s.shot('monitor-busy')
    s.hold = False
    s.wait('Stop asked')
    run.state = dict(state='stopped', step=12, of=120, reason='Stopped.')
    s.wait('Stopped.')

def test_hostile_run(stage, hostile):
    run = Run(hostile)
    run.go(1, 12)
    run.log.append(dict(kind='state', t=20.0, step=12, state='x', text=hostile))
    run.log.append(dict(kind='train', step=13, loss=math.nan, t=22.0))
    s = stage(MonitorPanel(run))
    s.wait('⟨U+202E⟩')
    run.state = dict(state='failed', step=12, of=120, reason=hostile)
    s.page.locator('.note.failed').wait_for()

def test_small_updates(stage):
    run = Run()
    run.go(1, 3000, of=4000, per=100)
    p = MonitorPanel(run)
    s = stage(p)
    s.wait('step 3,000 of 4,000')
    sizes,put = [],p.send
    p.send = lambda m, *_: (sizes.append(len(json.dumps(m))), put(m))
    run.go(3001, 3002, of=4000)
    s.wait('step 3,002')
    assert max(sizes)<1500
    run.state = dict(state='finished', step=3002, of=4000, reason='Done.')
    s.wait('Done.')

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
