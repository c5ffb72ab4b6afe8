"""Uses a report in a browser as people do: by mouse, by keyboard, on a telephone, in the dark, on paper.

    python3 check_report.py REPORT.html [FOLDER]

Prints a line for every fault; the exit code is 0 if there is none, 1 otherwise, 77 if there is no browser. With a folder,
screenshots and a print are left there.
"""

import json
import pathlib
import sys

from browser import Browser

measures = "(" + (pathlib.Path(__file__).parent / "measures.js").read_text() + ")"
focus = "document.activeElement.getAttribute('aria-label') || document.activeElement.textContent.slice(0, 60)"
letters = ("[...document.querySelectorAll('#point svg text')].map(t => parseFloat(getComputedStyle(t).fontSize)"
           " * t.ownerSVGElement.getBoundingClientRect().width / t.ownerSVGElement.viewBox.baseVal.width)")
opened = "(document.querySelector('#point h2')?.textContent ?? '')"


class Check:
    def __init__(self, file, folder):
        self.file, self.folder, self.faults = file, folder, []

    def expect(self, condition, fault):
        if not condition:
            self.faults.append(fault)

    def keep(self, page, name):
        if self.folder:
            page.screenshot(self.folder / f"{name}.png")

    def quiet(self, page, where):
        self.faults += [f"{where}: {complaint}" for complaint in page.complaints()]

    def measured(self, page, where):
        self.faults += [f"{where}: {fault}" for fault in page.evaluate(
            f"(m => [...document.querySelectorAll('svg')].flatMap(svg => m.overlaps(svg)))({measures})")]
        self.faults += [f"{where}: contrast {fault}" for fault in page.evaluate(f"{measures}.faint()")]
        overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        self.expect(overflow <= 0, f"{where}: {overflow} pixels wider than the screen")

    def mouse(self, browser):
        page = browser.open(self.file, width=1440, height=1000)
        self.keep(page, "desktop-closed")
        count = page.evaluate("document.querySelectorAll('#plane .cells > *').length")
        last = ""
        for i in sorted({0, count // 2, count - 1}):
            cell = f"document.querySelectorAll('#plane .cells > *')[{i}]"
            page.evaluate(cell + ".scrollIntoView({block: 'center', behavior: 'instant'})")
            box = page.evaluate(
                f"(b => [b.x + b.width / 2, b.y + b.height / 2])({cell}.getBoundingClientRect())")
            page.click(*box)
            name = page.evaluate(cell + ".getAttribute('aria-label')")
            # Until another point is open than before: which one, is the question.
            page.wait(f"{opened} !== '' && {opened} !== {json.dumps(last)}")
            last = page.evaluate(opened)
            self.expect(last == name, f"a click on {name} opens “{last}”")
            self.expect(page.evaluate("document.querySelectorAll('#point figure svg').length") >= 1,
                        f"{name} has no figure")
            self.expect(page.evaluate("document.querySelectorAll('#point tbody tr').length") >= 1, f"{name} has no runs")
            self.measured(page, name)
            large = max(page.evaluate(letters))
            self.expect(large <= 20, f"{name}: letters of {large:.1f} pixels in a figure, beside text of 16")
        self.keep(page, "desktop")
        page.evaluate("document.querySelector('#all summary')?.click()")
        page.wait(f"document.querySelectorAll('#all tbody tr').length === {count}")
        page.evaluate("document.querySelector('#all [data-point]').click()")
        page.wait("document.querySelector('#point').dataset.point === '0'")
        ids = page.evaluate("(ids => ids.filter((id, i) => ids.indexOf(id) !== i))"
                            "([...document.querySelectorAll('[id]')].map(e => e.id))")
        self.expect(not ids, f"ids that occur twice: {ids}")
        self.quiet(page, "mouse")

    def keyboard(self, browser):
        page = browser.open(self.file, width=1440, height=1000)
        seen = []
        for _ in range(12):
            page.press("Tab")
            seen.append(page.evaluate(focus))
            if page.evaluate("document.activeElement.closest('.cells') !== null"):
                break
        else:
            self.faults.append(f"no cell can be reached by Tab: {seen}")
            return
        count = page.evaluate("document.querySelectorAll('#plane .cells > *').length")
        start = page.evaluate(focus)
        page.press("Enter")
        page.wait(f"{opened} !== ''")
        page.wait("document.activeElement.closest('#point') !== null")
        self.expect(page.evaluate(opened) == start, f"Enter on {start} opens “{page.evaluate(opened)}”")
        page.press("Escape")
        page.wait("document.activeElement.closest('.cells') !== null")
        self.expect(page.evaluate(focus) == start, f"Escape leads to {page.evaluate(focus)}, not back to {start}")
        if count > 1:
            for key in ["ArrowRight", "ArrowUp", "ArrowLeft", "ArrowDown", "End", "Home"]:
                before = page.evaluate(focus)
                page.press(key)
                after = page.evaluate(focus)
                if after != before:
                    page.wait(f"{opened} === document.activeElement.getAttribute('aria-label')")
            reached = set()
            page.press("Home")
            for _ in range(40):
                reached.add(page.evaluate(focus))
                page.press("ArrowRight")
            self.expect(len(reached) > 1 or count == 1, "the arrow keys lead nowhere")
        self.expect(page.evaluate("document.querySelectorAll('.cells [tabindex=\"0\"]').length") == 1,
                    "more than one cell is a stop of Tab")
        if self.folder:
            page.screenshot(self.folder / "keyboard.png", whole=False)
        # On through the page and back again: nothing holds the keyboard.
        page.press("Tab")
        page.press("Tab", shift=True)
        self.expect(page.evaluate("document.activeElement.closest('.cells') !== null"), "Tab and back leads elsewhere")
        self.quiet(page, "keyboard")

    def themes(self, browser):
        page = browser.open(self.file, width=1440, height=1000, dark=True)
        self.open_middle(page)
        self.measured(page, "dark")
        self.keep(page, "dark")
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.evaluate("document.querySelector('#theme').click()")
        light = page.evaluate("getComputedStyle(document.body).backgroundColor")
        self.expect(dark != light, "the button does not make a dark page light")
        page.theme(False)
        page.evaluate("document.querySelector('#theme').click()")
        self.expect(page.evaluate("getComputedStyle(document.body).backgroundColor") == dark,
                    "the button does not make a light page dark")
        self.measured(page, "dark by the button")
        page.evaluate("document.querySelector('#theme').click()")
        self.quiet(page, "themes")

    def open_middle(self, page):
        page.evaluate("(cells => { const i = cells.length >> 1; cells[i].dispatchEvent(new MouseEvent('click', "
                      "{bubbles: true})); })(document.querySelectorAll('#plane .cells > *'))")
        page.wait(f"{opened} !== ''")

    def telephone(self, browser):
        page = browser.open(self.file, width=360, height=740, scale=2)
        self.measured(page, "360 pixels, closed")
        self.open_middle(page)
        self.measured(page, "360 pixels")
        # It comes into sight; the page may take its time to scroll.
        page.wait("document.querySelector('#point').getBoundingClientRect().top < 740")
        small = min(page.evaluate(letters))
        self.expect(small >= 9, f"on a telephone figures have letters of {small:.1f} pixels")
        # The legend is too small to be read there; all of it is in the key.
        legend, key = page.evaluate("['#plane .legend text', '.key li'].map(part => [...document.querySelectorAll(part)]"
                                    ".map(item => item.textContent.trim()))")
        self.expect(key == legend and page.evaluate("document.querySelector('.key').offsetHeight > 0"),
                    f"on a telephone the key says {key}, and the legend {legend}")
        self.keep(page, "telephone")
        self.quiet(page, "360 pixels")

    def paper(self, browser):
        page = browser.open(self.file, width=1440, height=1000, dark=True)
        self.open_middle(page)
        page.call("Emulation.setEmulatedMedia", media="print",
                  features=[{"name": "prefers-color-scheme", "value": "dark"}])
        self.expect(page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)",
                    "a dark page is printed dark")
        self.expect(page.evaluate("getComputedStyle(document.querySelector('#theme')).display") == "none",
                    "buttons are printed")
        page.call("Emulation.setEmulatedMedia", media="", features=[])
        if self.folder:
            page.pdf(self.folder / "print.pdf")
        self.quiet(page, "paper")

    def link(self, browser):
        page = browser.open(self.file)
        self.open_middle(page)
        fragment, name = page.evaluate("location.hash"), page.evaluate(opened)
        again = browser.open(self.file, fragment=fragment)
        again.wait(f"{opened} !== ''")
        self.expect(again.evaluate(opened) == name, f"{fragment} opens {again.evaluate(opened)}, not {name}")
        self.quiet(again, "link")
        for nonsense in ["#%", "#,", "#1e9,0", "#a,b", "#table"]:
            other = browser.open(self.file, fragment=nonsense)
            self.expect(other.evaluate(opened) == "", f"{nonsense} opens {other.evaluate(opened)}")
            self.quiet(other, nonsense)


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
    check = Check(sys.argv[1], folder)
    with Browser() as browser:
        for step in [check.mouse, check.keyboard, check.themes, check.telephone, check.paper, check.link]:
            step(browser)
    if check.faults:
        print("\n".join(dict.fromkeys(check.faults)))
    sys.exit(1 if check.faults else 0)
