"""The text of messages: divided, escaped, in their encodings; what is wrong says where."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemalum.formats.hl7.charsets import ASCII, CHARSETS, GB_18030, UTF_8, decode, encode
from hemalum.formats.hl7.faults import BadMessage, Fault
from hemalum.formats.hl7.message import Message, compose, escape, parse, unescape
from hemalum.formats.hl7.mllp import Deframer, TooLong, frame
from hemalum.formats.hl7.times import Precision, read_moment, write_time

HEADER = r"MSH|^~\&|HIS|HOSPITAL|LIS|LAB|20261128093000+0800||ADT^A04^ADT_A01|7|P|2.5.1"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def message(*lines: str) -> Message:
    return parse("\r".join((HEADER, *lines)))


def test_a_stain_with_an_ampersand_stays_one_text() -> None:
    segment = compose("SPM", "1", "", "", ("HE", "H&E|^~\\"))
    assert str(segment) == r"SPM|1|||HE^H\T\E\F\\S\\R\\E" + "\\"
    assert parse(f"{HEADER}\r{segment}").get("SPM").text(4, 2) == "H&E|^~\\"
    tolerant = message("SPM|1|||HE^H&E").get("SPM")
    assert (tolerant.text(4, 2), tolerant.text(4, 2, 2)) == ("H", "E")


@given(TEXTS)
def test_whatever_is_escaped_comes_back(text: str) -> None:
    written = escape(text)
    assert not set(written) & set("|^~&\r\n\x0b\x1c")
    assert unescape(written) == text
    assert compose("NTE", "1", "", text).text(3) == text.strip()


@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_a_message_is_written_as_it_was_read(texts: list[str]) -> None:
    text = str(message(*(str(compose("NTE", "1", "", one)) for one in texts)))
    assert str(parse(text)) == text


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"a\X0D0A\b", "a\r\nb"),
        (r"\XE5BCA0\伟", "张伟"),
        (r"\H\loud\N\ quiet", "loud quiet"),
        (r"one\.br\two", "one\ntwo"),
        (r"\Zown\ and \X0\ and \XFF\ ", r"\Zown\ and \X0\ and \XFF\ "),
        ("a lone \\ stays", "a lone \\ stays"),
        ("\\", "\\"),
        (r"\T", r"\T"),
        (r"5\T\6 \T", r"5&6 \T"),
    ],
)
def test_escape_sequences(written: str, meant: str) -> None:
    assert unescape(written) == meant


def test_other_delimiters_are_taken_from_the_header() -> None:
    odd = parse("MSH$%*@!$HIS$\rPID$1$$7%%%A!B*8%%%C").get("PID")
    assert (odd.count(3), odd.text(3, 4, 2), odd.text(3, 1, repetition=2)) == (2, "B", "8")
    short = parse("MSH|^~\rPID|1||a\\T\\b&c").get("PID")
    assert short.text(3) == r"a\T\b&c"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "MSH"),
        ("PID|1", "MSH"),
        ("MSH", "MSH-2"),
        ("MSH|||", "MSH-2"),
        ("MSH|^^", "MSH-2"),
        ("MSH|^~\\&|\rpid|1", "MSH"),
        ("MSH|^~\\&|\rPID|1\rno segment", "PID"),
    ],
)
def test_what_is_no_message_says_where(text: str, place: str) -> None:
    with pytest.raises(BadMessage) as caught:
        parse(text)
    assert str(caught.value.place) == place


def test_a_missing_field_is_named() -> None:
    segment = message("PID|1", "PID|2||^^^HOSPITAL").segments[2]
    with pytest.raises(BadMessage, match=r"PID\[2\]-3 is missing") as caught:
        segment.need(3)
    assert caught.value.fault is Fault.REQUIRED_MISSING


# Encodings ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("charset", [UTF_8, GB_18030])
def test_the_header_states_the_encoding(charset: str) -> None:
    # The second byte of 芜 in GB 18030 is a delimiter.
    text = f"{HEADER}||||||{charset}\rPID|1||7||芜湖^张"
    content = encode(text, charset)
    assert decode(content, ASCII).text == text
    assert parse(decode(content).text).get("PID").text(5) == "芜湖"


def test_a_sender_may_have_an_encoding_that_it_does_not_state() -> None:
    text = f"{HEADER}\rPID|1||7||倈|"
    assert decode(text.encode("gb18030"), GB_18030).text == text
    with pytest.raises(BadMessage, match=r"PID-5 is not written in UNICODE UTF-8") as caught:
        decode(text.encode("gb18030"))
    assert caught.value.place is not None
    assert (caught.value.place.segment, caught.value.place.field) == ("PID", 5)


def test_what_an_encoding_cannot_say_is_refused() -> None:
    with pytest.raises(BadMessage, match="PID-5 holds a character that cannot be written in 8859/1"):
        encode(f"{HEADER}\rPID|1||7||张", "8859/1")
    with pytest.raises(BadMessage, match="OBX-5 holds a character that cannot be written in 8859/1"):
        encode(f"{HEADER}||éééééééé\rOBX|1|ST|||院", "8859/1")
    with pytest.raises(BadMessage, match="MSH-18 holds a code that is not known here"):
        decode(f"{HEADER}||||||EBCDIC\r".encode())
    with pytest.raises(BadMessage, match="MSH-3 is not written in ASCII"):
        decode("MSH|^~\\&|院".encode(), ASCII)


@given(st.binary(max_size=200))
def test_bytes_are_text_or_say_that_they_are_not(content: bytes) -> None:
    for charset in CHARSETS:
        for prefix in (b"", HEADER.encode() + b"\r"):
            with suppress(BadMessage):
                read = decode(prefix + content, charset)
                parse(read.text, read.codec)


# Times ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value", "precision"),
    [
        ("1960", "1960-01-01T00:00:00", Precision.YEAR),
        ("196005", "1960-05-01T00:00:00", Precision.MONTH),
        ("19600504", "1960-05-04T00:00:00", Precision.DAY),
        ("1960050409", "1960-05-04T09:00:00", Precision.HOUR),
        ("202611280930", "2026-11-28T09:30:00", Precision.MINUTE),
        ("20261128093015.25+0800", "2026-11-28T09:30:15.250000+08:00", Precision.SECOND),
        ("202611280930-0330", "2026-11-28T09:30:00-03:30", Precision.MINUTE),
    ],
)
def test_times_are_as_precise_as_they_are_written(text: str, value: str, precision: Precision) -> None:
    read = read_moment(message(f"EVN||{text}").get("EVN"), 2)
    assert read is not None
    assert (read.value.isoformat(), read.precision) == (value, precision)
    assert read.day == (read.value.date() if precision >= Precision.DAY else None)
    assert read.at(UTC).tzinfo is not None


@pytest.mark.parametrize(
    "text", ["19", "196013", "19600231", "20261128093060", "1960+9900", "today", "1960050"]
)
def test_what_is_no_time_is_named(text: str) -> None:
    with pytest.raises(BadMessage, match="EVN-2 is no date or time"):
        read_moment(message(f"EVN||{text}").get("EVN"), 2)


def test_times_are_written_with_their_zone() -> None:
    assert write_time(datetime(2026, 11, 28, 9, 30, tzinfo=timezone(timedelta(hours=8)))) == (
        "20261128093000+0800"
    )
    assert read_moment(message('EVN||""').get("EVN"), 2) is None


# Frames ---------------------------------------------------------------------------------------------------


@given(st.lists(st.binary(max_size=50).filter(lambda one: b"\x1c\r" not in one)), st.data())
def test_frames_come_whole_however_they_are_cut(contents: list[bytes], data: st.DataObject) -> None:
    contents = [one.rstrip(b"\x1c") for one in contents]
    line = b"".join(b"\r\n" + frame(one) for one in contents)
    deframer, found = Deframer(), []
    while line:
        size = data.draw(st.integers(1, len(line)))
        found += list(deframer.feed(line[:size]))
        line = line[size:]
    assert found == contents
    assert not deframer.is_within


def test_a_frame_has_an_end() -> None:
    deframer = Deframer(100)
    assert list(deframer.feed(b"noise\x0b" + b"x" * 50)) == []
    assert deframer.is_within
    with pytest.raises(TooLong) as caught:
        list(deframer.feed(b"x" * 60))
    assert caught.value.head.startswith(b"xxx")


# Real ones ------------------------------------------------------------------------------------------------


def test_messages_of_others_are_read_and_written_as_they_are(shared: Callable[[str], Path]) -> None:
    for path in sorted(shared("clinical/hl7v2").glob("*.hl7")):
        read = decode(path.read_bytes())
        whole = parse(read.text, read.codec)
        lines = [line for line in read.text.lstrip("\ufeff").replace("\n", "\r").split("\r") if line.strip()]
        assert [str(each) for each in whole.segments] == lines, path.name
