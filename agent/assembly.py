"""Builds an agent from settings; called by the composition roots only (`ui` and the commands)."""

import logging
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from agent.agent import CustomerServiceAgent
from agent.composing import Composer
from agent.conversation_log import ConversationLog
from agent.data_directory import DataDirectory
from agent.generation import CircuitBreaker, LanguageModel, OpenAIModel
from agent.grounding import GroundingCheck, PairClassifier
from agent.look_ups import LiveAnswers
from agent.privacy import Masker
from agent.prompting import ALL_FREE, Depth, read_depths
from agent.release_loader import ReleaseLoader
from agent.settings import Settings
from agent.shop import Shop, read_shop
from knowledge_base.database import Database
from knowledge_base.errors import SettingsError
from knowledge_base.index import FAQIndex
from knowledge_base.progress import Progress, silent
from knowledge_base.repository import FAQRepository

logger = logging.getLogger(__name__)


def data_directory(settings: Settings) -> DataDirectory:
    """The data directory of the settings, with the database that they name."""
    return DataDirectory(settings.data_dir, settings.database_url.get_secret_value() if settings.database_url else None)


def open_agent(
    settings: Settings, progress: Progress = silent, log_url: str | None = None, *, service: bool = False
) -> CustomerServiceAgent:
    """Open a data directory and build the agent that serves from it.

    Args:
        settings: which directory and which models.
        progress: told of long work, see `FAQIndex`.
        log_url: a database for the conversation log, where it must not be the live one.
        service: whether this is the one service of the data directory, and no command that may run beside it.

    Raises:
        FrontdeskError: something needed is missing, damaged or does not fit; nothing is served then.
    """
    directory = data_directory(settings)
    directory.require()
    release = directory.release()
    shop = read_shop(directory.shop)
    database = Database(directory.database_url)
    loader = ReleaseLoader(settings.encoder, directory.cache)
    encoder = loader.encoder(release)
    classifier = loader.classifier(release)
    index = FAQIndex(
        directory.index,
        FAQRepository(database),
        encoder,
        progress,
        must_own=service and not settings.is_shared,
        chroma_url=settings.chroma_url,
        today=lambda: datetime.now(shop.opening.timezone).date(),
    )
    masker = Masker(directory.pseudonym_key())
    return CustomerServiceAgent(
        release,
        classifier,
        release.retriever(index),
        open_composer(settings),
        masker,
        ConversationLog(Database(log_url) if log_url else database),
        shop,
        _live_answers(settings, shop, masker),
    )


def _live_answers(settings: Settings, shop: Shop, masker: Masker) -> LiveAnswers | None:
    if not shop.look_ups:
        return None
    if settings.webhook_secret is None:
        raise SettingsError("The look-ups in shop.yaml need FRONTDESK_WEBHOOK_SECRET, which signs what is asked.")
    return LiveAnswers(shop.look_ups, settings.webhook_secret.get_secret_value(), masker)


def open_composer(settings: Settings) -> Composer:
    """Build what writes replies; the check is loaded only where there is something to check.

    Raises:
        FrontdeskError: the model or the check cannot be loaded.
    """
    directory = data_directory(settings)
    if settings.generator == "off":
        return Composer(deadline_s=settings.generator_deadline_s)
    model, depths = _language_model(settings, directory)
    if settings.composing != "auto":
        wanted = Depth(settings.composing)
        depths = {language: depth if depth is Depth.OPENED else wanted for language, depth in depths.items()}
    return Composer(CircuitBreaker(model), GroundingCheck(PairClassifier.load(directory.cache)), depths, settings.generator_deadline_s)


def _language_model(settings: Settings, directory: DataDirectory) -> tuple[LanguageModel, Mapping[str, Depth]]:
    """The language model, and what it can do in each language."""
    if settings.generator == "openai" and settings.generator_url and settings.generator_model:
        key = settings.generator_api_key.get_secret_value()
        return OpenAIModel(
            settings.generator_url, settings.generator_model, key, connect_timeout_s=2.0, read_timeout_s=settings.generator_deadline_s
        ), ALL_FREE
    from agent.generation.packaged_model import restore_packaged_model
    from agent.generation.transformers_model import TransformersModel

    folder = settings.generator_model or restore_packaged_model(directory.cache)
    return TransformersModel(folder), read_depths(Path(folder))
