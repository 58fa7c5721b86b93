"""What is asked before publishing, what counts as an answer, and when it is asked again."""

import json

import pytest
from django.db import DatabaseError, connection, transaction

from shirushi.core import jobs, services
from shirushi.core.disclosure import questions
from shirushi.core.errors import Conflict, Invalid, NotAllowed
from shirushi.core.home import store
from shirushi.core.models import Answer, Event
from shirushi.describe.evidence import Evidence, LinePlace

pytestmark = pytest.mark.django_db

PEOPLE = "氏名,得点\n佐藤 花子,12\n鈴木 一郎,15\n高橋 健,9\n".encode()
OTHERS = "氏名,得点\n田中 美咲,3\n山本 太郎,4\n".encode()
KEY = b'connect(token="ghp_' + b"aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY1zA2" + b'")\n'


@pytest.fixture
def read():
    """Has a draft's files read, as the worker does it."""

    def run(draft, by):
        jobs.run_description(services.start_describing(draft=draft, by=by).pk)
        draft.refresh_from_db()
        return draft

    return run


@pytest.fixture
def make(space, depositor, fill, read):
    """A draft with these files that has been read and holds everything else that publishing needs."""

    def run(files):
        draft = services.create_draft(space=space, by=depositor, name="people")
        for path, content in files.items():
            services.put_file(draft=draft, path=path, content=content, by=depositor)
        draft.refresh_from_db()
        fill(draft, depositor)
        return read(draft, depositor)

    return run


def publish(draft, by):
    draft.refresh_from_db()
    return services.publish(draft=draft, by=by, at_version=draft.version)


def test_a_question_says_what_was_seen_and_where(make) -> None:
    (asked,) = questions(make({"data/p.csv": PEOPLE, "data/sst.csv": b"t,sst\n1,2\n"}))
    assert asked.words.en == "This column looks like names of people: data/p.csv, column 氏名, 3 values"
    assert asked.words.ja == "この列は人の名前のようです：data/p.csv の列「氏名」（値 3 件）"
    assert (asked.settled, asked.answer) == (False, None)


def test_next_version_is_asked_what_the_last_reading_found(make, depositor) -> None:
    draft = make({"p.csv": PEOPLE})
    services.edit_field(
        draft=draft, field="access", value={"rights": "restricted"}, by=depositor, at_version=draft.version
    )
    services.answer(draft=draft, question=questions(draft)[0].id, choice="restrict", by=depositor)
    record = publish(draft, depositor)
    following = services.new_version(record=record, by=depositor)
    assert [(one.answer.answer, one.settled) for one in questions(following)] == [("restrict", True)]
    services.edit_field(
        draft=following, field="access", value={"rights": "open"}, by=depositor, at_version=following.version
    )
    with pytest.raises(Invalid) as refused:
        publish(following, depositor)
    assert refused.value.code == "unanswered"
    services.remove_file(draft=following, path="p.csv", by=depositor)
    services.put_file(draft=following, path="q.csv", content=b"t,sst\n1,2\n", by=depositor)
    assert questions(following) == ()
    assert publish(following, depositor).number == 2


def test_values_are_kept_nowhere_in_clear(make) -> None:
    draft = make({"p.csv": PEOPLE, "run.py": KEY})
    run = draft.runs.get()
    kept = [
        run.sensitive,
        run.problems,
        *draft.suggestions.values_list("evidence", flat=True),
        *Event.objects.values_list("payload", flat=True),
    ]
    told = json.dumps(kept, ensure_ascii=False, default=str)
    assert not [word for word in ("花子", "一郎", "dE5fG7") if word in told]


def test_publishing_is_refused_until_each_is_answered(make, depositor) -> None:
    draft = make({"p.csv": PEOPLE, "run.py": KEY})
    with pytest.raises(Invalid) as refused:
        publish(draft, depositor)
    assert refused.value.code == "unanswered"
    assert len(refused.value.errors) == 2
    first, second = questions(draft)
    services.answer(draft=draft, question=first.id, choice="not-personal", by=depositor)
    with pytest.raises(Invalid):
        publish(draft, depositor)
    services.answer(draft=draft, question=second.id, choice="not-personal", by=depositor)
    assert publish(draft, depositor).number == 1


@pytest.mark.parametrize("choice", ["remove", "restrict"])
def test_a_promise_is_not_yet_kept(make, depositor, choice) -> None:
    draft = make({"p.csv": PEOPLE, "sst.csv": b"t,sst\n1,2\n"})
    (asked,) = questions(draft)
    services.answer(draft=draft, question=asked.id, choice=choice, by=depositor)
    with pytest.raises(Invalid) as refused:
        publish(draft, depositor)
    assert refused.value.errors[0].message.en.startswith(asked.words.en)
    services.remove_file(draft=draft, path="p.csv", by=depositor)
    assert questions(draft) == ()
    assert publish(draft, depositor).number == 1


