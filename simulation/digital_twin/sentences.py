"""What customers and agents write: sentences by language, topic and mood, put together by chance.

A review is an opening, one or two sentences about topics, and a closing; a ticket is a greeting, a problem
and a demand. The sentences lie in ``vocabulary/<language>.yml``.
"""

from __future__ import annotations

from simulation.digital_twin.names import vocabulary

BAD, MIDDLING, GOOD = range(3)
_MOODS = ("bad", "middling", "good")
TOPICS = ("quality", "delivery", "price", "packaging", "service", "use")
# The service desk's categories, and whether they are about an order.
CATEGORIES = ("SHIPPING", "REFUND", "QUALITY", "LOGIN", "POINTS", "BILLING")


def sentence(language: str, part: str, mood: int, chance: int, product: str = "") -> str:
    """Return one sentence of an opinion.

    Parameters
    ----------
    language
        ``en``, ``zh`` or ``pt``.
    part
        ``opening``, ``closing``, ``title``, or one of ``TOPICS``.
    mood
        ``BAD``, ``MIDDLING`` or ``GOOD``.
    chance
        Chooses among the sentences, and the number of days.
    product
        What stands for ``{product}``.
    """
    return _chosen(vocabulary(language)["opinions"][part][_MOODS[mood]], chance, product)


def opinion(language: str, mood: int, product: str, chance: int) -> str:
    """Return a text of one to four sentences about a product.

    Parameters
    ----------
    chance
        63 random bits: they choose parts and sentences.
    """
    first, second = TOPICS[chance % 6], TOPICS[(chance // 6 + 1) % 6]
    parts = [sentence(language, first, mood, chance >> 8, product)]
    if chance >> 20 & 1:
        parts.insert(0, sentence(language, "opening", mood, chance >> 24))
    if chance >> 21 & 1 and second != first:
        parts.append(sentence(language, second, mood, chance >> 32, product))
    if chance >> 22 & 1:
        parts.append(sentence(language, "closing", mood, chance >> 48))
    return ("" if language == "zh" else " ").join(parts)


def subject(language: str, category: str, chance: int) -> str:
    """Return the subject of a ticket."""
    return _chosen(vocabulary(language)["tickets"]["subjects"][category], chance, "")


def complaint(language: str, category: str, product: str, chance: int) -> str:
    """Return the first message of a conversation, in one to three lines."""
    words = vocabulary(language)["tickets"]
    lines = [
        _chosen(words["greetings"], chance, product),
        _chosen(words["problems"][category], chance >> 4, product),
        _chosen(words["demands"], chance >> 16, product),
    ]
    return ("\n", " ", "\r\n")[(chance >> 20) % 3].join(lines)


def reply(language: str, part: str, product: str, chance: int) -> str:
    """Return a later message: one of an agent's ``answers`` or ``solutions``, or a customer's ``thanks``."""
    return _chosen(vocabulary(language)["tickets"][part], chance, product)


def _chosen(sentences: list[str], chance: int, product: str) -> str:
    days = 2 + chance // 64 % 12
    text = sentences[chance % len(sentences)]
    return text.replace("{product}", product.lower()).replace("{days}", str(days))
