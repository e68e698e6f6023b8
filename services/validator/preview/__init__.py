"""Shows the first rows as a mapping and rules would make them, before anybody saves these.

In come what somebody chose and the rows of the first chunk; out come values, problems, fixes and the rules of each row,
as the check finds them. The room imports `check`, `rows` and the contract.
"""