def test_what_was_taken_out_is_not_in_the_published_description(make, depositor) -> None:
    draft = make({"p.csv": PEOPLE, "sst.csv": b"t,sst\n1,2\n"})
    services.remove_file(draft=draft, path="p.csv", by=depositor)
    record = publish(draft, depositor)
    with store().open(record.object_id, "metadata/description.json", record.object_version) as stored:
        description = stored.read().decode()
    assert "sst.csv" in description
    assert not [word for word in ('"p.csv"', "氏名", "得点") if word in description]


def test_an_answer_tells_who_and_when_and_digests_only(make, depositor) -> None:
    draft = make({"p.csv": PEOPLE})
    (asked,) = questions(draft)
    services.answer(draft=draft, question=asked.id, choice="consented", by=depositor)
    event = Event.objects.get(type="draft.answered")
    assert event.actor == {"kind": "person", "user": depositor.user_id}
    assert event.payload == {
        "question": asked.id,
        "category": "personal-name",
        "answer": "consented",
        "files": 1,
        "digests": [asked.items[0].digest],
    }
    (again,) = questions(draft)
    assert (again.settled, again.answer.by_id, again.answer.at <= event.at) == (True, depositor.user_id, True)


def test_answers_are_stored_with_the_files(make, depositor) -> None:
    draft = make({"p.csv": PEOPLE})
    services.answer(draft=draft, question=questions(draft)[0].id, choice="consented", by=depositor)
    record = publish(draft, depositor)
    with store().open(record.object_id, "metadata/answers.jsonl", record.object_version) as stored:
        (line,) = stored.read().decode().splitlines()
    answer = json.loads(line)
    assert (answer["file"], answer["category"], answer["answer"]) == ("p.csv", "personal-name", "consented")


def test_it_is_asked_again_only_when_the_file_changes(make, read, depositor) -> None:
    draft = make({"p.csv": PEOPLE})
    services.answer(draft=draft, question=questions(draft)[0].id, choice="consented", by=depositor)
    assert [one.settled for one in questions(read(draft, depositor))] == [True]
    following = services.new_version(record=publish(draft, depositor), by=depositor)
    assert [one.settled for one in questions(read(following, depositor))] == [True]
    services.put_file(draft=following, path="p.csv", content=OTHERS, by=depositor)
    assert questions(following) == ()  # nobody has read it yet
    assert [one.settled for one in questions(read(following, depositor))] == [False]


def test_the_same_column_in_files_of_one_folder_is_asked_once(make, depositor) -> None:
    draft = make({"d/a.csv": PEOPLE, "d/b.csv": OTHERS, "e/c.csv": PEOPLE})
    first, second = questions(draft)
    assert first.words.en == "This column looks like names of people: d/a.csv, d/b.csv, column 氏名, 5 values"
    assert second.words.en.endswith("e/c.csv, column 氏名, 3 values")
    assert len(services.answer(draft=draft, question=first.id, choice="consented", by=depositor)) == 2


def test_a_key_is_not_consented_to(make, depositor) -> None:
    draft = make({"run.py": KEY})
    (asked,) = questions(draft)
    assert list(asked.choices) == ["not-personal", "remove", "restrict"]
    with pytest.raises(Invalid):
        services.answer(draft=draft, question=asked.id, choice="consented", by=depositor)


def test_who_answers_a_question_that_is_gone_is_told(make, depositor) -> None:
    draft = make({"p.csv": PEOPLE})
    (asked,) = questions(draft)
    services.put_file(draft=draft, path="p.csv", content=OTHERS, by=depositor)
    with pytest.raises(Conflict) as gone:
        services.answer(draft=draft, question=asked.id, choice="consented", by=depositor)
    assert gone.value.code == "question-changed"


def test_the_last_answer_counts_and_every_one_is_kept(make, depositor) -> None:
    draft = make({"p.csv": PEOPLE})
    for choice in ("remove", "consented"):
        services.answer(draft=draft, question=questions(draft)[0].id, choice=choice, by=depositor)
    assert questions(draft)[0].settled
    assert list(Answer.objects.values_list("answer", flat=True)) == ["remove", "consented"]


def test_answers_are_never_changed(make, depositor) -> None:
    draft = make({"p.csv": PEOPLE})
    services.answer(draft=draft, question=questions(draft)[0].id, choice="remove", by=depositor)
    with pytest.raises(TypeError):
        Answer.objects.update(answer="consented")
    with pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute("UPDATE core_answer SET answer = 'consented'")


def test_others_may_not_answer(make, make_actor) -> None:
    draft = make({"p.csv": PEOPLE})
    with pytest.raises(NotAllowed):
        services.answer(
            draft=draft, question=questions(draft)[0].id, choice="consented", by=make_actor("other", "depositor")
        )


