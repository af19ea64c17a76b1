"""The façade on real parts: a running sandbox, a ledger on disk, the engine at work."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import av
import pytest

from backend import shelf
from backend.errors import AccountError, ConfigError, ProviderError, RequestError, UsageError
from backend.models import ArtifactState, Status
from backend.opening import Options, open_service
from backend.paths import Paths
from backend.sandbox.server import SandboxServer
from backend.service import Draft, Service
from tests.backend.test_pictures import png

IMAGE = "https://example.com/first.png"
REQUESTS: Mapping[tuple[str, str], dict[str, str]] = {
    ("kling", "text2video"): {"prompt": "[ok] a cat on a train", "model_name": "kling-v3"},
    ("kling", "image2video"): {"prompt": "[ok] it waves", "image": IMAGE},
    ("kling", "omni-video"): {"prompt": "[ok] a cat", "aspect_ratio": "9:16"},
    ("kling", "turbo-text2video"): {"prompt": "[ok] a cat on a train"},
    ("kling", "v2-image2video"): {"model": "kling-3.0", "prompt": "[ok] it waves", "first_frame": IMAGE},
    ("kling-relay", "image2video"): {"prompt": "[ok] it waves", "image": IMAGE},
    ("kling-relay", "turbo-text2video"): {"prompt": "[ok] she waves"},
    ("kling-relay", "text2video"): {"prompt": "[ok] 在海滩上度假", "model_name": "kling-v2-5-turbo"},
    ("kling-relay", "turbo-image2video"): {"prompt": "[ok] she waves", "first_frame": IMAGE},
    ("openai-video", "generate"): {"prompt": "[ok] 雪山之巅", "model": "kling-3.0"},
    ("chanjing", "tx-kling2.5"): {"ref_prompt": "[ok] 未来城市夜景"},
}


@pytest.fixture
async def sandbox() -> AsyncIterator[SandboxServer]:
    async with SandboxServer(speed=20) as server:
        yield server


@asynccontextmanager
async def service_in(folder: Path, sandbox: SandboxServer | None = None) -> AsyncIterator[Service]:
    paths = Paths(config=folder / "config.toml", data=folder / "data", downloads=folder / "downloads")
    url = sandbox.base_url if sandbox else None
    async with await open_service(Options(paths=paths, sandbox_url=url)) as service:
        yield service


def configure(folder: Path, text: str) -> None:
    (folder / "config.toml").write_text(text)


def draft(account: str, operation: str, **more: str) -> Draft:
    return Draft(account=account, operation=operation, texts={**REQUESTS[account, operation], **more})


async def submit(service: Service, made: Draft) -> str:
    prepared = service.prepare(made)
    assert prepared.request is not None, prepared.issues
    return (await service.submit(made.account, made.operation, prepared.request)).id


async def test_a_picture_on_disk_goes_out_as_it_was(tmp_path: Path, sandbox: SandboxServer) -> None:
    picture = tmp_path / "cat.png"
    picture.write_bytes(png())
    async with service_in(tmp_path, sandbox) as service:
        made = draft("kling", "image2video", image=str(picture))
        task_id = await submit(service, made)
        async with asyncio.timeout(20):
            (task,) = await service.wait([task_id])
        assert task.status is Status.SUCCEEDED
        assert task.request["image"].startswith(f"file://{picture}#sha256=")
        picture.unlink()
        with pytest.raises(RequestError) as caught:
            await submit(service, made)
        assert [issue.field for issue in caught.value.issues] == ["image"]


async def test_api_2_wants_an_api_key(tmp_path: Path) -> None:
    configure(tmp_path, '[accounts.a]\nprovider = "kling"\naccess_key = "env:A"\nsecret_key = "env:B"\n')
    async with service_in(tmp_path) as service:
        prepared = service.prepare(Draft(account="a", operation="turbo-text2video", texts={"prompt": "x"}))
        assert prepared.request is not None
        with pytest.raises(AccountError, match="turbo-text2video needs api_key"):
            await service.submit("a", "turbo-text2video", prepared.request)
        assert not service.tasks


async def test_every_operation_from_the_form_to_a_film_on_disk(
    tmp_path: Path, sandbox: SandboxServer
) -> None:
    async with service_in(tmp_path, sandbox) as service:
        ids = [await submit(service, draft(*operation)) for operation in REQUESTS]
        async with asyncio.timeout(20):
            tasks = await service.wait(ids)
    assert [task.status for task in tasks] == [Status.SUCCEEDED] * len(REQUESTS)
    for task in tasks:
        (artifact,) = (item for item in task.artifacts if item.remote.kind == "video")
        assert artifact.state is ArtifactState.SAVED
        assert artifact.path is not None
        with av.open(artifact.path) as film:
            assert next(film.decode(video=0)).width > 0
    assert len({task.artifacts[0].path for task in tasks}) == len(tasks)


async def test_a_failure_is_explained(tmp_path: Path, sandbox: SandboxServer) -> None:
    async with service_in(tmp_path, sandbox) as service:
        ids = [await submit(service, draft(*name, **_failing(name))) for name in REQUESTS]
        async with asyncio.timeout(20):
            tasks = await service.wait(ids)
    for task in tasks:
        assert task.status is Status.FAILED
        assert task.failure is not None
        assert all((task.failure.words, task.failure.meaning, task.failure.money, task.failure.next_step))


def _failing(name: tuple[str, str]) -> dict[str, str]:
    prompt = next(field for field in REQUESTS[name] if "prompt" in field)
    return {prompt: "[fail] a cat"}


async def test_after_a_restart_everything_is_there_and_goes_on(
    tmp_path: Path, sandbox: SandboxServer
) -> None:
    async with service_in(tmp_path, sandbox) as service:
        task_id = await submit(service, draft("kling", "text2video"))
        changes = service.changes()
        while service.tasks[task_id].remote_id is None:
            await anext(changes)
    async with service_in(tmp_path, sandbox) as service:
        assert service.tasks[task_id].remote_id is not None
        async with asyncio.timeout(20):
            (task,) = await service.wait([task_id])
    assert task.status is Status.SUCCEEDED
    assert len(sandbox.books) == 1


async def test_two_services_share_one_ledger_and_one_of_them_works(
    tmp_path: Path, sandbox: SandboxServer
) -> None:
    async with service_in(tmp_path, sandbox) as leader, service_in(tmp_path, sandbox) as follower:
        assert (leader.leads, follower.leads) == (True, False)
        task_id = await submit(follower, draft("chanjing", "tx-kling2.5"))
        async with asyncio.timeout(20):
            (task,) = await follower.wait([task_id])
        assert task.status is Status.SUCCEEDED
        assert leader.tasks[task_id].status is Status.SUCCEEDED
    assert len(sandbox.books) == 1


async def test_the_sandbox_of_its_own_survives_a_restart(tmp_path: Path) -> None:
    async with service_in(tmp_path) as service:
        assert service.is_sandbox
        assert {view.name for view in service.accounts()} == {
            "kling",
            "kling-relay",
            "openai-video",
            "chanjing",
        }
        task_id = await submit(service, draft("kling", "text2video"))
        address = service.account("kling").base_url
    async with service_in(tmp_path) as service:
        assert service.account("kling").base_url == address
        async with asyncio.timeout(40):
            (task,) = await service.wait([task_id])
    assert task.status is Status.SUCCEEDED


async def test_a_draft_is_checked_at_each_field_and_malformed_json_too(
    tmp_path: Path, sandbox: SandboxServer
) -> None:
    async with service_in(tmp_path, sandbox) as service:
        prepared = service.prepare(
            draft("kling", "image2video", duration="99", cfg_scale="much", dynamic_masks="[{", static_mask="")
        )
        assert {issue.field for issue in prepared.issues} == {"duration", "cfg_scale", "dynamic_masks"}
        assert prepared.request is None


async def test_texts_of_other_operations_are_left_aside(tmp_path: Path, sandbox: SandboxServer) -> None:
    async with service_in(tmp_path, sandbox) as service:
        prepared = service.prepare(draft("chanjing", "tx-kling2.5", cfg_scale="0.5", image="nonsense"))
    assert prepared.issues == ()


async def test_the_preview_is_the_request_without_secrets(tmp_path: Path, sandbox: SandboxServer) -> None:
    async with service_in(tmp_path, sandbox) as service:
        for name in REQUESTS:
            preview = service.prepare(draft(*name)).preview
            assert preview is not None
            assert preview.url.startswith(service.account(name[0]).base_url)
            shown = preview.curl() + preview.json() + json.dumps(dict(preview.headers))
            assert "sandbox-" not in shown.replace(preview.url, "")
            assert "$" in "".join(preview.headers.values())
            assert "[ok]" in preview.json()


async def test_an_external_id_is_used_once(tmp_path: Path, sandbox: SandboxServer) -> None:
    async with service_in(tmp_path, sandbox) as service:
        made = draft("kling", "text2video", external_task_id="mine-1")
        task_id = await submit(service, made)
        assert service.tasks[task_id].external_id == "mine-1"
        with pytest.raises(RequestError, match=f"already used by task {task_id}"):
            await submit(service, made)


async def test_a_provider_without_external_ids_claims_none(tmp_path: Path, sandbox: SandboxServer) -> None:
    async with service_in(tmp_path, sandbox) as service:
        assert service.tasks[await submit(service, draft("chanjing", "tx-kling2.5"))].external_id is None
        own = service.tasks[await submit(service, draft("kling", "text2video"))].external_id
        assert own is not None
        assert own.startswith("reeltop-")


async def test_every_account_of_the_sandbox_proves_its_key(tmp_path: Path, sandbox: SandboxServer) -> None:
    async with service_in(tmp_path, sandbox) as service:
        for view in service.accounts():
            check = await service.check_account(view.name)
            assert check.ok, check
            assert check.quota_failure is None
            requests = service.health(view.name).requests
            assert requests == (2 if check.quotas else 1)
            assert [quota.left for quota in check.quotas] == ([1000] if view.name == "kling" else [])
        assert service.track_record("kling").total == 0


async def test_the_providers_own_list(tmp_path: Path, sandbox: SandboxServer) -> None:
    async with service_in(tmp_path, sandbox) as service:
        task_id = await submit(service, draft("kling", "text2video"))
        async with asyncio.timeout(20):
            (task,) = await service.wait([task_id])
        (listed,) = await service.remote.page("kling", "text2video", 1, 30)
        assert (listed.remote_id, listed.external_id) == (task.remote_id, task.external_id)
        with pytest.raises(UsageError, match="has no list"):
            await service.remote.page("kling-relay", "text2video", 1, 30)


async def test_stop_and_resume(tmp_path: Path, sandbox: SandboxServer) -> None:
    async with service_in(tmp_path, sandbox) as service:
        task_id = await submit(service, draft("kling", "text2video", prompt="[slow][ok] a cat"))
        changes = service.changes()
        while not service.tasks[task_id].status.is_watched:
            await anext(changes)
        (stopped,) = await service.stop([task_id])
        assert stopped.status is Status.LOST
        assert await service.stop([task_id]) == []
        (resumed,) = await service.resume([task_id[:6]])
        assert resumed.status.is_watched
        async with asyncio.timeout(20):
            (task,) = await service.wait([task_id])
        assert task.status is Status.SUCCEEDED


async def test_unknown_names_say_what_is_known(tmp_path: Path, sandbox: SandboxServer) -> None:
    async with service_in(tmp_path, sandbox) as service:
        with pytest.raises(UsageError, match=r"unknown account 'x'; known: kling, "):
            service.account("x")
        with pytest.raises(UsageError, match=r"no operation 'x'; known: .*image2video"):
            service.operation("kling", "x")
        with pytest.raises(UsageError, match="needs an operation"):
            service.operation("kling")
        assert service.operation("chanjing", "tx-kling2.5").name == "tx-kling2.5"
        with pytest.raises(UsageError, match="no task with an id that starts with 'x'"):
            service.find("x")
        with pytest.raises(UsageError, match="no task"):
            service.find("")


async def test_a_missing_secret_records_and_sends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REELTOP_TEST_KEY", raising=False)
    (tmp_path / "config.toml").write_text(
        '[accounts.a]\nprovider = "kling"\napi_key = "env:REELTOP_TEST_KEY"\n'
    )
    async with service_in(tmp_path) as service:
        assert not service.is_sandbox
        assert "REELTOP_TEST_KEY" in service.account("a").problem
        prepared = service.prepare(Draft(account="a", operation="text2video", texts={"prompt": "a cat"}))
        assert prepared.request is not None
        with pytest.raises(AccountError, match="REELTOP_TEST_KEY"):
            await service.submit("a", "text2video", prepared.request)
        assert not service.tasks


async def test_a_blank_is_not_sent_to_a_real_account(tmp_path: Path) -> None:
    configure(tmp_path, '[accounts.a]\nprovider = "kling"\napi_key = "env:PATH"\n')
    async with service_in(tmp_path) as service:
        texts = {"prompt": "a cat", "image": "{{first_frame_url}}"}
        prepared = service.prepare(Draft(account="a", operation="image2video", texts=texts))
        assert [issue.field for issue in prepared.issues] == ["image"]
        assert prepared.request is not None
        with pytest.raises(RequestError, match="blank to fill in"):
            await service.submit("a", "image2video", prepared.request)
        assert not service.tasks


async def test_a_sandbox_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    paths = Paths(config=tmp_path / "c.toml", data=tmp_path / "data", downloads=tmp_path / "d")
    with pytest.raises(ProviderError):
        await open_service(Options(paths=paths, sandbox_url="http://127.0.0.1:9"))


async def test_a_broken_configuration_opens_nothing(tmp_path: Path) -> None:
    configure(tmp_path, "nonsense")
    with pytest.raises(ConfigError):
        async with service_in(tmp_path):
            pass
    assert not (tmp_path / "data").exists()


async def test_drafts_are_kept_with_the_service(tmp_path: Path, sandbox: SandboxServer) -> None:
    async with service_in(tmp_path, sandbox) as service:
        made = draft("kling", "text2video")
        service.desk.take()
        service.desk.save(service.desk.begin(), made)
        service.desk.give_back()
    async with service_in(tmp_path, sandbox) as service:
        assert service.unsent_drafts() == [made]


async def test_what_ended_long_ago_is_put_away_by_itself(
    tmp_path: Path, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "_TIDY_SECONDS", 0.05)
    configure(tmp_path, 'archive_after = "0d"\n')
    async with service_in(tmp_path, sandbox) as service, asyncio.timeout(20):
        task_id = await submit(service, draft("kling", "text2video"))
        changes = service.changes()
        while task_id in service.tasks:
            await anext(changes)
        (entry,), damage = await service.shelf.archived()
        assert (entry.id, entry.status, damage) == (task_id, Status.SUCCEEDED, 0)
        assert entry.task().artifacts[0].state is ArtifactState.SAVED


async def test_half_a_character_is_refused_at_its_field(tmp_path: Path, sandbox: SandboxServer) -> None:
    async with service_in(tmp_path, sandbox) as service:
        request = service.operation("chanjing", "tx-kling2.5").model.parse({"ref_prompt": "\ud800"})
        with pytest.raises(RequestError, match="ref_prompt: holds half a character"):
            await service.submit("chanjing", "tx-kling2.5", request)
        assert not service.tasks


async def test_a_configuration_that_was_named_must_exist(tmp_path: Path) -> None:
    config = tmp_path / "none.toml"
    paths = Paths(config=config, data=tmp_path / "data", downloads=tmp_path / "d", config_given=True)
    with pytest.raises(ConfigError, match=r"none\.toml: no such file, though .* make the file"):
        await open_service(Options(paths=paths))


@pytest.mark.parametrize("url", ["nonsense", "127.0.0.1:8900", "http://", "http://127.0.0.1:1/kling"])
async def test_a_sandbox_address_must_be_one(tmp_path: Path, url: str) -> None:
    paths = Paths(config=tmp_path / "c.toml", data=tmp_path / "data", downloads=tmp_path / "d")
    with pytest.raises(UsageError, match="--sandbox-url"):
        await open_service(Options(paths=paths, sandbox_url=url))
    assert not (tmp_path / "data").exists()


async def test_a_sandbox_that_is_gone_leaves_what_is_recorded_readable(tmp_path: Path) -> None:
    paths = Paths(config=tmp_path / "c.toml", data=tmp_path / "data", downloads=tmp_path / "d")
    async with SandboxServer(speed=20) as server:
        options = Options(paths=paths, sandbox_url=server.base_url)
        async with await open_service(options) as service:
            task_id = await submit(service, draft("kling", "text2video"))
    async with await open_service(Options(paths=paths, sandbox_url=server.base_url, work=False)) as service:
        assert task_id in service.tasks
        assert service.accounts() == []


async def test_our_folders_are_for_the_user_alone(tmp_path: Path, sandbox: SandboxServer) -> None:
    async with service_in(tmp_path, sandbox):
        folders = [tmp_path / "data", *(entry for entry in (tmp_path / "data").rglob("*") if entry.is_dir())]
        assert {folder.stat().st_mode & 0o777 for folder in folders} == {0o700}


async def test_a_disabled_account_sends_and_asks_nothing_until_it_is_enabled(
    tmp_path: Path, sandbox: SandboxServer
) -> None:
    given = sandbox.account("kling")
    (key, secret), *_ = given.credentials.items()
    text = f'[accounts.mine]\nprovider = "kling"\nbase_url = "{given.base_url}"\n{key} = "{secret}"\n'
    configure(tmp_path, text)
    (tmp_path / "config.toml").chmod(0o600)
    async with service_in(tmp_path) as service:
        made = Draft(account="mine", operation="text2video", texts=REQUESTS["kling", "text2video"])
        await service.queue.pause("mine")
        task_id = await submit(service, made)
        service.account_book.set_disabled(service.account_book.read(), "mine", True)
    async with service_in(tmp_path) as service:
        assert service.account("mine").disabled
        assert service.health("mine").disabled
        await service.queue.go_on("mine")
        await asyncio.sleep(0.5)
        assert service.tasks[task_id].sent_at is None
        with pytest.raises(AccountError, match="disabled"):
            await submit(service, made)
        service.account_book.set_disabled(service.account_book.read(), "mine", False)
    async with service_in(tmp_path) as service:
        async with asyncio.timeout(20):
            (task,) = await service.wait([task_id])
        assert task.status is Status.SUCCEEDED
        assert task.trouble is None
