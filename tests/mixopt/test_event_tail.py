"""Reading a trainer's events as it appends them, and after a resumed trainer has truncated the file."""

import os

import pytest

from mixopt.workers.event_tail import EventTail


@pytest.fixture
def events(tmp_path):
    return tmp_path / "events.jsonl"


def lines(*steps: int) -> str:
    return "".join(f'{{"step": {step}}}\n' for step in steps)


def steps(tail: EventTail) -> list[int]:
    return [event["step"] for event in tail]


def test_a_tail_yields_complete_lines_once_and_skips_invalid_events(events):
    tail = EventTail(events)
    assert list(tail) == []
    events.write_text(lines(1) + 'nonsense\n[1]\n"\r"\n' + "[" * 100_000 + "\n\xff\n\n" + '{"st')
    assert steps(tail) == [1]
    with events.open("a") as file:
        file.write('ep": 2}\n')
    assert steps(tail) == [2] and list(tail) == []


def test_what_an_earlier_owner_wrote_is_not_new(events):
    events.write_text(lines(1, 2) + '{"st')
    tail = EventTail(events)
    assert list(tail) == []
    with events.open("a") as file:
        file.write('ep": 3}\n')
    assert steps(tail) == [3]


@pytest.mark.parametrize(
    ("after", "new"), [([1, 2], []), ([1, 2, 9, 3], [9, 3]), ([1, 2, 9, 3, 4, 5, 6], [9, 3, 4, 5, 6]), ([], [])]
)
def test_a_truncated_events_file_yields_only_new_events(events, after, new):
    events.write_text(lines(1, 2))
    tail = EventTail(events)
    with events.open("a") as file:
        file.write(lines(3, 4))
    assert steps(tail) == [3, 4]
    events.with_name("part").write_text(lines(*after))
    os.replace(events.with_name("part"), events)
    assert steps(tail) == new
    events.unlink()
    assert list(tail) == []
    events.write_text(lines(1))
    assert steps(tail) == [1], "it starts anew"
