"""The interface's reference page in Japanese: one line for each operation, by the name of its function."""

ABOUT_JA = (
    "ファイルから、公開されて見つけられる記録まで。エラーは problem+json（RFC 9457）で、Accept-Language に合わせて日本語か英語で"
    "返します。下書きを変更するときは、見た版を at_version か If-Match で知らせます。先に変更した人が優先です。"
)
OPERATIONS_JA = {
    "list_drafts": "見ることのできる下書きを、新しく変更された順に返します。",
    "create_draft": "スペースに空の下書きを作ります。",
    "get_draft": "下書きを一つ返します。ETag は版の番号です。",
    "discard_draft": "下書きを破棄します。何も消しません。",
    "restore_draft": "破棄した下書きを、元のまま戻します。",
    "list_draft_files": "下書きのファイルをパスの順に返します。",
    "put_draft_file": "ファイルを置きます。同じパスのものは置き換えます。本文はそのまま保存し、Content-Length と照合します。",
    "get_draft_file": "ファイルを、全体か一部だけダウンロードします。",
    "remove_draft_file": "下書きからファイルを外します。",
    "start_describing": "下書きのファイルの読み取りを始めます。進み具合は同じアドレスの GET で分かります。",
    "describing_status": "最新の読み取りの進み具合を返します。",
    "list_suggestions": "提案された値を根拠とともに、項目ごとに確からしい順で返します。",
    "decide": "提案を受け入れるか、別の値にするか、退けます。",
    "accept_above": "確信度が threshold 以上の提案をまとめて受け入れます。取り消すときもまとめてです。",
    "undo": "最後の決定を、まとめて行ったものはまとめて、取り消します。",
    "edit_field": "項目の値全体を入力します。",
    "list_decisions": "下書きについて決めたことを、取り消したものも含めて、行った順に返します。",
    "readiness": "公開までに足りないものとその理由、今の FAIR 度を項目ごとに返します。",
    "publish": "下書きを公開します。公開後は変わりません。繰り返しても同じ記録になります。",
    "search_records": '公開された記録を探します。q には言葉、"語句"、-除く語、項目:値 を書けます。ほかの引数で絞り込みます。'
    "ファイル名はパスの順に、変数名は並びの順に、記録ごとに最初の1,000件まで探せます。形式は全ファイルについて数えます。",
    "get_record": "記録を一つ、JSON か、format またはヘッダー Accept で指定した形式で返します。",
    "list_record_files": "記録のファイルを、チェックサムとともにパスの順に返します。",
    "get_record_file": "ファイルを、全体か一部だけダウンロードします。ETag は SHA-256 です。",
    "list_versions": "記録のすべての版を、新しい順に返します。",
    "new_version": "この記録のメタデータとファイルを引き継いで、次の版の下書きを作ります。",
    "withdraw": "記録を取り下げます。何があったかと理由を示す墓標が残ります。",
    "list_spaces": "すべてのスペースと、そこでのあなたの役割を返します。",
    "list_events": "after より後の出来事を順に返します。記録についてはだれにでも、下書きについてはそのスペースの担当者に返します。",
}
