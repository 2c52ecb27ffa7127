"""From a file of examples to a fine-tuned language model you can trust, one notebook cell at a time.

`import ftkit as ft` names everything and loads nothing: each part is loaded when a name of it is first used (PEP 562), so a
notebook that only checks data never waits for torch. `ft.help()` lists the names along the road."""

import sys, warnings
from importlib import import_module
from types import ModuleType

__version__ = "0.1.0"

_HOME = { # Name of `ft`: where it is; in the order of the road
    'sample': 'core.sample', 'guess_columns': 'readers.guess_columns', 'map_columns': 'panels.columns.columns',
    'load': 'readers.load', 'Example': 'data.Example', 'Examples': 'data.Examples',
    'Recipe': 'recipes.Recipe', 'load_recipe': 'recipes.load_recipe', 'Review': 'reviews.Review',
    'merge_reviews': 'reviews.merge', 'load_splits': 'splits.load_splits',
    'load_tokenizer': 'models.load_tokenizer', 'RunConfig': 'config.RunConfig', 'LoraArgs': 'config.LoraArgs',
    'load_config': 'config.load_config', 'form': 'panels.form.form', 'read_foreign': 'interop.read_foreign',
    'train': 'training.train', 'attach': 'runs.attach', 'runs': 'runs.list_runs', 'Run': 'runs.Run',
    'help': 'api.help',
}
__all__ = list(_HOME)

NOUNS = { # What a line of `ROAD` calls it: the class
    'examples': 'data.Examples', 'report': 'checks.Report', 'recipe': 'recipes.Recipe', 'review': 'reviews.Review',
    'splits': 'splits.Splits', 'cfg': 'config.RunConfig', 'estimate': 'memory.Estimate', 'diagnosis': 'doctor.Diagnosis',
    'runs': 'runs.Runs', 'run': 'runs.Run',
}

ROAD = { # The public API, stage by stage; each line's text is the docstring
    'Read': '''
        ft.sample ft.guess_columns ft.map_columns ft.load ft.Example ft.Examples examples.filter examples.shuffle
        examples.sample examples.index examples.column examples.batches examples.to_pandas examples.frame examples.save''',
    'Check and clean': '''
        examples.look examples.check report.plot report.to_pandas report.frame report.only report.worst report.propose
        ft.Recipe ft.load_recipe recipe.save examples.clean examples.near_duplicates examples.plot''',
    'Review': '''
        examples.review ft.Review review.decide review.undo review.decision review.verdict review.read
        review.to_pandas review.share_dropped examples.apply_review ft.merge_reviews''',
    'Split': 'examples.split splits.save ft.load_splits',
    'Tokens and template': '''
        ft.load_tokenizer examples.tokens examples.examine diagnosis.plot diagnosis.errors diagnosis.at diagnosis.data examples.tokenize''',
    'Configure': '''
        ft.RunConfig ft.LoraArgs ft.load_config ft.form ft.read_foreign cfg.save cfg.with_presets cfg.plan cfg.estimate
        estimate.plot cfg.preflight cfg.script cfg.to_axolotl cfg.to_llamafactory cfg.create''',
    'Train': '''
        ft.train ft.attach ft.Run run.start run.watch run.wait run.panel run.status run.stop run.resume run.delete
        ft.runs runs.panel runs.report runs.compare runs.to_pandas''',
    'Look at a run': '''
        run.plot run.history run.curves run.events run.tail run.log_tail run.rows run.open_test run.compare run.report''',
    'Evaluate and export': 'run.evaluate run.summary run.answers run.compare_answers run.export',
    'Help': 'ft.help',
}

