from hpserver.cli.documents import export_schema


def test_the_published_schema_is_what_the_code_says() -> None:
    """After a new field, `./run docs` is part of the change."""
    assert export_schema.write(["--check"]) == 0
