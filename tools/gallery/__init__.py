"""The gallery: every page and every mail, in each language, light and dark, wide and narrow (`make gallery`).

`firm` makes a firm with something to see, `pages` names the pages, `mails` writes the mails, `looking` says what is
wrong with a page.
"""
