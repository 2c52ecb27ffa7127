import json

import pytest
from ftkit.config.settings import RunConfig
from ftkit.config.yaml import load_config, to_yaml
from ftkit.panels.form.panel import FormPanel

def rows(path, n):
    path.write_text('\n'.join(json.dumps(dict(messages=[dict(role='user', content=f'{i}?'),
                                                        dict(role='assistant', content=f'{i}!')]))
                                                        for i in range(n)))

def test_type_mend_save(stage, theme, tmp_path):
    cfg = RunConfig('smollm2-135m-instruct', 'train.jsonl', 'validation.jsonl', learning_rate=1e-3)
    rows(tmp_path/'train.jsonl', 300)
    p = FormPanel(cfg, tmp_path/'config.yaml')
    s = stage(p, theme=theme)
    s.wait('not saved')
    page = s.page
    page.locator('input[name="lora.r"]').fill('0')
    s.wait('lora.r is 0')
    assert page.get_by_role('button', name='Save').is_disabled() and p.config is None
    assert page.get_by_role('button', name='Start run').is_disabled()
    page.locator('input[name="lora.r"]').fill('8')
    page.locator('select[name="lr_scheduler"]').select_option('linear')
    page.locator('input[name="max_length"]').fill('1,5')
    s.wait('max_length is')
    s.shot(f'form-{theme}')
    page.locator('input[name="max_length"]').fill('512')
    s.wait('not saved')
    page.get_by_role('button', name='Save').click()
    page.locator('.pill.done').wait_for()
    assert load_config(tmp_path/'config.yaml')==p.config and p.config.lora.r==8
    page.get_by_role('tab', name='YAML').click()
    assert 'lr_scheduler: linear' in page.get_by_label('The configuration as YAML').input_value()
    s.shot(f'form-yaml-{theme}')
    page.get_by_role('tab', name='YAML').focus()
    page.keyboard.press('ArrowLeft')
    page.keyboard.press('ArrowLeft')
    page.get_by_label('learning_rate: back to the default').click()
    s.wait('not saved')
    assert p.config.learning_rate==2e-3

def test_presets_and_what_follows(stage, theme, tmp_path):
    rows(tmp_path/'train.jsonl', 300)
    p = FormPanel(RunConfig('smollm2-135m-instruct', 'train.jsonl', 'validation.jsonl'),
                  tmp_path/'config.yaml')
    s = stage(p, theme=theme)
    page = s.page
    s.wait('57 optimizer steps')
    s.wait('q_proj ×30, k_proj ×30')
    page.get_by_label('Where it runs').select_option('colab-t4')
    page.get_by_label('What it is for').select_option('extraction')
    page.wait_for_function("() => document.querySelector('[name=method]').value === 'qlora'")
    s.wait('7 billion weights at 16 bits alone are 14 GB')
    page.get_by_label('Memory of').select_option('T4 16GB')
    s.wait('on T4 16GB')
    assert p.draft.presets==('colab-t4', 'extraction') and p.config.optim=='paged_adamw_8bit'
    page.locator('input[name="num_train_epochs"]').fill('0.5')
    s.wait('60 optimizer steps')                              # The preset goes over few rows more often
    page.locator('input[name="min_steps"]').fill('0')
    s.wait('this run makes 10 optimizer steps')
    page.get_by_role('button', name='Set batch_size 8, min_steps 60').click() # What would do is offered
    s.wait('60 optimizer steps')
    assert (p.config.batch_size, p.config.min_steps, p.config.num_train_epochs)==(8, 60, .5)
    page.locator('input[name="batch_size"]').fill('16')
    page.locator('input[name="lora.use_dora"]').check()   # The learning rate follows
    page.wait_for_function("() => document.querySelector('[name=learning_rate]').value === '0.001'")
    page.get_by_role('tab', name='Differences (2)').click()
    s.wait('Compared with the presets colab-t4 and extraction')
    s.shot(f'form-differences-{theme}')
    page.get_by_label('num_train_epochs: take 3 back').click()
    page.get_by_role('tab', name='Differences (1)').wait_for()
    assert p.config.num_train_epochs==3
    page.get_by_role('tab', name='Fields').click()
    page.locator('summary', has_text='More about the training').click()
    s.shot(f'form-presets-{theme}')
    page.get_by_role('button', name='Reset').click()
    page.wait_for_function("() => document.querySelector('[name=method]').value === 'lora'")
    assert p.draft.presets==() and page.get_by_label('Where it runs').input_value()==''

def test_yaml_round_trip(stage, tmp_path):
    cfg = RunConfig('smollm2-135m-instruct', 'train.jsonl', 'validation.jsonl')
    p = FormPanel(cfg, tmp_path/'config.yaml')
    s = stage(p)
    page = s.page
    s.wait('not saved')
    page.get_by_role('tab', name='YAML').click()
    box,apply = page.get_by_label('The configuration as YAML'),page.get_by_role('button', name='Apply')
    text = box.input_value()
    assert text==to_yaml(cfg) and apply.is_disabled()
    box.fill(text.replace('batch_size:', 'batchsize:'))
    s.wait("Unknown key 'batchsize'. Did you mean 'batch_size'?")
    assert 'Line 1' in s.text() and apply.is_disabled() and p.config==cfg
    box.fill(text.replace('learning_rate: 0.002', 'learning_rate: 2e-5').replace('  r: 16', '  r: 4'))
    s.wait('Apply changes 2 fields: learning_rate, lora.r.')
    apply.click()
    s.wait('Applied.')
    assert (p.config.learning_rate, p.config.lora.r)==(2e-5, 4) and box.input_value()==p.yaml
    page.get_by_role('tab', name='Fields').click()
    assert page.locator('input[name="lora.r"]').input_value()=='4'
    page.get_by_role('button', name='Save').click()
    page.locator('.pill.done').wait_for()
    assert load_config(tmp_path/'config.yaml')==p.config

