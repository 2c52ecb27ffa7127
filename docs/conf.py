"""Settings of the documentation site, for Sphinx; tools/make_docs.py puts its pages together and calls it.

Nothing is asked of another server: the theme has its fonts and scripts with it, notebooks show what panels
left for readers without a kernel instead of widgets, and there is no MathJax."""
from configparser import ConfigParser
from pathlib import Path

_settings = ConfigParser(delimiters=['='], interpolation=None)
_settings.read(Path(__file__).resolve().parents[1]/'settings.ini', encoding='utf-8')
_settings = dict(_settings['DEFAULT'])

project = _settings['title']
author, copyright = _settings['author'], _settings['copyright']
version = release = _settings['version']
html_title = f'{project} {version}'
html_baseurl = f"{_settings['doc_host']}{_settings['doc_baseurl']}/"
html_short_title = project

extensions = ['myst_nb']
myst_enable_extensions = ['colon_fence', 'deflist']
myst_heading_anchors = 5
nb_execution_mode = 'off' # tools/make_docs.py executes those that need no model
# Pictures instead of widgets
nb_mime_priority_overrides = [('html', 'application/vnd.jupyter.widget-view+json', None)]
nb_ipywidgets_js = {}
nb_merge_streams = True
python_display_short_literal_types = True
maximum_signature_line_length = 88
add_function_parentheses = False
toc_object_entries_show_parents = 'all'

html_theme = 'pydata_sphinx_theme'
html_static_path = ['_static']
html_css_files = ['site.css']
html_favicon = '_static/favicon.svg'
html_copy_source = html_show_sourcelink = False
html_theme_options = dict(
    github_url=_settings['git_url'], show_toc_level=2, header_links_before_dropdown=6,
    navigation_with_keys=False,
    footer_start=['copyright'], footer_end=['theme-version'], secondary_sidebar_items=['page-toc'],
    pygments_light_style='a11y-high-contrast-light', pygments_dark_style='a11y-high-contrast-dark',
    search_bar_text='Search the documentation', use_edit_page_button=False, back_to_top_button=False)
