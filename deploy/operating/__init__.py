"""The command line of operators: `carryover-ops`.

In come the options of a command and the settings of the services, from the environment; out go a table for people or,
with `--json`, one document for programs, and an exit code. `options.py` has what all commands share, `main.py` puts the
commands together. `parked_messages.py` and `diagnosis.py` know neither broker nor database: they say what was found.
"""
