"""One word, one thing: names of classes and of modules."""

import ast
from collections import defaultdict

from tests.project.rooms import modules, tree_of

# What the framework looks for by name.
CLASSES_OF_THE_FRAMEWORK = {"Command", "Meta", "Migration"}
# What the framework looks for by name, and what the house has once a room.
MODULES_OF_ANY_ROOM = {
    *("__init__", "access", "admin", "apps", "checks", "errors", "forms", "menu"),
    *("models", "queries", "services", "tasks", "urls", "views", "words"),
}
# Modules in these packages are named after what is stored, done or drawn there.
FOLDERS_OF_ANY_ROOM = {"models", "services", "commands", "templatetags"}


def test_class_name_is_defined_once():
    places = defaultdict(list)
    for module in modules():
        for node in ast.walk(tree_of(module)):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(f"{module}:{node.lineno}")
    twice = {name: where for name, where in places.items() if len(where) > 1}
    assert {name: twice[name] for name in twice.keys() - CLASSES_OF_THE_FRAMEWORK} == {}


def test_module_name_is_used_in_one_room():
    rooms = defaultdict(set)
    for module in modules():
        if module.stem not in MODULES_OF_ANY_ROOM and not FOLDERS_OF_ANY_ROOM & {*module.parent.parts}:
            rooms[module.stem].add(module.parts[0])
    assert {name: found for name, found in rooms.items() if len(found) > 1} == {}
