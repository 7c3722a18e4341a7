"""The dishonesty record (政务失信记录): one case from lead to closed file. Stream ``record/<uuid>``.

terms, remedy_terms   code lists and small values
facts                 what can be said at its beginning: lead, verification, recognition, severity
course_facts          … in its course: rectification, supervision, court list, tolerance, correction, publication
remedy_facts          … of penalties, objections, appeals, restoration, repairs
remedies, state       what the log says about a record: ``Penalty``, ``Objection``, …, ``Record``
evolve                the record after one more event
rules                 what may be said now (``admit``, ``offers``), from the steps of each part of the case
"""
