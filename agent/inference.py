"""One thread runs the models on what many conversations ask at the same moment."""

import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from agent.conversation import IntentPrediction
from agent.errors import BusyError
from agent.intent import IntentClassifier
from knowledge_base.encoder import TextEncoder
from knowledge_base.onnx_model import Array

WAITING = 64  # requests; who comes later is told so
TOGETHER = 16  # texts of several requests that share a batch

Reading = tuple[Array, IntentPrediction | None]


@dataclass(frozen=True)
class _Request:
    texts: Sequence[str]
    answer: "Future[list[Reading]]" = field(default_factory=Future)


class InferenceThread:
    """Embeds and classifies texts; concurrent requests share a batch.

    Args:
        encoder: makes the vectors.
        classifier: None where the release has none.

    Example:
        >>> vector, prediction = InferenceThread(encoder, classifier).read(["where is my parcel?"])[0]
    """

    def __init__(self, encoder: TextEncoder, classifier: IntentClassifier | None) -> None:
        self.encoder, self.classifier = encoder, classifier
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="inference")
        self._waiting: deque[_Request] = deque()
        self._lock = threading.Lock()

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """Return each text's vector, (dimensions,), and prediction; waits for its turn.

        Raises:
            BusyError: too many requests wait already.
        """
        request = _Request(texts)
        with self._lock:
            if len(self._waiting) >= WAITING:
                raise BusyError
            self._waiting.append(request)
        self._thread.submit(self._work)
        return request.answer.result()

    def _work(self) -> None:
        """Answer the requests that wait, as many as fit in a batch; there may be none left, because each request asks for this."""
        requests = self._next()
        if not requests:
            return
        texts = [text for request in requests for text in request.texts]
        try:
            vectors = self.encoder.encode_queries(texts)
            predictions = self.classifier.predict(texts) if self.classifier else [None] * len(texts)
        except Exception as error:  # noqa: BLE001 - it belongs to those who wait for the answer
            for request in requests:
                request.answer.set_exception(error)
            return
        readings = iter(list(zip(vectors, predictions, strict=True)))
        for request in requests:
            request.answer.set_result([next(readings) for _ in request.texts])

    def _next(self) -> list[_Request]:
        with self._lock:
            chosen: list[_Request] = []
            while self._waiting and (not chosen or sum(len(r.texts) for r in chosen) + len(self._waiting[0].texts) <= TOGETHER):
                chosen.append(self._waiting.popleft())
            return chosen
