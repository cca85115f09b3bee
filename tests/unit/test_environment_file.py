# SPDX-License-Identifier: GPL-3.0-or-later
"""The reader of services' environments in the tests, held against the rules of man systemd.exec."""

from __future__ import annotations

import pytest
from environment_file import parse


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A=1\nB=two words\n", {"A": "1", "B": "two words"}),
        ("# A=1\n; B=2\n  # C=3\n\nno sign\nD=4", {"D": "4"}),
        ("A=1 # stays\nA=2\n", {"A": "2"}),
        ("A=\nB= \t\n", {"A": "", "B": ""}),
        ("  A =  in  between  \r\n", {"A": "in  between"}),
        ("A=$HOME:${PATH}:`id`\n", {"A": "$HOME:${PATH}:`id`"}),
        ("A='one\ntwo \\\\ \"'  \nB=1\n", {"A": 'one\ntwo \\\\ "', "B": "1"}),
        ('A="a\\"b\\\\c\\$d\\n\\\ne"\n', {"A": 'a"b\\c$d\\ne'}),
        ("A=\"one\" 'two' three\n", {"A": "onetwothree"}),
        ('A=it\'s "so"\n', {"A": 'it\'s "so"'}),
        ("A=one \\\n  two\nB=1\n", {"A": "one   two", "B": "1"}),
        ("A=a\\ b\\\\c\\ \n", {"A": "a b\\c "}),
        ("A=C=1\n", {"A": "C=1"}),
        ("export A=1\n2B=1\n=1\nC_2=1\n", {"C_2": "1"}),
    ],
)
def test_a_file_is_read_as_systemd_reads_it(text, found):
    assert parse(text) == found
