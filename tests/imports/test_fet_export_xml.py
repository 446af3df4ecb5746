from hpserver.imports.fet_export_xml import constraint, listed, tag, tags


def test_texts_are_escaped_and_lists_counted() -> None:
    """Whatever people write stays a text."""
    assert tag("A", "<&>") == "<A>&lt;&amp;&gt;</A>"
    assert tags("A", (1, 2)) == "<A>1</A><A>2</A>"
    assert list(listed("L", "N", ["x"])) == ["<L>", "<N>1</N>", "x", "</L>"]
    assert constraint("C", "95", "<B/>", "memo", Id=3).startswith(
        "<ConstraintC><Weight_Percentage>95</Weight_Percentage><B/><Id>3</Id><Active>true</Active><Comments>memo<"
    )
