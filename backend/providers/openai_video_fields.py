"""Request model of the OpenAI-style gateway's ``POST /v1/videos``. Page: openai-style-v1-videos.

The page's ``metadata`` and ``metadata.output_config`` are flat fields here. Where a value can be given in
several places, the one that the page's examples use has the plain name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator

from backend.errors import Issue
from backend.language import N_, _
from backend.providers import sources
from backend.providers.fields import Group, Kind, RequestModel, Role, field, field_specs
from backend.providers.idle import Idle
from backend.providers.openai_video_order import Made, idle_order, made, order_warnings
from backend.providers.openai_video_parts import (
    EXT_INFO,
    ContentItem,
    FileInfo,
    Seconds,
    SecondsText,
    Shots,
    Switch,
    json_object,
    read_shots,
    write_shots,
)
from backend.providers.openai_video_scenes import MODELS, Scene, idle_scene, scene_rules, scene_warnings
from backend.providers.values import (
    ImageAddress,
    IsoTime,
    Number,
    OptionalAddress,
    OptionalImage,
    OptionalText,
)


class GenerateVideo(Shots, RequestModel):
    """``POST /v1/videos``: all models and scenes."""

    RULES_FROM = sources.GATEWAY

    model: str = field(
        title=N_("Model"),
        help=N_("The model; upper and lower case do not matter, other names may work too."),
        role=Role.MODEL,
        choices=MODELS,
        min_length=1,
    )
    prompt: OptionalText = field(
        None,
        title=N_("Prompt"),
        help=N_("What the film shows; most scenes need it."),
        role=Role.PROMPT,
        kind=Kind.PROSE,
    )
    seconds: SecondsText | None = field(
        None,
        title=N_("Duration"),
        help=N_("Length of the film; goes before every other duration field."),
        role=Role.DURATION,
        unit=N_("s"),
        choices=("5", "10"),
        default_note="5 if not sent",
    )
    resolution: Literal["720P", "1080P"] | None = field(
        None,
        title=N_("Resolution"),
        help=N_("Lines of the picture; goes before the shortcuts."),
        role=Role.RESOLUTION,
        default_note="720P if not sent",
        path="metadata.output_config.resolution",
    )
    aspect_ratio: Literal["16:9", "9:16", "1:1"] | None = field(
        None,
        title=N_("Aspect ratio"),
        help=N_("Proportions of a film made from text."),
        role=Role.ASPECT_RATIO,
        default_note="16:9 if not sent",
        path="metadata.output_config.aspect_ratio",
    )
    scene_type: Scene | None = field(
        None,
        title=N_("Scene"),
        help=N_("A special scene; leave it out for an ordinary film."),
        role=Role.SCENE,
        default_note=N_("an ordinary film if not set"),
        path="metadata.scene_type",
    )
    image: OptionalImage = field(
        None,
        title=N_("Picture"),
        help=N_("Address of one picture to start from."),
        role=Role.FIRST_FRAME,
        group=Group.FRAMES,
    )
    images: list[ImageAddress] | None = field(
        None,
        title=N_("Reference pictures"),
        help=N_("Up to 3 addresses, one a line; kling-3.0-omni bills references only from here."),
        group=Group.FRAMES,
        max_length=3,
    )
    input_reference: OptionalImage = field(
        None,
        title=N_("Input reference"),
        help=N_("Address of a reference picture, as OpenAI names it."),
        group=Group.FRAMES,
    )
    last_frame_url: OptionalImage = field(
        None,
        title=N_("Last frame"),
        help=N_("Address of the picture that the film ends with."),
        role=Role.LAST_FRAME,
        group=Group.FRAMES,
        path="metadata.last_frame_url",
    )
    last_frame_file_id: OptionalText = field(
        None,
        title=N_("Last frame's file id"),
        help=N_("Id of an uploaded picture that the film ends with."),
        group=Group.FRAMES,
        path="metadata.last_frame_file_id",
    )
    file_infos: list[FileInfo] | None = field(
        None,
        title=N_("Files"),
        help=N_("Up to 3 pictures or films to work from."),
        group=Group.FRAMES,
        path="metadata.file_infos",
        max_length=3,
    )
    video_url: OptionalAddress = field(
        None,
        title=N_("Reference film"),
        help=N_("Public address of a film; motion control needs it."),
        group=Group.MOTION,
        path="metadata.video_url",
    )
    motion_level: Literal["std", "pro"] | None = field(
        None,
        title=N_("Motion level"),
        help=N_("Grade of motion control."),
        group=Group.MOTION,
        default_note="std if not sent",
        path="metadata.motion_level",
    )
    mode: Literal["std", "pro"] | None = field(
        None,
        title=N_("Mode"),
        help=N_("Another way to ask for motion control in pro."),
        group=Group.MOTION,
        default_note="std if not sent",
    )
    metadata_mode: Literal["std", "pro"] | None = field(
        None,
        title=N_("Mode (metadata)"),
        help=N_("Another way to ask for motion control in pro."),
        group=Group.MOTION,
        path="metadata.mode",
    )
    audio_generation: Switch | None = field(
        None,
        title=N_("Sound"),
        help=N_("Make the film with sound."),
        role=Role.SOUND,
        group=Group.SOUND,
        default_note="Disabled if not sent",
        path="metadata.output_config.audio_generation",
    )
    metadata_audio_generation: Switch | None = field(
        None,
        title=N_("Sound (shortcut)"),
        help=N_("The same as Sound."),
        group=Group.ADVANCED,
        path="metadata.audio_generation",
    )
    audio: bool | None = field(
        None,
        title=N_("Sound (switch)"),
        help=N_("true is the same as Sound Enabled."),
        group=Group.ADVANCED,
        path="metadata.audio",
    )
    media_name: OptionalText = field(
        None,
        title=N_("Media name"),
        help=N_("Name of the result at the gateway, up to 64 characters."),
        group=Group.DELIVERY,
        path="metadata.output_config.media_name",
        max_length=64,
    )
    storage_mode: Literal["Permanent", "Temporary"] | None = field(
        None,
        title=N_("Storage"),
        help=N_("Whether the result is kept for good."),
        group=Group.DELIVERY,
        path="metadata.output_config.storage_mode",
    )
    expire_time: IsoTime | None = field(
        None,
        title=N_("Expires at"),
        help=N_("When the stored result is removed, as in 2026-12-31T23:59:59Z."),
        group=Group.DELIVERY,
        path="metadata.output_config.expire_time",
    )
    class_id: int | None = field(
        None,
        title=N_("Class id"),
        help=N_("Number of a class that the result is filed under."),
        group=Group.DELIVERY,
        path="metadata.output_config.class_id",
    )
    size: OptionalText = field(
        None,
        title=N_("Size"),
        help=N_("Shortcut for resolution and proportions, such as 720x1280 or 1080P."),
        group=Group.ADVANCED,
        choices=("720x1280", "1280x720", "720P", "1080P"),
    )
    content: list[ContentItem] | None = field(
        None,
        title=N_("Content"),
        help=N_("The prompt and its pictures as OpenAI writes them."),
        group=Group.ADVANCED,
    )
    ext_info: Annotated[str, AfterValidator(json_object)] | None = field(
        None,
        title=N_("Extra settings"),
        help=N_("A JSON object written as text, for what the fields about shots do not say."),
        group=Group.ADVANCED,
        path="metadata.ext_info",
    )
    person_generation: Literal["AllowAdult", "Disallowed"] | None = field(
        None,
        title=N_("Persons"),
        help=N_("Whether persons may be shown."),
        group=Group.ADVANCED,
        path="metadata.output_config.person_generation",
    )
    input_compliance_check: Switch | None = field(
        None,
        title=N_("Check of the input"),
        help=N_("Whether the gateway checks what goes in."),
        group=Group.ADVANCED,
        path="metadata.output_config.input_compliance_check",
    )
    output_compliance_check: Switch | None = field(
        None,
        title=N_("Check of the output"),
        help=N_("Whether the gateway checks what comes out."),
        group=Group.ADVANCED,
        path="metadata.output_config.output_compliance_check",
    )
    enhance_switch: Switch | None = field(
        None,
        title=N_("Enhance"),
        help=N_("Whether the gateway enhances the result."),
        group=Group.ADVANCED,
        path="metadata.output_config.enhance_switch",
    )
    output_duration: Number | None = field(
        None,
        title=N_("Duration (output)"),
        help=N_("Length as a number; keep it equal to Duration."),
        unit=N_("s"),
        group=Group.ADVANCED,
        path="metadata.output_config.duration",
        gt=0,
    )
    duration: Seconds | None = field(
        None,
        title=N_("Duration (other name)"),
        help=N_("Used if Duration is not set."),
        unit=N_("s"),
        group=Group.ADVANCED,
    )
    metadata_seconds: Seconds | None = field(
        None,
        title=N_("Duration (metadata.seconds)"),
        help=N_("Used if neither Duration is set."),
        unit=N_("s"),
        group=Group.ADVANCED,
        path="metadata.seconds",
    )
    metadata_duration: Seconds | None = field(
        None,
        title=N_("Duration (metadata.duration)"),
        help=N_("Used if neither Duration is set."),
        unit=N_("s"),
        group=Group.ADVANCED,
        path="metadata.duration",
    )
    metadata_video_duration: Seconds | None = field(
        None,
        title=N_("Duration (metadata.video_duration)"),
        help=N_("Used if neither Duration is set."),
        unit=N_("s"),
        group=Group.ADVANCED,
        path="metadata.video_duration",
    )
    metadata_resolution: Literal["720P", "1080P"] | None = field(
        None,
        title=N_("Resolution (shortcut)"),
        help=N_("The same as Resolution."),
        group=Group.ADVANCED,
        path="metadata.resolution",
    )

    def rules(self) -> Iterator[Issue]:
        """Yield what breaks the page's rules across fields."""
        return scene_rules(self)

    @classmethod
    def idle(cls, values: Mapping[str, Any]) -> Iterator[Idle]:
        """Yield what is of no use with the model, the scene, and fields that go first."""
        yield from idle_scene(values)
        yield from idle_order(values, {spec.name: spec.title for spec in field_specs(cls)})

    def warnings(self) -> Iterator[Issue]:
        """Yield what the page advises against or does not list."""
        yield from super().warnings()
        yield from scene_warnings(self)
        yield from order_warnings(self.values())

    def made(self) -> Made:
        """Return what will be made where a value stands in several places."""
        return made(self.values())

    def to_body(self) -> dict[str, Any]:
        """Return the JSON body; the fields about shots become the text that the page asks for."""
        body = super().to_body()
        metadata = body.get("metadata", {})
        if isinstance(metadata.get(EXT_INFO), dict):
            metadata[EXT_INFO] = write_shots(metadata[EXT_INFO])
        return body

    @classmethod
    def read_body(cls, body: Mapping[str, Any]) -> tuple[dict[str, Any], list[Issue]]:
        """Return a body's values by field name; ``ext_info`` that holds nothing but shots by theirs."""
        metadata = body.get("metadata")
        if not isinstance(metadata, Mapping) or metadata.get(EXT_INFO) is None:
            return super().read_body(body)
        rest = {key: value for key, value in metadata.items() if key != EXT_INFO}
        values, issues = super().read_body({**body, "metadata": rest})
        shots = read_shots(metadata[EXT_INFO])
        return values | (shots if shots is not None else {EXT_INFO: metadata[EXT_INFO]}), issues


def _film_id(text: str) -> str:
    if text in (".", "..") or not text.isprintable() or " " in text:
        raise ValueError(_("must be the id of a film, without blanks"))
    return text


class RemixVideo(RequestModel):
    """``POST /v1/videos/{id}/remix``: the id goes into the path."""

    RULES_FROM = sources.OPENAI

    video_id: Annotated[str, AfterValidator(_film_id)] = field(
        title=N_("Film"), help=N_("Id of a finished film of this account."), min_length=1, max_length=256
    )
    prompt: str = field(
        title=N_("Prompt"),
        help=N_("What shall be different in the new film."),
        role=Role.PROMPT,
        kind=Kind.PROSE,
        min_length=1,
    )

    def to_body(self) -> dict[str, Any]:
        """Return the JSON body."""
        return {"prompt": self.prompt}
