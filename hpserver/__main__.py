"""`python -m hpserver` is `hp`."""

from hpserver.cli.main import main

if __name__ == "__main__":
    main()
