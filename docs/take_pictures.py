"""Takes the manual's pictures from a running demo: `python docs/take_pictures.py [http://127.0.0.1:8000]`.

Needs the libraries of the tests and Chromium. The pictures are in English and light; few colours keep them small.
"""

import shutil
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, StorageState, ViewportSize, sync_playwright

FOLDER = Path(__file__).resolve().parents[1] / "static" / "img" / "help"
PASSWORD = "demo-parking"  # noqa: S105 of the demo, printed at its start
PHONE, DESK = ViewportSize(width=390, height=620), ViewportSize(width=1120, height=640)
COLOURS = 48
WAIT_MS = 700


def find_car(page: Page) -> None:
    """Serve a car at the desk."""
    page.goto(f"{page.url.partition('?')[0]}?lot=city-garage")
    page.keyboard.type("ZH 3")
    page.keyboard.press("Enter")
    page.wait_for_timeout(WAIT_MS)
    page.locator("main a[href*='/desk/stays/']").first.click()


def follow(words: str) -> Callable[[Page], None]:
    """Follow the first link with these words."""
    return lambda page: page.get_by_role("link", name=words).first.click()


def stay(_page: Page) -> None:
    """Show the page as it is."""


PICTURES: dict[str, tuple[str, str, ViewportSize, Callable[[Page], None]]] = {
    "find": ("", "/", DESK, stay),
    "book": ("", "/book/city-garage/", DESK, stay),
    "my-parking": ("driver", "/me/", PHONE, stay),
    "pay": ("driver", "/me/", PHONE, follow("Pay now")),
    "desk": ("attendant", "/desk/", DESK, find_car),
    "shift": ("attendant", "/desk/shift/", DESK, stay),
    "overview": ("admin", "/manage/", DESK, stay),
    "level": ("admin", "/manage/lots/city-garage/levels/3/", DESK, stay),
    "gate": ("admin", "/manage/gates/city-in-1/", DESK, stay),
    "prices": ("admin", "/manage/tariffs/", DESK, follow("City")),
    "timeline": ("admin", "/manage/bookings/timeline/?lot=city-garage", DESK, stay),
    "revenue": ("admin", "/manage/revenue/", DESK, stay),
    "validate": ("validator", "/validate/", PHONE, stay),
}


def take(browser: Browser, root: str) -> None:
    """Take all pictures, each kind of person in a session of their own."""
    sessions: dict[str, StorageState] = {}
    for name, (person, path, size, act) in PICTURES.items():
        context = browser.new_context(
            viewport=size, locale="en-GB", color_scheme="light", storage_state=sessions.get(person)
        )
        page = context.new_page()
        if person and person not in sessions:
            log_in(page, root, person)
            sessions[person] = context.storage_state()
        page.goto(root + path)
        act(page)
        page.wait_for_load_state()
        page.wait_for_timeout(WAIT_MS)
        store(name, page.screenshot())
        context.close()


def log_in(page: Page, root: str, person: str) -> None:
    """Log in as a person of the demo."""
    page.goto(f"{root}/accounts/login/")
    page.fill("[name=login]", f"{person}@demo.example")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_load_state()


def store(name: str, screenshot: bytes) -> None:
    """Write a picture with few colours."""
    few = Image.open(BytesIO(screenshot)).convert("RGB").quantize(COLOURS)
    few.convert("RGB").save(FOLDER / f"{name}.webp", lossless=True, method=6)


def main() -> None:
    """Take the pictures of the demo at the address given."""
    root = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium-headless-shell") or shutil.which("chromium"), args=["--no-sandbox"]
        )
        take(browser, root)
        browser.close()


if __name__ == "__main__":
    main()
