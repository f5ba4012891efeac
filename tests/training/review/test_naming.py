"""Names that are suggested for what customers want."""

from training.review.naming import suggested_name

PARCELS = ["where is my parcel", "track my order please", "the parcel has not arrived", "我的包裹在哪里", "帮我查物流"]


def test_words_that_set_messages_apart_in_their_order() -> None:
    asked = ["do you run cooking classes?", "I'd like to join a cooking class", "Is there a cooking class on Saturday", "你们有烹饪课吗"]
    assert suggested_name(asked, PARCELS, []) == "cooking_class"


def test_what_everybody_says_names_nothing() -> None:
    asked = ["can I rent a projector please", "please, I want to rent the projector", "hello, rent projector?"]
    assert suggested_name(asked, ["I want my parcel please", *PARCELS], []) == "rent_projector"


def test_chinese_is_spelled() -> None:
    assert suggested_name(["你们有烹饪课吗", "怎么报名烹饪课", "烹饪课多少钱"], PARCELS, []).startswith("peng_ren")


def test_a_name_is_given_once() -> None:
    asked = ["gift wrapping", "gift wrapping please"]
    first = suggested_name(asked, PARCELS, [])
    assert suggested_name(asked, PARCELS, [first, f"{first}_2"]) == f"{first}_3"


def test_messages_without_words() -> None:
    assert suggested_name(["???", "🙂"], [], []) == "new_intent"
