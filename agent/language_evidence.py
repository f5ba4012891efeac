"""What speaks for a language: scripts, words and letters. The rules that weigh them are in `language`."""

import re
from collections.abc import Iterable

HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af"
HIRAGANA = "\u3041-\u3096"
KANA = HIRAGANA + "\u30a1-\u30fa"
# One name for every run of letters; digits, punctuation and currency signs of a script are no letters.
RUNS = re.compile(
    "|".join(
        f"(?P<{name}>{letters})"
        for name, letters in {
            "latin": "[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff]+(?:['’][A-Za-z\u00c0-\u00ff]+)*",
            "ja": f"[{HAN}]*[{KANA}][{HAN}{KANA}ー]*",
            "zh": f"[{HAN}]+",
            "ko": "[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]+",
            "ru": "[\u0400-\u0481\u048a-\u052f]+",
            "ar": "[\u0620-\u065f\u066e-\u06d3\u06fa-\u06ff\u0750-\u077f]+",
            "he": "[\u0591-\u05f2]+",
            "el": "[\u0386-\u03ff\u1f00-\u1fff]+",
            "hi": "[\u0900-\u0963\u0971-\u097f]+",
            "bn": "[\u0980-\u09e3]+",
            "pa": "[\u0a01-\u0a65\u0a70-\u0a76]+",
            "gu": "[\u0a81-\u0ae3]+",
            "ta": "[\u0b82-\u0bd7]+",
            "te": "[\u0c00-\u0c63]+",
            "kn": "[\u0c80-\u0ce3]+",
            "ml": "[\u0d00-\u0d63]+",
            "si": "[\u0d81-\u0ddf]+",
            "th": "[\u0e01-\u0e3a\u0e40-\u0e4e]+",
            "lo": "[\u0e81-\u0ece]+",
            "my": "[\u1000-\u103f]+",
            "ka": "[\u10a0-\u10ff]+",
            "hy": "[\u0531-\u0587]+",
            "km": "[\u1780-\u17d3]+",
            "am": "[\u1200-\u135a]+",
        }.items()
    )
)
# Letters that tell a language from the one that its script stands for above.
SIBLINGS = {"ru": {"uk": "іїєґ"}, "ar": {"ur": "ٹڈڑےں", "fa": "پچژگیک"}}
UNSPACED = ("ja", "th", "lo", "my", "km")
# Characters that hold a Chinese sentence together, and that a name or a product seldom has.
PARTICLES = frozenset("的了吗嗎呢吧啊呀啦么麼什怎哪谁誰这這那我你您他她它们們没沒还還就都也很给給请請帮幫把被想啥咋嘛咱俺嘅唔咗喺冇啲嘢佢")

# Words that hold an English sentence together. Code-switching borrows nouns and verbs, seldom these.
ENGLISH_FRAME = """
        i im ive id ill my me you u ur your youre he she it its we us they them their this that these those the an and but because
        is isnt are arent was wasnt were be been being am do does doesnt did didnt dont have has hasnt havent had can cant could
        would will wont should shouldnt what whats where wheres when why how who which if of to for from with about than then there"""
