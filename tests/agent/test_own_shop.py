"""A shop with FAQ entries alone, no intents, no training: what it knows is answered, the rest is not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.agent import CustomerServiceAgent
from agent.assembly import open_agent
from agent.conversation import RouteKind
from agent.settings import Settings
from agent.texts import say
from tests.agent.talking import talk
from tests.conftest import make_data_directory
from tests.knowledge_base.faq_index_shop import entry

HOURS_ZH = entry("hours", zh=("你们几点开门？", "营业时间", "周二至周日 9:00-17:00 开放，周一闭馆。"))
HOURS_EN = entry("hours", en=("When are you open?", "opening hours", "Tuesday to Sunday, 9 to 17."))
TICKETS = entry("tickets", en=("How much is a ticket?", "Adults pay 12 euros, children under 12 enter free."))
PARKING = entry("parking", en=("Where can I park?", "Is there a car park?", "The car park is behind the museum, 2 euros an hour."))
SHOPS = {"chinese": [HOURS_ZH], "english": [HOURS_EN], "both": [HOURS_ZH, TICKETS, PARKING]}
OFF_TOPIC = [
    *("讲个笑话", "你们招人吗", "今天天气怎么样", "帮我写一首诗", "附近有什么好吃的", "股票会涨吗", "我失恋了", "推荐一部电影"),
    *("tell me a joke", "are you hiring?", "what is the weather today", "write me a poem", "good restaurants nearby?"),
    *("will stocks go up", "my girlfriend left me", "recommend a movie", "can you sing"),
]
Agents = dict[str, CustomerServiceAgent]


@pytest.fixture(scope="module")
def own_agents(tmp_path_factory: pytest.TempPathFactory, model_cache: Path) -> Iterator[Agents]:
    agents = {}
    for name, entries in SHOPS.items():
        folder = make_data_directory(tmp_path_factory.mktemp(name) / "data", model_cache, starter=False)
        agents[name] = open_agent(Settings(data_dir=folder))
        agents[name].retriever.index.repository.put(entries)
        agents[name].retriever.index.refresh()
    yield agents
    for agent in agents.values():
        agent.retriever.index.close()


@pytest.mark.parametrize("shop", SHOPS)
def test_what_is_off_topic_is_not_answered(own_agents: Agents, shop: str) -> None:
    routes = {message: read.route for message in OFF_TOPIC for read in own_agents[shop].understand(message)}
    assert [message for message, route in routes.items() if route.kind not in {RouteKind.DECLINE, RouteKind.CLARIFY}] == []


@pytest.mark.parametrize(
    ("shop", "message", "wanted"),
    [
        ("chinese", "几点关门", "hours"),
        ("chinese", "什么时候营业", "hours"),
        ("english", "what time do you open", "hours"),
        ("both", "几点关门", "hours"),
        ("both", "how expensive is entry", "tickets"),
        ("both", "where do I leave my car", "parking"),
    ],
)
def test_what_it_knows_is_answered_or_asked_about(own_agents: Agents, shop: str, message: str, wanted: str) -> None:
    (read,) = own_agents[shop].understand(message)
    route = read.route
    assert route.ranked[0].entry.id == wanted
    assert route.kind in {RouteKind.ANSWER, RouteKind.CLARIFY}


@pytest.fixture(scope="module")
def empty_agent(tmp_path_factory: pytest.TempPathFactory, model_cache: Path) -> Iterator[CustomerServiceAgent]:
    """An agent on an empty data directory: no entries, no name card, no classifier."""
    folder = make_data_directory(tmp_path_factory.mktemp("own") / "data", model_cache, starter=False)
    agent = open_agent(Settings(data_dir=folder))
    yield agent
    agent.retriever.index.close()


def test_without_entries_it_declines(empty_agent: CustomerServiceAgent) -> None:
    (reply,), _ = talk(empty_agent, "How do I restart the Zephyr 200?")
    assert (reply.route, reply.intent, reply.sources) == (RouteKind.DECLINE, None, ())
    assert reply.text == say("decline", "en") + "\n\n" + say("person_without_contacts", "en")


def test_an_entry_without_chinese_is_sent_in_english_with_a_note(empty_agent: CustomerServiceAgent) -> None:
    question, answer = "How do I restart the Zephyr 200?", "Hold the power button of the **Zephyr 200** for ten seconds."
    others = [("hours", "When are you open?", "Every day."), ("bread", "Do you have gluten-free bread?", "Yes, on Fridays.")]
    entries = [entry(name, en=(asked, said)) for name, asked, said in [("restart", question, answer), *others]]
    empty_agent.retriever.index.repository.put(entries)
    empty_agent.retriever.index.refresh()
    ((english,), _), ((chinese,), _) = talk(empty_agent, question), talk(empty_agent, "怎么重启 Zephyr 200？")
    assert (english.route, english.text) == (RouteKind.ANSWER, answer)
    assert (chinese.route, chinese.language) == (RouteKind.ANSWER, "zh")
    assert chinese.text == f"{say('only_in', 'zh', original='英文')}\n\n{answer}"
    assert chinese.sources[0].title == question
