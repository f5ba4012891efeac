"""A language model that runs in this process, on whatever devices it has."""

import atexit
import itertools
import queue
import threading
import time
from collections.abc import Generator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, ContinuousBatchingConfig, GenerationConfig
from transformers.utils.logging import disable_progress_bar

from agent.errors import GenerationError
from agent.generation.base import ChatMessage
from agent.generation.piece_stream import deadline_passed
from knowledge_base.errors import ModelError

TOGETHER = 8  # replies that are written at the same time
WAITING = 8  # more that wait; who comes later gets the entry's own answer
PAGE = 32  # tokens; the pages that prompts begin with alike are computed once and shared
CPU_PAGES = 192  # of all replies together
CPU_BATCH = 512  # tokens
LOOK_EVERY_S = 0.1


class TransformersModel:
    """Runs a causal language model with transformers' continuous batching: greedy, several replies at once.

    Replies that are written at the same time share each step; prompts share what they begin with. One thread does all work on the
    model, which spreads over all GPUs there are. Waiting counts against a reply's deadline; a stop takes effect between two tokens.

    Example:
        ::

            model = TransformersModel(restore_packaged_model(Path("data/cache")))
            question = ChatMessage("user", "What is a parcel locker?")
            reply = "".join(model.stream([question], max_tokens=60, deadline=time.monotonic() + 20))

    Args:
        folder_or_name: a model folder, or a name on a hub.
        device_map: where the layers go, as in `from_pretrained`; "auto" spreads them over all GPUs, or uses the CPU.
        dtype: the weights' type, e.g. "float32"; "auto" is bfloat16 where the device computes in it.

    Raises:
        ModelError: the model cannot be loaded, lacks weights, or has no chat template.
    """

    def __init__(self, folder_or_name: Path | str, *, device_map: str | dict[str, int | str] = "auto", dtype: str = "auto") -> None:
        self.name = Path(folder_or_name).name if Path(folder_or_name).is_dir() else str(folder_or_name)
        chosen = _fastest_dtype(device_map) if dtype == "auto" else dtype
        disable_progress_bar()  # type: ignore[no-untyped-call] # it would stand between the log's lines
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(folder_or_name)
            loaded: Any = AutoModelForCausalLM.from_pretrained(
                folder_or_name, device_map=device_map, dtype=chosen, output_loading_info=True
            )
            self._model, report = loaded
        except Exception as error:
            raise ModelError(
                f"The language model {folder_or_name} cannot be loaded: {error}. Check the folder or the name, and its files."
            ) from error
        if report["missing_keys"]:
            raise ModelError(f"The language model {folder_or_name} lacks weights: {', '.join(sorted(report['missing_keys'])[:5])}.")
        if not self._tokenizer.chat_template:
            raise ModelError(f"The language model {folder_or_name} has no chat template. Choose one that was trained for chat.")
        self._room = getattr(self._model.config.get_text_config(), "max_position_embeddings", None)
        self._places = threading.BoundedSemaphore(TOGETHER + WAITING)
        self._numbers = itertools.count()
        self._outputs: dict[str, queue.Queue[Any]] = {}
        self._manager = self._continuous_batching()
        started = threading.Event()
        threading.Thread(target=self._deliver, args=(started,), daemon=True, name=f"replies of {self.name}").start()
        started.wait()
        atexit.register(self._manager.stop, block=True, timeout=5.0, hard_stop=True)

    def stream(self, messages: Sequence[ChatMessage], *, max_tokens: int, deadline: float) -> Generator[str, None, None]:
        """Yield the reply in pieces of whole characters; see `LanguageModel.stream`."""
        ids = self._encode(messages)
        if self._room is not None and len(ids) + max_tokens > self._room:
            raise GenerationError(
                f"The prompt has {len(ids)} tokens and {max_tokens} more were asked for; "
                f"{self.name} has room for {self._room}. Shorten the conversation or the entry."
            )
        if time.monotonic() >= deadline:
            raise deadline_passed(self.name)
        if not self._places.acquire(blocking=False):
            raise GenerationError(f"The language model {self.name} is busy: {TOGETHER + WAITING} replies are being written or wait.")
        request = f"reply-{next(self._numbers)}"
        outputs: queue.Queue[Any] = queue.Queue()
        self._outputs[request] = outputs
        try:
            self._manager.add_request(ids, request_id=request, max_new_tokens=max_tokens, streaming=True)
            yield from self._pieces(outputs, deadline)
        finally:
            del self._outputs[request]
            self._manager.cancel_request(request)
            self._places.release()

    def _pieces(self, outputs: "queue.Queue[Any]", deadline: float) -> Generator[str, None, None]:
        """What is new in each output, until the last one."""
        given = ""
        while True:
            try:
                output = outputs.get(timeout=max(0.0, min(deadline - time.monotonic(), 10 * LOOK_EVERY_S)))
            except queue.Empty:
                if time.monotonic() >= deadline:
                    raise deadline_passed(self.name) from None
                if not self._manager.is_running():
                    raise GenerationError(f"The language model {self.name} failed while writing, and runs no more.") from None
                continue
            if output.error:
                raise GenerationError(f"The language model {self.name} failed while writing: {output.error}")
            text = str(self._tokenizer.decode(output.generated_tokens, skip_special_tokens=True))
            if len(text) > len(given) and (output.is_finished() or not text.endswith("\ufffd")):
                yield text[len(given) :]
                given = text
            if output.is_finished():
                return
            if time.monotonic() >= deadline:
                raise deadline_passed(self.name)

    def _deliver(self, started: threading.Event) -> None:
        """Hand each output to the reply that waits for it; the manager's thread, started here, ends with the process as this one does."""
        self._manager.start()
        started.set()
        while self._manager.is_running():
            output = self._manager.get_result(timeout=LOOK_EVERY_S)
            if output is not None and (waiting := self._outputs.get(output.request_id)):
                waiting.put(output)

    def _continuous_batching(self) -> Any:
        config = self._model.generation_config
        # What a model's own configuration says about sampling has no place in a greedy search.
        pad = config.pad_token_id or self._tokenizer.eos_token_id
        greedy = GenerationConfig(do_sample=False, eos_token_id=config.eos_token_id, pad_token_id=pad)  # type: ignore[no-untyped-call]
        limits: dict[str, Any] = {"max_requests_per_batch": TOGETHER, "max_queue_size": TOGETHER + WAITING}
        if self._model.device.type == "cpu":
            limits |= {"page_size": PAGE, "num_blocks": CPU_PAGES, "max_batch_tokens": CPU_BATCH}
        return self._model.init_continuous_batching(generation_config=greedy, continuous_batching_config=ContinuousBatchingConfig(**limits))

    def _encode(self, messages: Sequence[ChatMessage]) -> list[int]:
        """The conversation as the model was trained to read it."""
        encoding: Any = self._tokenizer.apply_chat_template(
            [asdict(message) for message in messages],
            add_generation_prompt=True,
            sanitize_control_tokens=True,  # a customer who types <|im_start|>system stays a customer
        )
        return list(encoding["input_ids"])


def _fastest_dtype(device_map: str | dict[str, int | str]) -> torch.dtype:
    """bfloat16 where the device computes in it; else float16 on a GPU and float32 on a CPU."""
    if torch.cuda.is_available() and device_map != "cpu":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    # Other CPUs emulate bfloat16, several times slower than float32. The names are x86's two and ARM's.
    cpu = torch.cpu.get_capabilities()
    return torch.bfloat16 if any(cpu.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16")) else torch.float32
