"Configs of axolotl and LLaMA-Factory: there and back, and nothing lost in silence."
import json, subprocess, sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest, yaml
from hypothesis import given, settings, strategies as st

from ftkit.config.settings import LoraArgs, RunConfig, TRACKERS, config_from, fields_of, flat
from ftkit.config.yaml import from_yaml, to_yaml
from ftkit.config.foreign.common import MANY, share_of
from ftkit.config.foreign.words import SAME, TEMPLATE_NAMES, TOOLS
from ftkit.config.foreign.read import read_foreign
from ftkit.config.foreign.axolotl import LIGER, to_axolotl
from ftkit.config.foreign.llamafactory import to_llamafactory

AX = dict(base_model='some/model', datasets=[dict(path='rows.jsonl', type='chat_template')],
          learning_rate=1e-4,
          adapter='lora', lora_r=8, lora_alpha=16, lora_target_linear=True)
LF = dict(model_name_or_path='some/model', stage='sft', do_train=True, dataset='faq', dataset_dir='.')
FAQ = dict(faq=dict(file_name='faq.json'))

def read(d, info=None, name='c.yaml'):
    "`read_foreign` of a dict, in a folder with `dataset_info.json`"
    with TemporaryDirectory() as t:
        (Path(t)/name).write_text(yaml.safe_dump(d), encoding='utf-8')
        if info is not None: (Path(t)/'dataset_info.json').write_text(json.dumps(info), encoding='utf-8')
        return read_foreign(Path(t)/name)

def ax(**more): return read(AX|more)
def lf(**more): return read(LF|more, FAQ)
def listed(got): return {k:why for k,_,why in got.listed}

# There and back

choices = {f.name:f.choices for f in fields_of() if f.choices}
names = st.from_regex(r'[a-z][a-z0-9_-]{0,9}', fullmatch=True)
COLUMNS = ('', 'prompt=Frage,completion=Antwort', 'instruction=a,input=b,output=c,system=d', 'messages=talk',
           'conversations=talk,tools=t')

@st.composite
def configs(draw, tool):
    "Configs all of which have a counterpart in `tool`"
    has = [o for o,words in TEMPLATE_NAMES.items() if words[TOOLS.index(tool)]]
    method,rows,steps = draw(st.sampled_from(choices['method'])),draw(st.integers(1, 9)),draw(st.integers(0,
        500))
    val = draw(st.booleans())
    looks = draw(st.integers(0, 99)) if val else 0
    dtypes = ('bf16', 'fp16', 'auto') if tool=='llamafactory' else choices['dtype']
    scheduler = draw(st.sampled_from(choices['lr_scheduler']))
    trackers = ','.join(draw(st.lists(st.sampled_from(TRACKERS),
                                      unique=True).map(lambda o: sorted(o, key=TRACKERS.index))))
    cfg = RunConfig(
        draw(names), draw(names)+'.jsonl', 'held_out.jsonl' if val else '', method=method,
        columns=draw(st.sampled_from(COLUMNS if tool=='llamafactory' else ('', 'messages=talk',
        'conversations=talk'))),
        revision=draw(st.sampled_from(['', 'main', 'v1.0'])), chat_template=draw(st.sampled_from(['', *has])),
        pad_token=draw(st.sampled_from(['', '<pad>'])) if tool=='axolotl' else '',
        dtype=draw(st.sampled_from(dtypes)),
        max_length=draw(st.integers(8, 9999)), packing=draw(st.booleans()), per_device_train_batch_size=rows,
        batch_size=rows*draw(st.integers(1, 16)), max_steps=steps,
        num_train_epochs=MANY if steps else draw(st.floats(.1, 20)),
        optim=draw(st.sampled_from(choices['optim'])),
        learning_rate=draw(st.floats(1e-7, .1)), lr_scheduler=scheduler, warmup_ratio=draw(st.floats(0, 1)),
        weight_decay=draw(st.floats(0, 1)), max_grad_norm=draw(st.floats(0, 10)),
        gradient_checkpointing=draw(st.booleans()),
        seed=draw(st.integers(0, 2**32-1)), eval_steps=looks, early_stopping_patience=draw(st.integers(0, 5))
        if looks else 0,
        report_to=trackers, kernels=draw(st.sampled_from(['auto', 'liger'])),
        save_steps=draw(st.integers(2, 9))*(looks or 1)*draw(st.booleans()),
        lora=LoraArgs() if method=='full' else LoraArgs(
            draw(st.integers(1, 256)), draw(st.integers(1, 256)), draw(st.floats(0, .9)),
            draw(st.sampled_from(['all-linear', 'q_proj,v_proj', 'o_proj'])), draw(st.booleans()),
            draw(st.booleans()),
            draw(st.sampled_from(['', 'lm_head', 'embed_tokens,lm_head']))))
    return replace(cfg, trust_remote_code=cfg.model) if draw(st.booleans()) else cfg

