"""Where rules come from, in names that a user understands: shown beside each issue and operation.

Names ending in "third parties" stand for what no vendor's page says: such rules only ever warn.
"""

from __future__ import annotations

from typing import Final

KLING_TEXT: Final = "Kling API reference, text to video"
KLING_IMAGE: Final = "Kling API reference, image to video"
KLING_OMNI: Final = "Kling API reference, omni video"
KLING_V2: Final = "Kling API 2.0 reference"
KLING_TURBO_TEXT: Final = "Kling API 2.0 reference, 3.0 Turbo text to video"
KLING_TURBO_IMAGE: Final = "Kling API 2.0 reference, 3.0 Turbo image to video"
KLING_CHANGES: Final = "Kling API change log"
KLING_MAP: Final = "Kling capability map, as reported by third parties"

RELAY_TEXT: Final = "Relay API reference, text to video"
RELAY_IMAGE: Final = "Relay API reference, image to video"
RELAY_TURBO_TEXT: Final = "Relay API reference, 3.0 Turbo text to video"
RELAY_TURBO_IMAGE: Final = "Relay API reference, 3.0 Turbo image to video"
RELAY_REPORTS: Final = "reported of relays by third parties"

GATEWAY: Final = "Gateway API reference, videos"
OPENAI: Final = "OpenAI API reference, videos"
GATEWAY_REPORTS: Final = "reported of gateways by third parties"

CHANJING: Final = "Chanjing API reference, AI creation"
CHANJING_KLING: Final = "Chanjing API reference, Kling models"
CHANJING_REPORTS: Final = "reported of Chanjing by third parties"


def is_hearsay(source: str) -> bool:
    """Whether a source is third parties, so that the user may know better."""
    return source.endswith("third parties")
