"""What a model may say beside an entry's own sentences, with the shipped vocabulary and classifier."""

import pytest

from agent.grounding import GroundingCheck

PARCEL = "Where is my parcel?\nStandard delivery takes 3-5 business days. You find the courier's number in My orders."


@pytest.mark.parametrize(
    ("message", "sentence", "language"),
    [
        ("my smart band never came", "I'm sorry about your smart band.", "en"),
        ("will it be here for my daughter's birthday", "A birthday, how lovely!", "en"),
        ("my TV came with a crack", "I'm sorry about the crack in your TV.", "en"),
        ("can you help", "Let's see what you can do about that.", "en"),
        ("我的快递怎么还没到", "让您久等了，非常抱歉。", "zh"),
    ],
)
def test_courtesy_may_take_up_the_customers_words(grounding_check: GroundingCheck, message: str, sentence: str, language: str) -> None:
    verdict = grounding_check.check_courtesy(sentence, PARCEL, message, language)
    assert (verdict.supported, verdict.reason) == (True, "no_claim")


@pytest.mark.parametrize(
    ("message", "sentence", "language"),
    [
        ("my smart band never came", "Your smart band is on its way.", "en"),
        ("my smart band never came", "Smart bands are a matter of the wrist and the heart.", "en"),
        ("where is my parcel", "I can't tell you where your parcel is.", "en"),
        ("how long does it take", "Standard delivery takes 3-5 business days.", "en"),
        ("where do i get the return label", "Here's how to get the return label:", "en"),
        ("is a human typing this", "Good question about the human typing this.", "en"),
        ("is the difference returned to my card", "About the difference returned to your card:", "en"),
        ("do you charge for parts that were left out", "I understand the worry about the parts you left out.", "en"),
        ("can one of your staff help", "Happy to help with your staff.", "en"),
        ("do I pay for a part you forgot", "Sorry to hear about the part you forgot.", "en"),
        ("my pasword is wrong", "Sorry to hear about the wrong pasword.", "en"),
        ("我的快递怎么还没到", "这件事我无法确定。", "zh"),
        ("我的快递怎么还没到", "您的快递明天送达。", "zh"),
    ],
)
def test_claims_and_refusals_stay_out(grounding_check: GroundingCheck, message: str, sentence: str, language: str) -> None:
    assert not grounding_check.check_courtesy(sentence, PARCEL, message, language).supported
