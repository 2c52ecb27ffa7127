"Where panels are put in a browser: pages that are used again, and pages of their own."

def wired(page):
    "A page whose faults and messages go to the stage that it stands on"
    def fault(text):
        if page.stage: page.stage.faults.append(text)
    page.stage,local = None,('blob:', 'data:', 'about:')
    page.on('console', lambda m: fault(m.text) if m.type=='error' else None)
    page.on('pageerror', lambda e: fault(str(e)))
    page.on('request', lambda r: None if r.url.startswith(local) else fault(r.url))
    page.on('dialog', lambda d: (fault(d.message), d.dismiss()))
    page.expose_function('toPython', lambda m: page.stage.said(m) if page.stage else [])
    page.expose_function('drain', lambda: page.stage.drain() if page.stage else [])
    return page

class Pages:
    "Pages that are blank again after each test: a new one takes longer than most panels"
    def __init__(self, browser): self.context,self.idle = browser.new_context(),[]
    def take(self): return self.idle.pop() if self.idle else wired(self.context.new_page())
    def give(self, page):
        page.goto('about:blank')
        page.mouse.move(0, 0)
        self.idle.append(page)

class Fresh:
    "Pages of their own, where a test prepares them"
    def __init__(self, browser): self.browser = browser
    def take(self): return wired(self.browser.new_page())
    def give(self, page): page.close()
