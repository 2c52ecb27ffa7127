"The form in JupyterLab: preset, a field broken and mended, YAML there and back, the code, a run."
import ftkit as ft
import pytest
from ftkit.config.yaml import load_config, to_yaml
from lab import run_cell, save, wait_until

CODE = """import ftkit as ft
ft.load(ft.sample(), limit=60).split((.7, .15, .15)).save('data')
cfg = ft.RunConfig('tiny-random', 'data/train.jsonl', 'data/validation.jsonl')
panel = ft.form(cfg, 'config.yaml')
panel"""
BUSY = """import os, time
open('busy', 'w').close()
until = time.time()+240
while not os.path.exists('enough') and time.time()<until: time.sleep(.1)"""

@pytest.fixture
def page(place):
    place.write('form.ipynb', CODE, BUSY)
    return place.open('form.ipynb')

def test_from_preset_to_run(page, place, tmp_path):
    shot = place.shot
    run_cell(page, 0)
    form = page.locator('.ftkit')
    form.locator('.pill', has_text='not saved').wait_for(timeout=60_000)
    see = lambda words: form.get_by_text(words).first.wait_for(timeout=60_000)
    value = lambda name, v: page.wait_for_function(
        "([n, v]) => document.querySelector(`.ftkit [name='${n}']`).value === v", arg=[name, v],
        timeout=60_000)
    # A preset
    form.get_by_label('Where it runs').select_option('cpu-workshop')
    value('model', 'smollm2-135m-instruct')
    value('learning_rate', '0.002')
    see('cpu-workshop: 135 million weights')
    form.locator('[name=model]').fill('tiny-random')
    value('learning_rate', '0.0002')                              # It goes by the model
    form.get_by_role('tab', name='Differences (1)').wait_for()
    # A field broken and mended
    form.locator('[name="lora.r"]').fill('0')
    see('lora.r is 0; it must be at least 1')
    assert form.get_by_role('button', name='Start run').is_disabled()
    form.locator('[name="lora.r"]').fill('8')
    form.locator('.pill', has_text='not saved').wait_for()
    shot(page, 'lab-form')
    # YAML, there and back
    form.get_by_role('tab', name='YAML').click()
    box = form.get_by_label('The configuration as YAML')
    text = box.input_value()
    assert 'model: tiny-random' in text
    box.fill(text.replace('max_steps: 0', 'max_steps: 3').replace('eval_steps: 10', 'eval_steps: 1'))
    see('Apply changes 2 fields: max_steps, eval_steps.')
    form.get_by_role('button', name='Apply').click()
    see('Applied.')
    form.get_by_role('tab', name='Fields').click()
    value('max_steps', '3')
    form.get_by_role('button', name='Save').click()
    form.locator('.pill.done', has_text='saved').wait_for()
    cfg = load_config(tmp_path/'config.yaml')
    assert (cfg.model, cfg.max_steps, cfg.eval_steps, cfg.lora.r, cfg.learning_rate)==('tiny-random', 3, 1, 8,
        2e-4)
    assert to_yaml(cfg)==box.input_value()
    # The code
    form.get_by_role('tab', name='Code').click()
    see('trainer = ByTokens(')
    code = form.get_by_label('The code that does the same').inner_text()
    compile(code, 'train.py', 'exec')
    assert 'import ftkit' not in code and 'min(3, ' in code
    shot(page, 'lab-form-code')
    # A run
    form.get_by_role('button', name='Start run').click()
    run = wait_until(lambda: [ft.attach(o['run']) for o in ft.runs(tmp_path/'runs')
                              if o['state']!='unreadable'], 30)[0]
    see(f"ft.attach('{run.path}').panel()")
    wait_until(lambda: not run.alive, 120)
    assert run.status()['state']=='finished' and run.status()['step']==3, run.status()
    see('is finished, step 3 of 3')
    shot(page, 'lab-form-run')
    assert run.config.lora.r==8 and (run.path/'adapter').is_dir()

def test_an_edit_beside_a_busy_cell_and_a_small_notebook(page, tmp_path):
    run_cell(page, 0)
    form = page.locator('.ftkit')
    form.locator('.pill', has_text='not saved').wait_for(timeout=60_000)
    page.evaluate("""() => { const nb = window.jupyterapp.shell.currentWidget.content; nb.activeCellIndex = 1;
      window.jupyterapp.commands.execute('notebook:run-cell'); }""")
    wait_until((tmp_path/'busy').exists, 20)
    form.locator('[name="lora.r"]').fill('4')
    # Some kernels answer beside the busy cell, by a subshell; where not, the form says that the edit waits
    said,answered = form.get_by_text('The kernel is busy with another cell'),page.get_by_role('tab',
        name='Differences (1)')
    said.or_(answered).first.wait_for(timeout=60_000)
    (tmp_path/'enough').touch()
    answered.wait_for(timeout=60_000) # It is done when the cell has ended
    said.wait_for(state='hidden', timeout=60_000)
    save(page)
    text = (tmp_path/'form.ipynb').read_text(encoding='utf-8')
    assert 'widget-state' not in text and len(text)<120_000
