"""Reading Chinese government plans: from the text of a document to its tasks, bodies and due dates.

Rules and no model: the same bytes always give the same tasks. docs/plans.md says what wordings are understood.
"""

from ledger.plans.reader import Plan, read_plans
from ledger.plans.tasks import Task

__all__ = ["Plan", "Task", "read_plans"]
