"""The sentences for people, in every language: gettext message catalogues.

English is the source text and is written in the code, each text marked with `_()`. The other languages are the folders
beside this file: `<language>/<domain>.po`. A domain is the part of the project that its texts are written in:
`problems`, `fields`, or the name of a service. A folder with catalogues is a language on offer. This room imports
Babel and the standard library only.
"""
