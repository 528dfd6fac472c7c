"""Answers as files have them, and the solution that they become, or the reason of a bad row."""

import datetime
from decimal import Decimal

import pyarrow as pa

NULL, BOOL = "answer with null in place of text", "answer with true or false in place of text"
NAN, BYTES = "answer with NaN or infinity in place of text", "answer with bytes in place of text"
MAPPING, NESTED = "answer with a mapping in place of text", "answer with a list in a list in place of text"
TIME, EMPTY = "answer with a point in time in place of text", "empty answer"

# As they stand in a line of JSON.
JSON = [
    ('"2008-05-01"', "2008-05-01"),
    ('"2008-05-01 10:00:00"', "2008-05-01 10:00:00"),
    ('"2012-01-31T00:00:00Z"', "2012-01-31T00:00:00Z"),
    ('"12:30"', "12:30"),
    ('"007"', "007"),
    ('"1e3"', "1e3"),
    ('"true"', "true"),
    ('"null"', "null"),
    ('"NaN"', "NaN"),
    ('"3"', "3"),
    ("3", "3"),
    ("4.5", "4.5"),
    ("4.50", "4.50"),
    ("-0.0", "-0.0"),
    ("1e+16", "1e+16"),
    ("1e-05", "1e-05"),
    ("12345678901234567890", "12345678901234567890"),
    ("0.1000000000000000055", "0.1000000000000000055"),
    ('["cat", "dog"]', '["cat", "dog"]'),
    ('["cat"]', "cat"),
    ("[3, 4.50]", '["3", "4.50"]'),
    ('"[1, 2]"', "[1, 2]"),
    ("true", BOOL),
    ("null", EMPTY),
    ("NaN", NAN),
    ("-Infinity", NAN),
    ("[]", EMPTY),
    ('""', EMPTY),
    ('" "', EMPTY),
    ('["cat", null]', NULL),
    ('["cat", true]', BOOL),
    ('[["cat", "kitty"]]', NESTED),
    ('{"text": "cat", "score": 1.0}', MAPPING),
    ('[{"text": "cat"}]', MAPPING),
]

# As they stand in a cell of a CSV.
CSV = [
    ("007", "007"),
    ("1e3", "1e3"),
    ("2008-05-01", "2008-05-01"),
    ("true", "true"),
    ("3.0", "3.0"),
    ("NA", "NA"),
    ("None", "None"),
    ('"1,000"', "1,000"),
    ('"say ""hi"""', 'say "hi"'),
    ("", EMPTY),
]

# A value of a column of a Parquet file, and the column's type.
DAY, MOMENT = datetime.date(2008, 5, 1), datetime.datetime(2008, 5, 1)
PARQUET = [
    (3.0, pa.float64(), "3"),
    (4.5, pa.float64(), "4.5"),
    (-2.0, pa.float64(), "-2"),
    (1500000.0, pa.float64(), "1500000"),
    (1e-5, pa.float64(), "0.00001"),
    (1e300, pa.float64(), "1e+300"),
    (0.1, pa.float32(), "0.1"),
    (2.3, pa.float32(), "2.3"),
    (5.0, pa.float32(), "5"),
    (0.1, pa.float16(), "0.1"),
    ([0.1, 3.0], pa.list_(pa.float32()), '["0.1", "3"]'),
    (7, pa.int8(), "7"),
    (2**63, pa.uint64(), str(2**63)),
    (Decimal("3.50"), pa.decimal128(10, 2), "3.50"),
    (DAY, pa.date32(), "2008-05-01"),
    ("cat", pa.dictionary(pa.int8(), pa.string()), "cat"),
    ("cat", pa.large_string(), "cat"),
    (float("nan"), pa.float64(), NAN),
    (float("inf"), pa.float32(), NAN),
    (MOMENT, pa.timestamp("s"), TIME),
    (MOMENT, pa.timestamp("ns"), TIME),
    (datetime.time(12, 30), pa.time32("s"), "answer with a time in place of text"),
    (datetime.timedelta(1), pa.duration("s"), "answer with a timedelta in place of text"),
    (b"cat", pa.binary(), BYTES),
    (True, pa.bool_(), BOOL),
    (None, pa.string(), EMPTY),
    (None, pa.float64(), EMPTY),
    (["cat", None], pa.list_(pa.string()), NULL),
    ({"text": "cat"}, pa.struct([("text", pa.string())]), MAPPING),
    ([["cat"]], pa.list_(pa.list_(pa.string())), NESTED),
]
