"""Nothing is left that the product doesn't use; that a test uses it does not count."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.project.rooms import ROOT, modules, tree_of

TEMPLATES, STATIC = ROOT / "templates", ROOT / "static"

# Found by the framework, by name or because a decorator registers them: settings, the admin's pages, app configs,
# routes, what the API and Celery call, receivers of signals, checks.
MODULES_READ_BY_NAME = {"settings.py", "admin.py", "apps.py"}
NAMES_READ_BY_NAME = {"__all__", "app_name", "handler400", "handler403", "handler404", "handler500", "urlpatterns"}
REGISTERING = {"connect", "delete", "exception_handler", "get", "patch", "post", "put", "receiver", "register"}
# Rules that tests prove and the next pages call: sensors, bookings, passes, refunds, a level without places.
WAITING_FOR_THEIR_PAGES = {
    # Bookings, by the services that their pages call.
    *("parse_booking_code", "release_early", "confirm_address"),
    # Bookings decide about holds under their own locks.
    *("capture_hold", "void_hold"),
    "is_stale",
    # Passes, by what their pages and their part of the API call.
    *("make_offer", "change_offer", "archive_offer", "grant_pass", "change_pass", "suspend_pass", "resume_pass"),
    *("buy_pass", "waiting_page", "return_from_pass_page", "cancel_pass", "pay_period", "change_renewal"),
    *("add_plate", "remove_plate", "swap_plate", "swaps_left", "read_pass_code"),
    *("make_company", "change_company", "archive_company", "add_manager", "remove_manager"),
    *("load_own_pass", "load_pass_at_work", "load_managed_company", "load_company_at_work", "load_offer_at_work"),
    *("passes_at_work", "offers_online", "with_use", "uses_since"),
}
# Folders whose templates are found by name by a package, or made of a name at run time (chapters, mail).
TEMPLATES_READ_BY_NAME = {"account", "allauth", "help", "mail", "mfa", "ninja", "usersessions"}
PAGES_OF_ERRORS = {"400.html", "403.html", "403_csrf.html", "404.html", "500.html", "503.html"}
# Classes that a script of a package sets.
CLASSES_OF_PACKAGES = {"htmx-request"}
SHEETS_FOR_PACKAGES = {STATIC / "css/pages/api.css"}


def definitions() -> Iterator[tuple[Path, str]]:
    """The functions, classes and constants at the top of modules that only a name in our own code reaches."""
    for module in modules():
        if module.name in MODULES_READ_BY_NAME:
            continue
        for node in tree_of(module).body:
            yield from ((module, name) for name in names_of(node) if name not in NAMES_READ_BY_NAME)


def names_of(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [] if any(is_registering(decorator) for decorator in node.decorator_list) else [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]


def is_registering(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return (called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")) in REGISTERING


def names_used() -> set[str]:
    """Every name that code or a template says, but not where it is only defined, imported or told of."""
    used = {word for path in files(TEMPLATES) for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))}
    for module in modules():
        tree = tree_of(module)
        texts = {id(constant) for constant in told(tree)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                used.add(node.id)
            elif isinstance(node, ast.Attribute):
                used.add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in texts:
                used.update(re.findall(r"\w+", node.value))
    return used


def told(tree: ast.Module) -> Iterator[ast.AST]:
    """Docstrings and the lists of what a package offers."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value
        elif isinstance(node, ast.Assign) and "__all__" in names_of(node):
            yield from ast.walk(node)


def files(folder: Path, pattern: str = "*") -> list[Path]:
    return [path for path in sorted(folder.rglob(pattern)) if path.is_file()]


def text_of_the_product() -> str:
    paths = [*(ROOT / module for module in modules()), *files(TEMPLATES), *files(STATIC, "*.[cj]s*")]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def test_every_function_class_and_constant_is_used():
    used = names_used()
    unused = {f"{module}: {name}" for module, name in definitions() if name not in used | WAITING_FOR_THEIR_PAGES}
    assert unused == set()


def test_every_template_is_shown():
    text = text_of_the_product()
    names = {str(path.relative_to(TEMPLATES)) for path in files(TEMPLATES)}
    ours = {name for name in names - PAGES_OF_ERRORS if name.split("/")[0] not in TEMPLATES_READ_BY_NAME}
    assert {name for name in ours if f'"{name}' not in text} == set()


def test_every_sheet_and_script_is_loaded():
    text = text_of_the_product()
    paths = [*files(STATIC, "*.css"), *files(STATIC, "*.js")]
    assert {path.name for path in paths if not re.search(rf'[/"]{re.escape(path.name)}', text)} == set()


def test_every_class_of_a_sheet_is_set():
    sheets = [path for path in files(STATIC, "*.css") if path not in SHEETS_FOR_PACKAGES]
    rules = re.sub(r"/\*.*?\*/|@import[^;]*;", "", "\n".join(path.read_text() for path in sheets), flags=re.DOTALL)
    paths = [*(ROOT / module for module in modules()), *files(TEMPLATES), *files(STATIC, "*.js")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    set_whole = set(re.findall(r"[\w-]+", text))
    beginnings = tuple(set(re.findall(r"([a-z][a-z-]*-)\{", text)))
    unset = {
        name
        for name in re.findall(r"\.([a-zA-Z][\w-]*)", rules)
        if name not in set_whole and not name.startswith(beginnings)
    }
    assert unset - CLASSES_OF_PACKAGES == set()
