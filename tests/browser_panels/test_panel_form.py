from ftkit.config import RunConfig, load_config
from ftkit.panels.form import FormPanel

def test_type_mend_save(stage, theme, tmp_path):
    cfg = RunConfig('smollm2-135m-instruct', 'train.jsonl', 'validation.jsonl', lr=1e-3)
    p = FormPanel(cfg, tmp_path/'config.yaml')
    s = stage(p, theme=theme)
    s.wait('not saved')
    page = s.page
    page.locator('input[name="lora.r"]').fill('0')
    s.wait('lora.r is 0')
    assert page.get_by_role('button', name='Save').is_disabled() and p.config is None
    page.locator('input[name="lora.r"]').fill('8')
    page.locator('select[name="scheduler"]').select_option('linear')
    page.locator('input[name="max_length"]').fill('1,5')
    s.wait('max_length is')
    s.shot(f'form-{theme}')
    page.locator('input[name="max_length"]').fill('512')
    s.wait('not saved')
    page.get_by_role('button', name='Save').click()
    page.locator('.pill.done').wait_for()
    assert load_config(tmp_path/'config.yaml')==p.config and p.config.lora.r==8
    page.get_by_role('tab', name='YAML').click()
    s.wait('scheduler: linear')
    s.shot(f'form-yaml-{theme}')
    page.keyboard.press('ArrowLeft')
    page.get_by_label('lr: back to the default').click()
    s.wait('not saved')
    assert p.config.lr==2e-4

def test_hostile_value(stage, hostile):
    s = stage(FormPanel(RunConfig('a', 'b', 'c'), 'x/<img src=y onerror=window.ran=3>.yaml'))
    s.wait('not saved')
    s.page.locator('input[name="model"]').fill(hostile.replace('\ud800', ''))
    s.page.locator('input[name="lr"]').fill('<b>\u202e')
    s.wait('lr is')
    s.page.get_by_role('tab', name='YAML').click()

def test_new_form_says_what_it_needs(stage):
    s = stage(FormPanel())
    s.wait('to settle')
    s.shot('form-new')
