"ftkit's package metadata; every value is in settings.ini, so edit there, not here"
import shutil
from configparser import ConfigParser
from pathlib import Path
from setuptools import setup, find_namespace_packages
from setuptools.command.build_py import build_py

parser = ConfigParser(delimiters=['='], interpolation=None)
parser.read('settings.ini', encoding='utf-8')
cfg = parser['DEFAULT']
reqs = lambda key: cfg.get(key, '').split()

statuses = (
    '1 - Planning|2 - Pre-Alpha|3 - Alpha|4 - Beta|5 - Production/Stable|6 - Mature|7 - Inactive'.split('|'))
minor = int(cfg['min_python'].split('.')[1])

class WithQuickstart(build_py):
    "`ftkit demo` carries the quickstart out; in the repository it lies with the tutorials, and only there"
    def run(self):
        super().run()
        if self.editable_mode: return
        to = Path(self.build_lib)/'ftkit'/'tutorials'
        to.mkdir(parents=True, exist_ok=True)
        shutil.copy('nbs/tutorials/quickstart.ipynb', to)

setup(
    name=cfg['lib_name'], version=cfg['version'], description=cfg['description'], keywords=cfg['keywords'],
    author=cfg['author'], author_email=cfg['author_email'], url=cfg['git_url'],
    project_urls={'Source': cfg['git_url'], 'Documentation': cfg['doc_host'] + cfg['doc_baseurl'],
                  'Changes': f"{cfg['git_url']}/blob/{cfg['branch']}/CHANGELOG.md"},
    license='Apache-2.0', license_files=['LICENSE'],
    long_description=Path('README.md').read_text(encoding='utf-8') if Path('README.md').exists() else '',
    long_description_content_type='text/markdown',
    classifiers=[f"Development Status :: {statuses[int(cfg['status']) - 1]}", 'Framework :: Jupyter',
                 'Operating System :: POSIX :: Linux', 'Operating System :: MacOS',
                 f"Intended Audience :: {cfg['audience']}", f"Natural Language :: {cfg['language']}",
                 *(f'Programming Language :: Python :: 3.{m}' for m in range(minor, 15))],
    packages=find_namespace_packages(include=['ftkit', 'ftkit.*']), zip_safe=False,
    package_dir={'':'.'}, # Said, so that an editable installation is one plain path
    # MANIFEST.in takes them into the source archive
    package_data={'': ['*.pyi'], 'ftkit': ['py.typed', 'static/*', 'static/*/*', 'samples/*', 'samples/*/*']},
    cmdclass={'build_py': WithQuickstart},
    python_requires='>=' + cfg['min_python'],
    install_requires=reqs('requirements'),
    extras_require={'train': reqs('train_requirements'), 'dev': reqs('dev_requirements'),
                    'serve': reqs('serve_requirements'), 'docs': reqs('docs_requirements'),
                    'bench': reqs('bench_requirements')},
    entry_points={'console_scripts': reqs('console_scripts'), 'nbdev': ['ftkit=ftkit._modidx:d']},
)
