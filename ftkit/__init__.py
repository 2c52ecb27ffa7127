"""From a file of examples to a fine-tuned language model you can trust, one notebook cell at a time.

`import ftkit as ft` names everything and loads nothing: each part is loaded when a name of it is first used
(PEP 562), so a notebook that only checks data never waits for torch. `ft.help()` lists the names along the
road."""

import sys, warnings
from importlib import import_module

__version__ = "0.1.0"

_HOME = { # Name of `ft`: where it is; in the order of the road
    'sample': 'base.system.sample', 'guess_columns': 'data.read.guess.guess_columns',
    'map_columns': 'panels.columns.columns',
    'load': 'data.read.load.load', 'Example': 'data.example.Example', 'Examples': 'data.examples.Examples',
    'Recipe': 'data.recipe.Recipe', 'load_recipe': 'data.recipe.load_recipe', 'Review': 'data.review.Review',
    'merge_reviews': 'data.agreement.merge', 'load_splits': 'data.splits.saved.load_splits',
    'load_tokenizer': 'model.names.load_tokenizer', 'RunConfig': 'config.settings.RunConfig',
    'LoraArgs': 'config.settings.LoraArgs',
    'load_config': 'config.yaml.load_config', 'form': 'panels.form.panel.form',
    'read_foreign': 'config.foreign.read.read_foreign',
    'train': 'launch.train.train', 'attach': 'launch.create.attach', 'runs': 'launch.create.list_runs',
    'Run': 'run.folder.Run',
    'leaderboard': 'evaluation.leaderboard.leaderboard', 'score': 'evaluation.given.score',
    'metric': 'evaluation.metric.metric',
    'Judgements': 'evaluation.judgements.Judgements', 'help': 'api.help',
}
__all__ = list(_HOME)

NOUNS = { # What a line of `ROAD` calls it: the class
    'examples': 'data.examples.Examples', 'report': 'data.checks.report.Report',
    'recipe': 'data.recipe.Recipe', 'review': 'data.review.Review',
    'splits': 'data.splits.sets.Splits', 'cfg': 'config.settings.RunConfig',
    'estimate': 'model.memory.Estimate', 'diagnosis': 'model.doctor.diagnosis.Diagnosis',
    'runs': 'launch.create.Runs', 'run': 'run.folder.Run',
    'session': 'evaluation.judgements.Judgements',
    'worst': 'evaluation.worst.Worst', 'compared': 'evaluation.versions.RowsCompared',
}

ROAD = { # The public API, stage by stage; each line's text is the docstring
    'Read': '''
        ft.sample ft.guess_columns ft.map_columns ft.load ft.Example ft.Examples examples.filter
        examples.shuffle examples.sample examples.index examples.column examples.batches examples.to_pandas
        examples.frame examples.save''',
    'Check and clean': '''
        examples.look examples.check report.plot report.to_pandas report.frame report.only report.worst
        report.propose ft.Recipe ft.load_recipe recipe.save examples.clean examples.near_duplicates
        examples.plot''',
    'Review': '''
        examples.review ft.Review review.decide review.undo review.decision review.verdict review.read
        review.to_pandas review.share_dropped examples.apply_review ft.merge_reviews''',
    'Split': 'examples.split splits.save ft.load_splits',
    'Tokens and template': '''
        ft.load_tokenizer examples.tokens examples.examine diagnosis.plot diagnosis.errors diagnosis.at
        diagnosis.data examples.tokenize''',
    'Configure': '''
        ft.RunConfig ft.LoraArgs ft.load_config ft.form ft.read_foreign cfg.save cfg.with_presets cfg.plan
        cfg.estimate estimate.plot cfg.preflight cfg.script cfg.to_axolotl cfg.to_llamafactory cfg.create''',
    'Train': '''
        ft.train ft.attach ft.Run run.start run.watch run.wait run.panel run.status run.stop run.resume
        run.delete ft.runs runs.panel runs.report runs.compare runs.to_pandas''',
    'Look at a run': '''
        run.plot run.history run.curves run.events run.tail run.log_tail run.rows run.open_test run.compare
        run.report''',
    'Evaluate and export': '''
        run.evaluate run.summary run.answers run.compare_answers run.score ft.score ft.metric ft.leaderboard
        run.gate run.ask run.chat run.export run.serve run.verify run.push''',
    'Hand over, and carry out again': 'run.pack run.notebook run.rerun',
    'Judge by hand': '''
        run.judge run.grade run.judge_flags ft.Judgements session.panel session.decide session.undo
        session.waiting session.page session.decision session.verdict session.read session.to_pandas
        session.reveal session.names run.merge_judgements run.judged run.judged_flags
        run.judged_words''',
    'Mend, worst first': '''
        run.worst worst.review worst.plot worst.to_pandas worst.as_json worst.lines run.likeness
        run.compare_rows compared.to_pandas compared.lines''',
    'Help': 'ft.help',
}