@given(configs('llamafactory'))
@settings(max_examples=25, deadline=None)
def test_llamafactory_there_and_back(cfg):
    d,info,_ = to_llamafactory(cfg)
    assert read(d, info).cfg==cfg

@given(configs('axolotl'))
@settings(max_examples=25, deadline=None)
def test_axolotl_there_and_back(cfg): assert read(to_axolotl(cfg)[0]).cfg==cfg

@given(st.integers(1, 9999), st.integers(1, 9999))
def test_a_share_of_a_run_counts_back(steps, total):
    import math
    if steps<=total: assert math.ceil(share_of(steps, total)*total)==steps

# Nothing is dropped in silence

SETTINGS = {f.name for f in fields_of()}
CHANGED = dict(validation='v.jsonl', test='t.jsonl', columns='prompt=a,completion=b', revision='v1',
               chat_template='llama3_1',
               pad_token='<pad>', eos_token='<e>', special_tokens='<e>,<f>', trust_remote_code='m',
               method='qlora', dtype='fp32', max_length=99, packing=True,
               batch_size=32, per_device_train_batch_size=4, num_train_epochs=1.5, max_steps=9, min_steps=3,
               max_minutes=7., optim='sgd', learning_rate=1e-3,
               lr_scheduler='linear', warmup_ratio=.2, weight_decay=.1, max_grad_norm=.5,
               gradient_checkpointing=True, seed=1,
               eval_steps=5, early_stopping_patience=2, ignore_findings='double-bos', price_per_hour=3.,
               max_cost=9., kernels='plain', save_steps=7,
               samples=5, sample_tokens=9, answer_format='json', report_to='wandb', devices=2,
               sharding='fsdp',
               accelerate='a.yaml', threads=3, task='label', headline='accuracy', turns='last',
               max_new_tokens=99, instruction='Which?', **{
               'lora.r': 4, 'lora.lora_alpha': 5, 'lora.lora_dropout': .2, 'lora.target_modules': 'q_proj',
               'lora.use_dora': True,
               'lora.use_rslora': True, 'lora.modules_to_save': 'lm_head'})

@pytest.mark.parametrize('tool', TOOLS)
@pytest.mark.parametrize('name', sorted(SETTINGS-{'model', 'train'}))
def test_every_setting_of_ours_is_written_or_listed(name, tool):
    "A changed setting shows in what is written, or in the list"
    with_rows = dict(model='m', train='t.jsonl', eval_steps=5 if name=='early_stopping_patience' else 0,
                     early_stopping_patience=0, per_device_train_batch_size=2,
                     price_per_hour=2. if name=='max_cost' else 0.,
                     validation='v.jsonl' if name in ('eval_steps', 'early_stopping_patience') else '')
    a = config_from(with_rows)
    b = config_from(flat(a)|{name:CHANGED[name]})
    write = to_axolotl if tool=='axolotl' else to_llamafactory
    (*said,old),(*now,new) = write(a),write(b)
    assert said!=now or old!=new
    if said==now: assert any(k.split('.')[0]==name.split('.')[0] for k,_,_ in new)

@given(st.sampled_from(TOOLS), st.dictionaries(st.from_regex(r'zz[a-z_]{1,12}', fullmatch=True),
       st.one_of(st.none(), st.integers(), st.text('abc', max_size=5), st.booleans(),
                 st.lists(st.integers())),
       max_size=5))
