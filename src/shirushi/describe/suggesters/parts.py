"""What a sentence on rights is about: the data, the code, the whole, or something that lies beside them."""

import re

DATA = re.compile(
    r"\b(?:data|dataset|datasets|database|content|contents|documentation|text|figures|images|annotations|files)\b|データ|文書|画像",
    re.IGNORECASE,
)
CODE = re.compile(
    r"\b(?:code|software|scripts?|source|programs?|package|library)\b|コード|ソフトウェア|プログラム|スクリプト",
    re.IGNORECASE,
)
_PART = re.compile(
    r"\b(?:icons?|icon sets?|fonts?|logos?|emojis?|(?:map |base ?map )?tiles|base ?maps?|background maps?|stylesheets?|themes?|templates?|thumbnails?|"
    r"sound effects?|screenshots?|third[- ]party|bundled|vendored|openstreetmap)\b|アイコン|ロゴ|フォント|背景地図|地図タイル|テンプレート",
    re.IGNORECASE,
)
_RESERVED = re.compile(
    r"\ball rights (?:are )?reserved\b|無断(?:転載|複製)|alle rechte vorbehalten|tous droits réservés", re.IGNORECASE
)
_SUBJECT = re.compile(r"^\W*(?:(?:the|these|those|some|its?|their|all)\s+)?\w+", re.IGNORECASE)
_WHOLE = re.compile(
    rf"{DATA.pattern}|{CODE.pattern}|\b(?:works?|repository|project|materials?|everything|license[ds]?|licence[ds]?)\b|本|全て|すべて|作品|資料",
    re.IGNORECASE,
)


def of_a_part(text: str, start: int) -> bool:
    """Whether a licence is told of something beside the data: map tiles, icons; and, where a text keeps all rights, of whatever
    else has a sentence of its own."""
    clause = re.split(r"[;；。]|\.(?=\s)", text[max(0, start - 200) : start])[-1]
    part = _PART.search(re.split(r"\b(?:is|are|was|were|comes?|has|have)\b", re.sub(r"\w+://\S*", " ", clause))[0])
    if part is not None:
        return not re.search(r"\b(?:data|datasets?|code|software)\b|データ|コード", clause, re.IGNORECASE)
    subject = _SUBJECT.match(clause)
    return bool(_RESERVED.search(text[:start]) and subject and len(clause.split()) > 1 and not _WHOLE.search(clause))