# Names that `ft` had before: where they are, and how that is said now. They are read until the next release
OLD = {
    'save_config': ('config.yaml.save_config', 'cfg.save'),
    'plan': ('config.plan.plan', 'cfg.plan'),
    'PRESETS': ('config.presets.PRESETS', 'ftkit.config.presets.PRESETS'),
    'apply_preset': ('config.presets.apply_preset', 'cfg.with_presets'),
    'example_config': ('config.presets.example_config', 'ftkit.config.presets.example_config'),
    'to_axolotl': ('config.foreign.axolotl.to_axolotl', 'cfg.to_axolotl'),
    'to_llamafactory': ('config.foreign.llamafactory.to_llamafactory', 'cfg.to_llamafactory'),
    'save': ('data.read.write.save', 'examples.save'),
    'Unreadable': ('data.read.options.Unreadable', 'ftkit.data.read.options.Unreadable'),
    'near_duplicates': ('data.duplicates.rows.near_duplicates', 'examples.near_duplicates'),
    'suspects': ('data.labels.suspects', 'ftkit.data.labels.suspects'),
    'check': ('data.checks.report.check', 'examples.check'),
    'Issue': ('data.checks.issue.Issue', 'ftkit.data.checks.issue.Issue'),
    'CHECKS': ('data.checks.issue.CHECKS', 'ftkit.data.checks.issue.CHECKS'),
    'propose': ('data.clean.propose', 'report.propose'),
    'clean': ('data.clean.clean', 'examples.clean'),
    'save_recipe': ('data.recipe.save_recipe', 'recipe.save'),
    'apply': ('data.apply.apply', 'examples.apply_review'),
    'merge': ('data.agreement.merge', 'ft.merge_reviews'),
    'share_dropped': ('data.review.share_dropped', 'review.share_dropped'),
    'split': ('data.splits.split.split', 'examples.split'),
    'check_splits': ('data.splits.saved.check_splits', 'ftkit.data.splits.saved.check_splits'),
    'overlap': ('data.splits.sets.overlap', 'splits.overlap'),
    'Splits': ('data.splits.sets.Splits', 'ftkit.data.splits.sets.Splits'),
    'tokenize': ('model.tokens.tokenize', 'examples.tokenize'),
    'rows_of': ('model.rows.rows_of', 'ftkit.model.rows.rows_of'),
    'TEMPLATES': ('model.template.TEMPLATES', 'ftkit.model.template.TEMPLATES'),
    'estimate': ('model.memory.estimate', 'ftkit.model.memory.estimate'),
    'estimate_run': ('model.fits.estimate_run', 'cfg.estimate'),
    'fits': ('model.fits.fits', 'ftkit.model.fits.fits'),
    'GPUS': ('model.fits.GPUS', 'ftkit.model.fits.GPUS'),
    'load_model': ('model.load.load_model', 'ftkit.model.load.load_model'),
    'load_adapter': ('model.adapter.load_adapter', 'ftkit.model.adapter.load_adapter'),
    'release': ('model.release.release', 'ftkit.model.release.release'),
    'examine': ('model.doctor.diagnosis.examine', 'examples.examine'),
    'create': ('launch.create.create', 'cfg.create'),
    'start': ('launch.start.start', 'run.start'),
    'resume': ('launch.start.resume', 'run.resume'),
    'stop': ('launch.start.stop', 'run.stop'),
    'list_runs': ('launch.create.list_runs', 'ft.runs'),
    'compare_runs': ('launch.compare.compare_runs', 'run.compare'),
    'delete_run': ('launch.start.delete_run', 'run.delete'),
    'evaluate': ('evaluation.process.evaluate', 'run.evaluate'),
    'answers': ('evaluation.kept.answers', 'run.answers'),
    'export': ('sharing.export.export', 'run.export'),
    'script': ('sharing.script.whole.script', 'cfg.script'),
    'preflight': ('launch.preflight.preflight', 'cfg.preflight'),
    'look': ('panels.data.look', 'examples.look'),
    'review': ('panels.review.panel.review', 'examples.review'),
    'columns': ('panels.columns.columns', 'ft.map_columns'),
    'tokens': ('panels.tokens.tokens', 'examples.tokens'),
    'panel': ('panels.monitor.panel.panel', 'run.panel'),
    'watch': ('panels.monitor.watch.watch', 'run.watch'),
    'report': ('panels.monitor.watch.report', 'run.report'),
    'compare': ('panels.evals.compare', 'run.compare_answers'),
}

class Renamed(FutureWarning): "A name of `ft` that is read until the next release"

_noticed = set() # Old names of which it has been said

def _notice(name):
    if name in _noticed: return
    _noticed.add(name)
    warnings.warn(f'ft.{name} is now {OLD[name][1]}; the old name is read until the next release.', Renamed,
                  stacklevel=3)

def _found(where): # `checks.check`
    module,_,name = where.rpartition('.')
    return getattr(import_module(f'{__name__}.{module}'), name)

def _documented(value): # What `?` shows; of the nouns that are loaded by now, too
    ready = _found('base.verbs.for_readers')
    for module,_,cls in (o.rpartition('.') for o in NOUNS.values()):
        if o := sys.modules.get(f'{__name__}.{module}'): ready(getattr(o, cls))
    return ready(value)

def __getattr__(name):
    if name in OLD: # Not kept, so that `ft.<tab>` does not show it
        _notice(name)
        return _documented(_found(OLD[name][0]))
    if name not in _HOME:
        raise AttributeError(f'ftkit has no {name!r}. {_found("base.elsewhere.meant")(name, __all__)}')
    value = globals()[name] = _documented(_found(_HOME[name]))
    return value

if 'IPython' in sys.modules: _found('base.tracebacks.shorten_errors')()

def __dir__(): return sorted([*(o for o in globals() if o.startswith('__')), *__all__])
