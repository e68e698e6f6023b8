"""Runs the command line: `python -m deploy.operating`."""

from deploy.operating.main import main

if __name__ == "__main__":
    main()
