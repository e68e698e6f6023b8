"""What a person confirms: the mapping, the settings of an import, saved mappings.

In come what a person chose and what was suggested; out come complete documents, or one problem for each place. It
imports the other rooms.
"""
