"""Tests of the helpers, of the notebooks, and of both in a real browser."""
