"""``python -m daemon`` and ``kithd``: the command line."""

from daemon.cli.app import main

if __name__ == "__main__":
    main()