OLD = { # Names that `ft` had before: where they are, and how that is said now. They are read until the next release
    'save_config': ('config.save_config', 'cfg.save'),
    'plan': ('plans.plan', 'cfg.plan'),
    'PRESETS': ('plans.PRESETS', 'ftkit.plans.PRESETS'),
    'apply_preset': ('plans.apply_preset', 'cfg.with_presets'),
    'example_config': ('plans.example_config', 'ftkit.plans.example_config'),
    'to_axolotl': ('interop.to_axolotl', 'cfg.to_axolotl'),
    'to_llamafactory': ('interop.to_llamafactory', 'cfg.to_llamafactory'),
    'save': ('readers.save', 'examples.save'),
    'Unreadable': ('readers.Unreadable', 'ftkit.readers.Unreadable'),
    'near_duplicates': ('duplicates.near_duplicates', 'examples.near_duplicates'),
    'suspects': ('labels.suspects', 'ftkit.labels.suspects'),
    'check': ('checks.check', 'examples.check'),
    'Issue': ('checks.Issue', 'ftkit.checks.Issue'),
    'CHECKS': ('checks.CHECKS', 'ftkit.checks.CHECKS'),
    'propose': ('recipes.propose', 'report.propose'),
    'clean': ('recipes.clean', 'examples.clean'),
    'save_recipe': ('recipes.save_recipe', 'recipe.save'),
    'apply': ('reviews.apply', 'examples.apply_review'),
    'merge': ('reviews.merge', 'ft.merge_reviews'),
    'share_dropped': ('reviews.share_dropped', 'review.share_dropped'),
    'split': ('splits.split', 'examples.split'),
    'check_splits': ('splits.check_splits', 'ftkit.splits.check_splits'),
    'overlap': ('splits.overlap', 'splits.overlap'),
    'Splits': ('splits.Splits', 'ftkit.splits.Splits'),
    'tokenize': ('templates.tokenize', 'examples.tokenize'),
    'rows_of': ('templates.rows_of', 'ftkit.templates.rows_of'),
    'TEMPLATES': ('templates.TEMPLATES', 'ftkit.templates.TEMPLATES'),
    'estimate': ('memory.estimate', 'ftkit.memory.estimate'),
    'estimate_run': ('memory.estimate_run', 'cfg.estimate'),
    'fits': ('memory.fits', 'ftkit.memory.fits'),
    'GPUS': ('memory.GPUS', 'ftkit.memory.GPUS'),
    'load_model': ('models.load_model', 'ftkit.models.load_model'),
    'load_adapter': ('models.load_adapter', 'ftkit.models.load_adapter'),
    'release': ('models.release', 'ftkit.models.release'),
    'examine': ('doctor.examine', 'examples.examine'),
    'create': ('runs.create', 'cfg.create'),
    'start': ('runs.start', 'run.start'),
    'resume': ('runs.resume', 'run.resume'),
    'stop': ('runs.stop', 'run.stop'),
    'list_runs': ('runs.list_runs', 'ft.runs'),
    'compare_runs': ('runs.compare_runs', 'run.compare'),
    'delete_run': ('runs.delete_run', 'run.delete'),
    'evaluate': ('evals.evaluate', 'run.evaluate'),
    'answers': ('evals.answers', 'run.answers'),
    'export': ('exports.export', 'run.export'),
    'script': ('scripts.script', 'cfg.script'),
    'preflight': ('preflights.preflight', 'cfg.preflight'),
    'look': ('panels.data.look', 'examples.look'),
    'review': ('panels.review.review', 'examples.review'),
    'columns': ('panels.columns.columns', 'ft.map_columns'),
    'tokens': ('panels.tokens.tokens', 'examples.tokens'),
    'panel': ('panels.monitor.panel', 'run.panel'),
    'watch': ('panels.monitor.watch', 'run.watch'),
    'report': ('panels.monitor.report', 'run.report'),
    'compare': ('panels.evals.compare', 'run.compare_answers'),
}

class Renamed(FutureWarning): "A name of `ft` that is read until the next release"

_noticed = set() # Old names of which it has been said

def _notice(name):
    if name in _noticed: return
    _noticed.add(name)
    warnings.warn(f'ft.{name} is now {OLD[name][1]}; the old name is read until the next release.', Renamed, stacklevel=3)

def _found(where): # `checks.check`
    module,_,name = where.rpartition('.')
    return getattr(import_module(f'{__name__}.{module}'), name)

def _documented(value): # What `?` shows; of the nouns that are loaded by now, too
    documented = _found('core.documented')
    for module,_,cls in (o.rpartition('.') for o in NOUNS.values()):
        if o := sys.modules.get(f'{__name__}.{module}'): documented(getattr(o, cls))
    return documented(value)

def __getattr__(name):
    if name in OLD: # Not kept, so that `ft.<tab>` does not show it
        _notice(name)
        return _documented(_found(OLD[name][0]))
    if name not in _HOME: raise AttributeError(f"ftkit has no {name!r}. It has: {', '.join(__all__)}.")
    value = globals()[name] = _documented(_found(_HOME[name]))
    return value

def __dir__(): return sorted([*(o for o in globals() if o.startswith('__')), *__all__])

class _Face(ModuleType): # ftkit.runs hides `ft.runs` until modules move: importing a module puts it here under its name
    def __setattr__(self, name, value):
        if not (name in _HOME and isinstance(value, ModuleType)): super().__setattr__(name, value)

sys.modules[__name__].__class__ = _Face
