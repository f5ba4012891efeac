import random

from hypothesis import given
from hypothesis import strategies as st

from training.augmentation import augmented, disturbed
from training.examples import Example

EXAMPLES = [
    Example("please tell me where is my parcel", "track"),
    Example("退款什么时候到账", "refund"),
    Example("我的快递到哪里了", "track"),
    Example("腿款申请在那里提交", "refund"),
    Example("hi", "greeting"),
]


def test_a_share_comes_again_disturbed_with_its_label() -> None:
    copies = augmented(EXAMPLES * 50, share=0.5, seed=3)
    assert 75 < len(copies) < 125
    originals = {example.text: example.name for example in EXAMPLES}
    assert not any(copy.text in originals for copy in copies)
    assert {copy.name for copy in copies} == {"track", "refund"}  # "hi" is too short for a slip that leaves it readable


def test_chinese_slips_sound_the_same() -> None:
    copies = {copy.text for copy in augmented(EXAMPLES * 40, share=1.0, seed=1) if copy.name == "refund"}
    assert any(text.startswith("腿款什么") for text in copies)
    assert all(len(text) in {8, 9} for text in copies)


def test_contractions() -> None:
    found = {disturbed("please tell me what is wrong", {}, random.Random(seed)) for seed in range(40)}
    assert "pls tell me what's wrong" in found


@given(st.text(max_size=60), st.integers(0, 10_000))
def test_any_text_can_be_disturbed_and_the_seed_decides_how(text: str, seed: int) -> None:
    one, other = (disturbed(text, {}, random.Random(seed)) for _ in range(2))
    assert one == other
    assert abs(len(one) - len(text)) <= max(12, len(text) // 2)