@settings(max_examples=20, deadline=None)
def test_unknown_keys_are_listed(tool, more):
    got = read(AX|more) if tool=='axolotl' else read(LF|more, FAQ)
    assert set(more)<=set(listed(got))

@pytest.mark.parametrize('tool', TOOLS)
@pytest.mark.parametrize('key,value', [
    ('neftune_noise_alpha', 5), ('deepspeed', 'ds.json'), ('output_dir', 'x'), ('loraplus_lr_ratio', 16),
    ('saves_per_epoch', 2), ('max_samples', 100), ('tf32', True), ('use_comet', True)])
def test_known_keys_without_counterpart_are_listed_with_a_reason(tool, key, value):
    got = ax(**{key:value}) if tool=='axolotl' else lf(**{key:value})
    assert (key, value) in [o[:2] for o in got.listed] and 'does not know' not in listed(got)[key]

# Defaults of the tool, not ours

def test_defaults_of_llamafactory():
    c = lf().cfg
    assert (c.max_length, c.batch_size, c.per_device_train_batch_size, c.num_train_epochs,
            c.learning_rate) == (2048, 8, 8, 3.0, 5e-5)
    assert (c.lr_scheduler, c.warmup_ratio, c.gradient_checkpointing, c.method) == ('linear', 0, True, 'lora')
    assert (c.lora.r, c.lora.lora_alpha, c.lora.target_modules, c.eval_steps, c.chat_template) == (8, 16,
        'all-linear', 0, '')
    assert lf(lora_rank=64).cfg.lora.lora_alpha==128

def test_defaults_of_axolotl():
    c = ax().cfg
    assert (c.max_length, c.batch_size, c.per_device_train_batch_size, c.num_train_epochs,
            c.dtype) == (512, 1, 1, 1.0, 'auto')
    assert (c.lr_scheduler, c.warmup_ratio, c.gradient_checkpointing, c.optim) == ('cosine', .03, False,
        'adamw_torch')
    assert ax(adapter=None).cfg.method=='full'
    with pytest.raises(ValueError, match='learning_rate is missing'): ax(learning_rate=None)

# Words

@pytest.mark.parametrize('more,field,value', [
    (dict(adapter='qlora', load_in_4bit=True), 'method', 'qlora'),
    (dict(load_in_8bit=True), 'method', '8bit'),
    (dict(learning_rate='2e-5'), 'learning_rate', 2e-5), (dict(bf16=None), 'dtype', 'fp32'),
    (dict(fp16=True), 'dtype', 'fp16'),
    (dict(bf16=True, fp16=False), 'dtype', 'bf16'), (dict(optimizer='adamw_bnb_8bit'), 'optim', 'adamw_8bit'),
    (dict(micro_batch_size=2, batch_size=8, gradient_accumulation_steps=None), 'batch_size', 8),
    (dict(lora_target_linear=None, lora_target_modules=['q_proj', 'v_proj']), 'lora.target_modules',
     'q_proj,v_proj'),
    (dict(special_tokens=dict(pad_token='<pad>')), 'pad_token', '<pad>'),
    (dict(lora_modules_to_save=['embed_tokens', 'lm_head']), 'lora.modules_to_save', 'embed_tokens,lm_head'),
    (dict(special_tokens=dict(eos_token='<e>')), 'eos_token', '<e>'),
    (dict(tokens=['<e>', '<f>']), 'special_tokens', '<e>,<f>'),
    (dict(max_steps=50), 'num_train_epochs', MANY),
    (dict(max_steps=50, warmup_steps=5), 'warmup_ratio', .1),
    (dict(chat_template='qwen_25'), 'chat_template', 'qwen2_5'),
    (dict(chat_template='jinja', chat_template_jinja='own.jinja'), 'chat_template', 'own.jinja'),
    (dict(cosine_min_lr_ratio=.1), 'lr_scheduler', 'cosine_with_min_lr'),
    (dict(trust_remote_code=True), 'trust_remote_code', 'some/model'),
    (dict(gradient_checkpointing='offload'), 'gradient_checkpointing', True),
    (dict(sample_packing=True), 'packing', True),
    (dict(use_wandb=True, use_tensorboard=True), 'report_to', 'tensorboard,wandb'),
    (dict(save_steps=100), 'save_steps', 100),
    (dict(mlflow_experiment_name='faq'), 'report_to', 'mlflow'),
    (dict(max_steps=50, save_steps=.1), 'save_steps', 5),
    (dict(plugins=[LIGER], liger_rope=True), 'kernels', 'liger'), (dict(liger_rope=True), 'kernels', 'auto'),
    (dict(generate_samples=True, num_generation_samples=4), 'samples', 4),
    (dict(test_datasets=[dict(path='v.jsonl', type='chat_template')], eval_steps=5), 'eval_steps', 5)])
