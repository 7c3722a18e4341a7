"""The public interface for programs, ``/api/v1``: what the projections hold as lists, exports, single rows, a snapshot.

operations.py   what an operation is, for the description: declare yours beside its route
resources.py    the one table of resources: which listing answers whom, and what its codes mean
asked.py        what a request asks of a list
lists.py        lists, exports and single rows
formats.py      rows as JSON Lines and CSV
openapi.py      the description (OpenAPI 3.1) and its page, made of all that
snapshot.py     everything public at once, signed
"""
