"""Every text that a page may say, read from templates, code and the table of deeds."""

import ast
import re
from pathlib import Path

import hpserver.web
from hpserver.web.confirming import DEEDS
from hpserver.web.page import PANES

FOLDER = Path(hpserver.web.__file__).parent
_CALL = re.compile(r"""(?:\b_|\bwords)\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")
_NAMED = re.compile(r"""\{%\s*for \w+, title[^%]*? in \[(.*?)\]\s*%\}""")
_STRING = re.compile(r"""\(("[^"]*"), ("[^"]*")\)""")


def said() -> set[str]:
    """Return every French text of the console."""
    found = {one for deed in DEEDS.values() for one in (deed.title, deed.done, deed.confirm) if one}
    found |= {title for _, _, title, _ in PANES}
    for template in FOLDER.glob("templates/*.html"):
        text = template.read_text()
        found |= {ast.literal_eval(one) for one in _CALL.findall(text)}
        for pairs in _NAMED.findall(text):
            found |= {ast.literal_eval(title) for _, title in _STRING.findall(pairs)}
    for module in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Call) and _names_words(node.func) and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found.add(first.value)
    return found | {
        "lun.",
        "mar.",
        "mer.",
        "jeu.",
        "ven.",
        "sam.",
        "dim.",
        "Administration",
        "Modification",
        "Consultation",
    }


def _names_words(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and function.attr == "words"
