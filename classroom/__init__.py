"""The course for a class on one server: see README.md in this folder."""
