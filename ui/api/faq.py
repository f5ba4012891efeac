"""Search in the FAQ."""

from typing import Annotated

from fastapi import APIRouter, Query

from agent.language import detect_language
from agent.replying import reply_language
from ui.api.caller import Built, Portal
from ui.api.problems import responses
from ui.api.schemas import Found

router = APIRouter(prefix="/v1", tags=["FAQ"], responses=responses())


@router.get("/faq/search", summary="Find entries")
def search(
    built: Built,
    _portal: Portal,
    q: Annotated[str, Query(min_length=1, max_length=500, description="A question.", examples=["how long does delivery take"])],
    limit: Annotated[int, Query(ge=1, le=10)] = 5,
) -> list[Found]:
    """Those that may answer, best first, in the question's language where they have it. Nothing is logged."""
    questions = built.agent.understand(q)
    language = reply_language(detect_language(q))
    found = []
    for scored in questions[0].route.ranked[:limit] if questions else ():
        variant = scored.entry.variant(language)
        score = round(scored.probability, 4)
        found.append(Found(id=scored.entry.id, title=variant.title, answer=variant.answer, language=variant.language, score=score))
    return found
