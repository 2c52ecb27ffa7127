"A view that is closed hears nothing more, or each one that was opened would stay in the page's memory."
import pytest
from ftkit.panels.core import module

OPEN_AND_CLOSE = """(esm) => {
  const heard = new Set();
  const model = { get: (k) => ({ key: "k", first: [] })[k], send: () => {},
    on: (_e, f) => heard.add(f), off: (_e, f) => heard.delete(f) };
  const url = URL.createObjectURL(new Blob([esm], { type: "text/javascript" }));
  const el = document.body.appendChild(document.createElement("div"));
  return import(url).then((mod) => {
    const close = mod.default.render({ model, el }), open = heard.size;
    close();
    return [open > 0, heard.size];
  });
}"""

@pytest.mark.parametrize('name', 'chat columns data evals form judge monitor review tokens'.split())
def test_a_closed_view_hears_nothing(browser, name):
    page = browser.new_page()
    assert page.evaluate(OPEN_AND_CLOSE, module(name))==[True, 0]
    page.close()
