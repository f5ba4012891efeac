from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.language import Language, detect_language
from knowledge_base.normalisation import is_traditional

ENGLISH = """
where is my order
wheres my stuff
ordr not here yet plz
hve u recieved my pakage
refund
track parcel NL123456
hi
ok thx
refund when
wtf is going on with my delivery
I'd like to return the café table I bought last week
Does the Bose speaker come with a charger?
a ring for my fiancé
Do you sell the song "Où est le swing" on vinyl?
the album Où sont les femmes arrived scratched
my name is 王小明 and my parcel is late
What does 保价 mean?
Can you ship to 北京市朝阳区建国路88号?
how do I pay with 支付宝
The app says "您的订单已取消", why?
Is the 小米 band back in stock?
My name is Nguyễn Văn Đức and I never got my order
order for Łukasz Wiśniewski has not arrived
Müller kitchen scale broken
La Roche-Posay sunscreen sold out?
Le Creuset lid cracked
De'Longhi coffee machine leaks
Estée Lauder voucher not working
Mi band 9 strap
Is this 任天堂スイッチ compatible with it?
what does ありがとう mean on the card you sent
Is there a Красная Москва perfume in your shop?
Bonjour speaker battery dead
merci for the quick delivery
8Ω speaker cable
Sony α7 charger
no parcel ¯\\_(ツ)_/¯
WHERE IS MY MONEY
cancel [order-1a2b3c] and write to [email-00ff] please
https://northlight.example/fr/où-est says 404
ＵＳＢ cable broken
open on Mon 9am EST?
cAnT log in!!!
Ⓜ️ size too small ㊗️
""".strip().splitlines()

CHINESE = """
我的order怎么还没ship
iPhone 15 有货吗
refund什么时候到
你好
在吗
退款
可以退吗？
帮我查一下 tracking number NL20260418-3317
Sony Wireless Noise Cancelling Headphones 有货吗
你们support Apple Pay吗还是只能用card
checkout那页loading半天,pay不了
那个sold out的headphones什么时候restock
please 帮我查一下 order
return policy for gift card 是什么
hello，在吗
OK 收到
这里怎么退货
在这裡怎么退货
收到货了，但是盒子写着「臺灣製造」
皇后大道那家店几点开门
显示"your order has been cancelled because of the payment"是什么意思
我叫陳大文，请问什么时候发货
优の品什么时候发货
请问ポケモン卡有货吗
货没到啊 (ツ)
发 abc@example.com 了，没收到
https://northlight.example/orders 怎么打不开
不想要了🙏
王女士 NL20260418-3317 退货
运费？
可以开发票吗 [order-1a2b3c]
""".strip().splitlines()

TRADITIONAL = """
請問訂單什麼時候出貨
台灣可以寄嗎
這台還有現貨嗎
我想退貨，盒子已經拆了
發票抬頭打錯了
唔該，幾時送到？
我的order怎麼還沒ship
後天到嗎
裡面有說明書嗎，iPhone 15 的
老闆，可以便宜一點嗎
已經出貨了才想取消,是不是只能拒收?
""".strip().splitlines()

OTHERS = [
    ("fr", "bonjour, où est mon colis ?"),
    ("fr", "merci"),
    ("fr", "Je n'ai pas reçu ma commande"),
    ("fr", "Remboursement de la commande NL20260418-3317"),
    ("fr", "J'ai acheté une bouilloire chez vous et elle fuit"),
    ("fr", "comment annuler ma commande"),
    ("de", "Wo ist mein Paket?"),
    ("de", "Hallo, ich möchte meine Bestellung stornieren"),
    ("de", "Danke"),
    ("de", "hallo"),  # also Dutch; the same on every run
    ("de", "Paket nicht angekommen"),
    ("de", "Wie lange dauert der Versand nach München?"),
    ("es", "¿dónde está mi pedido?"),
    ("es", "hola"),
    ("es", "quiero devolver el producto"),
    ("es", "donde esta mi paquete"),
    ("es", "No he recibido nada todavía"),
    ("it", "ciao, dov'è il mio ordine?"),
    ("it", "Vorrei un rimborso"),
    ("it", "il pacco non è arrivato"),
    ("pt", "olá, onde está a minha encomenda?"),
    ("pt", "Não recebi meu pedido"),
    ("pt", "quero cancelar minha compra"),
    ("nl", "waar is mijn pakket"),
    ("nl", "Ik heb nog geen geld terug ontvangen"),
    ("id", "pesanan saya belum sampai"),
    ("id", "terima kasih"),
    ("vi", "đơn hàng của tôi ở đâu"),
    ("vi", "Bao giờ tôi được hoàn tiền?"),
    ("pl", "Gdzie jest moja paczka?"),
    ("tr", "Siparişim nerede?"),
    ("sv", "Jag har fortfarande inte fått mitt paket, vad ska jag göra?"),
    ("da", "hvor er min pakke henne, jeg har ventet længe"),
    ("ja", "ありがとう"),
    ("ja", "注文番号の確認をお願いします"),
    ("ja", "iPhone 15 の在庫はありますか"),
    ("ja", "キャンセル"),
    ("ja", "返品したい"),
    ("ko", "주문한 물건이 아직 안 왔어요"),
    ("ko", "iPhone 15 재고 있나요"),
    ("ru", "Где мой заказ?"),
    ("ru", "Где мой iPhone 15 Pro Max"),
    ("uk", "Де моє замовлення?"),
    ("ar", "أين طلبي؟"),
    ("ar", "أريد استرداد refund"),
    ("fa", "سفارش من کجاست؟"),
    ("he", "איפה ההזמנה שלי?"),
    ("th", "สินค้าของฉันอยู่ที่ไหน"),
    ("hi", "मेरा ऑर्डर कहाँ है?"),
    ("el", "Πού είναι η παραγγελία μου;"),
]

