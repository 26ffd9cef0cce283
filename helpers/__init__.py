"""Shared modules of the lessons."""
