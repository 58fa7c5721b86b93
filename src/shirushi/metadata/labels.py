"""What people call the terms of the controlled lists, in both languages. The terms themselves are DataCite's.

A term means the same wherever it is used, so one flat table serves all lists. The wording is our own.
"""

import re

from shirushi.metadata.fields import Text2

_JAPANESE: dict[str, str] = {
    # resource types
    "Audiovisual": "映像・音声",
    "Award": "助成・受賞",
    "Book": "図書",
    "BookChapter": "図書の章",
    "Collection": "コレクション",
    "ComputationalNotebook": "計算ノートブック",
    "ConferencePaper": "会議論文",
    "ConferenceProceeding": "会議録",
    "DataPaper": "データ論文",
    "Dataset": "データセット",
    "Dissertation": "学位論文",
    "Event": "催し",
    "Image": "画像",
    "Instrument": "装置",
    "InteractiveResource": "対話型の資料",
    "Journal": "雑誌",
    "JournalArticle": "雑誌論文",
    "Model": "モデル",
    "OutputManagementPlan": "成果管理計画",
    "PeerReview": "査読",
    "PhysicalObject": "実物",
    "Poster": "ポスター",
    "Preprint": "プレプリント",
    "Presentation": "発表資料",
    "Project": "プロジェクト",
    "Report": "報告書",
    "Service": "サービス",
    "Software": "ソフトウェア",
    "Sound": "音声",
    "Standard": "標準",
    "StudyRegistration": "研究の事前登録",
    "Text": "文書",
    "Workflow": "ワークフロー",
    "Other": "その他",
    # titles
    "AlternativeTitle": "別のタイトル",
    "Subtitle": "副題",
    "TranslatedTitle": "翻訳したタイトル",
    # names
    "Personal": "個人",
    "Organizational": "組織",
    # roles of contributors
    "ContactPerson": "問い合わせ先",
    "DataCollector": "データの収集",
    "DataCurator": "データの整備",
    "DataManager": "データの管理",
    "Distributor": "配布",
    "Editor": "編集",
    "HostingInstitution": "提供機関",
    "Producer": "制作",
    "ProjectLeader": "研究代表者",
    "ProjectManager": "プロジェクト管理",
    "ProjectMember": "プロジェクトの一員",
    "RegistrationAgency": "登録機関",
    "RegistrationAuthority": "登録の権限者",
    "RelatedPerson": "関係者",
    "ResearchGroup": "研究グループ",
    "RightsHolder": "権利者",
    "Researcher": "研究者",
    "Sponsor": "資金の提供",
    "Supervisor": "指導",
    "Translator": "翻訳",
    "WorkPackageLeader": "作業区分の責任者",
    # dates
    "Accepted": "受理",
    "Available": "公開開始",
    "Collected": "収集",
    "Copyrighted": "著作権の発生",
    "Coverage": "対象とする期間",
    "Created": "作成",
    "Issued": "発行",
    "Submitted": "投稿",
    "Updated": "更新",
    "Valid": "有効",
    "Withdrawn": "取り下げ",
    # descriptions
    "Abstract": "概要",
    "Methods": "方法",
    "SeriesInformation": "シリーズの情報",
    "TableOfContents": "目次",
    "TechnicalInfo": "技術情報",
    # relations: what the other work is to this one, since the label stands beside the other one
    "IsCitedBy": "これを引用している資料",
    "Cites": "これが引用している資料",
    "IsSupplementTo": "これが補足している資料",
    "IsSupplementedBy": "これを補足している資料",
    "IsContinuedBy": "これの続き",
    "Continues": "これの前にあたる資料",
    "IsNewVersionOf": "これより古い版",
    "IsPreviousVersionOf": "これより新しい版",
    "IsPartOf": "これを含む資料",
    "HasPart": "これに含まれる資料",
    "IsPublishedIn": "これの掲載先",
    "IsReferencedBy": "これを参照している資料",
    "References": "これが参照している資料",
    "IsDocumentedBy": "これを説明している資料",
    "Documents": "これが説明している資料",
    "IsCompiledBy": "これの作成に使われたもの",
    "Compiles": "これを使って作られたもの",
    "IsVariantFormOf": "これと別の形の資料",
    "IsOriginalFormOf": "これから形を変えた資料",
    "IsIdenticalTo": "これと同じ資料",
    "HasMetadata": "これのメタデータ",
    "IsMetadataFor": "これが説明しているデータ",
    "Reviews": "これが査読している資料",
    "IsReviewedBy": "これを査読した資料",
    "IsDerivedFrom": "これの元になった資料",
    "IsSourceOf": "これを元に作られた資料",
    "Describes": "これが記述している資料",
    "IsDescribedBy": "これを記述している資料",
    "HasVersion": "これの個々の版",
    "IsVersionOf": "この版の元の資料",
    "Requires": "これに必要なもの",
    "IsRequiredBy": "これを必要とするもの",
    "Obsoletes": "これに置き換えられた資料",
    "IsObsoletedBy": "これに代わる資料",
    "Collects": "これが集めている資料",
    "IsCollectedBy": "これを集めている資料",
    "HasTranslation": "これの翻訳",
    "IsTranslationOf": "これの翻訳元",
    # types of variables
    "string": "文字列",
    "integer": "整数",
    "number": "数値",
    "boolean": "真偽",
    "date": "日付",
    "datetime": "日時",
    "time": "時刻",
    # what software was used for
    "acquisition": "測定・収集",
    "analysis": "解析",
    "statistics": "統計解析",
    "visualisation": "可視化",
    # who may have the files
    "open": "だれでも",
    "embargoed": "決めた日からだれでも",
    "restricted": "許可した人だけ",
    # what a licence covers
    "all": "すべて",
    "data": "データ",
    "code": "コード",
}

_ENGLISH: dict[str, str] = {
    "open": "Everybody",
    "embargoed": "Everybody, from a day on",
    "restricted": "Only people who are let in",
    "datetime": "Date and time",
    "all": "Everything",
    "boolean": "Yes or no",
    "string": "Text",
}


def term_label(term: str) -> Text2:
    """Words for a term: ``JournalArticle`` → "Journal article" / 雑誌論文. An unknown term stands for itself."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", term)
    words = _ENGLISH.get(term, spaced[:1].upper() + spaced[1:].lower())
    if term not in _JAPANESE:
        return Text2(term, term)
    return Text2(words, _JAPANESE[term])
