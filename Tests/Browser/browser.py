"""Drives a Chromium without a window over its debugging pipe, with nothing but Python's standard library.

    with Browser() as browser:
        page = browser.open("report.html", width=360)
        page.evaluate("document.title")

The browser is the first of chromium, chromium-browser and google-chrome in PATH, or what CHROMIUM names. Run as a script, this
file says whether there is one: exit code 0, or 77 if there is none.
"""

import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

NO_BROWSER = 77
TIMEOUT = 60.0  # seconds for an answer; machines under load are slow


def executable():
    """The path of a browser, or None."""
    named = os.environ.get("CHROMIUM")
    names = [named] if named else ["chromium", "chromium-browser", "google-chrome"]
    return next((path for path in map(shutil.which, names) if path), None)


class Browser:
    """A browser of its own, with a profile that goes away with it."""

    def __enter__(self):
        path = executable()
        if path is None:
            print("there is no Chromium to test with (PATH, CHROMIUM)", file=sys.stderr)
            sys.exit(NO_BROWSER)
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        commands, self.commands = os.pipe()
        self.answers, answers = os.pipe()

        def take_descriptors():
            # The browser reads commands from 3 and answers on 4; neither may be in the way of the other.
            first, second = os.dup(commands), os.dup(answers)
            os.dup2(first, 3)
            os.dup2(second, 4)

        # As root in a container there is no sandbox to be had.
        flags = ["--no-sandbox"] if os.geteuid() == 0 else []
        self.process = subprocess.Popen(
            [path, "--headless=new", "--remote-debugging-pipe", f"--user-data-dir={self.profile.name}",
             "--no-first-run", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
             "--disable-component-update", "--force-color-profile=srgb", "--hide-scrollbars", *flags, "about:blank"],
            preexec_fn=take_descriptors, close_fds=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(commands)
        os.close(answers)
        os.set_blocking(self.answers, False)
        self.buffer, self.number, self.events = b"", 0, []
        return self

    def __exit__(self, *_):
        try:
            self.call("Browser.close")
        except Exception:
            pass
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.commands)
        os.close(self.answers)
        self.profile.cleanup()

    def _message(self, deadline):
        while b"\0" not in self.buffer:
            try:
                more = os.read(self.answers, 1 << 20)
                if not more:
                    raise RuntimeError("the browser has gone")
                self.buffer += more
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise RuntimeError("the browser does not answer")
                time.sleep(0.005)
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, session=None, **parameters):
        """The result of a command of the DevTools protocol; events that come meanwhile are kept."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.commands, data):]
        deadline = time.monotonic() + TIMEOUT
        while True:
            answer = self._message(deadline)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def open(self, file, width=1280, height=900, dark=False, scale=1, fragment="", wait=True):
        """A page that shows a file."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session, target)
        for domain in ["Page", "Runtime", "Log", "Network"]:
            page.call(f"{domain}.enable")
        page.resize(width, height, scale)
        page.theme(dark)
        page.call("Page.navigate", url=pathlib.Path(file).resolve().as_uri() + fragment)
        if wait:
            page.wait("document.readyState === 'complete' && location.protocol === 'file:'")
        return page


class Page:
    """A page of a browser."""

    def __init__(self, browser, session, target):
        self.browser, self.session, self.target = browser, session, target

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def evaluate(self, expression):
        """The value of an expression, a promise awaited."""
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise RuntimeError(details.get("exception", {}).get("description", details["text"]))
        return answer["result"].get("value")

    def wait(self, condition):
        """Waits until an expression is true."""
        deadline = time.monotonic() + TIMEOUT
        while not self.evaluate(condition):
            if time.monotonic() > deadline:
                raise RuntimeError(f"never true: {condition}")
            time.sleep(0.02)

    def resize(self, width, height, scale=1):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale,
                  mobile=False)

    def theme(self, dark):
        # Without motion, so that what is measured stands still.
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
                            {"name": "prefers-reduced-motion", "value": "reduce"}])

    KEYS = {"Tab": 9, "Enter": 13, "Escape": 27, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40,
            "End": 35, "Home": 36}

    def press(self, key, shift=False):
        text = {"text": "\r"} if key == "Enter" else {}
        for kind in ["keyDown", "keyUp"]:
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, modifiers=8 if shift else 0,
                      windowsVirtualKeyCode=self.KEYS[key], **(text if kind == "keyDown" else {}))

    def click(self, x, y):
        for kind in ["mousePressed", "mouseReleased"]:
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def screenshot(self, file, whole=True):
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole,
                         **({"clip": self._whole()} if whole else {}))["data"]
        pathlib.Path(file).write_bytes(base64.b64decode(data))

    def _whole(self):
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        return {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 12000), "scale": 1}

    def pdf(self, file):
        data = self.call("Page.printToPDF", printBackground=True, preferCSSPageSize=True, paperWidth=8.27,
                         paperHeight=11.69, marginTop=0.5, marginBottom=0.5, marginLeft=0.5, marginRight=0.5)["data"]
        pathlib.Path(file).write_bytes(base64.b64decode(data))

    def complaints(self):
        """What went wrong in the page so far: errors, warnings, and every request but for the page itself."""
        found, first = [], True
        for event in self.browser.events:
            if event.get("sessionId") != self.session:
                continue
            method, given = event["method"], event["params"]
            if method == "Runtime.exceptionThrown":
                found.append("exception: " + given["exceptionDetails"].get("exception", {}).get("description", "?"))
            elif method == "Runtime.consoleAPICalled":
                found.append("console: " + " ".join(str(a.get("value", "?")) for a in given["args"]))
            elif method == "Log.entryAdded":
                found.append("log: " + given["entry"]["text"])
            elif method == "Network.requestWillBeSent":
                url = given["request"]["url"]
                if not (url.startswith("file:") and first) and not url.startswith("blob:"):
                    found.append("request: " + url[:200])
                first = False
        return found


if __name__ == "__main__":
    sys.exit(0 if executable() else NO_BROWSER)
