"""One thread runs the models on what many conversations ask at the same moment."""

import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from threadpoolctl import threadpool_limits

from agent.conversation import IntentPrediction
from agent.errors import BusyError
from agent.intent import IntentClassifier
from knowledge_base.encoder import TextEncoder
from knowledge_base.onnx_model import Array

WAITING = 64  # requests; who comes later is told so
TOGETHER = 16  # texts of several requests that share a batch

Reading = tuple[Array | None, IntentPrediction | None]


@dataclass(frozen=True)
class _Request:
    texts: Sequence[str]
    embeds: bool
    answer: "Future[list[Reading]]" = field(default_factory=Future)


class InferenceThread:
    """Embeds and classifies texts, both at the same time; concurrent requests share a batch.

    Args:
        encoder: makes the vectors.
        classifier: None where the release has none.

    Example:
        >>> vector, prediction = InferenceThread(encoder, classifier).read(["where is my parcel?"])[0]
    """

    def __init__(self, encoder: TextEncoder, classifier: IntentClassifier | None) -> None:
        self.encoder, self.classifier = encoder, classifier
        threadpool_limits(1, user_api="blas")  # numpy's threads would wait, spinning, on the cores that the models need
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="inference")
        self._beside = ThreadPoolExecutor(max_workers=1, thread_name_prefix="inference-classifier")
        self._waiting: deque[_Request] = deque()
        self._lock = threading.Lock()

    def read(self, texts: Sequence[str]) -> list[tuple[Array, IntentPrediction | None]]:
        """Return each text's vector, (dimensions,), and prediction; waits for its turn.

        Raises:
            BusyError: too many requests wait already.
        """
        return [(vector, prediction) for vector, prediction in self._ask(_Request(texts, embeds=True)) if vector is not None]

    def predict(self, texts: Sequence[str]) -> list[IntentPrediction | None]:
        """Return each text's prediction only, in half the time; otherwise as `read`."""
        return [prediction for _, prediction in self._ask(_Request(texts, embeds=False))]

    def _ask(self, request: _Request) -> list[Reading]:
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
        embedded = [text for request in requests if request.embeds for text in request.texts]
        try:
            here = 0 if embedded else len(texts) // 2  # with nothing to embed, half of the texts are classified meanwhile
            beside = self._beside.submit(self._predict, texts[here:])
            vectors = iter(self.encoder.encode_queries(embedded) if embedded else ())
            predictions = iter([*self._predict(texts[:here]), *beside.result()])
        except Exception as error:  # noqa: BLE001 - it belongs to those who wait for the answer
            for request in requests:
                request.answer.set_exception(error)
            return
        for request in requests:
            request.answer.set_result([(next(vectors) if request.embeds else None, next(predictions)) for _ in request.texts])

    def _predict(self, texts: Sequence[str]) -> Sequence[IntentPrediction | None]:
        return self.classifier.predict(texts) if self.classifier and texts else [None] * len(texts)

    def _next(self) -> list[_Request]:
        with self._lock:
            chosen: list[_Request] = []
            while self._waiting and (not chosen or sum(len(r.texts) for r in chosen) + len(self._waiting[0].texts) <= TOGETHER):
                chosen.append(self._waiting.popleft())
            return chosen
