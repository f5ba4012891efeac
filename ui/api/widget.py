"""What the widget shows before anybody has written, in the customer's language."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from agent.texts import greeting, person
from ui.api.caller import Built, Portal
from ui.api.problems import responses
from ui.page_language import page_language
from ui.texts import in_script, say, template

FRESH_S = 300  # that browsers keep it
# What stands on the widget, by its key in `ui.texts`.
WRITTEN = """
article composed contact contact_send conversation event_closed event_contact event_returned event_taken helpful message minimise
new_chat not_helpful open_chat person placeholder retry send settled settled_no settled_thanks settled_undo settled_yes source title
typing unanswered unreachable verbatim welcome
""".split()


class WidgetOut(BaseModel):
    """What the widget shows."""

    language: str = Field(description="Of the texts, as HTML has it.", examples=["zh-Hans"])
    name: str = Field(description="The shop's.", examples=["Northlight"])
    greeting: str = Field(examples=["Hello, this is the assistant of Northlight. What can I do for you?"])
    examples: list[str] = Field(description="Questions to tap.", examples=[["How long does delivery take?"]])
    reach: str = Field(description="How to reach a person.", examples=["If you would rather talk to a person, call 400-555-0132."])
    texts: dict[str, str] = Field(description="What is written on buttons and lines.", examples=[{"send": "Send"}])


router = APIRouter(prefix="/v1/widget", tags=["Widget"], responses=responses())


@router.get("", summary="Get what the widget shows")
def widget(
    built: Built,
    _portal: Portal,
    response: Response,
    language: Annotated[str, Query(max_length=200, description="As `Accept-Language` has it.", examples=["zh-TW,en"])] = "en",
) -> WidgetOut:
    """Names and texts; nothing of a customer."""
    chosen, shop = page_language(language), built.agent.shop
    response.headers["Cache-Control"] = f"private, max-age={FRESH_S}"
    return WidgetOut(
        language=chosen.tag,
        name=in_script(shop.name.get(chosen.code) or say("title", chosen), chosen),
        greeting=in_script(greeting(shop, chosen.code), chosen),
        examples=built.examples.in_language(chosen),
        reach=in_script(person(shop, chosen.code), chosen),
        texts={key: template(key, chosen) for key in WRITTEN},
    )
