"A cell that keeps its kernel busy, and a monitor that is seen to move."
import re, time

from lab import wait_until

BUSY = """import os, time
open('busy', 'w').close()
until = time.time()+240
while not os.path.exists('enough') and time.time()<until: time.sleep(.1)"""

def step_of(panel): return int(re.search(r'step ([\d,]+) of', panel.inner_text())[1].replace(',', ''))

def moves(
    panel,
    seconds=120, # At most
    by=5 # Steps
):
    "Wait until it shows more steps than now; the seconds that took"
    panel.locator('.tiles:visible, .figures-of:visible').first.wait_for(timeout=seconds*1000)
    at,began = step_of(panel),time.time()
    wait_until(lambda: step_of(panel)>at+by, seconds)
    return round(time.time()-began, 2)
