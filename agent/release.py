"""A release: classifier, routing and the encoder they were learned with, named together by one manifest."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.context_model import CONTEXT_FILE, ContextModel
from agent.errors import ReleaseError
from agent.intents import Intent
from agent.out_of_scope import OUT_OF_SCOPE_FILE, OutOfScopeModel
from agent.parts import PartsModel
from agent.routing_model import RoutingModel
from knowledge_base.cohort import Cohort
from knowledge_base.encoder import fingerprint_in
from knowledge_base.errors import FrontdeskError
from knowledge_base.fusion import Fusion
from knowledge_base.index import FAQIndex
from knowledge_base.model_folder import sha256_of
from knowledge_base.quantisation import PRECISIONS, Precision
from knowledge_base.retrieval import Retriever

MANIFEST = "release.json"
COHORT_FILE = "cohort.safetensors"
CLASSIFIER_FOLDER = "classifier"  # what `IntentModel.save` writes
FORMAT = 5  # raise it when a release's parts change, so that older ones are refused with a reason


@dataclass(frozen=True)
class ClassifierSettings:
    """How the classifier's raw outputs become probabilities; all learned on validation data.

    Attributes:
        prompt: put before every message, as the encoder wants it.
        max_tokens: longer messages are cut here.
        precision: of its weights as they serve.
        temperature: divides the logits (Guo et al. 2017, https://arxiv.org/abs/1706.04599).
        out_of_scope: weights of the out-of-scope score's features, and its ``bias``, see `OutOfScopeModel`.
        rejects: the score above which a message is rejected, by the intent that it would be; ``""`` is for all others.
    """

    prompt: str
    max_tokens: int
    precision: Precision
    temperature: float
    out_of_scope: Mapping[str, float]
    rejects: Mapping[str, float]


@dataclass(frozen=True)
class Release:
    """One immutable release folder, read and verified.

    Attributes:
        folder: where it is.
        id: names it in every reply.
        base_fingerprint: of the encoder that it was learned with, see `folder_fingerprint`.
        precision: of that encoder's weights as they serve.
        intents: the catalogue, by id.
        labels: the classes in the order of the logits, see `agent.intents.class_name`; empty without a classifier.
        classifier: None for a release that routes on retrieval alone.
        fusion: orders what retrieval finds.
        routing: decides how probable it is that an entry answers a message, and what to do at which probability.
        parts: decides whether a message is answered in parts.
        inherits: the weights with which it is decided whether a message goes on with what was talked about.
        lineage: data hash, base, seed, arguments and metrics of its making.
        files: the SHA-256 of each of its files, by path in the folder.
    """

    folder: Path
    id: str
    base_fingerprint: str
    precision: Precision
    intents: Mapping[str, Intent]
    labels: tuple[str, ...]
    classifier: ClassifierSettings | None
    fusion: Fusion
    routing: RoutingModel
    parts: PartsModel
    inherits: Mapping[str, float]
    lineage: Mapping[str, Any]
    files: Mapping[str, str]

    @property
    def encoder_fingerprint(self) -> str:
        """The only encoder that it serves with."""
        return fingerprint_in(self.base_fingerprint, self.precision)

    @property
    def classifier_fingerprint(self) -> str:
        """Of the trained weights on their base: releases that agree on it compute the same logits."""
        trained = {name: known for name, known in self.files.items() if name.startswith(CLASSIFIER_FOLDER)}
        return hashlib.sha256(json.dumps([self.base_fingerprint, trained], sort_keys=True).encode()).hexdigest()

    def scope(self, settings: ClassifierSettings) -> OutOfScopeModel:
        """What tells whether any intent covers a message.

        Raises:
            ModelError: it cannot be read.
        """
        return OutOfScopeModel.read(self.folder / OUT_OF_SCOPE_FILE, settings.out_of_scope)

    def retriever(self, index: FAQIndex) -> Retriever:
        """What finds entries for it in an index of its encoder.

        Raises:
            ModelError: its cohort cannot be read.
        """
        return Retriever(index, self.cohort(), self.fusion)

    def cohort(self) -> Cohort:
        """The messages that its routing was learned against.

        Raises:
            ModelError: they cannot be read.
        """
        return Cohort.read(self.folder / COHORT_FILE)

    def context(self) -> ContextModel:
        """What tells whether a message is meant for itself.

        Raises:
            ModelError: it cannot be read.
        """
        return ContextModel.read(self.folder / CONTEXT_FILE, self.inherits)

    def require_base(self, fingerprint: str) -> None:
        """Check that this is the encoder the release was learned with, whatever its precision.

        Raises:
            ReleaseError: it is another one.
        """
        if fingerprint != self.base_fingerprint:
            raise ReleaseError(
                f"Release {self.id} was learned with the encoder {self.base_fingerprint[:12]}, the settings name {fingerprint[:12]}. "
                "Train a release for this encoder (`python -m training train --base ...`), or remove FRONTDESK_ENCODER."
            )


def read_release(folder: Path) -> Release:
    """Read a release folder and verify its files.

    Raises:
        ReleaseError: the manifest or a file is missing, damaged or changed.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        _verify(folder, manifest)
        classifier = manifest["classifier"]
        return Release(
            folder=folder,
            id=manifest["id"],
            base_fingerprint=manifest["encoder"]["base"],
            precision=_precision(manifest["encoder"]["precision"]),
            intents={row["id"]: Intent.from_dict(row) for row in manifest["intents"]},
            labels=tuple(manifest["labels"]),
            classifier=ClassifierSettings(**{**classifier, "precision": _precision(classifier["precision"])}) if classifier else None,
            fusion=Fusion(**manifest["fusion"]),
            routing=RoutingModel(**manifest["routing"]),
            parts=PartsModel(**manifest["parts"]),
            inherits=manifest["inherits"],
            lineage=manifest["lineage"],
            files=manifest["files"],
        )
    except ReleaseError:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError, FrontdeskError) as error:
        raise ReleaseError(f"{folder} holds no readable release ({type(error).__name__}: {error}).") from error


def _precision(name: str) -> Precision:
    for known in PRECISIONS:
        if name == known:
            return known
    raise ReleaseError(f"There is no precision {name}; there is {', '.join(PRECISIONS)}.")


def _verify(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Check that manifest and files are what was written, and are what this version reads."""
    if manifest["format"] != FORMAT:
        raise ReleaseError(
            f"The release in {folder} is of format {manifest['format']}, this Frontdesk reads {FORMAT}. "
            "Train it anew, or make a new data directory with `python -m agent init`."
        )
    if manifest["id"] != manifest_id(manifest):
        raise ReleaseError(f"The manifest of the release in {folder} was changed after it was written. Restore the release folder.")
    for name, known in manifest["files"].items():
        if sha256_of(folder / name) != known:
            raise ReleaseError(f"{folder / name} is not the file that release {manifest['id']} was made with. Restore the folder.")


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Complete a manifest with its files' hashes and its id, and write it into the release folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    manifest["files"] = {path.relative_to(folder).as_posix(): sha256_of(path) for path in files}
    manifest["id"] = manifest_id(manifest)
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def manifest_id(manifest: Mapping[str, Any]) -> str:
    """The day of the release and a hash of all the manifest says."""
    content = json.dumps({key: value for key, value in manifest.items() if key != "id"}, sort_keys=True)
    return f"{manifest['lineage']['created'][:10]}-{hashlib.sha256(content.encode()).hexdigest()[:10]}"
