"""Takes back a list of skipped rows that people have repaired: which rows it means, and which cells changed.

The file and the job that skipped its rows come in; changes by chunk and offset go out. `differences` compares and is
pure. `storage` fetches and stores, and may import `shared.plumbing`. Both import `model`, and `storage` the `sandbox`.
"""
