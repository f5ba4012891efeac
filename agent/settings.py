"""The settings, from environment variables. Nothing else reads the environment."""

from ipaddress import ip_network
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from knowledge_base.errors import SettingsError


class Settings(BaseSettings):
    """Every setting, read from ``FRONTDESK_<NAME>``.

    Attributes:
        data_dir: the one folder with all state.
        database_url: a PostgreSQL server's, e.g. ``postgresql://user:password@host/name``; None for SQLite in the data directory.
        chroma_url: a Chroma server's, e.g. ``http://127.0.0.1:8000``; None for Chroma in the service's own process.
        workers: processes that serve the API; several need PostgreSQL and a Chroma server, and have no pages, which one process serves.
        encoder: a folder or hub name; None for the packaged multilingual-e5-small.
        generator: who composes replies; ``off`` sends the entries' own answers.
        generator_model: a folder or hub name for ``transformers`` (None: the packaged SmolLM2-135M), the served name for ``openai``.
        generator_url: an OpenAI-compatible server, e.g. ``http://127.0.0.1:8000/v1``.
        generator_api_key: for that server.
        composing: how much the generator writes: ``woven`` an opening and bridges around the entry's own sentences, ``free`` all in its own
            words, ``opened`` nothing; ``auto`` is what the model can do.
        generator_deadline_s: seconds after which the entry's own answer is sent instead.
        host: where the page listens.
        port: where the page listens; 0 for any that is free.
        trusted_proxies: addresses and networks, with commas, of the proxies whose word for the client's address and for TLS is taken.
        public_chat: whether everybody may open the chat page; without it there is none, and customers come from portals.
        retention_days: conversations in which nothing was written for so long are erased; None keeps them.
        learn_every_days: so often the learning loop starts by itself; None for only when somebody asks for it.
        log_format: ``text`` for people, ``json`` for programs; either goes to the error output.
        log_level: the least that is logged.
        staff_panel: shows intent, confidence, route and timings beside the chat; not for customers.
        site_requests_per_minute: of one portal.
        address_requests_per_minute: of one address, without a portal's key.
        messages_per_minute: in one conversation.
        webhook_url: is told of every change of who answers a conversation.
        webhook_secret: signs what it is told.
        metrics_token: what a monitor sends as a bearer token to read the metrics; without it they are closed.
    """

    model_config = SettingsConfigDict(env_prefix="FRONTDESK_", env_ignore_empty=True)

    data_dir: Path = Path("data")
    database_url: SecretStr | None = None
    chroma_url: str | None = None
    workers: int = Field(default=1, ge=1, le=64)
    encoder: str | None = None
    generator: Literal["off", "transformers", "openai"] = "off"
    generator_model: str | None = None
    generator_url: str | None = None
    generator_api_key: SecretStr = SecretStr("none")
    composing: Literal["auto", "opened", "woven", "free"] = "auto"
    generator_deadline_s: float = Field(default=8.0, gt=0, le=600)
    host: str = "127.0.0.1"
    port: int = Field(default=7860, ge=0, le=65535)
    trusted_proxies: str = "127.0.0.1"
    public_chat: bool = True
    retention_days: int | None = Field(default=None, ge=1)
    learn_every_days: float | None = Field(default=None, gt=0)
    log_format: Literal["text", "json"] = "text"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    staff_panel: bool = False
    site_requests_per_minute: int = Field(default=6000, ge=1)
    address_requests_per_minute: int = Field(default=240, ge=1)
    messages_per_minute: int = Field(default=30, ge=1)
    webhook_url: str | None = None
    webhook_secret: SecretStr | None = None
    metrics_token: SecretStr | None = None

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        for one in value.split(","):
            ip_network(one.strip())
        return value

    @property
    def is_shared(self) -> bool:
        """Whether several processes may serve from the data directory at once."""
        url = self.database_url.get_secret_value() if self.database_url else ""
        return bool(self.chroma_url) and url.startswith("postgresql")


def read_settings() -> Settings:
    """Read the settings.

    Raises:
        SettingsError: one does not parse; the message names all that do not.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        lines = [f"FRONTDESK_{str(part['loc'][0]).upper()}={part['input']!r}: {part['msg']}." for part in error.errors()]
        raise SettingsError("These settings do not parse:\n  " + "\n  ".join(lines)) from None
    if settings.generator == "openai" and not (settings.generator_url and settings.generator_model):
        raise SettingsError("FRONTDESK_GENERATOR=openai needs FRONTDESK_GENERATOR_URL and FRONTDESK_GENERATOR_MODEL.")
    if settings.webhook_url and not settings.webhook_secret:
        raise SettingsError("FRONTDESK_WEBHOOK_URL needs FRONTDESK_WEBHOOK_SECRET, which signs what it is told.")
    if settings.workers > 1 and not settings.is_shared:
        raise SettingsError(
            "FRONTDESK_WORKERS above 1 needs FRONTDESK_DATABASE_URL with a PostgreSQL server, because SQLite takes one service, "
            "and FRONTDESK_CHROMA_URL with a Chroma server, because Chroma in a process has its files for itself."
        )
    return settings