def test_words_of_axolotl(more, field, value): assert flat(ax(**more).cfg)[field]==value

@pytest.mark.parametrize('more,field,value', [
    (dict(quantization_bit=4), 'method', 'qlora'), (dict(quantization_bit=8), 'method', '8bit'),
    (dict(finetuning_type='full'), 'method', 'full'), (dict(bf16=True), 'dtype', 'bf16'),
    (dict(disable_gradient_checkpointing=True), 'gradient_checkpointing', False),
    (dict(neat_packing=True), 'packing', True),
    (dict(per_device_train_batch_size=1, gradient_accumulation_steps=8), 'batch_size', 8),
    (dict(template='qwen'), 'chat_template', 'qwen2_5'),
    (dict(lora_target='q_proj,v_proj'), 'lora.target_modules', 'q_proj,v_proj'),
    (dict(lr_scheduler_type='constant_with_warmup', warmup_ratio=.1), 'lr_scheduler', 'constant'),
    (dict(lr_scheduler_type='constant', warmup_ratio=.1), 'warmup_ratio', 0),
    (dict(additional_target='embed_tokens,lm_head'), 'lora.modules_to_save', 'embed_tokens,lm_head'),
    (dict(use_dora=True), 'lora.use_dora', True), (dict(max_steps=-1), 'max_steps', 0),
    (dict(warmup_steps=.2), 'warmup_ratio', .2), (dict(model_revision='v1'), 'revision', 'v1'),
    (dict(enable_liger_kernel=True), 'kernels', 'liger'), (dict(report_to='wandb'), 'report_to', 'wandb'),
    (dict(report_to='none'), 'report_to', ''), (dict(report_to=['mlflow', 'tensorboard']), 'report_to',
                                                'tensorboard,mlflow'),
    (dict(save_strategy='steps', save_steps=100), 'save_steps', 100),
    (dict(add_special_tokens='<a>,<b>', resize_vocab=True), 'special_tokens', '<a>,<b>'),
    (dict(eval_dataset='faq', eval_strategy='steps', eval_steps=7, early_stopping_steps=2),
     'early_stopping_patience', 2)])
def test_words_of_llamafactory(more, field, value): assert flat(lf(**more).cfg)[field]==value

def test_what_has_a_counterpart_by_now_is_converted_and_not_listed():
    got = lf(enable_liger_kernel=True, report_to='wandb', save_steps=100)
    assert (got.cfg.kernels, got.cfg.report_to, got.cfg.save_steps) == ('liger', 'wandb', 100)
    assert not {'enable_liger_kernel', 'report_to', 'save_steps'} & set(listed(got))

@pytest.mark.parametrize('key,value,word', [
    ('deepspeed', 'ds.json', 'devices'), ('fsdp', ['full_shard'], 'sharding'), ('ddp_timeout', 9, 'devices'),
    ('group_by_length', True, 'shuffles'), ('flash_attention', True, 'kernels')])
def test_a_reason_names_the_setting_that_does_it_in_ftkit(key, value, word):
    assert word in listed(ax(**{key:value}))[key]