def test_yaml_of_another_view_takes_nothing_typed_here(stage, tmp_path):
    p = FormPanel(RunConfig('tiny-random', 'train.jsonl', 'validation.jsonl'), tmp_path/'config.yaml')
    s = stage(p)
    s.wait('not saved')
    s.page.get_by_role('tab', name='YAML').click()
    assert s.page.get_by_role('tabpanel', name='YAML').is_visible()
    box = s.page.get_by_label('The configuration as YAML')
    box.fill('model: half typed')
    s.wait('Discard')
    s.wait('train is missing')
    p.hear_yaml(p.yaml.replace('  r: 16', '  r: 4'), True)
    s.wait('Differences (1)')
    assert box.input_value()=='model: half typed' and 'Applied.' not in s.text()

def test_code_and_a_run_that_is_blocked(stage, tmp_path):
    p = FormPanel(RunConfig('tiny-random', 'train.jsonl', 'validation.jsonl'), tmp_path/'config.yaml')
    s = stage(p)
    page = s.page
    s.wait('not saved')
    page.get_by_role('tab', name='Code').click()
    s.wait('trainer = ByTokens(')
    s.shot('form-code')
    page.get_by_role('button', name='Start run').click()
    page.locator('.note.failed').wait_for()
    assert 'train.jsonl' in page.locator('.note.failed').inner_text() and p.run is None
    assert page.get_by_role('button', name='Start run').is_enabled()

TYPE_AND_CLICK = """(button) => {
  const line = document.querySelector('input[name="lora.r"]');
  line.value = "8";
  line.dispatchEvent(new Event("input"));
  [...document.querySelectorAll("button")].find((o) => o.textContent === button).click();
}"""

def test_what_is_typed_goes_before_a_quick_click(stage, tmp_path):
    p = FormPanel(RunConfig('tiny-random', 'train.jsonl', 'v.jsonl'), tmp_path/'config.yaml')
    s = stage(p)
    s.wait('not saved')
    s.page.evaluate(TYPE_AND_CLICK, 'Save')
    s.page.locator('.pill.done').wait_for()
    assert load_config(tmp_path/'config.yaml').lora.r==8
    s.page.locator('input[name="lora.r"]').fill('16')
    s.wait('not saved')
    s.page.evaluate(TYPE_AND_CLICK, 'Reset')
    s.wait('not saved')
    s.page.wait_for_timeout(400) # Longer than typing is waited for
    assert p.config.lora.r==16

def test_a_second_click_starts_no_second_run(stage, tmp_path):
    p,starts = FormPanel(RunConfig('tiny-random', 'train.jsonl', 'v.jsonl'), tmp_path/'config.yaml'),[]
    p.begin = lambda: starts.append(p.config.lora.r) # Its answer is still to come
    s = stage(p)
    s.wait('not saved')
    s.page.evaluate(TYPE_AND_CLICK, 'Start run')
    s.wait('Differences (1)')
    assert s.page.get_by_role('button', name='Start run').is_disabled() and starts==[8]

@pytest.mark.parametrize('width', [420, 720])
def test_narrow(stage, tmp_path, width):
    rows(tmp_path/'train.jsonl', 40)
    s = stage(FormPanel(RunConfig('smollm2-135m-instruct', 'train.jsonl', 'v.jsonl'), tmp_path/'c.yaml',
                        ('cpu-workshop',)),
              width=width)
    s.wait('not saved')
    assert s.page.evaluate('document.documentElement.scrollWidth <= innerWidth')
    s.shot(f'form-{width}')

def test_by_keyboard_alone(stage, tmp_path):
    p = FormPanel(RunConfig('smollm2-135m-instruct', 'train.jsonl', 'v.jsonl'), tmp_path/'c.yaml')
    s = stage(p)
    s.wait('not saved')
    reached = set()
    for _ in range(80):
        s.page.keyboard.press('Tab')
        reached.add(s.page.evaluate('document.activeElement.name || document.activeElement.textContent'))
    assert {'Save', 'Start run', 'preset-place', 'preset-task', 'Reset', 'place', 'Preflight', 'Fields',
            'learning_rate', 'method',
            'lora.use_dora'}<=reached, reached
    s.page.locator('input[name="lora.use_dora"]').focus()
    s.page.keyboard.press('Space')
    s.wait('0.001')
    # Focus stays
    assert p.config.lora.use_dora and s.page.evaluate('document.activeElement.name')=='lora.use_dora'

def test_busy_kernel_is_said(stage, tmp_path):
    s = stage(FormPanel(RunConfig('smollm2-135m-instruct', 'train.jsonl', 'v.jsonl'), tmp_path/'c.yaml'))
    s.wait('not saved')
    s.hold = True # Python's answers wait, as behind a busy cell
    s.page.locator('input[name="lora.r"]').fill('4')
    s.wait('The kernel is busy with another cell')
    s.hold = False
    s.wait('Differences (1)')
    s.page.locator('.note.late').wait_for(state='hidden')

def test_hostile_value(stage, hostile):
    s = stage(FormPanel(RunConfig('a', 'b', 'c'), 'x/<img src=y onerror=window.ran=3>.yaml'))
    s.wait('not saved')
    s.page.locator('input[name="model"]').fill(hostile.replace('\ud800', ''))
    s.page.locator('input[name="learning_rate"]').fill('<b>\u202e')
    s.wait('learning_rate is')
    for name in ('Differences', 'YAML', 'Code'): s.page.get_by_role('tab', name=name).click()

def test_new_form_says_what_it_needs(stage):
    s = stage(FormPanel())
    s.wait('to fix')
    s.shot('form-new')
