"""Requests of Claude Code as its transcripts tell them: copies that say it twice, and passes inside an answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from planshift.usage.formats.reading import Counts, Reading
from planshift.usage.formats.records import Record

COPIES = (
    "Copies of a request (same message.id) are counted once, with each figure from the copy that has it ({rows} "
    "merged)."
)
ONE_ID_FOR_MANY = (
    "Answers to different prompts share one message.id, as behind a relay that gives every answer the same. The ids "
    "cannot tell these requests apart, so each prompt counts as one request ({rows})."
)

_HANDLING = ("service_tier", "speed", "inference_geo")
# The fields of a line in which copies can differ; the moment at which each was written says nothing.
_SAID = ("message", "requestId", "sessionId", "isSidechain", "costUSD")
# What an answer's totals are made of; the tokens of any other pass stand beside them.
_OWN_PASSES = frozenset({"message", "fallback_message"})


@dataclass(frozen=True, slots=True)
class Pass:
    """A pass whose tokens the totals of its answer leave out: an advisor, a compaction."""

    model: str
    counts: Counts
    untold_writes: int
    handling: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Request:
    """What a line says about a request, or several lines together.

    ``counts`` has the cache writes whose lifetime is told, ``writes`` counts all of them. ``stop_reason`` is ``""``
    where none is given; ``open`` says that a line gave it as null, as a snapshot from the middle of the stream does.
    ``handling`` is how it was processed: service tier, speed, place of inference.
    """

    record: Record
    user: str
    counts: Counts
    writes: int
    model: str
    message_id: str
    request_id: str
    session: str
    stop_reason: str
    open: bool
    is_sidechain: bool
    reported: Decimal | None
    handling: Mapping[str, object]
    passes: tuple[Pass, ...] = ()

    @property
    def untold_writes(self) -> int:
        """Tokens written to the cache of which nothing says how long they last."""
        return max(0, self.writes - self.counts.cache_write_5m_tokens - self.counts.cache_write_1h_tokens)

    @property
    def prompt(self) -> tuple[int, int, int]:
        """What was sent: uncached tokens, those read from the cache, those written to it."""
        return self.counts.input_tokens, self.counts.cache_read_tokens, self.writes

    @property
    def refused(self) -> bool:
        """Whether it was refused before any output, which is not billed."""
        return self.stop_reason == "refusal" and not self.counts.output_tokens

    @property
    def unfinished(self) -> bool:
        """Whether every line is a snapshot: what came after it is not in the file."""
        return self.open and not self.stop_reason

    def merged(self, other: Request) -> Request:
        """Both as one request, field by field; the fuller one, or else the first, says when, who and which model."""
        keys = [(not each.is_sidechain, sum(each.counts) + each.untold_writes) for each in (self, other)]
        base, more = (self, other) if keys[0] >= keys[1] else (other, self)
        writes = max(base.writes, more.writes)
        counts = Counts(*map(max, base.counts, more.counts))
        if counts.cache_write_5m_tokens + counts.cache_write_1h_tokens > writes:
            counts = counts._replace(
                cache_write_5m_tokens=base.counts.cache_write_5m_tokens,
                cache_write_1h_tokens=base.counts.cache_write_1h_tokens,
            )
        for each in (base, more):
            if each.stop_reason == "refusal":
                counts = counts._replace(output_tokens=each.counts.output_tokens)
        reported = [each.reported for each in (base, more) if each.reported is not None]
        return replace(
            base,
            counts=counts,
            writes=writes,
            model=base.model or more.model,
            request_id=base.request_id or more.request_id,
            stop_reason=base.stop_reason or more.stop_reason,
            open=base.open or more.open,
            reported=max(reported, default=None),
            handling={name: base.handling.get(name) or more.handling.get(name) for name in _HANDLING},
            passes=max(base.passes, more.passes, key=lambda passes: sum(sum(each.counts) for each in passes)),
        )


@dataclass
class Requests:
    """The requests of many lines, each once.

    A request is its ``message.id``, with or without a ``requestId``: side questions and copied histories repeat the id.
    Only a relay gives one id to many answers; then finished answers to different prompts stand under it, and a
    request is its requestId, or else its session and prompt.
    """

    reading: Reading
    _found: dict[tuple[object, object], Request] = field(default_factory=dict)
    _last: list[object] | None = None

    def add(self, record: Record, user: str) -> None:
        """Add what a line with usage says."""
        said = [record.values.get(name) for name in _SAID]
        if said == self._last:
            # Most copies stand below each other and say the same, which need not be read again.
            self._count_copy()
            return
        self._last = said if record.has("message", "id") else None
        request = request_of(record, user)
        name = request.message_id or request.request_id or request.record.place
        key = (name, request.request_id or (request.session, request.prompt))
        before = self._found.get(key)
        self._found[key] = request if before is None else self._one(before, request)

    def all(self) -> Iterator[Request]:
        """Every request, in the order of their first lines."""
        groups: dict[object, list[Request]] = {}
        for (name, _), request in self._found.items():
            groups.setdefault(name, []).append(request)
        for group in groups.values():
            apart: dict[object, Request] = {}
            many = len(group) > 1 and _different_prompts(group)
            for request in group:
                key = (request.prompt, request.record.text("timestamp")) if many else None
                apart[key] = self._one(apart[key], request) if key in apart else request
            self.reading.warned[ONE_ID_FOR_MANY] += len(apart) if many else 0
            yield from apart.values()

    def _one(self, before: Request, again: Request) -> Request:
        self._count_copy()
        return before.merged(again)

    def _count_copy(self) -> None:
        self.reading.merged += 1
        self.reading.assumed[COPIES] += 1


def _different_prompts(group: Sequence[Request]) -> bool:
    """Whether answers that share an id answer different prompts; a count of 0 contradicts none.

    A snapshot may have an early count of the prompt of an answer that is finished in its session. A sidechain that has
    a requestId of its own repeats an answer of the conversation that it began in.
    """
    finished = {request.session for request in group if not request.unfinished}
    whole = [request for request in group if not request.unfinished or request.session not in finished]
    originals = [request for request in whole if not (request.is_sidechain and request.request_id)]
    prompts = [request.prompt for request in originals or whole]
    return any(len({prompt[part] for prompt in prompts} - {0}) > 1 for part in range(3))


def request_of(record: Record, user: str) -> Request:
    """What a line with usage says about its request."""
    message = record.get("message")
    assert isinstance(message, dict)
    answer = Record(message, record.place, record.problems)
    usage = message["usage"]
    told = Record(usage, record.place, record.problems)
    counts, writes = _counts(told)
    model = answer.text("model")
    handling = {name: usage.get(name) for name in _HANDLING}
    stop_reason = answer.text("stop_reason")
    return Request(
        record=record,
        user=user,
        counts=counts,
        writes=writes,
        model=model,
        message_id=answer.text("id"),
        request_id=record.text("requestId"),
        session=record.text("sessionId"),
        stop_reason=stop_reason,
        open=not stop_reason and "stop_reason" in message,
        is_sidechain=record.get("isSidechain") is True,
        reported=record.money("costUSD"),
        handling=handling,
        passes=tuple(_passes(told, model, handling, counts)) if usage.get("iterations") else (),
    )


def _counts(usage: Record) -> tuple[Counts, int]:
    """The counts of a usage, with the writes whose lifetime it tells, and all tokens written to the cache."""
    short = usage.count("cache_creation", "ephemeral_5m_input_tokens")
    long = usage.count("cache_creation", "ephemeral_1h_input_tokens")
    counts = Counts(
        input_tokens=usage.count("input_tokens", required=True),
        output_tokens=usage.count("output_tokens", required=True),
        cache_read_tokens=usage.count("cache_read_input_tokens"),
        cache_write_5m_tokens=short,
        cache_write_1h_tokens=long,
        web_searches=usage.count("server_tool_use", "web_search_requests"),
    )
    return counts, max(usage.count("cache_creation_input_tokens"), short + long)


def _passes(usage: Record, model: str, handling: Mapping[str, object], totals: Counts) -> Iterator[Pass]:
    """The passes in ``iterations`` that the totals leave out, with the model of each.

    An attempt of another model that was refused before any output is not billed. Where the totals are the sum of all
    passes, nothing stands beside them.
    """
    iterations = usage.get("iterations")
    if not isinstance(iterations, list) or not all(isinstance(each, dict) for each in iterations):
        usage.wrong("usage.iterations is not a list of passes", "give transcripts as Claude Code wrote them")
        return
    every: list[tuple[str, Pass]] = []
    for each in iterations:
        record = Record(each, usage.place, usage.problems)
        counts, writes = _counts(record)
        own = {name: each.get(name) or handling.get(name) for name in _HANDLING}
        name = record.text("model") or model
        if name != model:
            own["speed"] = each.get("speed")
        untold = max(0, writes - counts.cache_write_5m_tokens - counts.cache_write_1h_tokens)
        every.append((record.text("type"), Pass(name, counts, untold, own)))
    if _sums(each for _, each in every) == _tokens(totals):
        return
    for kind, each in every:
        if kind not in _OWN_PASSES or (each.model != model and each.counts.output_tokens):
            yield each


def _tokens(counts: Counts) -> tuple[int, int, int]:
    return counts.input_tokens, counts.output_tokens, counts.cache_read_tokens


def _sums(passes: Iterable[Pass]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*(_tokens(each.counts) for each in passes), strict=True)))
