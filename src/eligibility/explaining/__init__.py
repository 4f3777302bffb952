"""How an explanation is made from findings, without evaluating anything.

arrangement.py    the rule, its criteria, branches and exceptions -> Explanation
opening.py        a condition written as an expression -> the tests it is made of, down to single records
pruning.py        of the parts of a group, those that decide
points.py         points of rows against a pass mark
calculations.py   how a figure was worked out
sentences.py      one test in a sentence: found, required, margin
phrases.py        nouns, values, formulas and conditions in words
readings.py       what a node stands for: value, unit, declaration, source and date of force
margins.py        how far what was found is from what is required
gaps.py           what is missing, with the question to ask
headline.py       the one sentence on top
reliance.py       the steps and facts an outcome rests on
cautions.py       what limits how far it can be relied on
"""
