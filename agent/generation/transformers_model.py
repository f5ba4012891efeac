"""A language model that runs in this process, on whatever devices it has."""

import queue
import threading
import time
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, BatchEncoding, StoppingCriteria, StoppingCriteriaList, TextIteratorStreamer

from agent.errors import GenerationError
from agent.generation.base import ChatMessage
from agent.generation.piece_stream import deadline_passed, pieces_until
from knowledge_base.errors import ModelError


class TransformersModel:
    """Runs a causal language model with transformers: greedy, one reply at a time, the next ones waiting in line.

    Waiting counts against a reply's deadline. One thread of this object's own does all work on the model. A stop takes effect
    between two tokens: the caller is free at once, the thread after the token (or the prompt) that it is at.

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
        # What a model's own configuration says about sampling has no place in a greedy search.
        self._model.generation_config.update(do_sample=False, temperature=None, top_p=None, top_k=None)
        if self._model.generation_config.pad_token_id is None:
            self._model.generation_config.pad_token_id = self._tokenizer.eos_token_id
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"generate {self.name}")

    def stream(self, messages: Sequence[ChatMessage], *, max_tokens: int, deadline: float) -> Generator[str, None, None]:
        """Yield the reply in pieces of whole words; see `LanguageModel.stream`."""
        stop = _Stop(deadline)
        streamer = TextIteratorStreamer(self._tokenizer, skip_prompt=True, skip_special_tokens=True)
        pieces: queue.Queue[str | None] = streamer.text_queue
        work = self._worker.submit(self._generate, list(messages), max_tokens, streamer, stop)
        work.add_done_callback(lambda _: pieces.put(None))
        try:
            yield from pieces_until(deadline, work, pieces, self.name)
        finally:
            stop.wanted.set()

    def _generate(self, messages: list[ChatMessage], max_tokens: int, streamer: TextIteratorStreamer, stop: "_Stop") -> None:
        """Generate a whole reply into the streamer; runs in the worker's thread."""
        if stop.due():
            raise deadline_passed(self.name)
        prompt = self._encode(messages)
        room = getattr(self._model.config.get_text_config(), "max_position_embeddings", None)
        prompt_tokens = prompt["input_ids"].shape[1]
        if room is not None and prompt_tokens + max_tokens > room:
            raise GenerationError(
                f"The prompt has {prompt_tokens} tokens and {max_tokens} more were asked for; "
                f"{self.name} has room for {room}. Shorten the conversation or the entry."
            )
        self._model.generate(**prompt, max_new_tokens=max_tokens, streamer=streamer, stopping_criteria=StoppingCriteriaList([stop]))
        if stop.cut_short:
            raise deadline_passed(self.name)

    def _encode(self, messages: list[ChatMessage]) -> "BatchEncoding[Any]":
        """The conversation as the model was trained to read it, on the device of its first layer."""
        encoding = self._tokenizer.apply_chat_template(
            [asdict(message) for message in messages],
            add_generation_prompt=True,
            sanitize_control_tokens=True,  # a customer who types <|im_start|>system stays a customer
            return_tensors="pt",
        )
        return cast("BatchEncoding[Any]", encoding).to(self._model.device)


class _Stop(StoppingCriteria):
    """Ends a generation between two tokens, at its deadline or when nobody wants the rest."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.wanted = threading.Event()
        self.cut_short = False

    def due(self) -> bool:
        """Whether it is time to end."""
        return self.wanted.is_set() or time.monotonic() >= self.deadline

    def __call__(self, input_ids: torch.Tensor, scores: object, **kwargs: object) -> torch.Tensor:  # noqa: ARG002 - transformers' signature
        self.cut_short = self.cut_short or self.due()
        return torch.full((input_ids.shape[0],), self.cut_short, dtype=torch.bool, device=input_ids.device)


def _fastest_dtype(device_map: str | dict[str, int | str]) -> torch.dtype:
    """bfloat16 where the device computes in it; else float16 on a GPU and float32 on a CPU."""
    if torch.cuda.is_available() and device_map != "cpu":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    # Other CPUs emulate bfloat16, several times slower than float32. The names are x86's two and ARM's.
    cpu = torch.cpu.get_capabilities()
    return torch.bfloat16 if any(cpu.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16")) else torch.float32