def test_llamafactory_learns_all_embeddings_with_new_tokens():
    new = dict(add_special_tokens='<a>,<b>', resize_vocab=True)
    assert 'lora.modules_to_save' in listed(lf(**new))['resize_vocab']
    for more in (dict(additional_target='embed_tokens'), dict(finetuning_type='full')):
        assert 'resize_vocab' not in listed(lf(**new|more))
    cfg = RunConfig('m', 't.jsonl', 'v.jsonl', special_tokens='<a>')
    assert 'special_tokens' in [o[0] for o in to_llamafactory(cfg)[2]]
    for o in (replace(cfg, method='full'), replace(cfg, lora=replace(cfg.lora, modules_to_save='lm_head'))):
        assert 'special_tokens' not in [k for k,_,_ in to_llamafactory(o)[2]]

def test_a_checkpoint_that_cannot_be_best_is_listed():
    cfg = RunConfig('m', 't.jsonl', 'v.jsonl', eval_steps=10, save_steps=15)
    assert to_llamafactory(cfg)[0]['save_steps']==10
    assert 'save_steps' in [o[0] for o in to_llamafactory(cfg)[2]]
    assert to_axolotl(replace(cfg, save_steps=30))[0]['save_steps']==30

@pytest.mark.parametrize('more,key', [
    (dict(val_set_size=.1), 'val_set_size'), (dict(warmup_steps=10), 'warmup_steps'),
    (dict(rl_beta=.1), 'rl_beta'),
    (dict(lr_scheduler='rex'), 'lr_scheduler'), (dict(optimizer='lion_pytorch'), 'optimizer'),
    (dict(chat_template='cohere'), 'chat_template'), (dict(train_on_inputs=True), 'train_on_inputs'),
    (dict(early_stopping_patience=3), 'early_stopping_patience'),
    (dict(gradient_checkpointing='offload'), 'gradient_checkpointing'),
    (dict(datasets=[dict(path='a.jsonl', type='alpaca')]), 'datasets[0].type'),
    (dict(datasets=[dict(path='a/hub', type='chat_template')]), 'datasets[0].path'),
    (dict(datasets=[dict(path='a.jsonl', type='chat_template', split='train[:5%]')]), 'datasets[0].split'),
    (dict(datasets=[dict(path='a.jsonl', type='chat_template', shards=3)]), 'datasets[0].shards'),
    (dict(datasets=[dict(path='a.jsonl', type='chat_template'), dict(path='b.jsonl', type='alpaca')]),
     'datasets[1]'),
    (dict(special_tokens=dict(unk_token='</s>')), 'special_tokens.unk_token'),
    (dict(max_steps=5, num_epochs=2), 'num_epochs'),
    (dict(plugins=['axolotl.integrations.spectrum.SpectrumPlugin']), 'plugins'),
    (dict(save_steps=.2), 'save_steps'), (dict(plugins=[LIGER], liger_rope=True), 'liger_…'),
    (dict(adapter=None, lora_r=8), 'lora_r'), (dict(lora_r=None), 'lora_r'), ({}, 'excess_length_strategy')])
def test_what_cannot_be_mirrored_of_axolotl_is_listed(more, key): assert key in listed(ax(**more))

@pytest.mark.parametrize('more,key', [
    (dict(val_size=.1), 'val_size'), (dict(packing=True), 'packing'), (dict(template='cohere'), 'template'),
    (dict(template='qwen3'), 'template'), (dict(optim='lion_8bit'), 'optim'),
    (dict(pure_bf16=True), 'pure_bf16'),
    (dict(quantization_bit=4, quantization_type='fp4'), 'quantization_type'),
    (dict(dataset='faq,other'), 'dataset'),
    (dict(dataset='other'), 'dataset'), (dict(eval_dataset='faq', eval_strategy='epoch'), 'eval_strategy'),
    (dict(gradient_checkpointing=False), 'gradient_checkpointing'),
    (dict(report_to=['swanlab']), 'report_to'),
    (dict(save_strategy='epoch', save_steps=7), 'save_strategy'), (dict(resize_vocab=True), 'resize_vocab'),
    (dict(finetuning_type='full', lora_rank=8), 'lora_rank'),
    (dict(lr_scheduler_type='cosine_with_min_lr', lr_scheduler_kwargs=dict(min_lr=1e-6)),
     'lr_scheduler_type')])
def test_what_cannot_be_mirrored_of_llamafactory_is_listed(more, key): assert key in listed(lf(**more))

