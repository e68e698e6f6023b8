"""Headers as words, and what the words mean.

In comes the text of a header; out come comparable words, ideas such as `phone`, and a fingerprint of all headers of a
file. It imports the contract alone. The words are in `shared/contract/header_words`, the grammar is in `grammar.toml`.
"""
