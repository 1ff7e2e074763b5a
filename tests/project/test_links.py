"""Links and redirects go by the names of pages, so that an address stands once: in a face's `urls.py`."""

import ast
import re

from tests.project.rooms import ROOT, modules, tree_of

# The start page's link must not fail on the page that says that something failed.
START = "/"
FIRST_PARTS = "admin|accounts|api|board|control|desk|home|invitations|lots|manage|me|pay|t|theme"
ADDRESS = re.compile(rf"/(?:{FIRST_PARTS})(?:/.*|\?.*)?", re.DOTALL)
LINK = re.compile(r"\b(?:href|action|hx-get|hx-post|src|action_href|value)=[\"'](/[^\"']*)[\"']")
# Who reads addresses that others ask for, or asks for those of a server somewhere else.
READERS = {
    "api/errors.py",
    "common/web/form_pages.py",
    "common/web/outages.py",
    "common/web/own_way.py",
    "common/web/privacy.py",
    "common/web/site_addresses.py",
    "entrance/second_factor_first.py",
    "parking/fast_path.py",
    "parking/front.py",
    "parking/gate_guard.py",
    "parking/serve.py",
    "traffic/client.py",
}


def addresses_in(module):
    """The addresses among a module's texts that aren't routes, which `path` and a router take."""
    tree = tree_of(module)
    routes = {
        id(argument)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and _name(node.func.value).endswith("router")
        for argument in node.args
    }
    texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return [node.value for node in texts if ADDRESS.fullmatch(node.value) and id(node) not in routes]


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def test_python_names_pages_and_no_addresses():
    found = {str(module): addresses_in(module) for module in modules() if str(module) not in READERS}
    assert {module: addresses for module, addresses in found.items() if addresses} == {}


def test_templates_name_pages_and_no_addresses():
    found = {
        str(path.relative_to(ROOT)): links
        for path in (ROOT / "templates").rglob("*.html")
        if (links := [link for link in LINK.findall(path.read_text()) if link != START])
    }
    assert found == {}
