"""Bodies that mean harm, or might as well: one table, from which each is made, with the code that refuses it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.reasons import Reason
from tests.app.doubles.scene import BUCKET, OTHER, OWNER

PREDICTION = "5d2b7a52-51a4-4f5b-8a35-0d5a1d3f9a10"
UPLOAD = "0f1c9d3e-7f9b-4d2c-9a40-2b6f8c1e7d22"
PATH = f"s3://{BUCKET}/{OWNER}/{UPLOAD}.csv"
FIELDS: Mapping[str, object] = {
    "prediction_id": PREDICTION,
    "user_id": OWNER,
    "upload_id": UPLOAD,
    "s3_file_path": PATH,
    "timestamp": "2026-03-01T12:00:00Z",
}
"""An honest message's."""

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Hostile:
    """A body, and why it is refused."""

    name: str
    body: str
    reason: Reason


_RAW: Mapping[Reason, Iterable[str]] = {
    Reason.NOT_JSON: (
        "", " ", "\n", "\ufeff{}", "undefined", "None", "'", '"', "{", "}", "[", "]", "{]", "{,}", "[,]", "{} {}",
        "{}x",
        "{'prediction_id': 1}", "{prediction_id: 1}", '{"a": }', '{"a" 1}', '{"a": 01}', '{"a": +1}', '{"a": .5}',
        '{"a": 1.}', '{"a": 0x10}', '{"a": NaN}', '{"a": Infinity}', '{"a": -Infinity}', '{"a": 1,}', '["a",]',
        '{"a": "\x00"}', '{"a": "\t"}', '{"a": "\\x41"}', '{"a": "\\u12"}', '"unfinished', "/* */ {}", "// {}\n{}",
        "<prediction/>", '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        "%7B%7D", "e30=", "\x00\x01\x02", "\u202e{}", "\x1b[2J", "- yaml: true", "!!python/object/apply:os.system [id]",
        "gASVAAAAAAAAAC4=", "[" * 4000, "{" * 4000, '{"a":' * 1500, "[" * 4000 + "]" * 4000,
        '{"a":' * 1300 + "1" + "}" * 1300, "9" * 5000, '{"a": ' + "9" * 5000 + "}", "1e", "--1", "tru", "nul",
    ),
    Reason.INVALID_FIELDS: (
        "{}", "[]", "[{}]", "null", "true", "0", "-1", "1e5", "1e400", '""', '"text"', "[1, 2]", '{"a": 1}', '{"": {}}',
        '{"__proto__": {"admin": true}}', '{"__class__": "os"}', '{"$ref": "file:///etc/passwd"}', '{"a": 1e400}',
        '{"prediction_id": null}', '{"Records": [{"eventSource": "aws:s3"}]}', '"' + "a" * 5000 + '"',
        '{"Type": "Notification", "Message": "{}"}',
    ),
    Reason.DUPLICATE_KEY: (
        '{"a": 1, "a": 1}', '{"a": {"b": 1, "b": 2}}', '[{"a": 1, "a": 2}]', '{"a": 1, "\\u0061": 2}', '{"": 1, "": 2}',
        json.dumps(FIELDS)[:-1] + f', "user_id": "{OTHER}"}}', f'{{"user_id": "{OTHER}", ' + json.dumps(FIELDS)[1:],
        json.dumps(FIELDS)[:-1] + f', "s3_file_path": "s3://{BUCKET}/{OTHER}/x.csv"}}',
        json.dumps(FIELDS)[:-1] + ', "user\\u005fid": "user_other"}',
    ),
    Reason.BODY_TOO_LARGE: (
        "x" * MEBIBYTE, "[" * MEBIBYTE, "\u2028" * (MEBIBYTE // 3), " " * MEBIBYTE, '{"a":' * (MEBIBYTE // 5),
        json.dumps(FIELDS) + " " * 8192, json.dumps({**FIELDS, "s3_file_path": PATH + "a" * 9000}),
        '{"a": "' + "\U0001f600" * 2100 + '"}', '"' + "\ud800" * 3000 + '"', "9" * MEBIBYTE,
    ),
}  # fmt: skip
"""Whole bodies."""

_UUIDS: tuple[object, ...] = (
    "", " ", "0", PREDICTION[:-1], PREDICTION + "0", PREDICTION.replace("-", ""), "{" + PREDICTION + "}",
    "urn:uuid:" + PREDICTION, PREDICTION + "\n", " " + PREDICTION, PREDICTION.replace("5", "\uff15"),
    PREDICTION.replace("a", "\u0430"), PREDICTION + "\x00", "../" + PREDICTION, "' OR '1'='1",
    0, 1.5, True, None, [], {},
    [PREDICTION], {"id": PREDICTION}, 2**128,
)  # fmt: skip
_PATHS: tuple[object, ...] = (
    "", "s3://", f"s3://{BUCKET}", f"s3://{BUCKET}/", "/etc/passwd", "file:///etc/passwd", "http://169.254.169.254/",
    f"https://{BUCKET}.s3.amazonaws.com/{OWNER}/a.csv", f"arn:aws:s3:::{BUCKET}/{OWNER}/a.csv",
    f"S3://{BUCKET}/{OWNER}/a",
    *(f"s3://{BUCKET}/{key}" for key in (
        "../a", f"{OWNER}/../{OTHER}/a.csv", f"{OWNER}/./a.csv", f"{OWNER}//a.csv", f"/{OWNER}/a.csv", f"{OWNER}/..",
        f"{OWNER}/...", f"{OWNER}/..../a", f"{OWNER}/%2e%2e/{OTHER}/a.csv", f"{OWNER}/%2E%2E%2F{OTHER}/a.csv",
        f"{OWNER}/..%2f{OTHER}", f"{OWNER}/%252e%252e/{OTHER}", f"{OWNER}/..%c0%af{OTHER}", f"{OWNER}/%u002e%u002e/a",
        f"{OWNER}/..\\{OTHER}", f"{OWNER}\\..\\{OTHER}", f"{OWNER}/\u2024\u2024/a", f"{OWNER}/\uff0e\uff0e/a",
        f"{OWNER}\uff0fa.csv", f"{OWNER}\u2215a.csv", f"{OWNER}/\u202ea.csv", f"{OWNER}/a\u0000.csv", f"{OWNER}/a\r\nb",
        f"{OWNER}/\ufeffa.csv", f"{OWNER}/\u200ba.csv", f"{OWNER}/e\u0301.csv", f"{OWNER}/\u00e9.csv",
        f"{OWNER}/a b.csv",
        f"{OWNER}/a?versionId=1", f"{OWNER}/a#b", f"{OWNER}/a;b", f"{OWNER}/$(id)", f"{OWNER}/`id`", f"{OWNER}/|id",
        f"{OWNER}/\U0001f600.csv", f"{OWNER}/\ud800.csv", "a" * 1025, f"{OWNER}/a&b", f"{OWNER}/<a>", f"{OWNER}/a:b",
    )),
    *(f"s3://{bucket}/{OWNER}/a.csv" for bucket in (
        "UPPER", "a", "ab", "a" * 64, "-bucket", "bucket-", "under_score", "two..dots", "192.168.0.1", "xn--bucket",
        "bucket-s3alias", "b\u00fccket", "buc%6bet", "..", "user@bucket", "bucket:443", "sthree-a", "bucket--ol-s3",
    )),
    0, None, [], {}, [PATH], True,
)  # fmt: skip
_USERS: tuple[object, ...] = (
    "", "user_", "user", "USER_abc", "user-abc", "user_a b", "user_a/b", "user_../x", "user_%61", "user_\u0430bc",
    "user_" + "a" * 65, "user_abc\n", " user_abc", "user_abc\x00", "user_*", "user_a'--", "admin", 1, None, [], {},
)  # fmt: skip
_TIMES: tuple[object, ...] = (
    "", "now", "2026-03-01", "2026-03-01 12:00:00", "2026-03-01T12:00", "2026-13-01T12:00:00Z", "2026-02-30T12:00:00Z",
    "2026-03-01T25:00:00Z", "2026-03-01T12:00:00+99:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
    "\u0662026-03-01T12:00:00Z", "2026-03-01T12:00:00Z\n", "-2026-03-01T12:00:00Z", "2026-W09-7T12:00:00Z",
    1772366400, 0,
    -1, 1e18, True, None, [], {},
)  # fmt: skip

_INVALID: Mapping[str, Iterable[object]] = {
    "prediction_id": _UUIDS,
    "upload_id": _UUIDS,
    "s3_file_path": _PATHS,
    "user_id": _USERS,
    "timestamp": _TIMES,
    "priority": ("", "urgent", "HIGH", "high ", 1, None, [], {}),
    "admin": (True, None),
    "attempt": (99,),
    "result_path": (PATH,),
    "Prediction_id": (PREDICTION,),
    "user_id\u200b": (OTHER,),
}
"""An honest message's fields, one of them replaced or added."""

_LIES: Mapping[Reason, Iterable[Mapping[str, object]]] = {
    Reason.NOT_THE_OWNER: (
        {"user_id": OTHER},
        {"user_id": OTHER, "s3_file_path": f"s3://{BUCKET}/{OTHER}/{UPLOAD}.csv"},
        {"user_id": OWNER.upper().replace("USER_", "user_")},
        {"user_id": OWNER + "0"},
        {"user_id": OWNER[:-1]},
    ),
    Reason.NOT_THE_UPLOAD: ({"upload_id": PREDICTION}, {"upload_id": "0" * 8 + "-0000-0000-0000-" + "0" * 12}),
    Reason.NOT_THE_PATH: tuple(
        {"s3_file_path": path}
        for path in (
            f"s3://{BUCKET}/{OTHER}/{UPLOAD}.csv",
            f"s3://{BUCKET}/{OWNER}/{UPLOAD}.CSV",
            f"s3://{BUCKET}/{OWNER}/{UPLOAD}",
            f"s3://{BUCKET}/{OWNER}x/{UPLOAD}.csv",
            f"s3://{BUCKET}/results/{OTHER}/{PREDICTION}-1.csv",
            f"s3://{BUCKET}x/{OWNER}/{UPLOAD}.csv",
            f"s3://another-bucket/{OWNER}/{UPLOAD}.csv",
            f"s3://{BUCKET}.evil.example/{OWNER}/{UPLOAD}.csv",
        )
    ),
    Reason.UNKNOWN_PREDICTION: (
        {"prediction_id": UPLOAD},
        {"prediction_id": "0" * 8 + "-0000-0000-0000-" + "0" * 12},
        {"prediction_id": "f" * 8 + "-ffff-ffff-ffff-" + "f" * 12},
    ),
    Reason.TIMESTAMP_AHEAD: ({"timestamp": "2026-03-01T12:01:01Z"}, {"timestamp": "9999-12-31T23:59:59Z"}),
    Reason.TIMESTAMP_TOO_OLD: ({"timestamp": "1970-01-01T00:00:00Z"}, {"timestamp": "2026-02-11T11:59:59Z"}),
}
"""Messages of good form that do not say what the store says."""


def hostile_bodies() -> list[Hostile]:
    """All of them, each with a name that tells it from the others."""
    return [
        Hostile(f"{number} {reason} {body[:40]!r}", body, reason) for number, (body, reason) in enumerate(_bodies())
    ]


def _bodies() -> Iterator[tuple[str, Reason]]:
    for reason, bodies in _RAW.items():
        yield from ((body, reason) for body in bodies)
    for field, values in _INVALID.items():
        yield from ((json.dumps({**FIELDS, field: value}), Reason.INVALID_FIELDS) for value in values)
    for field in FIELDS:
        without = {name: value for name, value in FIELDS.items() if name != field}
        yield json.dumps(without), Reason.INVALID_FIELDS
        yield json.dumps({**without, field.upper(): FIELDS[field]}), Reason.INVALID_FIELDS
        yield json.dumps({**without, field: [FIELDS[field]]}), Reason.INVALID_FIELDS
    for reason, lies in _LIES.items():
        yield from ((json.dumps({**FIELDS, **lie}), reason) for lie in lies)
