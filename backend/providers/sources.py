"""Where rules come from, in names that a user understands: shown beside each issue and operation.

Names ending in "third parties" stand for what no vendor's page says: such rules only ever warn.
"""

from __future__ import annotations

from typing import Final

from backend.language import N_

KLING_TEXT: Final = N_("Kling API reference, text to video")
KLING_IMAGE: Final = N_("Kling API reference, image to video")
KLING_OMNI: Final = N_("Kling API reference, omni video")
KLING_V2: Final = N_("Kling API 2.0 reference")
KLING_TURBO_TEXT: Final = N_("Kling API 2.0 reference, 3.0 Turbo text to video")
KLING_TURBO_IMAGE: Final = N_("Kling API 2.0 reference, 3.0 Turbo image to video")
KLING_CHANGES: Final = N_("Kling API change log")
KLING_MAP: Final = N_("Kling capability map, as reported by third parties")

RELAY_TEXT: Final = N_("Relay API reference, text to video")
RELAY_IMAGE: Final = N_("Relay API reference, image to video")
RELAY_TURBO_TEXT: Final = N_("Relay API reference, 3.0 Turbo text to video")
RELAY_TURBO_IMAGE: Final = N_("Relay API reference, 3.0 Turbo image to video")
RELAY_REPORTS: Final = N_("reported of relays by third parties")

GATEWAY: Final = N_("Gateway API reference, videos")
OPENAI: Final = N_("OpenAI API reference, videos")
GATEWAY_REPORTS: Final = N_("reported of gateways by third parties")

CHANJING: Final = N_("Chanjing API reference, AI creation")
CHANJING_KLING: Final = N_("Chanjing API reference, Kling models")
CHANJING_REPORTS: Final = N_("reported of Chanjing by third parties")


def is_hearsay(source: str) -> bool:
    """Whether a source is third parties, so that the user may know better."""
    return source.endswith("third parties")
