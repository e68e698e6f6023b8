"""Compares a repaired list of skipped rows with the job that skipped them: which rows it means, which cells changed.

The file and the job that skipped its rows come in; changes by chunk and offset go out. `differences` compares and is
pure. `storage` fetches and stores, and may import `shared.plumbing`. Both import `model`, and `storage` the `sandbox`.
"""
