"""The guide: builds the pages under `docs/` into the folder `site`, which the product serves under `/docs`.

In come the pages, guides of other folders, and the declarations of `shared/contract`. Out goes a folder of files that
asks no other host for anything. It may import the contract and the settings, and no service.
"""
