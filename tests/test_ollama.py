"""The chat templates that trl ships, for Ollama: each conversation comes out as the template has it."""
from pathlib import Path

import pytest
from ftkit.sharing.gotemplate import run_go
from ftkit.sharing.modelfile import ollama_template

FOLDER = Path(pytest.importorskip('trl').__file__).parent/'chat_templates'
TALKS = [[dict(zip(('role', 'content'), o)) for o in talk] for talk in (
    [('user', 'Hi there?')],
    [('user', 'a'), ('assistant', 'b {{x}}'), ('user', 'c\n"d"')],
    [('user', 'a'), ('assistant', 'b'), ('user', 'c'), ('assistant', 'd'), ('user', 'e')],
    [('system', 'Be nice.'), ('user', 'Hi')],
    [('system', 'Be\nnice.'), ('user', 'a'), ('assistant', 'b'), ('user', 'ünï {{ .Role }}')])]
IMAGES = {'idefics3', 'llava_next', 'smolvlm'} # Their messages are lists of parts

def renderer(text):
    from jinja2.exceptions import TemplateError, UndefinedError
    from transformers.utils.chat_template_utils import render_jinja_template
    def render(messages, ask):
        try: return render_jinja_template([messages], chat_template=text, add_generation_prompt=ask,
                                          bos_token='<s>', eos_token='</s>')[0][0]
        except (TemplateError, UndefinedError, TypeError) as e: raise ValueError(str(e)) from e
    return render

@pytest.mark.parametrize('path', sorted(FOLDER.glob('*.jinja')), ids=lambda o: o.stem)
def test_a_template_is_translated(path):
    render = renderer(path.read_text(encoding='utf-8'))
    if path.stem.removesuffix('_training') in IMAGES:
        with pytest.raises(ValueError, match='does more than to put words around turns'):
            ollama_template(render, TALKS)
        return
    def takes_system():
        try: return render(TALKS[3], True)
        except ValueError: return ''
    talks = TALKS if takes_system() else TALKS[:3]
    go,_ = ollama_template(render, talks) # Raises where one comes out otherwise
    assert [run_go(go, o) for o in talks]==[render(o, True) for o in talks]
