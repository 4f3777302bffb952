"""Mutation testing of law: each figure, date, entry, cell and operator of a pack is changed, and some scenario must notice.

`neighbours` says what a value may be mistaken for, `expressions` what an expression may; `figures` and `criteria` change the
parts of a rule, `places` knows where they are written; `bench` evaluates scenarios on a changed rule, `scores` counts.
"""
