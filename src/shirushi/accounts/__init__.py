"""People, spaces, roles and tokens: who someone is and where they have which role.

What a permission protects is not decided here: predicates live in each app's ``rules.py``.
"""
