import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models.customers import read_customers
from app.models.predictor import UnusableFileError

HEADER = b"ID,frequency,recency,T\n"


def test_reads_the_columns_in_any_order_and_any_dress() -> None:
    content = '\ufeffT, frequency,ID,recency\r\n38.86,2,a-1,30.43\r\n\r\n10.0,0.0,"b,2",0\r\n'.encode()
    read = read_customers(content)
    assert read.ids == ["a-1", "b,2"]
    assert read.frequency.tolist() == [2, 0]
    assert read.recency.tolist() == [30.43, 0]
    assert read.age.tolist() == [38.86, 10]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "must name the columns ID, frequency, recency, T; it has nothing"),
        (b"\n\n", "it has nothing"),
        (b"ID,frequency,recency\n1,2,3\n", "it has ID, frequency, recency"),
        (b"ID,frequency,recency,T,extra\n", "it has ID, frequency, recency, T, extra"),
        (b"ID,ID,recency,T\n", "it has ID, ID, recency, T"),
        (b"1,2,3,4\n", "it has 1, 2, 3, 4"),
        (HEADER, "no customers"),
        (b"\xff\xfe", "not UTF-8"),
        (b"PK\x03\x04\x00\x00", "must name the columns"),
        (HEADER + b"1,2,3\n", "line 2 has 3 fields"),
        (HEADER + b"1,2,3,4\n2,2,3,4,5\n", "line 3 has 5 fields"),
        (HEADER + b'1,"2,3,4\n', "is no CSV"),
        (HEADER + b"1,2.5,3,4\n", "line 2: frequency 2.5 is not a whole number"),
        (HEADER + b"1,-1,3,4\n", "frequency '-1' is not a number from 0"),
        (HEADER + b"1,two,3,4\n", "frequency 'two'"),
        (HEADER + b"1,,3,4\n", "frequency ''"),
        (HEADER + b"1,1e9,3,4\n", "frequency '1e9'"),
        (HEADER + b"1,2,nan,4\n", "recency 'nan'"),
        (HEADER + b"1,2,3,inf\n", "T 'inf'"),
        (HEADER + b"1,2,3,1e400\n", "T '1e400'"),
        (HEADER + b"1,1_0,3,4\n", "frequency '1_0'"),
        (HEADER + "1,\u0662,3,4\n".encode(), "frequency '\u0662'"),
        (HEADER + b"1,2,3," + b"9" * 100_000 + b"\n", "T '9999"),
        (HEADER + b"1,0,0,0\n", "T must be more than 0"),
        (HEADER + b"1,2,5,4\n", "recency 5 is more than T 4"),
        (HEADER + b"1,0,3,4\n", "frequency 0 and recency 3 do not fit"),
        (HEADER + b"1,2,0,4\n", "frequency 2 and recency 0 do not fit"),
        (HEADER + b",2,3,4\n", "ID ''"),
        (HEADER + b"=HYPERLINK(1),2,3,4\n", "ID '=HYPERLINK"),
        (HEADER + b"@SUM,2,3,4\n", "ID '@SUM'"),
        (HEADER + b"a\x00b,2,3,4\n", r"ID 'a\\\\x00b'"),
        (HEADER + b"a" * 65 + b",2,3,4\n", "1 to 64"),
        (HEADER + b"1,2,3,4\n1,2,3,4\n", "line 3: ID '1' stands on an earlier line"),
    ],
)
def test_says_what_is_wrong_and_where(content: bytes, told: str) -> None:
    with pytest.raises(UnusableFileError, match=told.replace("(", r"\(")) as caught:
        read_customers(content)
    assert len(str(caught.value)) < 400
    assert str(caught.value).isprintable()


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: HEADER + text.encode("utf-8", "replace")))
def test_no_file_fails_in_another_way(content: bytes) -> None:
    try:
        read = read_customers(content)
    except UnusableFileError:
        return
    assert len(read.ids) == read.frequency.size == read.recency.size == read.age.size > 0
