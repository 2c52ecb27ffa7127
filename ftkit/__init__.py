"""From a file of examples to a fine-tuned language model you can trust, one notebook cell at a time.

`import ftkit as ft` names everything and loads nothing: each part is loaded when a name of it is first used (PEP 562), so a
notebook that only checks data never waits for torch."""

__version__ = "0.1.0"

_PARTS = { # module: the public names it brings, in the order of the road
    'core': ['sample'],
    'config': ['RunConfig', 'LoraArgs', 'load_config', 'save_config'],
    'plans': ['plan', 'PRESETS', 'apply_preset', 'example_config'],
    'interop': ['read_foreign', 'to_axolotl', 'to_llamafactory'],
    'data': ['Example', 'Examples'],
    'readers': ['load', 'save', 'guess_columns', 'Unreadable'],
    'duplicates': ['near_duplicates'],
    'labels': ['suspects'],
    'checks': ['check', 'Issue', 'CHECKS'],
    'recipes': ['Recipe', 'propose', 'clean', 'load_recipe', 'save_recipe'],
    'reviews': ['Review', 'apply', 'merge', 'share_dropped'],
    'splits': ['split', 'check_splits', 'load_splits', 'overlap', 'Splits'],
    'templates': ['tokenize', 'rows_of', 'TEMPLATES'],
    'memory': ['estimate', 'estimate_run', 'fits', 'GPUS'],
    'models': ['load_tokenizer', 'load_model', 'load_adapter', 'release'],
    'doctor': ['examine'],
    'runs': ['create', 'start', 'resume', 'attach', 'stop', 'list_runs', 'compare_runs', 'delete_run', 'Run'],
    'training': ['train'],
    'evals': ['evaluate', 'answers'],
    'exports': ['export'],
    'scripts': ['script'],
    'preflights': ['preflight'],
    'panels.data': ['look'],
    'panels.review': ['review'],
    'panels.columns': ['columns'],
    'panels.tokens': ['tokens'],
    'panels.form': ['form'],
    'panels.monitor': ['panel', 'watch', 'report'],
    'panels.evals': ['compare'],
}
_HOME = {name: part for part,names in _PARTS.items() for name in names}
__all__ = list(_HOME)

def __getattr__(name):
    if name not in _HOME: raise AttributeError(f"ftkit has no {name!r}. It has: {', '.join(__all__)}.")
    from importlib import import_module
    value = globals()[name] = getattr(import_module(f'{__name__}.{_HOME[name]}'), name)
    return value

def __dir__(): return sorted({*globals(), *__all__})
