"""``python -m tests.fuzz``: runs the parsers on made-up inputs, in a process of its own with little memory.

    python -m tests.fuzz --list
    python -m tests.fuzz --seconds 600                  each target for ten minutes
    python -m tests.fuzz --target checkpoint --seconds 60 --number 7
    python -m tests.fuzz --inputs 200                   the short run of the tests: the same inputs each time

Exit 0 nothing found, 1 something was: the inputs are written to ``--finds``.
"""

from __future__ import annotations

import argparse
import sys
from hashlib import sha256
from pathlib import Path

from tests.fuzz.runner import limit_memory, run
from tests.fuzz.targets import targets


def main() -> int:
    """Runs what the arguments say."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--target", action="append", help="one of --list; all where none is named")
    parser.add_argument("--seconds", type=float, default=0)
    parser.add_argument("--inputs", type=int, default=200)
    parser.add_argument("--number", type=int, default=0, help="another number makes other inputs")
    parser.add_argument("--finds", type=Path, help="folder for the inputs on which something was found")
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    chosen = [t for t in targets() if not arguments.target or t.name in arguments.target]
    if arguments.list:
        print("\n".join(target.name for target in chosen))
        return 0
    limit_memory()
    found = 0
    for target in chosen:
        result = run(target, seconds=arguments.seconds, inputs=arguments.inputs, number=arguments.number)
        print(f"{result.target}\t{result.inputs} inputs\t{result.answers} answers\t{result.slowest:.3f} s", flush=True)
        for find in result.finds:
            found += 1
            name = f"{find.target.replace(' ', '-')}-{sha256(find.data).hexdigest()[:12]}"
            print(f"FOUND {find.what}\n  {name}, {len(find.data)} bytes: {find.data[:200]!r}\n{find.trace}", flush=True)
            if arguments.finds:
                arguments.finds.mkdir(parents=True, exist_ok=True)
                (arguments.finds / name).write_bytes(find.data)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
