"""Draw the sandbox's clips anew: ``python -m tests.backend.sandbox.make_clips``. Needs PyAV with libx264.

Five seconds of a sun that goes over hills, in three shapes and two sizes, small because most of the
picture stands still. The sandbox stretches them to the seconds that a request asks for.
"""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path

import av

CLIPS = Path(__file__).parents[3] / "backend" / "sandbox" / "clips"
SIZES = {
    "16x9-720p": (1280, 720),
    "9x16-720p": (720, 1280),
    "1x1-720p": (720, 720),
    "16x9-1080p": (1920, 1080),
    "9x16-1080p": (1080, 1920),
    "1x1-1080p": (1080, 1080),
}
FPS = 24
SECONDS = 5


def plane(width: int, height: int, step: float) -> tuple[bytearray, bytearray, bytearray]:
    """Return the Y, U and V planes (4:2:0) of the picture at `step`, 0 to 1."""
    luma = bytearray()
    blue = bytearray()
    red = bytearray()
    centre_x = width * (0.1 + 0.8 * step)
    centre_y = height * (0.62 - 0.38 * math.sin(math.pi * step))
    radius = min(width, height) * 0.09
    for y in range(height):
        sky = 60 + 100 * y // height
        row = bytearray([sky]) * width
        reach = radius**2 - (y - centre_y) ** 2
        sun = (0, 0)
        if reach > 0:
            half = math.sqrt(reach)
            sun = (max(0, int(centre_x - half)), min(width, int(centre_x + half)))
            row[sun[0] : sun[1]] = bytearray([225]) * (sun[1] - sun[0])
        ground = height * 0.72 + height * 0.05 * math.sin(step * 2 * math.pi)
        if y > ground:
            row = bytearray([38]) * width
            sun = (0, 0)
        luma += row
        if y % 2 == 0:
            is_ground = y > ground
            u_row = bytearray([118 if is_ground else 150]) * (width // 2)
            v_row = bytearray([110 if is_ground else 122]) * (width // 2)
            u_row[sun[0] // 2 : sun[1] // 2] = bytearray([40]) * (sun[1] // 2 - sun[0] // 2)
            v_row[sun[0] // 2 : sun[1] // 2] = bytearray([160]) * (sun[1] // 2 - sun[0] // 2)
            blue += u_row
            red += v_row
    return luma, blue, red


def draw(path: Path, width: int, height: int) -> None:
    """Write one clip: H.264, index in front so that it plays while it loads."""
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height = width, height
        stream.pix_fmt = "yuv420p"
        stream.time_base = Fraction(1, FPS)
        stream.options = {"crf": "30", "preset": "veryslow", "g": "48", "bf": "0"}
        count = FPS * SECONDS
        for number in range(count):
            frame = av.VideoFrame(width, height, "yuv420p")
            for target, source in zip(frame.planes, plane(width, height, number / count), strict=True):
                rows = range(target.height)
                packed = bytearray(target.line_size * target.height)
                for row in rows:
                    start = row * target.line_size
                    packed[start : start + target.width] = source[
                        row * target.width : (row + 1) * target.width
                    ]
                target.update(bytes(packed))
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def main() -> None:
    """Draw every clip."""
    CLIPS.mkdir(exist_ok=True)
    for name, (width, height) in SIZES.items():
        path = CLIPS / f"{name}.mp4"
        draw(path, width, height)
        print(path.name, path.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
