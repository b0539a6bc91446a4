"""Give alerts to the channels that take time and may fail, each in a thread of its own."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from tokenwatch.alert import Alert, general
from tokenwatch.channels import command, desktop, webhook
from tokenwatch.channels.channel import OUTWARD, Channel, ChannelError, enabled
from tokenwatch.config.alerts import AlertsConfig
from tokenwatch.format import one_line

log = logging.getLogger(__name__)

WAITING: Final = 50
"""So many alerts wait for a channel at most."""
CLOSE_S: Final = 1.0
_ENDED: Final = "tokenwatch ended before it was delivered"
Done = Callable[[Alert, Channel, str | None], None]
"""Told how a channel did with an alert; the problem in words, None for none."""


class Limits(NamedTuple):
    """How long each channel may take, in seconds."""

    desktop: float = desktop.LIMIT_S
    command: float = command.LIMIT_S
    webhook: float = webhook.LIMIT_S


def send_now(
    alert: Alert,
    settings: AlertsConfig,
    environment: Mapping[str, str] = os.environ,
    limits: Limits = Limits(),  # noqa: B008 - never changes
) -> list[tuple[Channel, str | None]]:
    """Give an alert to each outward channel that is on, one after the other; return how they did.

    A problem is in words, None for none. Blocks, at most for the sum of the limits.
    """
    on = enabled(settings)
    return [
        (channel, _problem(channel, alert, settings, environment, limits))
        for channel in OUTWARD
        if channel in on
    ]


def _problem(
    channel: Channel,
    alert: Alert,
    settings: AlertsConfig,
    environment: Mapping[str, str],
    limits: Limits,
    stop: threading.Event | None = None,
) -> str | None:
    redact = settings.redact
    try:
        if channel is Channel.DESKTOP:
            desktop.send(alert, environment, limit_s=limits.desktop)
        elif channel is Channel.COMMAND:
            words, limit_s = settings.command, limits.command
            command.send(alert, words, environment, redact=redact, limit_s=limit_s, stop=stop)
        else:
            to, limit_s = settings.webhook, limits.webhook
            webhook.send(alert, to, environment, redact=redact, limit_s=limit_s)
    except ChannelError as error:
        return str(error)
    # Libraries and services of others: whatever they do must not end the thread.
    except Exception as error:
        return f"it failed in a way that is not known ({type(error).__name__})"
    return None


class Delivery:
    """Threads that deliver alerts, and how it went last.

    All methods may be called from any thread; `done` is called from these threads, one at a time
    for each channel, and must not block for long.
    """

    def __init__(
        self,
        settings: AlertsConfig,
        done: Done,
        environment: Mapping[str, str] = os.environ,
        *,
        limits: Limits = Limits(),  # noqa: B008 - never changes
        waiting: int = WAITING,
        is_private: Callable[[], bool] = lambda: False,
    ) -> None:
        """Nothing is started before the first alert. waiting: alerts kept for each channel.

        is_private: whether the screen is to show general words alone, which the desktop shares;
        for any thread. The program and the webhook go by `AlertsConfig.redact`.
        """
        self.settings = settings
        """May be replaced at any time; the next delivery goes by it."""
        self._environment, self._limits, self._done = environment, limits, done
        self._is_private = is_private
        self._stop = threading.Event()
        self._workers = {
            channel: _Worker(channel, waiting, self._deliver, self._tell) for channel in OUTWARD
        }

    def give(self, alert: Alert) -> None:
        """Let the channels that are on deliver an alert. Never blocks; nothing after `close`."""
        if self._stop.is_set():
            return
        for channel in enabled(self.settings):
            worker = self._workers.get(channel)
            if worker is not None and (dropped := worker.give(alert)) is not None:
                self._tell(dropped, channel, "it was dropped: too many alerts are waiting")

    @property
    def troubles(self) -> dict[Channel, str]:
        """What is wrong with channels that are on, in their order; none for those that work."""
        on = enabled(self.settings)
        found = ((channel, self._workers[channel].trouble) for channel in OUTWARD if channel in on)
        return {channel: trouble for channel, trouble in found if trouble}

    @property
    def warnings(self) -> tuple[str, ...]:
        """The same in sentences for the screen."""
        return tuple(f"alerts: {channel}: {said}" for channel, said in self.troubles.items())

    def tested(self, channel: Channel, problem: str | None) -> None:
        """Take what a test by another process came to as how the channel did last."""
        if (worker := self._workers.get(channel)) is not None:
            worker.tested(problem)

    def close(self, wait_s: float = CLOSE_S) -> None:
        """Deliver what there is time for, then end; `done` is told of what is left.

        Blocks for about wait_s at most. Commands that run are stopped.
        """
        until = time.monotonic() + wait_s
        for worker in self._workers.values():
            worker.close()
        for worker in self._workers.values():
            worker.join(until - time.monotonic())
        self._stop.set()
        # One that was stopped just now is still taken away.
        self._workers[Channel.COMMAND].join(command.STOP_S)
        for channel, worker in self._workers.items():
            for alert in worker.abandon():
                self._tell(alert, channel, _ENDED)

    def _deliver(self, alert: Alert, channel: Channel) -> str | None:
        settings = self.settings
        if self._stop.is_set():
            return _ENDED
        if channel not in enabled(settings):
            return "it was switched off before its turn came"
        if channel is Channel.DESKTOP and self._is_private():
            alert = general(alert)
        return _problem(channel, alert, settings, self._environment, self._limits, self._stop)

    def _tell(self, alert: Alert, channel: Channel, problem: str | None) -> None:
        if problem:
            log.warning("alert not delivered: %s: %s", channel, problem)
        try:
            self._done(alert, channel, problem)
        # What hears of it is not this module's; its errors must not end a thread of it.
        except Exception as error:
            self._workers[channel].unheard(f"{type(error).__name__}: {error}")


class _Worker:
    """The thread of one channel, and what waits for it."""

    def __init__(
        self,
        channel: Channel,
        waiting: int,
        deliver: Callable[[Alert, Channel], str | None],
        tell: Done,
    ) -> None:
        self._channel, self._most = channel, waiting
        self._deliver, self._tell = deliver, tell
        self._changed = threading.Condition()
        self._queue: deque[tuple[int, Alert]] = deque()
        self._thread: threading.Thread | None = None
        self._is_closing = self._is_abandoned = False
        self._underway: Alert | None = None
        self._given = 0
        self._dropped = 0
        self._dropped_at = 0
        """How many had been given when one was dropped last."""
        self._problem: str | None = None
        self._unheard: str | None = None

    @property
    def trouble(self) -> str | None:
        """What is wrong with the channel now, in words."""
        with self._changed:
            dropped = (
                f"{self._dropped} dropped: too many alerts were waiting" if self._dropped else None
            )
            found = (self._problem, dropped, self._unheard)
        return "; ".join(each for each in found if each) or None

    def unheard(self, said: str) -> None:
        """Remember that a result could not be told."""
        with self._changed:
            self._unheard = f"its result was not noted: {one_line(said, 100)}"

    def tested(self, problem: str | None) -> None:
        """Remember how it did, other than with an alert of its own."""
        with self._changed:
            self._problem = problem
            if problem is None:
                self._dropped = 0

    def give(self, alert: Alert) -> Alert | None:
        """Take an alert; return the oldest one if there was no room for it."""
        with self._changed:
            if self._is_closing:
                return None
            dropped = None
            self._given += 1
            if len(self._queue) >= self._most:
                dropped = self._queue.popleft()[1]
                self._dropped += 1
                self._dropped_at = self._given
            self._queue.append((self._given, alert))
            if self._thread is None:
                name = f"tokenwatch {self._channel.value}"
                self._thread = threading.Thread(target=self._run, daemon=True, name=name)
                self._thread.start()
            self._changed.notify()
        return dropped

    def close(self) -> None:
        """Take no more; end when all that waits is delivered."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()

    def join(self, wait_s: float) -> None:
        """Wait for the thread's end, so long at most."""
        if self._thread is not None:
            self._thread.join(max(wait_s, 0))

    def abandon(self) -> list[Alert]:
        """Let the thread do and tell nothing more; return what it has not delivered."""
        with self._changed:
            self._is_abandoned = True
            underway = [self._underway] if self._underway else []
            left = [*underway, *(alert for _, alert in self._queue)]
            self._queue.clear()
            self._underway = None
        return left

    def _run(self) -> None:
        while (found := self._next()) is not None:
            number, alert = found
            problem = self._deliver(alert, self._channel)
            with self._changed:
                if self._is_abandoned:
                    return
                self._underway = None
                self._problem = problem
                # What was dropped stays in view until one that came later has got through.
                if problem is None and number > self._dropped_at:
                    self._dropped = 0
            self._tell(alert, self._channel, problem)

    def _next(self) -> tuple[int, Alert] | None:
        """Wait for an alert; None when there will be none."""
        with self._changed:
            while not self._queue:
                if self._is_closing:
                    return None
                self._changed.wait()
            found = self._queue.popleft()
            self._underway = found[1]
        return found