# The small change of each language, and what is said in a shop. Words that brands and titles use (de, la, mi, le) stay out.
WORDS = {
    "en": ENGLISH_FRAME
    + """
        a in on at by as so or no not yes yet any some all out up off over after before again still now just only very too more
        here never always please pls plz thanks thank thx ty hi hello hey hiya ok okay bye sorry good great need want get got give
        gave make made take took say says said tell know see find use change check help time day days week weeks today tomorrow
        yesterday order orders ordered ordr parcel package delivery deliver delivered shipping shipped ship refund refunds return
        returns returned cancel track tracking stock price cost pay paid payment card account password login log invoice receipt
        broken wrong missing late lost item stuff money back buy bought sent send arrive arrived received new old one two""",
    "fr": """bonjour bonsoir salut merci où est sont suis je jai nous vous votre vos notre une mes cette ces dans avec pas que qui mais
        très aussi toujours jamais quel quelle quels quelles heure temps prix fait retour quand pourquoi combien depuis aucun aucune
        colis commande commandé livraison livré livrée
        remboursement rembourser remboursé retourner facture reçu recu svp sil plaît plait voudrais veux peux pouvez faire compte
        paiement produit article cassé cassée endommagé arrivé annuler aide délai ça cest être avez mot passe carte""",
    "de": """hallo danke bitte guten morgen ich mein meine meinen meiner mir mich sie wir ist sind habe haben hab kann können möchte
        will wurde wird nicht noch kein keine und oder aber auch mit für auf von bei wo wann wie warum das dem ein eine einen
        bestellung bestellt paket lieferung geliefert versand rückgabe rücksendung zurück zurückgeben zurückschicken erstattung
        rückerstattung geld rechnung stornieren umtauschen angekommen kaputt konto passwort kostet retoure sendung
        hilfe gerät defekt vergessen lange dauert nach""",
    "es": """hola gracias buenos buenas días dias tardes noches dónde donde está esta cuándo cuando cuánto cuanto cómo qué que por
        para pero una mis quiero quisiera necesito puedo pueden tengo tiene hay muy ha he sido pedido pedí paquete envío enviar
        reembolso devolver devolución factura tarjeta cuenta contraseña dinero llegado llega llegó recibido compra comprar
        cancelar todavía aún ayuda tarda roto rota tienda estado mucho favor""",
    "it": """ciao grazie buongiorno buonasera salve dove dovè è sono mio mia miei ho hai abbiamo posso vorrei voglio non ancora quando
        quanto perché perche come che una con per ordine ordinato pacco spedizione spedito consegna rimborso reso restituire
        prodotto arrivato arriva ricevuto fattura annullare pagamento carta aiuto rotto soldi questo questa""",
    "pt": """olá obrigado obrigada bom dia tarde onde está meu minha meus não nao quando quanto como que por para uma um com você
        vocês quero queria preciso posso ainda pedido encomenda entrega reembolso devolver devolução produto chegou chega recebi
        cartão conta senha fatura comprar comprei cancelar pagamento ajuda dinheiro quebrado estou tem foi""",
    "nl": """hallo goedemorgen goedemiddag dank bedankt alstublieft mijn ik je jullie heb heeft ben kan wil niet nog geen wel het een
        en van met voor maar ook naar waar wanneer hoe waarom bestelling besteld pakket pakketje levering geleverd bezorgd
        verzending verzonden terug retour retourneren geld terugbetaling factuur annuleren ontvangen wordt kapot graag
        wachtwoord vergeten""",
    "id": """saya pesanan paket belum sudah kapan dimana mana tidak bisa bagaimana apakah berapa terima kasih tolong barang uang
        kembali dikirim kirim sampai pengiriman pengembalian batalkan ingin mau untuk yang dan dengan ini itu selamat pagi""",
    "pl": """cześć dzień dobry dziękuję proszę gdzie jest moje moja mój zamówienie zamówienia paczka paczki przesyłka kiedy jak nie
        się czy zwrot zwrócić pieniądze faktura dostawa dotarła mam chcę""",
    "tr": """merhaba selam teşekkürler teşekkür siparişim sipariş kargom kargo nerede ne zaman nasıl iade para benim değil yok var
        bir için ürün gelmedi istiyorum lütfen fatura""",
    "sv": "hej tack jag har inte var är mitt min när vill ska och att det paket beställning leverans pengar tillbaka köpt fått",
    "vi": "xin chào cảm đơn hàng của tôi ở đâu khi nào bao giờ không chưa được hoàn tiền giao bị mua",
    "zh": "nihao ninhao xiexie kefu",
}
# Letters that only one of these languages has; a word with one counts like a word of its list.
MARKS = {
    "vi": "ơư" + "".join(map(chr, range(0x1EA0, 0x1EFA))),
    "pl": "ąęłśźż",
    "tr": "ğış",
    "pt": "ãõ",
    "es": "ñ",
    "de": "ß",
}


def _turned_round(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for sign, code in pairs:
        found.setdefault(sign, set()).add(code)
    return {sign: frozenset(codes) for sign, codes in found.items()}


# Which languages a word, and a letter, speaks for.
LANGUAGES_OF_WORD = _turned_round((word, code) for code, words in WORDS.items() for word in words.split())
LANGUAGES_OF_LETTER = _turned_round((letter, code) for code, letters in MARKS.items() for letter in letters)
FRAME_WORDS = frozenset(ENGLISH_FRAME.split())
