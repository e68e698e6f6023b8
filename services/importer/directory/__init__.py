"""Accounts and contacts as people see and change them.

In come records and the changes of a person; out come answers, changed records, and problems. It imports the contract
alone.
"""
