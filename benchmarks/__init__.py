"""What the ledger costs, measured in one run: ``python -m benchmarks`` (``make bench``).

Every figure stands beside what it was compared with on the same machine in the same minutes: rounds of the two
alternate, and the ratio given is the median over the rounds. What misses its aim is shown as it is.
"""