def test_questions_take_as_many_queries_for_1_as_for_30_files(make, django_assert_num_queries) -> None:
    for number in (1, 30):
        draft = make({f"{n}/p.csv": PEOPLE for n in range(number)})
        with django_assert_num_queries(3):
            assert len(questions(draft)) == number


def test_evidence_of_another_reader_is_asked_about_too(draft, depositor) -> None:
    from shirushi.describe.description import Description

    run = services.start_describing(draft=draft, by=depositor)
    seen = Evidence("sensitive", {"category": "patient", "count": 2}, LinePlace("data/sst.csv", 2, 2), "other/1")
    services.save_description(run=run, description=Description("x", evidence=[seen]))
    (asked,) = questions(draft)
    assert asked.words.en.endswith("(chart numbers, dates of birth): data/sst.csv, line 2, 2 places")


CHART = "患者氏名：山田太郎　患者番号：1234567\n".encode()


def test_text_about_a_patient_is_asked_about_and_proposed_nowhere(make, depositor) -> None:
    draft = make({"karte.txt": CHART, "sst.csv": b"t,sst\n1,2\n"})
    (asked,) = questions(draft)
    assert asked.words.en == (
        "There seem to be data about patients or participants (chart numbers, dates of birth): karte.txt, line 1, 2 places"
    )
    told = json.dumps(list(draft.suggestions.values_list("value", "evidence")), ensure_ascii=False)
    assert not [word for word in ("山田", "太郎", "1234567", "患者氏名") if word in told]
    services.answer(draft=draft, question=asked.id, choice="consented", by=depositor)
    record = publish(draft, depositor)
    with store().open(record.object_id, "metadata/description.json", record.object_version) as stored:
        assert "山田" not in stored.read().decode()


def alike(many: int) -> dict[str, bytes]:
    return {f"d/s_{n:03}.csv": b"t,sst\n1,2\n" for n in range(many)}


def test_one_of_many_alike_is_asked_about(make) -> None:
    (asked,) = questions(make(alike(70) | {"d/s_033.csv": PEOPLE}))
    assert asked.words.en.endswith("d/s_033.csv, column 氏名, 3 values")
    assert asked.alike == 0


def test_files_that_nobody_looked_at_are_asked_about(make, read, depositor, monkeypatch) -> None:
    monkeypatch.setattr("shirushi.describe.reading.MOST_LOOKED_THROUGH", 54)
    draft = make(alike(70))
    (asked,) = questions(draft)
    assert asked.words.en == (
        "4 files were not looked at for data about people or keys: d/s_065.csv, d/s_066.csv, d/s_067.csv and 1 more"
    )
    assert asked.words.ja == (
        "4 件のファイルは、個人の情報や鍵などがないか確認していません：d/s_065.csv、d/s_066.csv、d/s_067.csv ほか 1 件"
    )
    with pytest.raises(Invalid) as refused:
        publish(draft, depositor)
    assert refused.value.code == "unanswered"
    services.answer(draft=draft, question=asked.id, choice="not-personal", by=depositor)
    assert [one.settled for one in questions(read(draft, depositor))] == [True]
    services.put_file(draft=draft, path="d/s_068.csv", content=OTHERS, by=depositor)
    assert [one.settled for one in questions(read(draft, depositor))] == [False]


def test_it_is_asked_about_as_long_as_one_is_there(make, depositor, monkeypatch) -> None:
    monkeypatch.setattr("shirushi.describe.reading.MOST_LOOKED_THROUGH", 56)
    draft = make(alike(70))
    first, second = questions(draft)[0].items[0].names
    services.remove_file(draft=draft, path=first, by=depositor)
    assert len(questions(draft)) == 1
    services.remove_file(draft=draft, path=second, by=depositor)
    assert questions(draft) == ()


def test_archive_that_cannot_be_opened_is_asked_about(make) -> None:
    (asked,) = questions(make({"a.7z": b"7z\xbc\xaf\x27\x1c" + bytes(80), "sst.csv": b"t,sst\n1,2\n"}))
    assert asked.words.en == "1 file was not looked at for data about people or keys: a.7z"


def test_files_inside_an_archive_are_told_by_its_name(draft, depositor) -> None:
    from shirushi.describe.description import Description
    from shirushi.describe.evidence import FilePlace

    run = services.start_describing(draft=draft, by=depositor)
    seen = Evidence("not-looked-at", {"count": 7, "names": ["x/a.csv"]}, FilePlace("data/sst.csv"), "inside/1")
    services.save_description(run=run, description=Description("x", evidence=[seen]))
    (asked,) = questions(draft)
    assert asked.words.en.endswith("keys: x/a.csv and 6 more inside data/sst.csv")
