"""The command line `carryover`: the client package for people and scripts.

`main.py` has the commands, `choices.py` what they share (address, token, firm), `showing.py` tables, numbers and
progress bars.
"""
