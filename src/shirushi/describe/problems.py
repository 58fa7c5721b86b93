"""What can go wrong with a file, in two languages: what happened, and what to do about it.

The code is stable and is what programs look at. A problem never stops a description: it is reported, and the rest goes on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from shirushi.describe.description import Problem
from shirushi.describe.particulars import particulars_in
from shirushi.metadata.fields import Text2


@dataclass(frozen=True, slots=True)
class Words:
    """``what`` happened and what to ``do``; the file and the particulars are added by :func:`say`."""

    what: Text2
    do: Text2


_CHECK_COPY = Text2(
    "Copy or download it again from where it came from, and see that the size is the same.",
    "元の場所からコピーかダウンロードをやり直し、大きさが同じか確かめてください。",
)
_NOTHING = Text2("Nothing needs to be done.", "対応は不要です。")
_LOOK = Text2(
    "Look at what was found, and fill in the rest by hand.", "読み取れた内容を確認し、残りは手で入力してください。"
)

PROBLEMS: Mapping[str, Words] = MappingProxyType(
    {
        "empty-folder": Words(
            Text2("There are no files here.", "ファイルがありません。"),
            Text2("Choose the folder that holds the data.", "データの入ったフォルダーを選んでください。"),
        ),
        "empty-file": Words(
            Text2("The file is empty (0 bytes).", "ファイルが空です(0 バイト)。"),
            Text2("Check that it was saved completely, or leave it out.", "正しく保存されたか確認するか、除いてください。"),
        ),
        "unreadable": Words(
            Text2("The file may not be read.", "ファイルを読む権限がありません。"),
            Text2("Change its permissions and try again.", "アクセス権を変更して、もう一度お試しください。"),
        ),
        "vanished": Words(
            Text2("The file disappeared while the folder was read.", "読み取りの途中でファイルがなくなりました。"),
            Text2("Wait until nothing writes to the folder and try again.", "書き込みが終わってから、もう一度お試しください。"),
        ),
        "changed": Words(
            Text2("The file changed while it was read.", "読み取りの途中でファイルが変わりました。"),
            Text2("Wait until nothing writes to it and try again.", "書き込みが終わってから、もう一度お試しください。"),
        ),
        "special-file": Words(
            Text2("It is not an ordinary file, so it was not opened.", "通常のファイルではないため、開きませんでした。"),
            Text2("Save its content as a file if it belongs here.", "必要な内容であれば、ファイルとして保存してください。"),
        ),
        "broken-link": Words(
            Text2("It is a link to something that is not here.", "リンク先が見つかりません。"),
            Text2("Fetch what it points to, or remove the link.", "リンク先を取得するか、リンクを除いてください。"),
        ),
        "link-outside": Words(
            Text2("It is a link out of the folder, so it was not followed.", "フォルダーの外へのリンクのため、たどりませんでした。"),
            Text2("Copy what it points to into the folder.", "リンク先をフォルダーの中にコピーしてください。"),
        ),
        "link-loop": Words(
            Text2("The link leads back to itself.", "リンクが循環しています。"),
            Text2("Remove the link.", "リンクを除いてください。"),
        ),
        "link-folder": Words(
            Text2("It is a link to a folder, which was not followed.", "フォルダーへのリンクのため、たどりませんでした。"),
            _NOTHING,
        ),
        "odd-name": Words(
            Text2("The name holds characters that cannot be shown.", "名前に表示できない文字が含まれています。"),
            Text2("Rename it before you publish.", "公開の前に名前を変更してください。"),
        ),
        "long-name": Words(
            Text2("The name is too long for many systems.", "名前が長すぎて、扱えないシステムがあります。"),
            Text2("Shorten it to 255 bytes or less.", "255 バイト以内に短くしてください。"),
        ),
        "too-deep": Words(
            Text2("It is nested too deeply.", "入れ子が深すぎます。"),
            Text2("Flatten it, and try again.", "階層を浅くして、もう一度お試しください。"),
        ),
        "no-model-answer": Words(
            Text2("The language model gave nothing that can be used.", "言語モデルから使える回答が得られませんでした。"),
            Text2(
                "Everything else is as without it. Check the endpoint and ask again.",
                "それ以外の結果は言語モデルを使わない場合と同じです。接続先を確認し、もう一度お試しください。",
            ),
        ),
        "too-many-files": Words(
            Text2("There are more files than can be looked at.", "ファイルが多すぎて、すべては確認できません。"),
            Text2("Describe the folder in parts, or pack files that belong together.", "分けて読み取るか、まとめられるファイルをまとめてください。"),
        ),
        "junk": Words(
            Text2("Files that systems leave behind were passed over.", "システムが作った不要なファイルを除きました。"),
            _NOTHING,
        ),
        "sampled": Words(
            Text2("Of many files that are alike, only some were read for their content.", "よく似た多数のファイルは、内容については一部だけを読み取りました。"),
            Text2(
                "Nothing needs to be done: what is asked before publishing also tells of the others.",
                "対応は不要です。公開の前の確認では、残りのファイルについてもお知らせします。",
            ),
        ),
        "unscreened": Words(
            Text2(
                "There are more files than can be looked through for data about people.",
                "ファイルが多すぎるため、個人に関する情報がないか、すべては確認できませんでした。",
            ),
            Text2("Look at the others yourself before you publish.", "残りのファイルは、公開の前にご自身で確認してください。"),
        ),
        "hidden-sheets": Words(
            Text2("The workbook has hidden sheets, which are published with it.", "このブックには非表示のシートがあり、公開すると一緒に公開されます。"),
            Text2("Show them and see what is in them, or take them out.", "表示して中身を確かめるか、取り除いてください。"),
        ),
        "not-counted": Words(
            Text2("Not every row could be read, so the numbers come from a sample.", "すべての行は読めなかったため、数値は一部の行によるものです。"),
            _LOOK,
        ),
        "unnamed-columns": Words(
            Text2("Values stand in columns that have no name, so these columns are not described.", "名前のない列に値があるため、その列は記述していません。"),
            Text2("Give them a name in the header, or take them out.", "見出しに名前を付けるか、列を除いてください。"),
        ),
        "truncated": Words(
            Text2("The file seems to be cut off: its end is missing.", "ファイルが途中で切れているようです。終わりの部分がありません。"), _CHECK_COPY
        ),
        "malformed": Words(
            Text2("The file is not what it claims to be, or is damaged.", "ファイルの形式が正しくないか、壊れています。"),
            Text2("Open it in the program that made it and save it again.", "作成したソフトウェアで開き、保存し直してください。"),
        ),
        "nothing-to-draw": Words(
            Text2("There is nothing in it that can be drawn on a map.", "地図に描けるものがありません。"),
            Text2("Check its coordinates and their reference system.", "座標と座標系を確認してください。"),
        ),
        "encrypted": Words(
            Text2("The file is locked with a password.", "パスワードで保護されています。"),
            Text2("Save a copy without a password.", "パスワードなしで保存し直してください。"),
        ),
        "wrong-encoding": Words(
            Text2("Some characters could not be read.", "一部の文字を読み取れませんでした。"),
            Text2("Save the file as UTF-8.", "UTF-8 で保存し直してください。"),
        ),
        "too-large": Words(Text2("It is too large to be read in full.", "大きすぎるため、すべては読み取れませんでした。"), _LOOK),
        "too-many-columns": Words(
            Text2("There are more columns than can be listed.", "列が多すぎるため、すべては一覧にできません。"), _LOOK
        ),
        "too-much-evidence": Words(
            Text2("The file says more than can be kept; the first part was used.", "情報が多すぎるため、先頭の部分だけを使いました。"), _LOOK
        ),
        "bomb": Words(
            Text2("It unpacks to far more than its size, so it was not unpacked.", "展開すると極端に大きくなるため、展開しませんでした。"),
            Text2("Check where it came from.", "ファイルの入手元を確認してください。"),
        ),
        "traversal": Words(
            Text2("The archive holds a name that points outside it.", "書庫の中に、外を指す名前が含まれています。"),
            Text2("Do not unpack it; ask whoever made it.", "展開せず、作成者に確認してください。"),
        ),
        "entities": Words(
            Text2("The XML defines entities of its own, which are not expanded.", "XML に独自の実体宣言があるため、展開しませんでした。"),
            Text2("Save it without a DOCTYPE.", "DOCTYPE なしで保存し直してください。"),
        ),
        "timeout": Words(
            Text2("Reading took too long and was stopped.", "読み取りに時間がかかりすぎたため、中止しました。"), _LOOK
        ),
        "crash": Words(
            Text2("The reader broke down on this file.", "読み取りの処理が異常終了しました。"),
            Text2("The file may be damaged. Fill in its part by hand.", "ファイルが壊れている可能性があります。この部分は手で入力してください。"),
        ),
        "out-of-memory": Words(
            Text2("Reading needed too much memory and was stopped.", "読み取りにメモリーが足りず、中止しました。"), _LOOK
        ),
        "reader-error": Words(
            Text2("The file could not be understood.", "ファイルの内容を読み取れませんでした。"),
            Text2("Open it in the program that made it and save it again.", "作成したソフトウェアで開き、保存し直してください。"),
        ),
        "reader-missing": Words(
            Text2("The part that reads this format is not installed.", "この形式を読み取る部品が入っていません。"),
            Text2("Install it, or fill in this part by hand.", "部品を入れるか、この部分は手で入力してください。"),
        ),
        "pronom-disagrees": Words(
            Text2("PRONOM takes the file for another format than this reading did.", "PRONOM による形式の判定が、読み取りの結果と異なります。"),
            Text2("Open it and see which is right; its name or its content may mislead.", "開いてどちらが正しいか確認してください。名前か内容が紛らわしい可能性があります。"),
        ),
        "package-failed": Words(
            Text2("A package that adds ways of reading or suggesting could not be used.", "読み取りや候補作りを追加するパッケージを使えませんでした。"),
            Text2("Update or remove that package; all else works without it.", "そのパッケージを更新するか外してください。ほかはそのまま動きます。"),
        ),
        "suggester-failed": Words(
            Text2("One way of making suggestions failed.", "候補を作る処理の一つが失敗しました。"),
            Text2("Look at what is missing, and fill it in by hand.", "足りない項目を確認し、手で入力してください。"),
        ),
        "stopped": Words(
            Text2("Reading was stopped.", "読み取りが中止されました。"),
            Text2("Start it again.", "もう一度始めてください。"),
        ),
    }
)  # fmt: skip

_UNKNOWN = Words(
    Text2("The file could not be read in full.", "ファイルをすべては読み取れませんでした。"),
    Text2(
        "Look at what was found, and fill in the rest by hand.", "読み取れた内容を確認し、残りは手で入力してください。"
    ),
)


def problem(code: str, file: str = "", detail: str = "") -> Problem:
    """A problem with its words in English; :func:`say` gives them in either language. ``detail`` holds the particulars:
    a line, a number, what the library said."""
    return Problem(code, file, _sentence(code, detail, "en"), detail)


def say(item: Problem, lang: str) -> str:
    """What happened, the particulars, and what to do, in ``lang`` (``ja`` or ``en``)."""
    return _sentence(item.code, item.detail, lang)


def what_in(code: str, detail: str, lang: str) -> str:
    """What happened and the particulars, in ``lang``, for who reads a file of somebody else: without what its keeper could do."""
    what, detail = PROBLEMS.get(code, _UNKNOWN).what.in_(lang), particulars_in(detail, lang)
    if not detail:
        return what
    is_japanese = lang.startswith("ja")
    return f"{what.removesuffix('。')}（{detail}）。" if is_japanese else f"{what.removesuffix('.')} ({detail})."


def _sentence(code: str, detail: str, lang: str) -> str:
    words = PROBLEMS.get(code, _UNKNOWN)
    what, do = words.what.in_(lang), words.do.in_(lang)
    if lang.startswith("ja"):
        detail = particulars_in(detail, lang)
        return f"{what}（{detail}）{do}" if detail else f"{what}{do}"
    return f"{what} ({detail}) {do}" if detail else f"{what} {do}"