@pytest.mark.parametrize('d', [
    AX|dict(rl='dpo'), AX|dict(reward_model=True), AX|dict(pretraining_dataset=[dict(path='c4')]),
    AX|dict(adapter='llama-adapter'), AX|dict(adapter=None, load_in_4bit=True),
    AX|dict(datasets=[dict(path='a.jsonl', type='completion')]), LF|dict(stage='dpo'), LF|dict(stage='pt'),
    LF|dict(stage='rm'), LF|dict(finetuning_type='freeze'), LF|dict(quantization_bit=2),
    LF|dict(do_train=False),
    LF|dict(finetuning_type='full', quantization_bit=4)])
def test_what_is_no_supervised_fine_tuning_is_refused(d):
    with pytest.raises(ValueError, match='supervised|plain text'): read(d, FAQ)

@pytest.mark.parametrize('entry,columns', [
    ({}, ''), (dict(columns=dict(prompt='a', query='b', response='c')), 'instruction=a,input=b,output=c'),
    (dict(columns=dict(prompt='question', response='answer')), ''),
    (dict(formatting='sharegpt'), ''),
    (dict(formatting='sharegpt', columns=dict(messages='talk')), 'conversations=talk'),
    (dict(formatting='sharegpt', columns=dict(messages='messages'), tags=dict(
        role_tag='role', content_tag='content', user_tag='user', assistant_tag='assistant',
        system_tag='system',
        observation_tag='tool', function_tag='function_call')), ''),
    (dict(formatting='sharegpt', columns=dict(messages='conversations', tools='tools')), '')])
def test_entries_of_dataset_info(entry, columns):
    assert read(LF, dict(faq=dict(file_name='faq.json')|entry)).cfg.columns==columns

def test_entries_that_cannot_be_mirrored():
    got = read(LF, dict(faq=dict(file_name='faq.json', formatting='sharegpt', num_samples=9, columns=dict(
        messages='messages', images='pictures'), tags=dict(role_tag='who', content_tag='value',
                                                           user_tag='human',
        assistant_tag='gpt'))))
    assert {'dataset_info.faq.num_samples', 'dataset_info.faq.columns.images',
            'dataset_info.faq.tags.role_tag'}<=set(listed(got))
    with pytest.raises(ValueError, match='ranking'):
        read(LF, dict(faq=dict(file_name='f.json', ranking=True)))
    with pytest.raises(ValueError, match='formatting'):
        read(LF, dict(faq=dict(file_name='f.json', formatting='alpacca')))

def test_a_data_set_is_found_from_the_folder_of_its_info(tmp_path):
    (tmp_path/'data').mkdir()
    (tmp_path/'data'/'dataset_info.json').write_text(json.dumps(FAQ))
    (tmp_path/'c.yaml').write_text(yaml.safe_dump({k:v for k,v in LF.items() if k!='dataset_dir'}))
    assert read_foreign(tmp_path/'c.yaml').cfg.train=='data/faq.json'

def test_own_configs_and_none(tmp_path):
    cfg = RunConfig('m', 't.jsonl', eval_steps=0, early_stopping_patience=0)
    (tmp_path/'own.yaml').write_text(to_yaml(cfg))
    assert read_foreign(tmp_path/'own.yaml')==(cfg, [], 'ftkit')
    for text,word in (('- a\n', 'list'), ('a: 1\n', 'Unknown key'),
                      ('model: m\ntrain_dataset: x\n', 'USE_V1')):
        (tmp_path/'x.yaml').write_text(text)
        with pytest.raises(ValueError, match=word): read_foreign(tmp_path/'x.yaml')
    with pytest.raises(ValueError, match='learning_rate'): ax(learning_rate='fast')
    with pytest.raises(FileNotFoundError): read_foreign(tmp_path/'none.yaml')

def test_no_torch_is_loaded():
    code = (
        "import ftkit.config.foreign.common, sys; print({'torch', 'transformers', 'axolotl'} & "
        "set(sys.modules))")
    out = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True,
                         cwd=Path(__file__).parents[1])
    assert out.stdout.strip()=='set()', out.stderr
