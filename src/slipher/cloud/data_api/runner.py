"""Runs statements: each a task with a session of its own, or one that is kept for the statements that follow.

What a task does is written to the statement's row before anybody can see it: SUBMITTED, PICKED, STARTED, and how it ended.
Sessions live here alone; with the gateway they end, and what they had not committed is rolled back.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import uuid
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from slipher.base.errors import AwsError
from slipher.cloud.context import Gateway
from slipher.cloud.data_api import events, store
from slipher.cloud.data_api.columns import metadata
from slipher.cloud.data_api.origins import Origins
from slipher.cloud.data_api.requests import Request, Sql
from slipher.cloud.data_api.results import LARGEST, ResultFile, TooLarge, path_of
from slipher.cloud.data_api.targets import Target
from slipher.cloud.pg import Answer, Failure, Link, Lost

log = logging.getLogger("slipher.gateway")
MOST_STATEMENTS, MOST_SESSIONS = 500, 500  # of a cluster (source: guide, quotas)
AT_A_TIME = 32  # statements of a cluster that run; the others wait as SUBMITTED
LONGEST = 24 * 3600.0  # seconds that a statement, and a session, may last
CANCEL_AGAIN = 0.3  # seconds after which a statement that has not stopped is asked again


class Cancelled(Exception):
    """CancelStatement was called."""


@dataclass
class Kept:
    """A session between its statements. `link` None: not connected yet; `busy`: the statement that runs; `taken`: one begins."""

    id: str
    owner: str
    owner_id: str
    region: str
    target: Target
    seconds: int
    created: float
    updated: float
    link: Link | None = None
    busy: str | None = None
    taken: bool = True
    closed: bool = False
    timer: asyncio.TimerHandle | None = None

    @property
    def status(self) -> str:
        """As ListSessions tells it."""
        return "CLOSED" if self.closed else "BUSY" if self.taken else "AVAILABLE"


@dataclass
class Job:
    """A statement that is not at its end."""

    id: str
    request: Request
    target: Target
    outcome: store.Outcome
    session: Kept | None
    status: str = "SUBMITTED"
    link: Link | None = None
    running: bool = False  # the cluster works on it
    cancelled: bool = False
    row: Any = None  # as it was stored at its beginning
    task: asyncio.Task[None] | None = None
    done: asyncio.Event = field(default_factory=asyncio.Event)


class Runner:
    """The statements and sessions of a gateway. Only the event loop's thread changes them."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.jobs: dict[str, Job] = {}
        self.sessions: dict[str, Kept] = {}
        self.closed: deque[Kept] = deque(maxlen=MOST_SESSIONS)  # the last ones that have ended
        self._slots: dict[str, asyncio.Semaphore] = {}
        self._swept = time.monotonic()
        self._others = set[asyncio.Task[Any]]()
        self._origins = Origins()

    def require_room(self, target: Target) -> None:
        """ActiveStatementsExceededException when the cluster has as many statements as may be."""
        if sum(job.target.arn == target.arn for job in self.jobs.values()) >= MOST_STATEMENTS:
            raise AwsError(
                "ActiveStatementsExceededException",
                f"The maximum number of active statements ({MOST_STATEMENTS}) of the cluster is exceeded.",
            )

    def new_session(self, owner: str, owner_id: str, region: str, target: Target, seconds: int) -> Kept:
        """A session for the statement that is about to begin and for those that follow."""
        if sum(one.target.arn == target.arn for one in self.sessions.values()) >= MOST_SESSIONS:
            raise AwsError(
                "ActiveSessionsExceededException",
                f"The maximum number of active sessions ({MOST_SESSIONS}) of the cluster is exceeded.",
            )
        now = self.gateway.now()
        kept = Kept(str(uuid.uuid4()), owner, owner_id, region, target, seconds, now, now)
        self.sessions[kept.id] = kept
        return kept

    def begin(self, entry: store.Entry, request: Request, target: Target, session: Kept | None) -> Job:
        """Start a statement that is stored."""
        job = Job(entry.row.id, request, target, entry.outcome, session, row=entry.row)
        if session is not None:
            session.busy, session.updated = job.id, self.gateway.now()
        self.jobs[job.id] = job
        job.task = asyncio.create_task(self._live(job), name=f"statement {job.id}")
        if time.monotonic() - self._swept > 60:
            self._swept = time.monotonic()
            self._aside(asyncio.to_thread(store.forget, self.gateway))
        return job

    def _aside(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._others.add(task)
        task.add_done_callback(self._others.discard)

    async def wait(self, identifier: str, seconds: float) -> None:
        """Until a statement ends, at most so long."""
        job = self.jobs.get(identifier.partition(":")[0])
        if job is not None and seconds > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(job.done.wait(), seconds)

    async def cancel(self, job: Job) -> None:
        """Stop a statement; returns when it has stopped, or soon."""
        if not job.cancelled:
            job.cancelled = True
            self._aside(self._stop(job))
        await self.wait(job.id, 2.0)

    async def _stop(self, job: Job) -> None:
        if job.link is None and job.task is not None:
            job.task.cancel()  # it waits for its turn, or for the cluster's answer to its login
        while not job.done.is_set():
            if job.running and job.link is not None:
                await job.link.cancel()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(job.done.wait(), CANCEL_AGAIN)

    # A statement's life

    async def _live(self, job: Job) -> None:
        began = time.perf_counter_ns()
        try:
            status, error = await self._end(job)
        except asyncio.CancelledError:
            if not job.cancelled:
                raise  # the gateway stops
            status, error = "ABORTED", None
        except Exception:
            log.exception("statement %s failed in an unforeseen way", job.id)
            status, error = "FAILED", "The statement failed for an internal reason."
            if job.link is not None:
                job.link.close()
        try:
            outcome = job.outcome
            outcome.error, outcome.duration = error, time.perf_counter_ns() - began
            for part in outcome.parts:
                if part.status in store.ACTIVE:  # of a batch, those that were not reached
                    alone = len(outcome.parts) == 1
                    part.status, part.error = status if alone else "ABORTED", error if alone else None
            self._let_go(job)
            await self._save(job, status)
            await asyncio.to_thread(events.note, self.gateway, job.row, status, outcome)
        finally:
            del self.jobs[job.id]
            job.done.set()

    async def _end(self, job: Job) -> tuple[str, str | None]:
        try:
            async with self._slot(job.target), asyncio.timeout(LONGEST):
                await self._picked(job)
        except Cancelled:
            return "ABORTED", None
        except TimeoutError:
            return "FAILED", "The statement ran for more than 24 hours."
        except (Failure, Lost) as error:
            return "ABORTED" if job.cancelled else "FAILED", str(error)
        except TooLarge:
            return "FAILED", f"The result is larger than {LARGEST // 1024 // 1024} MB."
        except OSError as error:
            return "FAILED", f"The result could not be kept: {error.strerror}."
        errors = [(number, part) for number, part in enumerate(job.outcome.parts, 1) if part.error]
        if errors:
            number, part = errors[0]
            return part.status, f"Query #{number} failed with {part.error}" if job.request.batch else part.error
        return "FINISHED", None

    def _slot(self, target: Target) -> asyncio.Semaphore:
        return self._slots.setdefault(target.arn, asyncio.Semaphore(AT_A_TIME))

    async def _save(self, job: Job, status: str) -> None:
        job.status = status
        await asyncio.to_thread(store.save, self.gateway, job.id, status, job.outcome)

    async def _picked(self, job: Job) -> None:
        await self._save(job, "PICKED")
        kept = job.session
        link = kept.link if kept is not None else None
        if link is None:
            link = await job.target.connect(self.gateway.now())
            if kept is not None:
                kept.link = link
        job.link, job.outcome.pid = link, link.pid
        for part in job.outcome.parts[:1]:
            part.status = "STARTED"
        await self._save(job, "STARTED")
        transaction = job.request.batch and job.request.atomic and link.status == "I"
        if transaction:
            await link.run("begin")
        failed = True
        try:
            for number, sql in enumerate(job.request.sqls, 1):
                if not await self._part(job, link, number, sql) and job.request.atomic:
                    break
            failed = any(part.error for part in job.outcome.parts)
        except (Failure, Cancelled):
            raise
        except BaseException:
            link.close()  # what it still sends is nobody's
            raise
        finally:
            if transaction and not link.closed:
                with contextlib.suppress(Lost):
                    await link.run("rollback" if failed else "commit")

    async def _part(self, job: Job, link: Link, number: int, sql: Sql) -> bool:
        """Run one statement; False if it failed."""
        part, began = job.outcome.parts[number - 1], time.perf_counter_ns()
        before = link.parameters.get("last_query_id")
        if job.cancelled:
            raise Cancelled
        part.status = "STARTED"
        job.running = True
        try:
            with ResultFile(path_of(self.gateway.data_dir, job.id, number)) as file:
                answer = await link.run(sql.text, sql.values, file.write)
            part.status = "FINISHED"
            await self._given(job, part, link, answer)
        except Failure as failure:
            part.status, part.error = "ABORTED" if job.cancelled else "FAILED", str(failure)
            if link.closed:
                raise
        except BaseException as error:
            part.status, part.error = "FAILED", str(error) or None
            raise
        finally:
            job.running = False
            now = link.parameters.get("last_query_id", "-1")
            part.query = int(now) if now != before else -1  # what cannot be parsed or bound is no query yet
            part.duration, part.updated = time.perf_counter_ns() - began, self.gateway.now()
        return part.error is None

    async def _given(self, job: Job, part: store.Part, link: Link, answer: Answer) -> None:
        if answer.columns is not None:
            part.rows, part.size = answer.rows, answer.size
            found = await self._origins.of(job.target, answer.columns, link.parameters.get("catalog_version", ""))
            part.columns = [metadata(column, found[column]) for column in answer.columns]
            return
        words = answer.tag.split()
        part.size = 0
        part.rows = int(words[-1]) if words and words[-1].isdigit() else 0
        if words[:1] == ["COPY"]:
            part.rows = int(link.parameters.get("last_copy_count", 0))

    # Sessions

    def _let_go(self, job: Job) -> None:
        """After a statement: its session is kept as long as was asked for, or ended."""
        kept, link = job.session, job.link
        if kept is None:
            if link is not None:
                link.close()
            return
        kept.busy, kept.taken, kept.updated = None, False, self.gateway.now()
        left = kept.created + LONGEST - kept.updated
        if kept.link is None or kept.link.closed or kept.seconds <= 0 or left <= 0:
            self._close(kept)
            return
        kept.timer = asyncio.get_running_loop().call_later(min(kept.seconds, left), self._close, kept)

    def take(self, kept: Kept, seconds: int | None) -> None:
        """A statement is about to begin in a session."""
        if kept.timer is not None:
            kept.timer.cancel()
            kept.timer = None
        kept.taken = True
        if seconds is not None:
            kept.seconds = seconds

    def release(self, kept: Kept) -> None:
        """It does not begin after all."""
        kept.taken = False
        if kept.link is None:
            self._close(kept)
        else:
            kept.timer = asyncio.get_running_loop().call_later(max(kept.seconds, 0), self._close, kept)

    def _close(self, kept: Kept) -> None:
        if self.sessions.pop(kept.id, None) is not None:
            kept.closed, kept.updated = True, self.gateway.now()
            self.closed.append(kept)
        if kept.link is not None:
            kept.link.close()
