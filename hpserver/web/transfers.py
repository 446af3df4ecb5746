"""Bases between a browser and the disk: sent as one form, fetched as one file. What is done is the office's."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, Final

from starlette.requests import ClientDisconnect
from starlette.responses import FileResponse, Response

from hpserver.errors import (
    CancelledRequestError,
    HPError,
    ImportRefusedError,
    NotFoundError,
    SessionEndedError,
    UnexpectedMessageError,
)
from hpserver.exports.format import MAX_FILE
from hpserver.hosting.tasks import COPY, Task
from hpserver.hosting.transfers import Arrival, is_for
from hpserver.protocol.catalogue import administration as w
from hpserver.protocol.limits import MAX_NAME
from hpserver.web.confirming import DEEDS
from hpserver.web.page import failed, render, status_of, told
from hpserver.web.parts import FILE, events
from hpserver.web.visit import COOKIE, Visit

MAX_UPLOAD: Final = MAX_FILE + (64 << 10)
"""Bytes of a form with a file: the largest document there may be, and what is around it."""

STILL_SECONDS: Final = 1.0
"""Between two looks, while a file comes, whether who sends it may still do so."""

ANSWER_SECONDS: Final = 20.0
"""How long the answer to an upload waits for the checks: longer ones go on, and are told in the pane Tâches."""


async def upload(visit: Visit) -> Response:
    """Take in a base that a form sends."""
    body = visit.request.stream()
    back = "/plannings"
    try:
        task = await _taken_in(visit, body)
        if task.state in {"failed", "interrupted"}:
            raise task.error() or ImportRefusedError("the file was not taken in", line=0, column=0)
        if task.state == "cancelled":
            raise CancelledRequestError("The upload was cancelled: nothing of it is left.")
    except HPError as error:
        with suppress(ClientDisconnect):
            async for _ in body:  # a browser hears no answer while it sends
                pass
        return render(visit, "failed.html", status_of(error), error=told(visit, error), back=back)
    visit.served.bell.ring()
    if task.state == "running":
        return visit.see("/tasks")
    answer = visit.see(back)
    visit.keep(answer, "hp-done", visit.words(DEEDS["bases.upload"].done, base=task.base))
    return answer


async def fetch(visit: Visit) -> Response:
    """Give a copy to who asked for it."""
    try:
        task = await asyncio.to_thread(visit.served.office.works.tasks.get, str(visit.request.path_params["name"]))
        if not is_for(task, visit.who):
            raise NotFoundError("There is no copy to fetch, or no more: ask for another one.")
    except HPError as error:
        return failed(visit, error)
    await visit.served.tell("base.fetched", visit.who.login, {"base": task.base, "task": task.key})
    path = visit.served.office.works.tasks.path(task.key, COPY)
    return FileResponse(path, media_type="application/octet-stream", filename=f"{task.base}{COPY}")


async def _taken_in(visit: Visit, body: AsyncIterator[bytes]) -> Task:
    """Hand a file over as it comes; return what became of it, or that it is still being checked."""
    size = int(visit.request.headers.get("content-length", "0"))
    if not size:
        raise UnexpectedMessageError("The length of the form must be told before it is sent.")
    office = visit.served.office
    fields: dict[str, str] = {}
    key, arrival, looked = "", Arrival(), visit.served.loop.time()
    try:
        async for name, value in events(visit.request.headers.get("content-type", ""), body):
            if name != FILE:
                fields[name] = value.decode("utf-8", "replace")
                continue
            if not key:
                key = await _begun(visit, fields, size)
                arrival = office.transfers.arrival(key)
                visit.served.bell.ring()
            if visit.served.loop.time() >= looked + STILL_SECONDS:
                await _still_may(visit)
                looked = visit.served.loop.time()
            await arrival.give(value or None)
    except (HPError, ClientDisconnect) as error:
        if key:
            office.works.tasks.cancel(office.works.tasks.get(key))
        if isinstance(error, HPError):
            raise
        raise CancelledRequestError("The browser went away: nothing of the file is left.") from error
    if not key:
        raise ImportRefusedError("no file was chosen", line=0, column=0)
    with suppress(TimeoutError):
        async with asyncio.timeout(ANSWER_SECONDS):
            return await office.works.finished(key)
    return office.works.tasks.get(key)


async def _still_may(visit: Visit) -> None:
    """Find out whether who sends is still signed in, on a device that is still theirs. Raises what is not so."""
    device = await visit.served.device(visit.request.scope["state"]["certificate"])
    if await visit.served.who(visit.kept(COOKIE), device) is None:
        raise SessionEndedError("The session is over: nothing of the file is left.")


async def _begun(visit: Visit, fields: dict[str, str], size: int) -> str:
    base = re.sub(r"\s+", " ", fields.get("base", "")).strip()
    wish = w.UploadBase(fields.get("planning", "")[:MAX_NAME], base[:MAX_NAME], size)
    outcome: Any = await visit.served.carry_out(visit.who, wish)
    return str(outcome.task)
