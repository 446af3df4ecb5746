"""Write every document that is made from the code, or with `--check` say which are stale."""

import sys

from hpserver.cli.documents import commands, data_model, export_schema, protocol, rules

if __name__ == "__main__":
    written = [one.write(sys.argv[1:]) for one in (protocol, data_model, rules, export_schema, commands)]
    sys.exit(max(written))