TABLE = (
    [(text, Language("en")) for text in ENGLISH]
    + [(text, Language("zh")) for text in CHINESE]
    + [(text, Language("zh", traditional=True)) for text in TRADITIONAL]
    + [(text, Language(code)) for code, text in OTHERS]
)


def test_messages_are_told_apart() -> None:
    wrong = [(text, language, found) for text, language in TABLE if (found := detect_language(text)) != language]
    assert len(TABLE) >= 120
    assert len(wrong) <= 0.03 * len(TABLE), wrong


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "???",
        "12345",
        "🙏🏽🎉",
        "㊗️🈶ℹ️",
        "[email]",
        "[order-1a2b3c] [phone]",
        "https://northlight.example/où",
        "NL20260418-3317",
        "a@b.cn",
    ],
)
@pytest.mark.parametrize("fallback", ["en", "zh"])
def test_without_letters_the_fallback_decides(text: str, fallback: str) -> None:
    assert detect_language(text, fallback) == Language(fallback)


def test_only_english_and_chinese_are_served() -> None:
    assert [Language(code).is_served for code in ("en", "zh", "fr", "ja")] == [True, True, False, False]
    assert Language("zh", traditional=True).is_served


@pytest.mark.parametrize(
    ("text", "traditional"),
    [
        ("请问裡面有说明书吗", False),  # one slip of the input method
        ("我的名字是陳大文，请问什么时候发货", False),
        ("乾隆款茶具", False),
        ("皇后大道", False),
        ("干什么", False),
        ("這台", True),  # 台 is written in both
        ("台灣", True),
        ("老闆", True),
        ("請問发票怎麼開", True),  # mostly traditional
        ("\ud800請問", True),
        ("no Chinese", False),
    ],
)
def test_the_majority_of_characters_makes_a_text_traditional(text: str, traditional: bool) -> None:
    assert is_traditional(text) is traditional


@given(st.text(alphabet=st.characters(), max_size=300), st.sampled_from(["en", "zh"]))
def test_any_text_has_a_language(text: str, fallback: str) -> None:
    language = detect_language(text, fallback)
    assert len(language.code) == 2
    assert language.code == "zh" or not language.traditional


@given(
    st.lists(st.sampled_from([text for text, _ in TABLE] + ["'", '"', "[", "http://", "\ud800", "\x00", "\u0301", "の", "\n"]), max_size=8)
)
def test_pieces_of_messages_have_the_same_language_twice(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert detect_language(text) == detect_language(text)


@pytest.mark.parametrize(
    "text", ["a" * 100_000, "么" * 100_000, "a1-" * 40_000, '"' * 100_000, "\ud800\x00" * 50_000, "ﷺ" * 100_000, "à" * 100_000]
)
def test_a_huge_text_is_no_burden(text: str) -> None:
    assert len(detect_language(text).code) == 2


def test_what_comes_after_the_first_2000_characters_is_not_read() -> None:
    assert detect_language("where is my order? " * 110 + "我的订单" * 10_000) == Language("en")


def test_threads_share_one_detector() -> None:
    text = "Jag har fortfarande inte fått mitt paket, vad ska jag göra?"
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(detect_language, [text] * 16)) == {Language("sv")}
