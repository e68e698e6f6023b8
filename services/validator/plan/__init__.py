"""Plans what loading will do with rows that were checked and matched.

In come the checks of a chunk with their groups, and the records and links of the firm that its rows mean; out comes the
plan of the chunk, row by row. The room imports `check` and the contract. The firm's directory comes in as a
`Directory`.
"""
