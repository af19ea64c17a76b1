"""The process that decodes: run by path, on its own, with as little as possible to lose.

``child.py frames BOX_WIDTH BOX_HEIGHT COLOURS FPS START`` or ``child.py still BOX_WIDTH BOX_HEIGHT COLOURS``,
the file on standard input. It writes messages, each a letter, a u32 length and so many bytes: ``i`` facts as
JSON, ``f`` a frame (f64 seconds, u16 width, u16 height, u16 colours, then either RGB rows if that is 0, or so
many RGB colours and rows of their numbers), ``x`` why it cannot go on. It imports nothing of reeltop.

The file may be made to do harm. So: no name that FFmpeg could read as an address or a list of other files,
only containers that hold their data themselves, a limit on memory, processor time and size of a picture,
no writing of files, and none of the user's environment but what finds Python's packages.
"""

from __future__ import annotations

import io
import json
import os
import struct
import sys
from typing import Any

MOST_PIXELS = 40_000_000
"""Of one picture: more than 8K."""
_MEMORY = 1536 * 2**20
_PROCESSOR_SECONDS = {"still": 10, "frames": 3600}
_MOST_BROKEN = 200
"""Packets that cannot be decoded, in a row, until the file is given up."""
_CODECS = {
    "h264": "H.264", "hevc": "HEVC", "av1": "AV1", "libdav1d": "AV1", "vp9": "VP9", "vp8": "VP8",
    "mpeg4": "MPEG-4", "mjpeg": "MJPEG", "aac": "AAC", "opus": "Opus", "mp3": "MP3", "mp3float": "MP3",
    "prores": "ProRes", "ac3": "AC-3", "vorbis": "Vorbis", "flac": "FLAC",
}  # fmt: skip


class _CannotError(Exception):
    """Said to the parent as it is."""


def _restrict(task: str) -> None:
    try:
        import resource
    except ImportError:
        return
    os.nice(5)
    limits = {
        resource.RLIMIT_AS: _MEMORY,
        resource.RLIMIT_CPU: _PROCESSOR_SECONDS[task],
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for limit, most in limits.items():
        try:
            resource.setrlimit(limit, (most, most))
        except (ValueError, OSError):  # not every system has each
            continue


def _say(kind: bytes, body: bytes) -> None:
    out = sys.stdout.buffer
    out.write(kind + struct.pack(">I", len(body)) + body)
    out.flush()


def _tell(facts: dict[str, Any]) -> None:
    _say(b"i", json.dumps(facts).encode())


def _show(seconds: float, width: int, height: int, rgb: bytes, most_colours: int) -> None:
    palette, pixels = _reduce(width, height, rgb, most_colours) if most_colours else (b"", rgb)
    _say(b"f", struct.pack(">dHHH", seconds, width, height, len(palette) // 3) + palette + pixels)


def _reduce(width: int, height: int, rgb: bytes, most_colours: int) -> tuple[bytes, bytes]:
    from PIL import Image

    # The quickest by far. Dithering would look better still, and cost three times the bytes on the line.
    reduced = Image.frombytes("RGB", (width, height), rgb).quantize(
        most_colours, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
    )
    pixels = reduced.tobytes()
    palette = bytes(reduced.getpalette("RGB") or ())[: 3 * (max(pixels) + 1)]
    return palette, pixels


def _fit(width: int, height: int, box: tuple[int, int]) -> tuple[int, int]:
    scale = min(1.0, box[0] / width, box[1] / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _frames(box: tuple[int, int], colours: int, fps: float, start: float) -> None:
    import av

    head = os.pread(0, 12, 0)
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"free", b"wide", b"skip"):
        form = "mov"
    elif head[:4] == b"\x1a\x45\xdf\xa3":
        form = "matroska"
    else:
        raise _CannotError("it is neither MP4 nor WebM")
    with io.FileIO(0, closefd=False) as file, av.open(file, "r", format=form) as container:
        if not container.streams.video:
            raise _CannotError("there is no picture in it")
        stream = container.streams.video[0]
        context = stream.codec_context
        if not 0 < context.width * context.height <= MOST_PIXELS:
            raise _CannotError(f"its pictures are {context.width} × {context.height} pixels")
        context.thread_count = 2
        context.options = {"max_pixels": str(MOST_PIXELS)}
        sound = container.streams.audio[0].codec_context.name if container.streams.audio else ""
        length = float(container.duration / av.time_base) if container.duration else 0.0
        _tell(
            {
                "width": context.width, "height": context.height, "seconds": length,
                "fps": float(stream.average_rate or 0), "codec": _CODECS.get(context.name, context.name),
                "sound": _CODECS.get(sound, sound),
            }
        )  # fmt: skip
        if start > 0:
            container.seek(round(start * av.time_base))
        first, due, broken = True, start, 0
        for packet in container.demux(stream):
            try:
                frames = packet.decode()
            except (av.error.FFmpegError, ValueError) as error:
                broken += 1
                if broken > _MOST_BROKEN:
                    raise _CannotError(f"too much of it is broken ({error})") from None
                continue
            for frame in frames:
                seconds = float(frame.time or 0.0)
                if seconds < (start - 0.001 if first else due):
                    continue
                first, broken = False, 0
                due = max(due + 1 / fps, seconds) if seconds - due < 1 / fps else seconds + 1 / fps
                width, height = _fit(frame.width, frame.height, box)
                small = frame.reformat(width, height, "rgb24", interpolation="AREA")
                plane = small.planes[0]
                rows, step = bytes(plane), plane.line_size
                if step != width * 3:
                    rows = b"".join(rows[y * step : y * step + width * 3] for y in range(height))
                _show(seconds, width, height, rows[: width * height * 3], colours)
        if first and start <= 0:
            raise _CannotError("no picture in it can be decoded")


def _still(box: tuple[int, int], colours: int) -> None:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2  # PIL refuses twice this
    with io.FileIO(0, closefd=False) as file:
        image: Image.Image = Image.open(file, formats=("PNG", "JPEG", "WEBP"))
        facts = {"width": image.width, "height": image.height, "codec": image.format or ""}
        image.draft("RGB", box)
        turned = ImageOps.exif_transpose(image)
        if turned.has_transparency_data:
            under = Image.new("RGBA", turned.size, (128, 128, 128, 255))
            turned = Image.alpha_composite(under, turned.convert("RGBA"))
        width, height = _fit(turned.width, turned.height, box)
        small = turned.convert("RGB").resize((width, height), Image.Resampling.BOX, reducing_gap=2.0)
    _tell(facts)
    _show(0.0, width, height, small.tobytes(), colours)


def main() -> int:
    """Do what the arguments say; return 0, or 1 after an ``x``."""
    task, box, colours = sys.argv[1], (int(sys.argv[2]), int(sys.argv[3])), int(sys.argv[4])
    _restrict(task)
    try:
        if task == "still":
            _still(box, colours)
        else:
            _frames(box, colours, float(sys.argv[5]), float(sys.argv[6]))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # nobody listens any more
        return 0
    except MemoryError:
        words = "it needs too much memory"
    except _CannotError as error:
        words = str(error)
    except ImportError as error:
        words = f"a part of reeltop[preview] does not load ({error})"
    except Exception as error:  # whatever a broken file brings about
        words = f"it is broken ({error})"
    else:
        return 0
    _say(b"x", words.encode("utf-8", "replace")[:500])
    return 1


if __name__ == "__main__":
    sys.exit(main())
