"""A small school as Untis exports it, written by hand after its documentation."""

FILES = {
    "GPU001.TXT": """101,"1A","MUE","D","R101",1,1,,
101,"1A","MUE","D","R101",1,2,,
101,"1A","MUE","D","R101",3,4,,
102,"1A","KOE","M","R102",2,1,,
201,"1A","MUE","SPK","TH1",4,5,,
201,"1B","MUE","SPK","TH1",4,5,,
201,"1A","FAC","SPM","TH2",4,5,,
201,"1B","FAC","SPM","TH2",4,5,,
301,"1B","KOE","M","R101",5,6,,
""",
    "GPU002.TXT": """101,4,4,4,"1A","MUE","D","R101",,28,4,,,,,,,,,"R101","Grammatik",,,,
102,1,1,1,"1A","KOE","M","R102",,,1,,,,,,,,,,,,,,
201,1,1,1,"1A","MUE","SPK","TH1",,,1,,,,,,,,,,,,,,
201,1,1,1,"1B","MUE","SPK","TH1",,,1,,,,,,,,,,,,,,
201,1,1,1,"1A","FAC","SPM","TH2",,,1,,,,,,,,,,,,,,
201,1,1,1,"1B","FAC","SPM","TH2",,,1,,,,,,,,,,,,,,
301,2,2,2,"1B","KOE","M","R101",,,2,"A-Woche",,,20260907,20261004,,,,,,,,,
""",
    "GPU003.TXT": """"1A","Klasse 1A",,"R101",,,,,,,,,,,,,,14,14,,,,,,,,,,
"1B","Klasse 1B",,"R102",,,,,,,,,,,,,,12,15,,,,,,,,,,
""",
    "GPU004.TXT": """"MUE","Müller",,,,,,,,,,,,,,,,,,,,,,,,,,,"Jürgen",,,,"mueller@schule.example",,,,
"KOE","König",,,,,,,,,,,,,,,,,,,,,,,,,,,"Anna",,,,,,,,
"FAC","Fach",,,,,,,,,,,,,,,,,,,,,,,,,,,"Eva",,,,,,,,
""",
    "GPU005.TXT": """"R101","Raum 101","R102",,,,,30,,,,,,,
"R102","Raum 102",,,,,,28,,,,,,,
"TH1","Turnhalle 1",,,,,,,,,,,,,
"TH2","Turnhalle 2",,,,,,,,,,,,,
""",
    "GPU006.TXT": """"D","Deutsch",,,,,,,,,,,,,,,,,,,
"M","Mathematik",,,,,,,,,,,,,,,,,,,
"SPK","Sport Knaben",,,,,,,,,,,,,,,,,,,
"SPM","Sport Mädchen",,,,,,,,,,,,,,,,,,,
""",
    "GPU010.TXT": """"Adam","Adam",,,,,,"Ömer","4711","1A","1",,20140305,"adam@schule.example",
"Beck","Beck",,,,,,"Lea","4712","1B","2",,,,
""",
}


def folder(encoding: str = "cp1252", separator: str = ",") -> dict[str, bytes]:
    """Return the files with another encoding or separator."""
    return {name: text.replace(",", separator).encode(encoding) for name, text in FILES.items()}
