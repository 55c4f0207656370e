"""A judge of Limner from outside: the promised features, computed in plain Python.

It knows the promises of the interface and nothing of the package: no module here
imports `limner`, which it only meets as a command, a store folder and a Parquet file.
Slow on purpose; simple enough to be read and believed.
"""
