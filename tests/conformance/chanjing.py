"""What Chanjing's page and FACTS 1 demand, a row each; see :mod:`.rows`."""

from __future__ import annotations

from typing import Any

from backend.models import FailureKind, Status

from .rows import LAST, URL, Row

K = FailureKind
CODES_BY_OPERATION = {
    "tx-kling2.5": "tx_kling2.5",
    "tx-kling2.1-master": "tx_kling-v2-1-master",
    "kling2.5-turbo": "kling-v2-5-turbo-normal",
}


def row(fact: str, field: str = "", warned: str = "", operation: str = "tx-kling2.5", **body: Any) -> Row:
    whole = {"creation_type": 4, "model_code": CODES_BY_OPERATION[operation], **body}
    sent = {key: value for key, value in whole.items() if value is not ...}
    return Row(fact, ("chanjing", operation), sent, field, warned)


def each(fact: str, field: str = "", warned: str = "", **body: Any) -> list[Row]:
    return [row(fact, field, warned, operation, **body) for operation in CODES_BY_OPERATION]


TURBO, MASTER = "kling2.5-turbo", "tx-kling2.1-master"

ROWS = [
    # -- what all take
    *each("nothing but the model"),
    *each("ref_prompt", ref_prompt="未来城市夜景"),
    *each("ref_prompt number", "ref_prompt", ref_prompt=5),
    *each("creation_type 3", "creation_type", creation_type=3),
    *each("creation_type text", "creation_type", creation_type="4"),
    *each("aspect_ratio 16:9", aspect_ratio="16:9"),
    *each("aspect_ratio 9:16", aspect_ratio="9:16"),
    *each("aspect_ratio unusual", "", "aspect_ratio", aspect_ratio="21:9"),
    *each("quality_mode std", quality_mode="std"),
    *each("quality_mode pro", quality_mode="pro"),
    *each("quality_mode unusual", "", "quality_mode", quality_mode="best"),
    *each("video_duration 5", video_duration=5),
    *each("video_duration 10", video_duration=10),
    *each("video_duration unusual", "", "video_duration", video_duration=30),
    *each("video_duration 0", "video_duration", video_duration=0),
    *each("video_duration text", "video_duration", video_duration="soon"),
    *each("callback", callback="https://example.com/hook"),
    *each("callback no address", "callback", callback="nowhere"),
    *each("model unknown", "model_code", model_code="tx_kling9"),
    # -- tx_kling2.5: frames by name
    *(row(f"clarity {n}", clarity=n) for n in (720, 1080)),
    row("clarity unusual", warned="clarity", clarity=480),
    row("clarity word", "clarity", clarity="HD"),
    row("clarity fraction", "clarity", clarity=1080.5),
    row("start_frame", start_frame=URL),
    row("end_frame alone", end_frame=URL),
    row("both frames", start_frame=URL, end_frame=LAST),
    row("frame data", "start_frame", start_frame="data:image/png;base64,AAAA"),
    row("frame no address", "end_frame", end_frame="not an address"),
    row("frame of another type", warned="start_frame", start_frame="https://example.com/a.webp"),
    # -- tx_kling-v2-1-master: frames in an array
    *(row(f"clarity {n}", operation=MASTER, clarity=n) for n in (720, 1080)),
    *(
        line
        for operation in (MASTER, TURBO)
        for line in (
            row("first frame", operation=operation, ref_img_url=[URL]),
            row("first and last", operation=operation, ref_img_url=[URL, LAST]),
            row("frames 3", "ref_img_url", operation=operation, ref_img_url=[URL] * 3),
            row("frames text", "ref_img_url", operation=operation, ref_img_url=URL),
            row("frame data", "start_frame", operation=operation, ref_img_url=["data:image/png;base64,AAAA"]),
            row("frames by name", "start_frame", operation=operation, start_frame=URL),
            row("last by name", "end_frame", operation=operation, end_frame=URL),
        )
    ),
    # -- kling-v2-5-turbo-normal: no clarity, proportions of text to video alone
    row(
        "aspect_ratio with a frame",
        warned="aspect_ratio",
        operation=TURBO,
        aspect_ratio="9:16",
        ref_img_url=[URL],
    ),
]

WORDS = {
    "Queued": Status.QUEUED,
    "Ready": Status.QUEUED,
    "Generating": Status.RUNNING,
    "Success": Status.SUCCEEDED,
    "Error": Status.FAILED,
    "Fail": Status.FAILED,
    "Dreaming": None,
    "": None,
}
"""FACTS 1.7."""

CODES = [
    (400, K.INVALID, False),
    (10400, K.AUTH, False),
    (10401, K.AUTH, False),
    (40000, K.INVALID, False),
    (40001, K.RATE_LIMIT, False),
    (50000, K.TRANSIENT, True),
]
"""FACTS 1.8: code, class, whether a create may have made a task."""

REASONS = [
    ("扣费失败", K.QUOTA),
    ("账户余额不足", K.QUOTA),
    ("蝉豆不足，请充值", K.QUOTA),
    ("账户欠费", K.QUOTA),
    ("内容审核未通过，本次生成不扣费", K.POLICY),
    ("参考图片 URL 无法访问", K.INVALID),
    ("生成失败，本次生成不扣费", K.FAILED_TASK),
]
"""FACTS 1.8: what a failed task says."""
