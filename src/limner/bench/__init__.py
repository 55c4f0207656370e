"""Benchmarks: what is promised, measured, each beside what a plain alternative does."""
