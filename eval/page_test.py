"""A page of eval/report in a headless Chromium: nothing on the console, nothing from the network, its widths, its colours."""

import json
import shutil
import time
import unittest

from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

READY = "return document.documentElement.dataset.drawn || document.documentElement.dataset.failed || ''"
POINTS = "#chart-figure-4-bpsp .mark-symbol path[aria-label*='picture']"


def browser():
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        raise unittest.SkipTest("chromium and chromium-driver are not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"):
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))


class PageTest:
    def __init__(self, test, page):
        self.test, self.page = test, page

    def all(self):
        self.driver = browser()
        try:
            for scheme in ("light", "dark"):
                for width in (1280, 390):
                    self.load(scheme, width)
                    self.fits(width)
                    self.is_readable(scheme)
            self.load("light", 1280)
            self.hover_shows_the_picture()
            self.switch_changes_the_colours()
            self.nothing_was_wrong()
        finally:
            self.driver.quit()

    def wait(self, condition, what):
        end = time.monotonic() + 30
        while time.monotonic() < end:
            value = condition()
            if value:
                return value
            time.sleep(0.05)
        return self.test.fail(f"waited for {what}")

    def load(self, scheme, width):
        command = self.driver.execute_cdp_cmd
        command("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        command("Emulation.setDeviceMetricsOverride", {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500})
        self.driver.get(self.page.as_uri())
        self.test.assertEqual(self.wait(lambda: self.driver.execute_script(READY), "the charts"), scheme)

    def fits(self, width):
        script = "return [document.documentElement.scrollWidth, document.body.scrollWidth, window.innerWidth]"
        for wide in self.driver.execute_script(script):
            self.test.assertLessEqual(wide, width)
        charts = self.driver.find_elements(By.CSS_SELECTOR, ".chart svg.marks")
        self.test.assertEqual(len(charts), len(self.driver.find_elements(By.CSS_SELECTOR, ".chart")))
        for chart in charts:
            self.test.assertLessEqual(chart.size["width"], width)

    def is_readable(self, scheme):
        """Text on its ground: black on white or the other way round, in the page and in the charts."""
        def brightness(colour):
            return sum(map(float, colour[colour.index("(") + 1:-1].split(",")[:3])) / 3

        page = self.driver.execute_script("const s = getComputedStyle(document.body); return [s.color, s.backgroundColor]")
        words = self.driver.execute_script("return getComputedStyle(document.querySelector('.chart svg.marks text')).fill")
        ink, ground = map(brightness, page)
        for one in (ink, brightness(words)):
            self.test.assertGreater(abs(one - ground), 130)
        self.test.assertEqual(ground < 128, scheme == "dark")

    def hover_shows_the_picture(self):
        point = self.driver.find_elements(By.CSS_SELECTOR, POINTS)[0]
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", point)
        ActionChains(self.driver).move_to_element(point).perform()
        image = self.wait(lambda: self.driver.find_elements(By.CSS_SELECTOR, "#vg-tooltip-element.visible img"), "the picture")[0]
        self.wait(lambda: self.driver.execute_script("return arguments[0].naturalWidth", image), "its pixels")
        self.test.assertTrue(image.get_attribute("src").startswith("data:image/jpeg"))

    def switch_changes_the_colours(self):
        self.driver.find_element(By.CSS_SELECTOR, "#theme option[value=dark]").click()
        self.wait(lambda: self.driver.execute_script(READY) == "dark", "dark charts")
        self.is_readable("dark")

    def nothing_was_wrong(self):
        self.test.assertEqual(self.driver.get_log("browser"), [])
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                self.test.assertRegex(message["params"]["request"]["url"], "^(file|data|blob):")
