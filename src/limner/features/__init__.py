"""The ready-made features, one idea per file.

A file holds a kernel and the class that names its parameters, and is found by itself:
nothing else needs to know of it.
"""
