"""The complaint of broken promises (政务失信投诉举报): from intake to call-back. Stream ``complaint/<uuid>``.

terms    code lists: channels, matters, reasons
facts    what can be said about a complaint, and about the incident that it may grow into
state    what the log says about it: ``Complaint``, its rounds of transfer and answer; its clocks
rules    what may be said now (``admit``, ``offers``), and what follows: a substantiated complaint opens a record
"""
