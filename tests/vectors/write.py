"""Write vectors for messages that have none yet: `python -m tests.vectors.write`. What is written stays as it is."""

import json
from pathlib import Path

import msgspec

from hpserver.protocol.codec import encode_body
from tests.protocol.samples import CLIENT, SERVER

FOLDER = Path(__file__).parent / "v1"


def plain(value: object) -> object:
    """Return a value as JSON shows it: bytes as `{"bin": hex}`, values of the base as `{"msgpack": hex}`."""
    match value:
        case msgspec.Raw():
            return {"msgpack": bytes(value).hex()}
        case bytes():
            return {"bin": value.hex()}
        case msgspec.Struct():
            tag = value.__struct_config__.tag
            fields = {name: plain(getattr(value, name)) for name in value.__struct_fields__}
            return {"tag": tag} | fields if isinstance(tag, str) else fields
        case tuple():
            return [plain(item) for item in value]
        case dict():
            return {str(name): plain(item) for name, item in value.items()}
    return value


def main() -> None:
    """Write what is missing."""
    FOLDER.mkdir(exist_ok=True)
    for side, messages in (("client", CLIENT), ("server", SERVER)):
        for message in messages:
            config = message.__struct_config__
            path = FOLDER / f"{config.tag:03}_{type(message).__name__}.json"
            if path.exists():
                continue
            vector = {
                "message": type(message).__name__,
                "tag": config.tag,
                "from": "either" if type(message).__name__ in {"Ping", "Pong"} else side,
                "fields": plain(message),
                "hex": encode_body(message).hex(),
            }
            path.write_text(json.dumps(vector, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
