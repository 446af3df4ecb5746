"""What the checklist asks of the code as a whole: where cryptography is, and which of it."""

import ast
import re
import ssl
from collections.abc import Iterator
from pathlib import Path

from tests.documents import PACKAGE
from tests.pki import Pki

LIBRARIES = {"ssl", "hashlib", "hmac", "secrets", "cryptography", "argon2"}

ROOMS_OF_SECRETS = {
    "administration", "certs", "cli", "client", "hosting", "identity", "net", "mail", "signing", "signer",
    "desk", "web",
}  # fmt: skip
"""Rooms and programs that handle keys, hashes of secrets or lines; the others may at most make digests of data."""

WEAK = {
    *("md5", "sha1", "MD5", "SHA1", "ECB", "ARC4", "TripleDES", "Blowfish", "IDEA", "CAST5", "SEED", "DSA", "dsa"),
    "PKCS1v15",
}
"""Names of what is broken or too short, in the libraries that we use."""

SUITES = {"TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"}


def sources() -> Iterator[tuple[str, str]]:
    """Yield every module of the server with its text."""
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE).as_posix(), path.read_text(encoding="utf-8")


def modules(text: str) -> set[str]:
    """Return the packages a module imports, wherever it does so."""
    return set(re.findall(r"^ *(?:from|import) (\w+)", text, re.MULTILINE))


def names(text: str, wanted: set[str]) -> set[str]:
    """Return which of these names a module reads or imports; words in its texts are none."""
    if not wanted & set(re.findall(r"\w+", text)):
        return set()
    tree = ast.parse(text)
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    found |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return wanted & (found | {node.name for node in ast.walk(tree) if isinstance(node, ast.alias)})


def test_cryptography_is_used_where_it_is_known_to_be() -> None:
    """Keys and lines are the business of few rooms; a new place with a cipher or a key is a decision."""
    strong = LIBRARIES - {"hashlib", "hmac", "secrets"}
    found = {name.split("/")[0].removesuffix(".py") for name, text in sources() if modules(text) & strong}
    assert found <= ROOMS_OF_SECRETS


def test_no_weak_algorithm_is_named_in_the_code() -> None:
    """Nothing that is broken, not even where it would do no harm."""
    found = {name: names(text, WEAK) for name, text in sources()}
    assert not {name: weak for name, weak in found.items() if weak}


def test_secrets_come_from_the_generator_for_secrets() -> None:
    """`random` can be foretold: it draws demonstrations, delays and who is dropped: nobody sees its numbers."""
    found = {name for name, text in sources() if "random" in modules(text)}
    assert found <= {
        "imports/school.py",
        "client/writing.py",
        "net/listener.py",
        "client/reconnecting.py",
        "web/entrance.py",
    }


def test_secrets_are_compared_in_constant_time() -> None:
    """Hashes by argon2's own comparison, keyed tags and the secret of a start by `hmac.compare_digest`."""
    found = {name for name, text in sources() if names(text, {"compare_digest"})}
    assert {"net/hub.py", "store/audit.py"} <= found
    verifies = {name for name, text in sources() if names(text, {"verify_secret"})}
    assert verifies == {"identity/passwords.py"}


def test_every_suite_of_tls_is_authenticated_and_forward_secret(tmp_path: Path) -> None:
    """TLS 1.3 has no other suites; none of an older version can be spoken."""
    context = Pki.create(tmp_path).server_context()
    assert context.minimum_version == context.maximum_version == ssl.TLSVersion.TLSv1_3
    offered = {suite["name"] for suite in context.get_ciphers() if suite["protocol"] == "TLSv1.3"}
    assert offered == SUITES
