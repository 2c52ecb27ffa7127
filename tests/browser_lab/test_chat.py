"A conversation in JupyterLab: said, kept, saved with the notebook, and ended with its kernel."
import json, os, signal

import pytest
from ftkit.chat.kept import kept_examples
from ftkit.run.process import process_start
from lab import run_cell, save, wait_until

CODE = """import os, ftkit as ft
os.environ['FTKIT_CACHE'] = {cache!r}
panel = ft.attach({run!r}).chat(max_new_tokens=8)
open('pids', 'w').write(f'{{os.getpid()}} {{panel.chat._child.pid}}')
panel"""

@pytest.mark.faults_expected # Of the kernel that is killed
def test_said_kept_saved_and_ended_with_its_kernel(place, trained, own_cache, tmp_path):
    place.write('chat.ipynb', CODE.format(cache=str(own_cache/'cache'), run=str(trained.path)), '1+1')
    page = place.open('chat.ipynb')
    run_cell(page, 0)
    chat = page.locator('.ftkit')
    chat.locator('.pill', has_text='ready').wait_for(timeout=120_000)
    box = chat.get_by_label('Your message')
    box.fill('Hello')
    box.press('Enter') # And no cell is run by it
    chat.get_by_role('button', name='Keep as example').nth(1).wait_for(timeout=60_000)
    said = trained.ask('Hello', max_new_tokens=8)
    assert ' '.join(said.split())[:20] in ' '.join(chat.inner_text().split())
    box.fill('d d is no key of the notebook here')
    box.press('Enter')
    chat.get_by_role('button', name='Keep as example').nth(3).wait_for(timeout=60_000)
    chat.get_by_role('button', name='Keep as example').first.click()
    chat.get_by_text('kept as an example').first.wait_for(timeout=60_000)
    assert [o.answer for o in kept_examples(trained)]==[said]
    assert box.input_value()==''
    place.shot(page, 'lab-chat')
    # Turned to something else: the saved notebook has a picture of it
    page.locator('.jp-NotebookPanel-toolbar').click(position=dict(x=400, y=8))
    page.locator('.jp-Cell').nth(1).click()
    def saved():
        save(page)
        cells = json.loads((tmp_path/'chat.ipynb').read_text())['cells']
        text = json.dumps([o['data'].get('text/html', '') for o in cells[0]['outputs'] if 'data' in o])
        return len(cells)==2 and 'Hello' in text and 'is no key of the notebook' in text
    wait_until(saved, 60)
    kernel,worker = map(int, (tmp_path/'pids').read_text().split())
    assert process_start(worker)
    os.kill(kernel, signal.SIGKILL)
    wait_until(lambda: not process_start(worker), 30)
