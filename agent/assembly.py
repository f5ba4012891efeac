"""Builds an agent from settings; called by the composition roots only (`ui` and the commands)."""

import logging

from agent.agent import CustomerServiceAgent
from agent.composing import Composer
from agent.conversation_log import ConversationLog
from agent.data_directory import DataDirectory
from agent.generation import CircuitBreaker, LanguageModel, OpenAIModel
from agent.privacy import Masker
from agent.release_loader import ReleaseLoader
from agent.settings import Settings
from agent.shop import read_shop
from knowledge_base.database import Database
from knowledge_base.index import FAQIndex, Progress, silent
from knowledge_base.repository import FAQRepository
from knowledge_base.retrieval import Retriever

logger = logging.getLogger(__name__)


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
    directory = DataDirectory(settings.data_dir)
    directory.require()
    release = directory.release()
    shop = read_shop(directory.shop)
    database = Database(directory.database_url)
    loader = ReleaseLoader(settings.encoder, directory.cache)
    encoder = loader.encoder(release)
    classifier = loader.classifier(release)
    index = FAQIndex(directory.index, FAQRepository(database), encoder, progress, must_own=service)
    return CustomerServiceAgent(
        release,
        classifier,
        Retriever(index, release.cohort()),
        Composer(_language_model(settings, directory), settings.generator_deadline_s),
        Masker(directory.pseudonym_key()),
        ConversationLog(Database(log_url) if log_url else database),
        shop,
    )


def _language_model(settings: Settings, directory: DataDirectory) -> LanguageModel | None:
    if settings.generator == "openai" and settings.generator_url and settings.generator_model:
        key = settings.generator_api_key.get_secret_value()
        return CircuitBreaker(
            OpenAIModel(
                settings.generator_url, settings.generator_model, key, connect_timeout_s=2.0, read_timeout_s=settings.generator_deadline_s
            )
        )
    if settings.generator == "transformers":
        from agent.generation.packaged_model import restore_packaged_model
        from agent.generation.transformers_model import TransformersModel

        return CircuitBreaker(TransformersModel(settings.generator_model or str(restore_packaged_model(directory.cache))))
    return None
