"""What would change an outcome: the smallest changes of a profile with which a pathway that fails no longer does.

finding.py     `remedies` and `advise`: candidates, repaired, reduced, confirmed by evaluation and ranked
search.py      ways to turn the failing tree of conditions round; leaves.py: single conditions
domains.py     what may be changed, by whom, to which values; weighing.py: which of two plans is the lesser
trial.py       what becomes of a rule when facts change; reduction.py: the least that still works
obstacles.py   why there is none; words.py: changes in words; changes.py: what comes out
"""

from eligibility.remedies.changes import Advice, Change, Obstacle, Remedy
from eligibility.remedies.finding import advise, remedies

__all__ = ["Advice", "Change", "Obstacle", "Remedy", "advise", "remedies"]
