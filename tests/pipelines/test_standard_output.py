"""Standard output of the commands, also where its reader has gone."""

import subprocess
import sys

from pipelines.standard_output import put, put_json

WRITER = """
import sys
from pipelines.standard_output import put_json
said = [put_json({"n": n, "filler": "x" * 1000}) for n in range(300)]
sys.stderr.write(f"{said[0]} {said[-1]} {said.count(False)}")
"""


def test_a_reader_that_has_seen_enough_is_noticed_once_and_ends_nothing():
    process = subprocess.Popen([sys.executable, "-c", WRITER], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    said = process.stderr.read().decode()
    process.stderr.close()
    assert (process.wait(30), said) == (0, "True True 1")


def test_what_was_printed_before_comes_first(capsysbinary):
    print("before")
    assert put(b"after\n")
    assert put_json({"a": 1})
    assert capsysbinary.readouterr().out == b'before\nafter\n{"a":1}\n'
