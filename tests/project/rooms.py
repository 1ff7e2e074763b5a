"""The rooms of the product and the modules in them."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
ROOMS = tuple(CONTRACTS["root_packages"])


def modules() -> Iterator[Path]:
    """Yield every module of the product but migrations, relative to the project."""
    for room in ROOMS:
        found = sorted((ROOT / room).rglob("*.py"))
        yield from (path.relative_to(ROOT) for path in found if "migrations" not in path.parts)


def tree_of(module: Path) -> ast.Module:
    return ast.parse((ROOT / module).read_text(encoding="utf-8"))
