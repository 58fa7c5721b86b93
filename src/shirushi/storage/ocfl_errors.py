"""What the OCFL store says when it cannot do something, in English and Japanese."""

from shirushi.storage.errors import ContentMismatch, NotStored, StoreDamaged, VersionConflict


def differs(logical_path: str) -> ContentMismatch:
    return ContentMismatch(
        f"The bytes of {logical_path!r} are not those that were uploaded (their digest differs); "
        "nothing was stored. Upload the file again.",
        f"{logical_path!r} の内容がアップロード時と異なるため（ダイジェストの不一致）、何も保存していません。"
        "もう一度アップロードしてください。",
        where=logical_path,
    )


def not_stored(where: str, en: str, ja: str) -> NotStored:
    return NotStored(
        f"The store has no such {en}: {where}. Check the identifier, or run the check.",
        f"この{ja}は保管庫にありません：{where}。識別子を確かめるか、検査を実行してください。",
        where=where,
    )


def damaged(where: str, en: str, ja: str) -> StoreDamaged:
    return StoreDamaged(
        f"The store is damaged at {where}: {en}. Run the check, then restore this part from a backup.",
        f"保管庫の {where} が壊れています：{ja}。検査を実行してから、この部分をバックアップから戻してください。",
        where=where,
    )


def conflict(object_id: str, number: int, head: int, why: str) -> VersionConflict:
    return VersionConflict(
        f"Version {number} of {object_id} cannot be changed: {why}; the newest is {head}. Reload, then try again.",
        f"{object_id} の版 {number} は変更できません（最新は版 {head} です）。読み込み直してから、もう一度お試しください。",
        where=object_id,
        head=head,
    )
